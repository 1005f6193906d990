"""Relation: pairs of parts of a picture with the sentence (Santoro et al. 2017), in paper 002, section 3.3.

    f(psi, phi) = F( sum over pairs of parts  G[psi_i, psi_j, phi] )

with perceptrons F and G of ReLU layers. As in Santoro et al. every part tells where in the picture it is.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from xview.models.composer import SOURCE, Composer
from xview.models.configs.relation import Config
from xview.models.layers import perceptron
from xview.models.trainable import Facts

__all__ = ["SOURCE", "Config", "Relation", "build", "picture_shape"]


def picture_shape(config: Config) -> tuple[int, int, int]:
    """(c, h, w) of the pictures the system learns from."""
    return 3, config.side, config.side


def build(config: Config, facts: Facts) -> Relation:
    """The untrained system for this data."""
    return Relation(config, facts)


class Relation(Composer):
    """G's first layer is linear in its three inputs, so each goes through its part of it once."""

    def __init__(self, config: Config, facts: Facts) -> None:
        super().__init__(config, facts)
        dim, hidden = config.dim, config.hidden
        self.first = nn.Linear(dim + 2, hidden)
        self.second = nn.Linear(dim + 2, hidden, bias=False)
        self.words = nn.Linear(dim, hidden, bias=False)
        self.pair = nn.Sequential(nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU())
        self.sum = perceptron((hidden, hidden, dim))
        self.learn()

    def mix(self, local: Tensor, words: Tensor) -> Tensor:
        """(b, cells, dim) and (b, dim) -> (b, dim)."""
        found: Tensor = self.sum(self._pairs(local, words).mean(dim=(1, 2)))
        return found

    def told(self, local: Tensor, words: Tensor) -> dict[str, Tensor]:
        """`focus`: share of the sum that the strongest tenth of the pairs carries, .1 where all are alike."""
        strength = self._pairs(local, words).norm(dim=3).flatten(1)
        first = max(1, round(0.1 * strength.shape[1]))
        strongest = strength.topk(first, dim=1).values.sum(dim=1)
        return {"focus": strongest / strength.sum(dim=1).clamp(min=1e-12)}

    def _pairs(self, local: Tensor, words: Tensor) -> Tensor:
        """(b, cells, cells, hidden) G of every ordered pair."""
        placed = torch.cat([local, _places(local)], dim=2)
        parts = self.first(placed)[:, :, None] + self.second(placed)[:, None]
        found: Tensor = self.pair(parts + self.words(words)[:, None, None])
        return found


def _places(local: Tensor) -> Tensor:
    """(b, cells, 2) where each cell of a square map is, from -1 to 1."""
    side = round(local.shape[1] ** 0.5)
    along = torch.linspace(-1, 1, side, device=local.device, dtype=local.dtype)
    grid = torch.stack(torch.meshgrid(along, along, indexing="ij"), dim=-1).reshape(-1, 2)
    return grid.expand(len(local), -1, -1)
