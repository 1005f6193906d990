"""What one may set of the bi-directional walk."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from xview.graph.links import LinkRule
from xview.settings import Settings, setting


class Truncation(StrEnum):
    """How far a walk may stray."""

    NONE = "none"
    SEED = "seed"
    UNION = "union"


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkSettings(Settings):
    """Parameters of the bi-directional walk; the defaults are the authors' program's.

    Truncation `seed` at 1,000 has the higher mAP on the seen classes of both bundled data sets, in each
    direction and on either manifold (0.003 to 0.016 above `none`).
    """

    lam: float = setting(
        0.5,
        key="lambda",
        symbol="λ",
        low=0,
        high=1,
        help="Weight of the walk on the query's side; the rest goes to the walk on the gallery's side.",
    )
    alpha: float = setting(
        0.99,
        symbol="α",
        low=0,
        high=0.9999,
        slider=(0.5, 0.999),
        help="Share of mass that keeps walking at each step; 0 does not walk at all.",
    )
    gamma: float = setting(
        3.0,
        symbol="γ",
        low=0.01,
        high=100,
        slider=(0.5, 6),
        help="Exponent on similarities; higher trusts near neighbours more. Paper links always use 1.",
    )
    k: int = setting(
        30,
        low=1,
        high=10_000,
        slider=(2, 100),
        help="Neighbours in each side's graph, the item itself counted.",
    )
    k_q: int = setting(15, low=1, high=10_000, slider=(1, 50), help="Links of an item to the other modality.")
    links: LinkRule = setting(
        LinkRule.RELEASED,
        help="released: each item's nearest, as in the authors' program; paper: mutual nearest, as printed.",
    )
    truncation: Truncation = setting(
        Truncation.SEED,
        help="none: the whole graph; seed: each linked item walks among its own nearest; "
        "union: one walk among the nearest of all linked items.",
    )
    n_trunc: int = setting(
        1_000,
        low=1,
        high=1_000_000,
        slider=(50, 5_000),
        help="Length of the lists a truncated walk stays in.",
    )
    tol: float = setting(
        1e-6, low=1e-12, high=0.1, help="Relative residual at which a solution counts as exact."
    )
    local: bool = setting(
        True,
        help="Answer a query on a graph of over 30,000 items from its neighbourhood; off solves all of it.",
    )

    @property
    def exponent(self) -> float:
        """Gamma, or 1 under the paper's links (its Eq. 1 has no exponent)."""
        return 1.0 if self.links is LinkRule.PAPER else self.gamma
