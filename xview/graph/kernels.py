"""Compiled loops of the diffusion solvers. Imported lazily: numba takes a third of a second to load.

Matrices come as CSR parts with uint32 indices (signed ones cost a wrap-around test at each access). Every
kernel releases the GIL, so threads over right-hand sides run at once.
"""

# mypy: allow-untyped-decorators
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit

WIDTH = 64  # columns solved together: one pass over the matrix serves them all, in vector registers

_ABSENT = np.uint32(0xFFFFFFFF)


def _compiled(function: Callable[..., Any]) -> Any:
    options: dict[str, Any] = {"nogil": True, "boundscheck": False}
    try:
        return njit(cache=True, **options)(function)
    except RuntimeError:  # no folder to keep machine code in can be written to: compile once a process
        return njit(**options)(function)


@_compiled
def conjugate_gradients(  # type: ignore[no-untyped-def]
    starts, columns, values, b, alpha, tol, limit, f, r, p, q
):
    """Write f with |b - (I - alpha S) f| <= 2 tol |b|; r, p, q are scratch alike. Return whether it is so.

    The running residual, which rounding lets drift, stops at tol; the true one decides.
    """
    n = b.size
    size = 0.0
    for i in range(n):
        f[i] = 0.0
        r[i] = b[i]
        p[i] = b[i]
        size += b[i] * b[i]
    enough = tol * tol * size
    for _ in range(limit):
        if size <= enough:
            break
        curvature = 0.0
        for i in range(n):
            total = 0.0
            for j in range(starts[i], starts[np.uint32(i + 1)]):
                total += values[j] * p[columns[j]]
            q[i] = p[i] - alpha * total
            curvature += q[i] * p[i]
        step = size / curvature
        previous = size
        size = 0.0
        for i in range(n):
            f[i] += step * p[i]
            r[i] -= step * q[i]
            size += r[i] * r[i]
        turn = size / previous
        for i in range(n):
            p[i] = r[i] + turn * p[i]
    size = 0.0
    for i in range(n):
        total = 0.0
        for j in range(starts[i], starts[np.uint32(i + 1)]):
            total += values[j] * f[columns[j]]
        left = b[i] - f[i] + alpha * total
        size += left * left
    return size <= 4 * enough


@_compiled
def solve_inside(  # type: ignore[no-untyped-def]
    starts, columns, values, area_starts, areas, sources, alpha, tol, limit, first, last, out
):
    """Solve problems first to last - 1, each on S sliced to its own vertices.

    Problem i lives on areas[area_starts[i] : area_starts[i + 1]]; sources and out share that layout.

    Returns:
        The first problem that did not converge, or -1.
    """
    largest = 0
    edges = 0
    for i in range(first, last):
        largest = max(largest, area_starts[i + 1] - area_starts[i])
        bound = 0
        for a in range(area_starts[i], area_starts[i + 1]):
            v = areas[a]
            bound += starts[np.uint32(v + 1)] - starts[v]
        edges = max(edges, bound)
    place = np.full(starts.size - 1, _ABSENT, np.uint32)
    local_starts = np.empty(largest + 1, np.uint32)
    local_columns = np.empty(edges, np.uint32)
    local_values = np.empty(edges)
    scratch = np.empty((3, largest))
    for i in range(first, last):
        begin = area_starts[i]
        n = area_starts[i + 1] - begin
        for a in range(n):
            place[areas[begin + a]] = np.uint32(a)
        kept = np.uint32(0)
        for a in range(n):
            local_starts[a] = kept
            v = areas[begin + a]
            for j in range(starts[v], starts[np.uint32(v + 1)]):
                here = place[columns[j]]
                if here != _ABSENT:
                    local_columns[kept] = here
                    local_values[kept] = values[j]
                    kept += np.uint32(1)
        local_starts[n] = kept
        for a in range(n):
            place[areas[begin + a]] = _ABSENT
        arrived = conjugate_gradients(
            local_starts[: n + 1],
            local_columns,
            local_values,
            sources[begin : begin + n],
            alpha,
            tol,
            limit,
            out[begin : begin + n],
            scratch[0, :n],
            scratch[1, :n],
            scratch[2, :n],
        )
        if not arrived:
            return i
    return -1


