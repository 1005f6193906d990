"""Ranks of each item's nearest in one space among all items of another. Imports numba."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from queue import SimpleQueue

import numpy as np
from threadpoolctl import threadpool_limits

from xview.arrays import AnyArray, Floats, Ints
from xview.metrics.rank_kernels import BUCKETS, Coarse, rank_block
from xview.retrieval.base import OnProgress

THREADS = min(4, os.cpu_count() or 1)
_BLOCK_VALUES = 1 << 22  # float32 distances a block may hold in each space (16 MB)
_BLOCK_ROWS = 16, 256
_PROBES = 64  # distances of a row looked at to learn where most lie ...
_MOST = 60  # ... of which these many shall be spread over the buckets


def neighbour_ranks(
    reference: Floats, measured: Floats, items: Ints, k: int, on_progress: OnProgress
) -> tuple[Ints, Ints]:
    """Where each space's k nearest stand in the other, by Euclidean distance, ties by position.

    Exact up to the rounding of squared distances in float64. Holds a float32 copy of the arrays, and per
    thread two blocks of at most 256 x n float32 distances.

    Args:
        reference: (n, d) finite.
        measured: (n, e) finite.
        items: (s,) positions whose neighbours are taken, each ranked among the other n - 1 items.
        k: Neighbours, 1 to n - 1.
        on_progress: Told the share done; may raise to cancel.

    Returns:
        Ranks from 1, (s, k) each, nearest first: in `reference` of the nearest in `measured`, and reversed.
    """
    there, here = _Distances(reference), _Distances(measured)
    low, high = np.empty((2, len(items), k), dtype=np.int64)
    step = int(np.clip(_BLOCK_VALUES // len(reference), *_BLOCK_ROWS))
    spare: SimpleQueue[Floats] = SimpleQueue()
    for _ in range(THREADS):
        spare.put(np.empty((2, min(step, len(items)), len(reference)), dtype=np.float32))

    def rank(start: int) -> None:
        block = slice(start, start + step)
        rows, room = items[block], spare.get()
        try:
            rank_block(rows, there.of(rows, room[0]), here.of(rows, room[1]), low[block], high[block])
        finally:
            spare.put(room)

    starts = range(0, len(items), step)
    threads = ThreadPoolExecutor(THREADS)
    try:
        with threadpool_limits(1, user_api="blas"):
            for done, _ in enumerate(threads.map(rank, starts)):
                on_progress(done / len(starts))
    finally:
        threads.shutdown(cancel_futures=True)
    on_progress(1.0)
    return low, high


class _Distances:
    """Squared distances in one space by float32 matrix products, with a bound on their rounding.

    Vectors are moved to their mean and scaled to at most unit length, which keeps the rounding small and
    alike for every space. Of vectors so changed, |x_j|^2 - 2 x_i.x_j orders the j as their distances from i.
    """

    def __init__(self, space: Floats) -> None:
        self._space = np.ascontiguousarray(space, dtype=np.float32)
        self._first = _first_equal(self._space)
        n, d = space.shape
        self._right = np.empty((n, d + 1), dtype=np.float32)
        centred = self._right[:, :d]
        np.subtract(self._space, self._space.mean(axis=0, dtype=np.float64), out=centred, casting="same_kind")
        centred /= max(centred.max(), -centred.min()) or 1.0  # first, so that squares stay in range
        centred /= max(1.0, float(np.einsum("nd,nd->n", centred, centred).max()) ** 0.5)
        self._right[:, d] = np.einsum("nd,nd->n", centred, centred)

    def of(self, rows: Ints, room: Floats) -> Coarse:
        """Distances of `rows`, (b,), from all, in the first b rows of `room`, (>= b, n)."""
        left = -2 * self._right[rows]
        slack = _slack(left)
        left[:, -1] = 1
        distances = room[: len(rows)]
        np.matmul(left, self._right.T, out=distances)
        distances[np.arange(len(rows)), rows] = np.inf
        least = distances.min(axis=1)
        probes = np.sort(distances[:, :: max(1, distances.shape[1] // _PROBES)], axis=1)
        most = probes[:, min(_MOST, probes.shape[1] - 2)]
        per_unit = ((BUCKETS - 1) / np.maximum(most - least, slack)).astype(np.float32)
        return Coarse(self._space, self._first, distances, slack, least, per_unit)


def _first_equal(space: Floats) -> AnyArray:
    """(n,) int32, where each row's vector first occurs: repeated ones are then compared but once."""
    seen: dict[bytes, int] = {}
    digests = (blake2b(row.tobytes(), digest_size=16).digest() for row in space)
    return np.array([seen.setdefault(digest, i) for i, digest in enumerate(digests)], dtype=np.int32)


def _slack(left: Floats) -> Floats:
    """Rounding of |x_j|^2 - 2 x_i.x_j for |x_j| <= 1 and the rows `left`, (b, d + 1), that begin with -2 x_i.

    A sum of d float32 products errs by up to d roundings of the factors' lengths; their signs being random,
    sqrt(d) of them is some five standard deviations. The 8 is for the moved and rounded vectors themselves.
    """
    lengths = np.linalg.norm(left[:, :-1], axis=1)
    rounding = np.finfo(np.float32).eps / 2
    return np.asarray((np.sqrt(left.shape[1]) + 8) * rounding * (1 + lengths), dtype=np.float32)
