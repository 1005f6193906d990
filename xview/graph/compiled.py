"""Solves with the compiled kernels: one source on a large graph, or many at a time. Imports numba.

Blocks of columns are solved in float32 and corrected until the residual, taken in float64, is small: half the
memory traffic of float64 at the same accuracy.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from scipy import sparse

from xview.arrays import AnyArray, Doubles
from xview.graph import kernels

THREADS = min(4, os.cpu_count() or 1)
ROUNDS = 12  # corrections allowed; two are usual
FINEST = 3e-4  # what one float32 round can be asked for


class CompiledSteps:
    """S in the kernels' layout: uint32 indices, float64 and float32 values.

    `order` places the vertices (reverse Cuthill-McKee) so that neighbours lie close in memory, which saves
    blocks of columns a quarter of their time.
    """

    def __init__(self, steps: sparse.csr_array) -> None:
        self.order: AnyArray = sparse.csgraph.reverse_cuthill_mckee(
            sparse.csr_matrix(steps), symmetric_mode=True
        )
        ordered = sparse.csr_array(steps[self.order][:, self.order])
        self.starts, self.columns = _unsigned(ordered)
        self.values, self.rounded = ordered.data, ordered.data.astype(np.float32)

    def solve(self, b: Doubles, alpha: float, tol: float, limit: int) -> Doubles | None:
        """f, (n,), with |b - L f| <= tol |b|; None if `limit` steps do not get there."""
        f, *scratch = np.empty((4, len(b)))
        arguments = (self.starts, self.columns, self.values, b[self.order], alpha, tol, limit)
        if not kernels.conjugate_gradients(*arguments, f, *scratch):
            return None
        return self._back(f)

    def solve_many(self, sources: sparse.csc_array, alpha: float, tol: float, limit: int) -> Doubles | None:
        """f for each column of b, (n, c); None if one does not get there."""
        out = np.empty(sources.shape)
        starts = range(0, sources.shape[1], kernels.WIDTH)

        def solve(start: int) -> bool:
            columns = slice(start, start + kernels.WIDTH)
            solved = self._solve_block(sources[:, columns].toarray(), alpha, tol, limit)
            if solved is not None:
                out[:, columns] = solved
            return solved is not None

        with ThreadPoolExecutor(THREADS) as threads:
            return out if all(threads.map(solve, starts)) else None

    def _solve_block(self, sources: Doubles, alpha: float, tol: float, limit: int) -> Doubles | None:
        count = sources.shape[1]
        size = np.linalg.norm(sources, axis=0)
        size[size == 0] = 1.0
        b, x = np.zeros((2, len(sources), kernels.WIDTH))
        b[:, :count] = sources[self.order] / size
        r, f, p, q = np.empty((4, len(sources), kernels.WIDTH), dtype=np.float32)
        reduce = max(0.7 * tol**0.5, FINEST)
        for _ in range(ROUNDS):
            left = kernels.residual(self.starts, self.columns, self.values, b, x, alpha, r)
            if np.all(left <= tol):
                return self._back(x[:, :count] * size)
            left[left == 0] = 1.0
            r /= left.astype(np.float32)
            inner = (self.starts, self.columns, self.rounded, r, np.float32(alpha), reduce, limit)
            kernels.correct(*inner, f, p, q)
            x += f * left
        return None

    def _back(self, ordered: Doubles) -> Doubles:
        out = np.empty_like(ordered)
        out[self.order] = ordered
        return out


def solve_inside(
    steps: sparse.csr_array,
    area_starts: AnyArray,
    areas: AnyArray,
    sources: Doubles,
    alpha: float,
    tol: float,
    limit: int,
) -> Doubles | None:
    """Many problems, each inside its own vertices: `kernels.solve_inside` in threads; None if one fails."""
    matrix = (*_unsigned(steps), steps.data)
    out = np.empty(len(areas))

    def solve(part: AnyArray) -> int:
        return int(
            kernels.solve_inside(
                *matrix, area_starts, areas, sources, alpha, tol, limit, part[0], part[-1] + 1, out
            )
        )

    parts = [part for part in np.array_split(np.arange(len(area_starts) - 1), THREADS) if len(part)]
    with ThreadPoolExecutor(THREADS) as threads:
        failures = list(threads.map(solve, parts))
    return out if max(failures, default=-1) < 0 else None


def _unsigned(steps: sparse.csr_array) -> tuple[AnyArray, AnyArray]:
    return steps.indptr.astype(np.uint32), steps.indices.astype(np.uint32)
