"""How well a map keeps a space's neighbourhoods, or one space another's: rank-based measures, item by item.

Everything follows from two tables of ranks (`neighbour_ranks`): where the nearest in the measured space stand
in the reference, and where the nearest in the reference stand in the measured space.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xview.arrays import Doubles, Floats, Ints
from xview.errors import SettingError
from xview.retrieval.base import OnProgress, unwatched

EXACT_UP_TO = 20_000  # items; of more, SAMPLE are measured, each against all
SAMPLE = 5_000

MEASURES = {
    "trustworthiness": (
        "1 where the nearest k here are also the nearest k in the reference; each that is not costs the "
        "ranks by which it lies farther there (Venna & Kaski 2001). Low: neighbours that are not real."
    ),
    "continuity": (
        "1 where the nearest k in the reference are also the nearest k here; each that is not costs the "
        "ranks by which it lies farther here (Venna & Kaski 2001). Low: neighbours that were torn away."
    ),
    "rank_error_low": (
        "Mean relative rank error over the nearest k here: by how much their ranks differ in the reference, "
        "relative to the rank here; 0 is best (Lee & Verleysen 2007)."
    ),
    "rank_error_high": (
        "Mean relative rank error over the nearest k in the reference: by how much their ranks differ here, "
        "relative to the rank in the reference; 0 is best (Lee & Verleysen 2007)."
    ),
    "overlap": (
        "Share of the nearest k in the reference that are among the nearest k here; k/(n-1) is chance "
        "(Q_NX, Lee & Verleysen 2009)."
    ),
}
LCMC_DEFINITION = (
    "Local continuity meta-criterion: mean overlap less that of chance, k/(n-1) (Chen & Buja 2009)."
)
RULES = (
    "Euclidean distance, which orders unit vectors as cosine does; an item is not its own neighbour, and "
    "items at the same distance are ranked by position."
)


@dataclass(frozen=True, eq=False, kw_only=True)
class Neighbourhoods:
    """Measures per item and neighbourhood size k, defined by `MEASURES`; those of the whole are the means.

    Attributes:
        ks: (c,) int64 neighbourhood sizes, ascending.
        items: (s,) int64 positions of the items measured, ascending: all n, or a seeded sample.
        trustworthiness, continuity: (s, c) float64 in [0, 1], 1 best; means over all items equal
            scikit-learn's `trustworthiness` of (reference, measured) and of (measured, reference).
        rank_error_low, rank_error_high: (s, c) float64 in [0, 1], 0 best, normalised per item by
            sum over r = 1..k of |n - 2r + 1| / r.
        overlap: (s, c) float64 in [0, 1], 1 best.
        coranking: (K, K) int64, K the largest k: how many pairs (item measured, other) have rank i + 1 in the
            reference and j + 1 in the measured space; the corner of the co-ranking matrix (Lee & Verleysen
            2009). Above the diagonal neighbours moved away, below it they came closer.
        ranks: (s, K) int64, whose counts `coranking` holds: the rank in the measured space of each item's
            nearest in the reference, nearest first.
        n: All items.
    """

    ks: Ints
    items: Ints
    trustworthiness: Doubles
    continuity: Doubles
    rank_error_low: Doubles
    rank_error_high: Doubles
    overlap: Doubles
    coranking: Ints
    ranks: Ints
    n: int

    @property
    def exact(self) -> bool:
        """Whether every item was measured."""
        return len(self.items) == self.n

    @property
    def lcmc(self) -> Doubles:
        """(c,) in [-1, 1], 0 for chance: `LCMC_DEFINITION`. Its standard error is `error("overlap")`."""
        return self.mean("overlap") - self.ks / (self.n - 1)

    def values(self, name: str) -> Doubles:
        """(s, c), the measure `name` of `MEASURES` per item and k.

        Raises:
            SettingError: No such measure.
        """
        if name not in MEASURES:
            raise SettingError(f"no neighbourhood measure {name!r}; choose one of {', '.join(MEASURES)}")
        values: Doubles = getattr(self, name)
        return values

    def mean(self, name: str) -> Doubles:
        """(c,), mean over the items measured."""
        return np.asarray(self.values(name).mean(axis=0))

    def error(self, name: str) -> Doubles:
        """(c,), standard error of `mean` as an estimate for all n items; 0 where all were measured.

        Of a sample drawn without replacement: sd / sqrt(s) * sqrt(1 - s / n) (Cochran 1977, section 2.6).
        """
        if self.exact:
            return np.zeros(len(self.ks))
        s = len(self.items)
        spread = self.values(name).std(axis=0, ddof=1) if s > 1 else np.full(len(self.ks), np.nan)
        return np.asarray(spread * np.sqrt((1 - s / self.n) / s))


def compare(
    reference: Floats,
    measured: Floats,
    ks: Sequence[int] | Ints,
    *,
    sample: int | None = None,
    seed: int = 0,
    on_progress: OnProgress = unwatched,
) -> Neighbourhoods:
    """Measure how `measured` keeps the neighbourhoods of `reference`; row i of both is the same item.

    Args:
        reference: (n, d) finite, the space taken as true, e.g. a single-modal space.
        measured: (n, e) finite, the map or space judged.
        ks: Neighbourhood sizes, each at least 1 and below n/2 (scikit-learn's rule: beyond, the normaliser
            of trustworthiness no longer bounds it); order and repeats do not matter.
        sample: Items measured, drawn without replacement, each ranked against all; None for all up to 20,000
            items and 5,000 of more.
        seed: Draws the sample.
        on_progress: Told the share done, 0 to 1; may raise to cancel.

    Raises:
        SettingError: A neighbourhood size or the sample size is out of range.
        ValueError: The arrays do not pair up, or hold a NaN or an infinity.
    """
    from xview.metrics.neighbour_ranks import neighbour_ranks

    n = len(reference)
    _check_arrays(reference, measured)
    sizes = _checked_sizes(ks, n)
    items = _drawn(n, sample, seed)
    low, high = neighbour_ranks(reference, measured, items, int(sizes[-1]), on_progress)
    return Neighbourhoods(
        ks=sizes,
        items=items,
        trustworthiness=_kept(low, sizes, n),
        continuity=_kept(high, sizes, n),
        rank_error_low=_rank_error(low, sizes, n),
        rank_error_high=_rank_error(high, sizes, n),
        overlap=np.stack([(high[:, :k] <= k).mean(axis=1) for k in sizes], axis=1),
        coranking=_coranking(high),
        ranks=high,
        n=n,
    )


def group_means(values: Doubles, codes: Ints) -> Doubles:
    """Mean of each group's finite values.

    Args:
        values: (s,) one per item; NaN is left out.
        codes: (s,) the items' groups, e.g. classes; negative for none.

    Returns:
        (1 + largest code,) means, NaN for a group without values.
    """
    inside = (codes >= 0) & np.isfinite(values)
    groups = int(codes.max(initial=-1)) + 1
    counts = np.bincount(codes[inside], minlength=groups)
    sums = np.bincount(codes[inside], weights=values[inside], minlength=groups)
    means: Doubles = np.full(groups, np.nan)
    np.divide(sums, counts, out=means, where=counts > 0)
    return means


def _kept(ranks: Ints, sizes: Ints, n: int) -> Doubles:
    """1 - 2 / (k (2n - 3k - 1)) * sum of the ranks beyond k, per item: (s, c)."""
    beyond = [np.maximum(ranks[:, :k] - k, 0).sum(axis=1) for k in sizes]
    kept: Doubles = 1 - np.stack(beyond, axis=1) * (2 / (sizes * (2 * n - 3 * sizes - 1)))
    return kept


def _rank_error(ranks: Ints, sizes: Ints, n: int) -> Doubles:
    """Sum over r = 1..k of |rank there - r| / r, per item and by its normaliser: (s, c)."""
    own = np.arange(1, ranks.shape[1] + 1)
    errors = np.cumsum(np.abs(ranks - own) / own, axis=1)
    largest = np.cumsum(np.abs(n - 2 * own + 1) / own)
    return np.asarray(errors[:, sizes - 1] / largest[sizes - 1])


def _coranking(high: Ints) -> Ints:
    """(K, K) counts from (s, K) ranks in the measured space of the reference's neighbours, nearest first."""
    width = high.shape[1]
    near = high <= width
    places = np.nonzero(near)[1] * width + high[near] - 1
    return np.bincount(places, minlength=width * width).reshape(width, width).astype(np.int64)


