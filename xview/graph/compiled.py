"""Solves with the compiled kernels: one source on a large graph, or many at a time. Imports numba.

Blocks of columns are solved in float32 and corrected until the residual, taken in float64, is small: half the
memory traffic of float64 at the same accuracy. A correction solves the leading directions of S apart and
smooths the rest ("two-level"); what that leaves over, conjugate gradients finish.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from queue import SimpleQueue

import numpy as np
from scipy import sparse
from threadpoolctl import threadpool_limits

from xview.arrays import AnyArray, Doubles, Floats, Ints
from xview.graph import kernels
from xview.graph.kernels import WIDTH
from xview.graph.spectrum import Leading, leading

THREADS = min(4, os.cpu_count() or 1)
ROUNDS = 12  # corrections allowed; two are usual
FINEST = 3e-4  # what one float32 round can be asked for
MANY = 200  # columns from which finding the slowest directions pays


class CompiledSteps:
    """S in the kernels' layout: uint32 indices, float64 and float32 values.

    Vertices stand in an `order` that keeps clusters together in memory, which saves blocks of columns a third
    of their time.
    """

    def __init__(self, steps: sparse.csr_array) -> None:
        self.order = _along_tree(steps)
        self.ordered = sparse.csr_array(steps[self.order][:, self.order])
        self.starts, self.columns = _unsigned(self.ordered)
        self.values = self.ordered.data
        self.pairs = _even_rows(self.ordered)
        self.rank = np.empty(len(self.order), dtype=np.int64)
        self.rank[self.order] = np.arange(len(self.order))
        self._asked = 0

    def solve(self, b: Doubles, alpha: float, tol: float, limit: int) -> Doubles | None:
        """f, (n,), with |b - L f| <= 2 tol |b|; None if `limit` steps do not get there."""
        f, *scratch = np.empty((4, len(b)))
        matrix = (self.starts, self.columns, self.values)
        if not kernels.conjugate_gradients(*matrix, b[self.order], alpha, tol, limit, f, *scratch):
            return None
        out = np.empty_like(f)
        out[self.order] = f
        return out

    def neighbourhood(self, source: Doubles, size: int, alpha: float) -> Ints:
        """`Diffuser.neighbourhood`."""
        start = np.abs(source[self.order])
        reached, mass = kernels.spread(self.starts, self.columns, self.values, start, alpha, 2 * size)
        if len(reached) > size:
            reached = reached[np.argpartition(-mass[reached], size)[:size]]
        heaviest = reached[np.argsort(-mass[reached], kind="stable")]
        return np.asarray(self.order[heaviest], dtype=np.int64)

    def solve_within(
        self, area: Ints, source: Doubles, alpha: float, tol: float, limit: int
    ) -> Doubles | None:
        """`Diffuser.solve_within`; None if `limit` steps do not get there."""
        spans, solved = np.array([0, len(area)]), np.empty(len(area))
        matrix = (self.starts, self.columns, self.values)
        problem = (spans, self.rank[area].astype(np.uint32), source[area], alpha, tol, limit)
        if kernels.solve_inside(*matrix, *problem, 0, 1, solved) >= 0:
            return None
        out = np.zeros(len(source))
        out[area] = solved
        return out

    def solve_many(self, sources: sparse.csc_array, alpha: float, tol: float, limit: int) -> Doubles | None:
        """f with |b - L f| <= 2 tol |b| for each column of b, (n, c), as rows, (c, n); None if one fails."""
        self._asked += sources.shape[1]
        out = np.empty(sources.shape[::-1])
        many = self._asked >= MANY
        left = self._solve_blocks(sources, alpha, tol, out) if many else range(len(out))

        def solve(column: int) -> bool:
            solved = self.solve(sources[:, [column]].toarray()[:, 0], alpha, tol, limit)
            if solved is not None:
                out[column] = solved
            return solved is not None

        with ThreadPoolExecutor(THREADS) as threads:
            return out if all(threads.map(solve, left)) else None

    def _solve_blocks(self, sources: sparse.csc_array, alpha: float, tol: float, out: Doubles) -> list[int]:
        """`solve_many`, WIDTH columns at a time; returns the columns that did not get there."""
        n, count = sources.shape
        sizes = np.sqrt(np.asarray(sources.power(2).sum(axis=0)))
        unit = sources @ sparse.diags_array(1 / np.where(sizes > 0, sizes, 1.0))
        slowest, starts = self._leading, range(0, count, WIDTH)
        spare: SimpleQueue[_Block] = SimpleQueue()
        for _ in range(min(THREADS, len(starts))):
            spare.put(_Block(self, n))

        def solve(start: int) -> list[int]:
            part, block = slice(start, start + WIDTH), spare.get()
            left = block.solve(sparse.csc_array(unit[:, part]), alpha, tol, slowest)
            kernels.store(block.x, self.order, sizes[part], out[part])
            spare.put(block)
            return [start + int(column) for column in np.flatnonzero(~(left <= tol))]

        # threads multiply small dense blocks: BLAS threads on top of them would fight for the cores
        with ThreadPoolExecutor(THREADS) as threads, threadpool_limits(1, user_api="blas"):
            return [column for late in threads.map(solve, starts) for column in late]

    @cached_property
    def _leading(self) -> Leading:
        return leading(self.ordered.astype(np.float32))


class _Block:
    """Memory to solve WIDTH columns in, used again for one block after the other."""

    def __init__(self, steps: CompiledSteps, n: int) -> None:
        self._steps = steps
        self._b, self.x = np.empty((2, n, WIDTH))
        self._r, self._f, self._g = np.zeros((3, n, WIDTH), dtype=np.float32)

    def solve(self, unit: sparse.csc_array, alpha: float, tol: float, slowest: Leading) -> Doubles:
        """Leave the solutions of up to WIDTH columns of length 1 or 0 in `x`; return their residuals."""
        s, r = self._steps, self._r
        self._b[:] = self.x[:] = 0
        columns = np.repeat(np.arange(unit.shape[1]), np.diff(unit.indptr))
        self._b[s.rank[unit.indices], columns] = unit.data
        r[:], left = self._b, np.ones(WIDTH)
        reduce = max(0.5 * tol**0.5, FINEST)
        rest = (*slowest.rest(alpha), slowest.passes(alpha, reduce))
        for _ in range(ROUNDS):
            self._f[:] = slowest.start(r, alpha)
            f = kernels.smooth(*s.pairs, r, np.float32(alpha), *rest, self._f, self._g)
            kernels.add(self.x, f, left)
            left = kernels.residual(s.starts, s.columns, s.values, self._b, self.x, alpha, r)
            if np.all(left <= tol):
                break
            r /= np.where(left > 0, left, 1.0).astype(np.float32)
        return left


def times(matrix: sparse.csr_array, columns: Doubles) -> Doubles:
    """matrix @ columns.T for rows of `columns`, (c, m): (c, n) float64, in threads."""
    starts, indices = _unsigned(matrix)
    out = np.empty((len(columns), matrix.shape[0]))

    def multiply(start: int) -> None:
        part = slice(start, start + WIDTH)
        block = np.zeros((columns.shape[1], WIDTH))
        block[:, : len(columns[part])] = columns[part].T
        product = np.empty((matrix.shape[0], WIDTH))
        kernels.times(starts, indices, matrix.data, block, product)
        out[part] = product.T[: len(columns[part])]

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(multiply, range(0, len(columns), WIDTH)))
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
        span = (part[0], part[-1] + 1)
        problem = (area_starts, areas, sources, alpha, tol, limit)
        return int(kernels.solve_inside(*matrix, *problem, *span, out))

    parts = [part for part in np.array_split(np.arange(len(area_starts) - 1), THREADS) if len(part)]
    with ThreadPoolExecutor(THREADS) as threads:
        failures = list(threads.map(solve, parts))
    return out if max(failures, default=-1) < 0 else None


def _along_tree(steps: sparse.csr_array) -> Ints:
    """Vertices in depth-first order of the tree of the strongest ties: clusters come out in one piece."""
    n = steps.shape[0]
    far = sparse.csr_matrix(steps)
    far.data = 1.001 - far.data / max(far.data.max(initial=0.0), np.finfo(float).tiny)
    tree = sparse.csgraph.minimum_spanning_tree(far)
    _, component = sparse.csgraph.connected_components(tree, directed=False)
    heads = np.unique(component, return_index=True)[1]
    bridges = sparse.csr_matrix((np.ones(len(heads) - 1), (heads[:-1], heads[1:])), shape=(n, n))
    order = sparse.csgraph.depth_first_order(tree + bridges, heads[0], False, return_predecessors=False)
    return np.asarray(order, dtype=np.int64)


def _even_rows(steps: sparse.csr_array) -> tuple[AnyArray, AnyArray, Floats]:
    """CSR parts, float32, with a zero added to rows of odd length: kernels take two entries at a time."""
    lengths = np.diff(steps.indptr)
    even = lengths + lengths % 2
    starts = np.concatenate([[0], np.cumsum(even)])
    place = np.arange(steps.nnz) + np.repeat(starts[:-1] - steps.indptr[:-1], lengths)
    columns, values = np.zeros(starts[-1], np.uint32), np.zeros(starts[-1], np.float32)
    columns[place], values[place] = steps.indices, steps.data
    return starts.astype(np.uint32), columns, values


def _unsigned(steps: sparse.csr_array) -> tuple[AnyArray, AnyArray]:
    return steps.indptr.astype(np.uint32), steps.indices.astype(np.uint32)
