"""Hubness: items that are neighbours of too many, and of nobody (Radovanovic et al. 2010)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xview.arrays import Ints

HUBNESS = (
    "k-occurrence: how often an item is among the k nearest of those who ask; its mean is k x askers / "
    "items. Skewness is its third standardised moment: 0 is even, above 1 a few items crowd the lists. A "
    "hub occurs more than two standard deviations above the mean, an antihub never (Radovanovic et al. 2010)."
)


@dataclass(frozen=True, eq=False, kw_only=True)
class Hubs:
    """How often the items of one modality are found in one space.

    Attributes:
        space: Where.
        asked: Modality of those whose k nearest are taken.
        found: Modality of the items found; where it is `asked`, nobody finds itself.
        k: Neighbours taken.
        rows: (n,) int64 rows of the items in their collection.
        occurrences: (n,) int64 k-occurrence of each.
    """

    space: str
    asked: str
    found: str
    k: int
    rows: Ints
    occurrences: Ints

    @property
    def skewness(self) -> float:
        """Third standardised moment of the occurrences; NaN where all are equal."""
        away = self.occurrences - self.occurrences.mean()
        spread = float(np.sqrt(np.mean(away**2)))
        return float(np.mean(away**3)) / spread**3 if spread > 0 else float("nan")

    @property
    def hubs(self) -> Ints:
        """Positions of the hubs, the most frequent first, ties by position."""
        limit = self.occurrences.mean() + 2 * self.occurrences.std()
        order = np.argsort(-self.occurrences, kind="stable")
        return np.asarray(order[self.occurrences[order] > limit], dtype=np.int64)

    @property
    def antihubs(self) -> float:
        """Share of the items that nobody finds, 0 to 1."""
        return float(np.mean(self.occurrences == 0))

    @property
    def held_by_hubs(self) -> float:
        """Share of all places in the lists that hubs hold, 0 to 1."""
        return float(self.occurrences[self.hubs].sum() / max(1, self.occurrences.sum()))


def occurrences(lists: Ints, n: int) -> Ints:
    """(n,) int64 how often each of n items is in neighbour lists (askers, k) of their positions."""
    return np.bincount(lists.ravel(), minlength=n).astype(np.int64)
