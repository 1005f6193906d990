"""Nearest neighbours of unit vectors by inner product. Nothing else in xview imports faiss."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import faiss
import numpy as np

from xview.arrays import Doubles, Floats, Ints
from xview.errors import SettingError

FLAT_LIMIT = 30_000  # larger bases get an HNSW index ...
FEW_QUERIES = 10_000  # ... unless so few ask that building it would cost more than it saves
EFFORTS = (64, 128, 256)  # HNSW's efSearch, tried in turn on a sample ...
ENOUGH_RECALL = 0.98  # ... until this share of true neighbours is found; beyond, all are compared
SAMPLE = 100  # queries that recall is taken on
MARGIN = 8  # shortlist entries beyond k, so that float32 rounding cannot drop a true neighbour
ROUNDING = 1e-5  # float32 inner products of unit vectors err by less
THREADS = min(4, os.cpu_count() or 1)
_BLOCK_VALUES = 1 << 23  # float64 values a block may hold (64 MB)


def nearest(queries: Floats, base: Floats, k: int) -> tuple[Ints, Doubles]:
    """The k rows of `base` most similar to each query.

    Exact for bases of up to 30,000 rows: a float32 shortlist is scored again in float64, and a query whose
    shortlist might miss a neighbour (many near-equal similarities) is compared with the whole base.
    Larger bases go through an HNSW index if a sample of queries finds 98 % of its neighbours there;
    `sampled_recall` says how well it did.

    Args:
        queries: (q, d) float32 unit rows.
        base: (n, d) float32 unit rows.
        k: Neighbours wanted, 1 to n.

    Returns:
        Rows of `base`, (q, k) int64, and their similarities, (q, k) float64 in [-1, 1]; most similar first,
        ties by row.

    Raises:
        SettingError: k is below 1 or above n.
    """
    _check(k, len(base))
    if _approximate(len(queries), len(base)):
        return _score_again(queries, base, _hnsw(queries, base, min(k + MARGIN, len(base))), k)
    rows, sims = np.empty((len(queries), k), dtype=np.int64), np.empty((len(queries), k))
    wanted = min(k + MARGIN, len(base))
    short, coarse = _flat(queries, base, wanted)
    rows[:], sims[:] = _score_again(queries, base, short, k)
    if wanted < len(base):
        doubtful = np.flatnonzero(coarse[:, -1] > sims[:, -1] - ROUNDING)
        rows[doubtful], sims[doubtful] = _exhaustive(queries[doubtful], base, k)
    return rows, sims


def shortlist(queries: Floats, base: Floats, k: int) -> Ints:
    """Like `nearest` in float32, for long lists whose last entries may swap with their equals.

    Returns:
        (q, k) int64 rows of `base`, most similar first.

    Raises:
        SettingError: k is below 1 or above n.
    """
    _check(k, len(base))
    if _approximate(len(queries), len(base)):
        return _hnsw(queries, base, k)
    return _flat(queries, base, k)[0]


def sampled_recall(queries: Floats, base: Floats, rows: Ints, sample: int = SAMPLE) -> float:
    """Share of true neighbours among `rows`, (q, k), over `sample` evenly spaced queries; 1 is exact."""
    chosen = np.unique(np.linspace(0, len(queries) - 1, min(sample, len(queries))).astype(np.int64))
    truth, _ = _exhaustive(queries[chosen], base, rows.shape[1])
    found = [np.isin(true, got).mean() for true, got in zip(truth, rows[chosen], strict=True)]
    return float(np.mean(found))


def similarities(queries: Doubles, base: Floats) -> Doubles:
    """(q, n) float64 inner products of (q, d) queries with float32 rows, widened a block at a time."""
    scores = np.empty((len(queries), len(base)))
    step = max(1, _BLOCK_VALUES // (8 * base.shape[1]))
    for start in range(0, len(base), step):
        block = slice(start, start + step)
        scores[:, block] = queries @ base[block].astype(np.float64).T
    return scores


def without(rows: Ints, values: Doubles, excluded: Ints) -> tuple[Ints, Doubles]:
    """Drop row `excluded[i]` from list i, or the last entry where it is not in the list.

    Args:
        rows, values: (q, k) lists, best first.
        excluded: (q,) int64, -1 for none.

    Returns:
        The lists, (q, k - 1).
    """
    hit = rows == excluded[:, None]
    place = np.where(hit.any(axis=1), hit.argmax(axis=1), rows.shape[1] - 1)
    keep = np.arange(rows.shape[1]) != place[:, None]
    shape = (len(rows), rows.shape[1] - 1)
    return rows[keep].reshape(shape), values[keep].reshape(shape)


def _check(k: int, n: int) -> None:
    if not 1 <= k <= n:
        raise SettingError(f"cannot take {k} neighbours of {n} items; choose from 1 to {n}")


def _approximate(n_queries: int, n_base: int) -> bool:
    return n_base > FLAT_LIMIT and n_queries > FEW_QUERIES


def _flat(queries: Floats, base: Floats, k: int) -> tuple[Ints, Floats]:
    faiss.omp_set_num_threads(THREADS)
    sims, rows = faiss.knn(
        np.ascontiguousarray(queries), np.ascontiguousarray(base), k, metric=faiss.METRIC_INNER_PRODUCT
    )
    return rows, sims


def _hnsw(queries: Floats, base: Floats, k: int) -> Ints:
    faiss.omp_set_num_threads(THREADS)
    index = faiss.IndexHNSWFlat(base.shape[1], 16, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = 80
    index.add(np.ascontiguousarray(base))
    some = queries[:: max(1, len(queries) // SAMPLE)]
    for effort in EFFORTS:
        index.hnsw.efSearch = max(effort, k)
        if sampled_recall(some, base, np.asarray(index.search(some, k)[1])) >= ENOUGH_RECALL:
            rows: Ints = index.search(np.ascontiguousarray(queries), k)[1]
            lost = np.flatnonzero((rows < 0).any(axis=1))
            rows[lost] = _flat(queries[lost], base, k)[0]
            return rows
    return _flat(queries, base, k)[0]


def _score_again(queries: Floats, base: Floats, short: Ints, k: int) -> tuple[Ints, Doubles]:
    """The best k of each shortlist, (q, s), by float64 similarity, ties by row."""
    rows, sims = np.empty((len(queries), k), dtype=np.int64), np.empty((len(queries), k))
    step = max(1, _BLOCK_VALUES // (8 * short.shape[1] * base.shape[1]))

    def score(start: int) -> None:
        block = slice(start, start + step)
        candidates = np.sort(short[block], axis=1)
        wide = base[candidates].astype(np.float64)
        scores = (wide @ queries[block].astype(np.float64)[:, :, None])[:, :, 0]
        order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        rows[block] = np.take_along_axis(candidates, order, axis=1)
        sims[block] = np.take_along_axis(scores, order, axis=1)

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(score, range(0, len(queries), step)))
    return rows, sims


def _exhaustive(queries: Floats, base: Floats, k: int) -> tuple[Ints, Doubles]:
    """`nearest` by comparing with every row of `base` in float64."""
    rows, sims = np.empty((len(queries), k), dtype=np.int64), np.empty((len(queries), k))
    step = max(1, _BLOCK_VALUES // len(base))
    for start in range(0, len(queries), step):
        scores = similarities(queries[start : start + step].astype(np.float64), base)
        kth = np.partition(scores, len(base) - k, axis=1)[:, len(base) - k]
        for i, (row, least) in enumerate(zip(scores, kth, strict=True), start=start):
            candidates = np.flatnonzero(row >= least)
            rows[i] = candidates[np.argsort(-row[candidates], kind="stable")[:k]]
            sims[i] = row[rows[i]]
    return rows, sims
