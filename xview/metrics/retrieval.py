"""Retrieval measures, from scores to figures. `MEASURES` defines each in words fit to stand beside it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np

from xview.arrays import AnyArray, Bools, Doubles, Ints
from xview.data.protocol import Task
from xview.metrics.roles import IGNORED, RELEVANT, relevant_ranks, roles_of

MEASURES = {
    "mAP": "Mean over queries of the non-interpolated average precision over all returned items.",
    "rank1": "Share of queries with a match in first place (R@1).",
    "rank5": "Share of queries with a match among the first 5 (R@5).",
    "rank10": "Share of queries with a match among the first 10 (R@10).",
    "rank20": "Share of queries with a match among the first 20 (R@20).",
    "P@100": "Mean share of matches among the first 100 items, or among all where fewer are returned.",
    "N-S": "Mean number of matches among the first 4 items (UKBench score, 0 to 4).",
    "mINP": "Mean over queries of matches divided by the rank of the last one (Ye et al. 2021).",
}
COUNTING = (
    "Queries without a match in the gallery are left out and counted. Items of the query's own group, junk "
    "and the query itself are removed before ranking. Equal scores are ranked in gallery order."
)
PR_DEFINITION = (
    "Precision at 101 recall levels 0, 0.01 ... 1, interpolated (the best precision at this recall or "
    "higher), mean over queries."
)

_CMC_LENGTH = 100
_LEVELS = 101
_CHUNK = 64
_COMPILED_FROM = 10_000_000  # scores; below, loading numba takes longer than it saves


@dataclass(frozen=True, slots=True)
class QueryMeasures:
    """One query's figures: average precision, rank of the first match, matches, items returned.

    `ap` is NaN and `first_hit` 0 where nothing in the gallery matches.
    """

    ap: float
    first_hit: int
    matches: int
    returned: int


@dataclass(frozen=True, eq=False, kw_only=True)
class Evaluation:
    """Figures of m queries against n gallery items.

    Attributes:
        ap: (m,) float64 average precision, NaN where the query has no match.
        first_hit: (m,) int64 rank of the first match from 1, 0 where there is none.
        matches: (m,) int64 relevant items in the gallery, ignored ones not counted.
        measures: By name in `MEASURES`; NaN where no query has a match.
        cmc: (min(n, 100),) float64, share of queries with a match among the first 1, 2 ...
        recall, precision: (101,) float64, the curve `PR_DEFINITION` describes.
    """

    ap: Doubles
    first_hit: Ints
    matches: Ints
    measures: dict[str, float]
    cmc: Doubles
    recall: Doubles
    precision: Doubles

    @property
    def queries(self) -> int:
        """m, all that were asked."""
        return len(self.ap)

    @property
    def queries_without_match(self) -> int:
        """How many of them nothing in the gallery matches; they enter no measure."""
        return int(np.count_nonzero(self.matches == 0))


def per_query(scores: Doubles, relevant: Bools, ignored: Bools) -> QueryMeasures:
    """Judge one ranking; all arguments (n,) in gallery order.

    Raises:
        ValueError: A score is not finite.
    """
    _check_finite(scores)
    roles = roles_of(relevant, ignored)
    ranks = relevant_ranks(scores, roles)
    returned = int(np.count_nonzero(roles != IGNORED))
    if ranks.size == 0:
        return QueryMeasures(float("nan"), 0, 0, returned)
    ap = float(np.mean(np.arange(1, ranks.size + 1) / ranks))
    return QueryMeasures(ap, int(ranks[0]), ranks.size, returned)


def evaluate(blocks: Iterable[tuple[slice, AnyArray]], task: Task) -> Evaluation:
    """Judge all rankings of a task.

    Args:
        blocks: Query numbers as a slice, and their scores, (b, n) floating; together every query once.
        task: Says what is relevant and what is ignored.

    Raises:
        ValueError: A score is not finite, or the blocks do not hold every query once.
    """
    return evaluate_versions(((rows, (scores,)) for rows, scores in blocks), task, 1)[0]


def evaluate_versions(
    blocks: Iterable[tuple[slice, Iterable[AnyArray]]], task: Task, versions: int, *, times: int = 1
) -> list[Evaluation]:
    """Judge several versions of all rankings of a task, block by block: none is ever held whole.

    Args:
        blocks: As of `evaluate`, with the scores of each version, one after another.
        task: As of `evaluate`.
        versions: How many there are.
        times: How often as many will be judged: what has to be loaded first must pay by all of them.

    Raises:
        ValueError: As of `evaluate`.
    """
    m, n = len(task.query_rows), len(task.gallery_rows)
    judge = partial(_judge, compiled=m * n * versions * times >= _COMPILED_FROM)
    tallies = [_Tally(m, n) for _ in range(versions)]
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        for rows, several in blocks:
            chunks = [range(a, min(a + _CHUNK, rows.stop)) for a in range(rows.start, rows.stop, _CHUNK)]
            roles = list(threads.map(partial(_roles, task), chunks))
            for tally, scores in zip(tallies, several, strict=True):
                judged = threads.map(judge, _parts(rows, scores, n), roles)
                for numbers, found in zip(chunks, judged, strict=True):
                    tally.add(numbers, *found)
    return [tally.result() for tally in tallies]


def _parts(rows: slice, scores: AnyArray, n: int) -> list[AnyArray]:
    """A block's scores, a chunk each."""
    count = rows.stop - rows.start
    if scores.shape != (count, n):
        raise ValueError(f"scores of {count} queries x {n} items expected, got shape {scores.shape}")
    return [scores[start : start + _CHUNK] for start in range(0, count, _CHUNK)]


