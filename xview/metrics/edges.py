"""Torn edges and false bridges: neighbours in one space that lie far apart in another.

A pair of mutual k nearest neighbours in one space is lost in the other if there neither is among the other's
`FAR` x k nearest. Pairs of the single-modal space lost in the shared one are torn; pairs of the shared space
lost in the single-modal one are false bridges.

Decisions
    2026-11-22  Mutual pairs, because they are the edges a walk takes. Far from both ends, because a hub has
                neighbours for whom it is one of many: far from one end alone is hubness, not a tear.
    2026-11-22  Of a sample of items all pairs are ranked from both ends, those into the rest included, so a
                sampled item's figure is exact and only the share of all pairs is an estimate.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xview.arrays import Doubles, Floats, Ints
from xview.metrics.tearing import mutual_graph
from xview.retrieval.base import OnProgress, unwatched

FAR = 5
"""A pair is lost where each ranks beyond this many times k among the other's neighbours."""

TORN = (
    f"Torn edges: pairs of mutual k nearest neighbours in the reference space of which, in the measured "
    f"space, neither is among the other's {FAR} k nearest. Strength: the lower of the two ranks there over k."
)
BRIDGED = (
    f"False bridges: pairs of mutual k nearest neighbours in the measured space of which, in the reference "
    f"space, neither is among the other's {FAR} k nearest. Strength: the lower of the two ranks there over k."
)
KEPT = 5_000  # strongest edges that are listed; all are counted

_BLOCK_VALUES = 1 << 22  # float32 values of a block (16 MB)


@dataclass(frozen=True, eq=False, kw_only=True)
class Edges:
    """Pairs of neighbours lost in another space.

    Attributes:
        ends: (t, 2) int64 positions, lower first; the strongest `KEPT`, strongest first, ties by position.
        strength: (t,) float64 lower rank over k, above `FAR`.
        total: How many were lost of `pairs`, listed or not.
        pairs: Mutual pairs that were looked at: all, or those of the items sampled.
        share: Of the items' mutual neighbours that are lost, 0 to 1; NaN where there are no pairs. Where all
            items were looked at it is total / pairs.
        error: Standard error of `share` as an estimate for all items; 0 where all were looked at.
        chance: Share that would be lost, at most, if the other space knew nothing of this one: that of the
            items beyond `FAR` x k, seen from one end; nearness is nearly mutual, so seen from both it is
            little less.
        of_items: (n,) float64 share of each item's mutual neighbours that are lost; NaN where it has none or
            was not sampled.
    """

    ends: Ints
    strength: Doubles
    total: int
    pairs: int
    share: float
    error: float
    chance: float
    of_items: Doubles


def lost_edges(
    lists: Ints, other: Floats, k: int, items: Ints | None = None, on_progress: OnProgress = unwatched
) -> Edges:
    """The mutual pairs of one space that another one lost.

    Args:
        lists: (n, at least k) neighbours of each item in the one space, nearest first, itself left out.
        other: (n, d) finite vectors in the other; near is near by Euclidean distance.
        k: Neighbours that count, 1 to n - 1.
        items: Positions whose pairs are looked at, ascending; None for all.
        on_progress: Told the share done, 0 to 1; may raise to cancel.
    """
    n = len(lists)
    graph = mutual_graph(lists, k).tocoo()
    upper = graph.row < graph.col
    pairs = np.stack([graph.row[upper], graph.col[upper]], axis=1).astype(np.int64)
    asked = np.ones(n, dtype=bool) if items is None else np.isin(np.arange(n), items)
    pairs = pairs[asked[pairs].any(axis=1)]
    lowest = pair_ranks(pairs, other, on_progress).min(axis=1)
    lost = lowest > FAR * k
    degree, gone = (_ends_of(pairs[chosen], n) for chosen in (np.ones(len(pairs), dtype=bool), lost))
    share, error = _ratio(gone[asked], degree[asked], n)
    of_items = np.divide(gone, degree, out=np.full(n, np.nan), where=asked & (degree > 0))
    order = np.argsort(-lowest, kind="stable")
    order = order[lost[order]][:KEPT]
    return Edges(
        ends=pairs[order],
        strength=lowest[order] / k,
        total=int(lost.sum()),
        pairs=len(pairs),
        share=share,
        error=error,
        chance=max(0, n - 1 - FAR * k) / (n - 1),
        of_items=of_items,
    )


def pair_ranks(pairs: Ints, vectors: Floats, on_progress: OnProgress = unwatched) -> Ints:
    """How near the two of a pair are, seen from either end.

    Args:
        pairs: (p, 2) positions, the two of a pair different.
        vectors: (n, d) finite; near is near by Euclidean distance, in float32.
        on_progress: Told the share done, 0 to 1; may raise to cancel.

    Returns:
        (p, 2) int64: 1 + how many items are nearer to the first than the second is, and the reverse.
    """
    n = len(vectors)
    sources, targets = pairs.T.ravel(), pairs[:, ::-1].T.ravel()
    order = np.argsort(sources, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(sources, minlength=n))])
    used = np.flatnonzero(np.diff(starts))
    half = (np.einsum("nd,nd->n", vectors, vectors, dtype=np.float64) / 2).astype(np.float32)
    ranks = np.empty(len(sources), dtype=np.int64)
    step = max(1, _BLOCK_VALUES // n)
    for start in range(0, len(used), step):
        on_progress(start / len(used))
        rows = used[start : start + step]
        near = vectors[rows].astype(np.float32) @ vectors.T.astype(np.float32) - half
        near[np.arange(len(rows)), rows] = -np.inf
        for row, values in zip(rows, near, strict=True):
            for edge in order[starts[row] : starts[row + 1]]:
                ranks[edge] = 1 + np.count_nonzero(values > values[targets[edge]])
    on_progress(1.0)
    return ranks.reshape(2, -1).T


def _ends_of(pairs: Ints, n: int) -> Doubles:
    return np.bincount(pairs.ravel(), minlength=n).astype(np.float64)


def _ratio(gone: Doubles, degree: Doubles, n: int) -> tuple[float, float]:
    """Ratio estimate sum(gone) / sum(degree) over a sample of n items, and its standard error.

    Cochran 1977, section 6.4: sqrt((1 - s/n) / s) * sd(gone - ratio * degree) / mean(degree).
    """
    s, total = len(gone), float(degree.sum())
    if total == 0:
        return float("nan"), float("nan")
    share = float(gone.sum()) / total
    if s == n:
        return share, 0.0
    spread = float(np.sqrt(np.sum((gone - share * degree) ** 2) / max(1, s - 1)))
    return share, spread * float(np.sqrt((1 - s / n) / s)) / (total / s)