def _drawn(n: int, sample: int | None, seed: int) -> Ints:
    if sample is not None and sample < 1:
        raise SettingError(f"a sample of {sample} items measures nothing; choose at least 1")
    wanted = (n if n <= EXACT_UP_TO else SAMPLE) if sample is None else sample
    if wanted >= n:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, wanted, replace=False))


def _checked_sizes(ks: Sequence[int] | Ints, n: int) -> Ints:
    sizes = np.unique(np.asarray(ks, dtype=np.int64))
    if not sizes.size:
        raise SettingError("no neighbourhood size was given; name at least one k")
    if n < 3:
        raise SettingError(f"neighbourhoods need at least 3 items, there are {n}")
    wrong = sizes[(sizes < 1) | (2 * sizes >= n)]
    if wrong.size:
        raise SettingError(f"cannot compare {wrong[-1]} neighbours of {n} items; choose 1 to {(n - 1) // 2}")
    return sizes


def _check_arrays(reference: Floats, measured: Floats) -> None:
    for name, array in (("reference", reference), ("measured", measured)):
        if array.ndim != 2 or array.shape[1] == 0:
            raise ValueError(f"{name} must be (items, dimensions), got shape {array.shape}")
        if not np.isfinite(array).all():
            raise ValueError(f"{name} must be finite; there is a NaN or an infinity in it")
    if len(reference) != len(measured):
        raise ValueError(f"the arrays must pair up, got {len(reference)} and {len(measured)} items")