def _roles(task: Task, numbers: range) -> AnyArray:
    """(len(numbers), n) uint8 roles of the gallery items for these queries."""
    return np.stack([roles_of(task.relevant(q), task.ignored(q)) for q in numbers])


def _judge(scores: AnyArray, roles: AnyArray, *, compiled: bool) -> tuple[Ints, Ints, Ints]:
    """Ranks of the relevant items row after row, how many each row has, and how many items it returned."""
    _check_finite(scores)
    wide = np.ascontiguousarray(scores, dtype=np.float64)
    counts = np.count_nonzero(roles == RELEVANT, axis=1).astype(np.int64)
    returned = np.count_nonzero(roles != IGNORED, axis=1).astype(np.int64)
    if not compiled:
        found = [relevant_ranks(row, role) for row, role in zip(wide, roles, strict=True)]
        return np.concatenate(found), counts, returned
    from xview.metrics import kernels

    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    ranks = np.empty(offsets[-1], dtype=np.int64)
    kernels.relevant_ranks(wide, roles, offsets, ranks)
    return ranks, counts, returned


def _check_finite(scores: AnyArray) -> None:
    if not np.isfinite(scores).all():
        raise ValueError("scores must be finite; there is a NaN or an infinity among them")


class _Tally:
    """Gathers figures per query, whatever the order of the blocks."""

    def __init__(self, m: int, n: int) -> None:
        self._n = n
        self._seen = np.zeros(m, dtype=np.int64)
        self._matches = np.zeros(m, dtype=np.int64)
        self._first = np.zeros(m, dtype=np.int64)
        self._ap = np.full(m, np.nan)
        self._p100, self._ns, self._inp = (np.zeros(m) for _ in range(3))
        self._precision = np.zeros(_LEVELS)

    def add(self, numbers: range, ranks: Ints, counts: Ints, returned: Ints) -> None:
        """Take one chunk's ranks, row after row."""
        rows = np.asarray(numbers)
        self._seen[rows] += 1
        self._matches[rows] = counts
        matched = counts > 0
        if matched.any():
            self._add_rows(rows[matched], ranks, counts[matched], returned[matched])

    def _add_rows(self, rows: Ints, ranks: Ints, counts: Ints, returned: Ints) -> None:
        """Take the ranks of queries that have a match, all in one table filled up at its right."""
        inside = np.arange(counts.max()) < counts[:, None]
        table = np.full(inside.shape, np.iinfo(np.int64).max)
        table[inside] = ranks
        precision = np.where(inside, np.arange(1, inside.shape[1] + 1) / table, 0.0)
        self._ap[rows] = [own[:count].mean() for own, count in zip(precision, counts, strict=True)]
        self._first[rows] = table[:, 0]
        self._p100[rows] = (table <= 100).sum(axis=1) / np.minimum(100, returned)
        self._ns[rows] = (table <= 4).sum(axis=1)
        self._inp[rows] = precision[np.arange(len(rows)), counts - 1]
        best_from_here = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
        needed = -(-np.arange(_LEVELS) * counts[:, None] // (_LEVELS - 1))  # hits for each recall, rounded up
        for curve in np.take_along_axis(best_from_here, np.maximum(needed - 1, 0), axis=1):
            self._precision += curve

    def result(self) -> Evaluation:
        """The means over queries with a match."""
        if (self._seen != 1).any():
            query = int(np.flatnonzero(self._seen != 1)[0])
            raise ValueError(f"the blocks hold query {query} {self._seen[query]} times instead of once")
        matched = self._matches > 0
        first, total = self._first[matched], max(1, int(matched.sum()))
        nothing = np.nan if not matched.any() else 0.0
        length = min(self._n, _CMC_LENGTH)
        cmc = np.array([np.count_nonzero(first <= k) for k in range(1, length + 1)]) / total + nothing
        measures = {"mAP": float(np.nansum(self._ap)) / total + nothing}
        for k in (1, 5, 10, 20):
            measures[f"rank{k}"] = np.count_nonzero(first <= k) / total + nothing
        for name, figures in (("P@100", self._p100), ("N-S", self._ns), ("mINP", self._inp)):
            measures[name] = float(figures.sum()) / total + nothing
        return Evaluation(
            ap=self._ap,
            first_hit=self._first,
            matches=self._matches,
            measures=measures,
            cmc=cmc,
            recall=np.linspace(0, 1, _LEVELS),
            precision=self._precision / total + nothing,
        )