@_compiled
def spread(starts, columns, values, source, alpha, wanted):  # type: ignore[no-untyped-def]
    """Walk from `source`, (n,) >= 0, step by step until `wanted` vertices are reached, or no more come.

    Returns:
        The vertices reached, and the mass on all n.
    """
    n = source.size
    reached = np.empty(n, np.uint32)
    seen = np.zeros(n, np.bool_)
    count = 0
    for i in range(n):
        if source[i] > 0:
            reached[count] = i
            seen[i] = True
            count += 1
    mass = source.copy()
    before = -1
    while before < count < wanted:
        before = count
        arriving = source.copy()
        for a in range(before):
            i = reached[a]
            for j in range(starts[i], starts[np.uint32(i + 1)]):
                k = columns[j]
                arriving[k] += alpha * values[j] * mass[i]
                if not seen[k]:
                    seen[k] = True
                    reached[count] = k
                    count += 1
        mass = arriving
    return reached[:count], mass


@_compiled
def residual(starts, columns, values, b, x, alpha, out):  # type: ignore[no-untyped-def]
    """Write out = b - (I - alpha S) x, all (n, WIDTH), `out` float32; return its norms, (WIDTH,) float64."""
    norms = np.zeros(WIDTH)
    total = np.empty(WIDTH)
    for i in range(np.uint32(starts.size - 1)):
        total[:] = 0
        for j in range(starts[i], starts[i + np.uint32(1)]):
            v = values[j]
            k = columns[j]
            for c in range(WIDTH):
                total[c] += v * x[k, c]
        for c in range(WIDTH):
            left = b[i, c] - x[i, c] + alpha * total[c]
            out[i, c] = left
            norms[c] += left * left
    return np.sqrt(norms)


@_compiled
def smooth(starts, columns, values, b, alpha, low, high, passes, f, g):  # type: ignore[no-untyped-def]
    """Chebyshev iteration on (I - alpha S) f = b, for WIDTH columns of float32, from a first guess in f.

    Rows of S come with an even number of entries: two at a time halve the traffic of `total`.
    g holds finite numbers of no importance. Parts of the error along eigenvalues of I - alpha S in
    [low, high] shrink as fast as any polynomial can make them; parts below `low` do not grow. A step is one
    pass over memory, without inner products.

    Returns:
        The last f; it lies in `f` or in `g`.
    """
    n = np.uint32(starts.size - 1)
    total = np.empty(WIDTH, np.float32)
    middle = (high + low) / 2
    half = (high - low) / 2
    momentum = half / middle
    keep = np.float32(0)
    push = np.float32(1 / middle)
    for _ in range(passes):
        for i in range(n):
            total[:] = 0
            for j in range(starts[i], starts[i + np.uint32(1)], np.uint32(2)):
                v, w = values[j], values[j + np.uint32(1)]
                k, m = columns[j], columns[j + np.uint32(1)]
                for c in range(WIDTH):
                    total[c] += v * f[k, c] + w * f[m, c]
            for c in range(WIDTH):
                here = f[i, c]
                g[i, c] = here + keep * (here - g[i, c]) + push * (b[i, c] - here + alpha * total[c])
        f, g = g, f
        previous = momentum
        momentum = 1 / (2 * middle / half - previous)
        keep = np.float32(momentum * previous)
        push = np.float32(2 * momentum / half)
    return f


@_compiled
def add(x, f, factors):  # type: ignore[no-untyped-def]
    """x += f * factors for (n, WIDTH) x, float64, and f, float32."""
    for i in range(x.shape[0]):
        for c in range(WIDTH):
            x[i, c] += f[i, c] * factors[c]


@_compiled
def store(x, order, factors, out):  # type: ignore[no-untyped-def]
    """out[c, order[i]] = x[i, c] * factors[c] for the first columns of (n, WIDTH) x."""
    for first in range(0, factors.size, 8):
        for i in range(order.size):
            place = order[i]
            for c in range(first, min(first + 8, factors.size)):
                out[c, place] = x[i, c] * factors[c]


@_compiled
def times(starts, columns, values, x, out):  # type: ignore[no-untyped-def]
    """out = A x for A in CSR parts and (m, WIDTH) x, float64."""
    for i in range(np.uint32(starts.size - 1)):
        out[i] = 0
        for j in range(starts[i], starts[i + np.uint32(1)]):
            v = values[j]
            k = columns[j]
            for c in range(WIDTH):
                out[i, c] += v * x[k, c]
