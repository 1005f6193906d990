"""Walks held inside lists of vertices. S is sliced as it is, never normalised again ("late truncation")."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import sparse

from xview.arrays import AnyArray, Doubles, Floats, Ints
from xview.graph.diffusion import checked, conjugate_gradients, iteration_limit
from xview.graph.knn import shortlist, without

FEW = 250_000  # vertices over all problems up to which plain scipy is quick enough
EXACT = 1 << 22  # stored values up to which they stay float64; more are kept in half the memory
CHUNK = 2_048  # seeds between two reports of progress


def seed_areas(vectors: Floats, length: int, seeds: Ints) -> sparse.csr_array:
    """Where each seed may walk: itself and its nearest, `length` vertices in all (n is the most).

    Args:
        vectors: (n, d) float32 unit rows.
        length: Vertices of an area, the seed counted.
        seeds: (p,) rows.

    Returns:
        (p, n) int8 ones, sorted.
    """
    n = len(vectors)
    rows = shortlist(vectors[seeds], vectors, min(length, n))
    others, _ = without(rows, rows.astype(np.float64), seeds)
    inside = np.sort(np.concatenate([seeds[:, None], others], axis=1), axis=1).astype(np.int32)
    starts = np.arange(len(seeds) + 1, dtype=np.int64) * inside.shape[1]
    return sparse.csr_array((np.ones(inside.size, np.int8), inside.ravel(), starts), shape=(len(seeds), n))


def union_areas(areas: sparse.csr_array, seeds: sparse.csc_array) -> sparse.csr_array:
    """For each column of `seeds`, (n, p), the union of its vertices' areas: (p, n), stored where inside."""
    union = sparse.csr_array(seeds.T.astype(bool).astype(np.float64) @ areas)
    union.sort_indices()
    return union


def all_seed_areas(
    vectors: Floats, length: int, on_progress: Callable[[float], None] = lambda _share: None
) -> AnyArray:
    """`seed_areas` of every vertex as (n, length) int32 rows, ascending; `length` is clamped to n."""
    n = len(vectors)
    columns = np.empty((n, min(length, n)), np.int32)
    for start in range(0, n, CHUNK):
        on_progress(start / n)
        seeds = np.arange(start, min(start + CHUNK, n))
        columns[seeds] = seed_areas(vectors, length, seeds).indices.reshape(len(seeds), -1)
    return columns


def seed_solutions(
    steps: sparse.csr_array,
    columns: AnyArray,
    alpha: float,
    tol: float,
    on_progress: Callable[[float], None],
) -> sparse.csr_array:
    """Every vertex as a seed, solved inside its own area (paper 000, section 3.4, as the program reads it).

    Args:
        steps: S, (n, n).
        columns: (n, width) int32, row s the area of seed s, ascending, as `all_seed_areas` finds it.
        alpha, tol: As of `xview.graph.diffusion.Diffuser`.
        on_progress: Told the share done; may raise to cancel.

    Returns:
        (n, n) float64, or float32 where there are millions: row s is the solution of seed s.

    Raises:
        ConvergenceError: A residual stays above `tol`.
    """
    n, width = columns.shape
    precision = np.float64 if n * width <= EXACT else np.float32
    values = np.empty((n, width), precision)
    for start in range(0, n, CHUNK):
        on_progress(start / n)
        seeds = np.arange(start, min(start + CHUNK, n))
        starts = np.arange(len(seeds) + 1, dtype=np.int64) * width
        inside = np.ones(len(seeds) * width, np.int8), columns[seeds].ravel(), starts
        areas = sparse.csr_array(inside, shape=(len(seeds), n))
        ones = sparse.csr_array((np.ones(len(seeds)), (np.arange(len(seeds)), seeds)), shape=areas.shape)
        values[seeds] = solve_inside(steps, areas, ones, alpha, tol).data.reshape(-1, width)
    starts = np.arange(n + 1, dtype=np.int64) * width
    return sparse.csr_array((values.ravel(), columns.ravel(), starts), shape=(n, n))


def solve_inside(
    steps: sparse.csr_array, areas: sparse.csr_array, sources: sparse.csr_array, alpha: float, tol: float
) -> sparse.csr_array:
    """Solve (I - alpha S) f = b for each row of `sources` on S sliced to the vertices of its row of `areas`.

    Args:
        steps: S, (n, n) float64, symmetric.
        areas: (p, n), stored entries name the vertices, sorted.
        sources: (p, n), b; what lies outside the area is lost.

    Returns:
        (p, n) float64, stored where `areas` is.

    Raises:
        ConvergenceError: A residual stays above `tol`.
    """
    inside = _at_entries(sources, areas)
    if len(inside) <= FEW:
        spans = zip(areas.indptr[:-1], areas.indptr[1:], strict=True)
        solved = np.empty(len(inside))
        for a, z in spans:
            rows = areas.indices[a:z]
            part = sparse.csr_array(steps[rows][:, rows])
            solved[a:z] = conjugate_gradients(part, inside[a:z], alpha, tol)
    else:
        from xview.graph import compiled

        limit = iteration_limit(alpha, tol)
        found = compiled.solve_inside(steps, areas.indptr, areas.indices, inside, alpha, tol, limit)
        solved = checked(found, alpha, tol)
    return sparse.csr_array((solved, areas.indices, areas.indptr), shape=areas.shape)


def _at_entries(matrix: sparse.csr_array, pattern: sparse.csr_array) -> Doubles:
    """Values of `matrix` at the stored entries of `pattern`, 0 where it stores none."""
    wanted, stored = _keys(pattern), _keys(matrix)
    place = np.searchsorted(wanted, stored)
    present = wanted[np.minimum(place, len(wanted) - 1)] == stored
    values = np.zeros(len(wanted))
    values[place[present]] = matrix.data[present]
    return values


def _keys(matrix: sparse.csr_array) -> AnyArray:
    rows = np.repeat(np.arange(matrix.shape[0], dtype=np.int64), np.diff(matrix.indptr))
    return rows * matrix.shape[1] + matrix.indices
