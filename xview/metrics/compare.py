"""Two rankings of the same queries held against each other: what B fixes and breaks of A, and is it chance.

A and B answer the same queries from the same gallery; they may rank in different spaces, by different
rankers, or both. Queries without a match in the gallery are left out, as everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np

from xview.arrays import AnyArray, Bools, Doubles, Ints
from xview.metrics.retrieval import Evaluation

CHANGED = 0.05
"""From which change of its average precision on a query counts as fixed or broken."""
RESAMPLES = 2_000
FLIPS = 9_999

FIXED, SAME, BROKEN = 1, 0, -1


class Reading(StrEnum):
    """By what a query is called fixed or broken."""

    AP = "AP"
    FIRST = "first hit"


READINGS = {
    Reading.AP: f"Fixed: B's average precision is at least {CHANGED:g} higher than A's. Broken: at least "
    f"{CHANGED:g} lower. Same: anything between.",
    Reading.FIRST: "Fixed: A's first result is wrong and B's is right. Broken: the other way round. "
    "Same: both right, or both wrong.",
}
MEAN_CHANGE = (
    "Mean over queries of B's average precision less A's. The interval is the middle 95 % of the means of "
    f"{RESAMPLES:,} samples of as many queries, drawn with replacement (paired percentile bootstrap). p is "
    f"the share of {FLIPS:,} random swaps of A and B within queries whose mean lies as far from 0 (paired "
    "permutation test, two-sided). Both take queries as independent of one another."
)


@dataclass(frozen=True, slots=True)
class MeanChange:
    """A mean of n paired differences with its 95 % interval, and the two-sided p; NaN where n is 0."""

    mean: float
    low: float
    high: float
    p: float
    n: int


@dataclass(frozen=True, slots=True)
class ClassChange:
    """The queries of one class: how many, their mean average precisions, and how many were fixed and broken.

    `label` is the class's number, -1 for queries without one.
    """

    label: int
    queries: int
    a: float
    b: float
    fixed: int
    broken: int

    @property
    def change(self) -> float:
        """Mean of B less mean of A."""
        return self.b - self.a


@dataclass(frozen=True, eq=False, kw_only=True)
class Comparison:
    """m queries under A and under B.

    Attributes:
        ap_a, ap_b: (m,) float64 average precision, NaN where a query has no match.
        first_a, first_b: (m,) int64 rank of the first match from 1, 0 where there is none.
    """

    ap_a: Doubles
    ap_b: Doubles
    first_a: Ints
    first_b: Ints

    def __post_init__(self) -> None:
        """Reject rankings of different queries or galleries.

        Raises:
            ValueError: Lengths differ, or a query has a match for one of the two only.
        """
        if not len(self.ap_a) == len(self.ap_b) == len(self.first_a) == len(self.first_b):
            raise ValueError(f"A has {len(self.ap_a)} queries and B {len(self.ap_b)}; they must be the same")
        if (np.isnan(self.ap_a) != np.isnan(self.ap_b)).any():
            raise ValueError("a query has a match for one ranking only, so the galleries differ")

    @cached_property
    def counted(self) -> Bools:
        """(m,) bool: queries with a match."""
        return np.isfinite(self.ap_a)

    @cached_property
    def change(self) -> Doubles:
        """(m,) float64: B's average precision less A's, NaN where a query has no match."""
        return self.ap_b - self.ap_a

    def verdicts(self, reading: Reading = Reading.AP) -> Ints:
        """(m,) int64 `FIXED`, `SAME` or `BROKEN`, as `READINGS` says; `SAME` for queries not counted."""
        if reading is Reading.FIRST:
            better, worse = self.first_b == 1, self.first_a == 1
        else:
            # a change of exactly the threshold counts, however its last bit was rounded
            change = np.where(self.counted, self.change, 0.0)
            better, worse = change >= CHANGED - 1e-12, change <= 1e-12 - CHANGED
        verdicts: Ints = better.astype(np.int64) - worse.astype(np.int64)
        return verdicts

    def counts(self, reading: Reading = Reading.AP) -> dict[int, int]:
        """Number of counted queries by verdict."""
        verdicts = self.verdicts(reading)[self.counted]
        return {verdict: int(np.count_nonzero(verdicts == verdict)) for verdict in (FIXED, BROKEN, SAME)}

    def ranked(self, verdict: int, reading: Reading = Reading.AP) -> Ints:
        """(n,) int64 numbers of the queries of a verdict, those that changed most first."""
        numbers = np.flatnonzero(self.counted & (self.verdicts(reading) == verdict))
        sign = -1.0 if verdict == FIXED else 1.0 if verdict == BROKEN else 0.0
        strength = sign * self.change[numbers] if sign else -np.abs(self.change[numbers])
        return numbers[np.argsort(strength, kind="stable")].astype(np.int64)


def compare(a: Evaluation, b: Evaluation) -> Comparison:
    """Hold two evaluations of one task against each other.

    Raises:
        ValueError: They are of different queries or galleries.
    """
    return Comparison(ap_a=a.ap, ap_b=b.ap, first_a=a.first_hit, first_b=b.first_hit)


def by_class(comparison: Comparison, labels: AnyArray, reading: Reading = Reading.AP) -> list[ClassChange]:
    """The counted queries class by class, the class that lost most first.

    Args:
        comparison: Of m queries.
        labels: (m,) integer class of each, -1 for none.
        reading: By what queries are called fixed or broken.
    """
    verdicts = comparison.verdicts(reading)
    told = []
    for label in np.unique(labels[comparison.counted]).tolist():
        rows = np.flatnonzero(comparison.counted & (labels == label))
        told.append(
            ClassChange(
                label=label,
                queries=len(rows),
                a=float(comparison.ap_a[rows].mean()),
                b=float(comparison.ap_b[rows].mean()),
                fixed=int(np.count_nonzero(verdicts[rows] == FIXED)),
                broken=int(np.count_nonzero(verdicts[rows] == BROKEN)),
            )
        )
    return sorted(told, key=lambda one: one.change)


def mean_change(change: Doubles, seed: int = 0) -> MeanChange:
    """Mean of paired differences, as `MEAN_CHANGE` says.

    Percentile bootstrap and sign-flip test: Efron and Tibshirani 1993, An Introduction to the Bootstrap,
    chapters 13 and 15; Smucker et al. 2007 compare such tests for retrieval. The p of t flips is
    (1 + those as far from 0) / (1 + t), so never 0.

    Args:
        change: (m,) B less A; NaN is left out.
        seed: Of both random draws.
    """
    kept = change[np.isfinite(change)]
    if not kept.size:
        return MeanChange(np.nan, np.nan, np.nan, np.nan, 0)
    random = np.random.default_rng(seed)
    low, high = np.quantile(_bootstrap_means(kept, random), (0.025, 0.975))
    return MeanChange(float(kept.mean()), float(low), float(high), _permutation_p(kept, random), len(kept))


def _bootstrap_means(values: Doubles, random: np.random.Generator) -> Doubles:
    """(RESAMPLES,) means of samples drawn with replacement, a few megabytes at a time."""
    rows = max(1, 500_000 // len(values))
    parts = [
        values[random.integers(0, len(values), (min(rows, RESAMPLES - start), len(values)))].mean(axis=1)
        for start in range(0, RESAMPLES, rows)
    ]
    return np.concatenate(parts)


def _permutation_p(values: Doubles, random: np.random.Generator) -> float:
    """Two-sided p of the sign-flip test; differences of 0 flip to themselves and are left out."""
    moved = values[values != 0]
    if not moved.size:
        return 1.0
    total, size = moved.sum(), np.abs(moved).sum()
    rows = max(1, 2_000_000 // len(moved))
    as_far = 0
    for start in range(0, FLIPS, rows):
        some = min(rows, FLIPS - start)
        bits = np.unpackbits(random.integers(0, 256, (some, -(-len(moved) // 8)), dtype=np.uint8), axis=1)
        flipped = 2 * (bits[:, : len(moved)] @ moved) - total
        as_far += int(np.count_nonzero(np.abs(flipped) >= abs(total) - 1e-12 * size))
    return (1 + as_far) / (1 + FLIPS)
