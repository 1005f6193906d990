"""TIRG: text-image residual gating (Vo et al. 2019), as paper 002 uses it, plain and in Joint (section 3.3).

    f(psi, phi) = w_g sigmoid(gate[psi, phi]) * psi + w_r residual[psi, phi]

Gate and residual are batch norm, ReLU and one, respectively two, linear layers; w begins at (1, 10), both as
in the authors' program.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from xview.models.composer import SOURCE, Composer
from xview.models.configs.tirg import Config
from xview.models.layers import BatchNorm
from xview.models.trainable import Facts

__all__ = ["SOURCE", "TIRG", "Config", "build", "picture_shape"]


def picture_shape(config: Config) -> tuple[int, int, int]:
    """(c, h, w) of the pictures the system learns from."""
    return 3, config.side, config.side


def build(config: Config, facts: Facts) -> TIRG:
    """The untrained system for this data."""
    return TIRG(config, facts)


class TIRG(Composer):
    """A picture's feature, gated, plus what the sentence changes."""

    def __init__(self, config: Config, facts: Facts) -> None:
        super().__init__(config, facts)
        dim = config.dim
        self.gate = nn.Sequential(BatchNorm(2 * dim), nn.ReLU(), nn.Linear(2 * dim, dim))
        self.residual = nn.Sequential(
            BatchNorm(2 * dim), nn.ReLU(), nn.Linear(2 * dim, 2 * dim), nn.ReLU(), nn.Linear(2 * dim, dim)
        )
        self.weights = nn.Parameter(torch.tensor([1.0, 10.0]))
        self.learn()

    def mix(self, local: Tensor, words: Tensor) -> Tensor:
        """(b, cells, dim) and (b, dim) -> (b, dim)."""
        kept, changed = self._parts(local, words)
        return kept + changed

    def told(self, local: Tensor, words: Tensor) -> dict[str, Tensor]:
        """`gate`: share of the picture let through; `residual`: length of the change over the rest's."""
        kept, changed = self._parts(local, words)
        both = torch.cat([local.mean(dim=1), words], dim=1)
        size = changed.norm(dim=1) / kept.norm(dim=1).clamp(min=1e-12)
        return {"gate": torch.sigmoid(self.gate(both)).mean(dim=1), "residual": size}

    def _parts(self, local: Tensor, words: Tensor) -> tuple[Tensor, Tensor]:
        picture = local.mean(dim=1)
        both = torch.cat([picture, words], dim=1)
        kept = self.weights[0] * torch.sigmoid(self.gate(both)) * picture
        return kept, self.weights[1] * self.residual(both)
