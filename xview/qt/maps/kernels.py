"""Compiled loops of maps of very many points. Imports numba, so only `compiled` imports this.

Each has a twin in numpy beside its caller, which serves small maps and the first moments of large ones; both
give the same answer, bit for bit where it is a count or a set of rows.
"""

# mypy: allow-untyped-decorators
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit, types

_WHOLE, _REAL = types.int64, types.float64
_POINTS = types.Array(types.float32, 2, "C", readonly=True)
_FLOATS, _OFFSETS = types.float32[::1], types.int32[::1]
_REALS, _WHOLES = types.float64[::1], types.int64[::1]
_BINS = types.uint64[:, :, ::1]


def _compiled(*signature: Any) -> Callable[[Callable[..., Any]], Any]:
    """Compile now, for these types of arguments only: later calls never compile."""

    def compile_now(function: Callable[..., Any]) -> Any:
        options: dict[str, Any] = {"nogil": True, "boundscheck": False}
        try:
            return njit(signature, cache=True, **options)(function)
        except RuntimeError:  # no folder to keep machine code in can be written to: compile once a process
            return njit(signature, **options)(function)

    return compile_now


@_compiled(_POINTS, _REAL, _REAL, _REAL, _REAL, _WHOLE)
def sort_into_cells(points, left, bottom, columns, rows, side):  # type: ignore[no-untyped-def]
    """Counting sort of (n, 2) points by cell of a `side` x `side` grid, stable.

    Args:
        points: (n, 2) float32.
        left, bottom: Corner of the grid.
        columns, rows: Cells a map unit.
        side: Cells a side.
    Returns:
        order (n,) int32, start (side**2 + 1,) int32, x and y (n,) float32 in that order.
    """
    n = points.shape[0]
    cell = np.empty(n, np.int32)
    start = np.zeros(side * side + 1, np.int32)
    for i in range(n):
        column = min(max(int((points[i, 0] - left) * columns), 0), side - 1)
        row = min(max(int((points[i, 1] - bottom) * rows), 0), side - 1)
        cell[i] = row * side + column
        start[cell[i] + 1] += 1
    for c in range(side * side):
        start[c + 1] += start[c]
    following = start[:-1].copy()
    order = np.empty(n, np.int32)
    x = np.empty(n, np.float32)
    y = np.empty(n, np.float32)
    for i in range(n):
        place = following[cell[i]]
        following[cell[i]] = place + 1
        order[place] = i
        x[place] = points[i, 0]
        y[place] = points[i, 1]
    return order, start, x, y


@_compiled(
    _FLOATS, _FLOATS, types.uint16[::1], _WHOLES, _WHOLES, _REAL, _REAL, _REAL, types.uint64[:, ::1], _BINS
)
def add_up(x, y, looks, firsts, lasts, scale, right, down, weights, bins):  # type: ignore[no-untyped-def]
    """Add each point's two words to those of its pixel.

    Args:
        x, y: (n,) float32.
        looks: (n,) uint16 row of `weights` of each point.
        firsts, lasts: (s,) int64 slices of the points that may be seen.
        scale, right, down: A point's pixel is floor(x scale + right), floor(y -scale + down).
        weights: (looks, 2) uint64.
        bins: (height, width, 2) uint64, added to.
    """
    height, width = bins.shape[:2]
    for s in range(firsts.size):
        for i in range(firsts[s], lasts[s]):
            across = x[i] * scale + right
            along = y[i] * -scale + down
            if across >= 0 and across < width and along >= 0 and along < height:
                column, row = int(across), int(along)
                bins[row, column, 0] += weights[looks[i], 0]
                bins[row, column, 1] += weights[looks[i], 1]


@_compiled(_BINS, _WHOLES, _WHOLES, _WHOLE, _REALS, types.uint32[:, ::1])
def shade(bins, downs, rights, margin, opacities, image):  # type: ignore[no-untyped-def]
    """Mean colour of the points around each pixel, more opaque where they are many.

    Args:
        bins: (height + 2 margin, width + 2 margin, 2) uint64 sums of red and count, of green and blue.
        downs, rights: (k,) int64, the places around a pixel that count, each within `margin`.
        margin: Pixels of `bins` around the image.
        opacities: (m,) float64 by count, 0 for none; more than m - 1 points are as opaque as that many.
        image: (height, width) uint32, premultiplied ARGB, written.
    """
    height, width = image.shape
    words = bins.reshape(bins.shape[0], -1)
    line = np.empty(2 * width, np.uint64)
    shares = opacities / np.maximum(np.arange(opacities.size), 1)
    half = np.uint64(32)
    low = np.uint64(0xFFFFFFFF)
    for row in range(height):
        line[:] = 0
        for k in range(downs.size):
            first = 2 * (margin + rights[k])
            near = words[row + margin + downs[k], first : first + 2 * width]
            for j in range(2 * width):  # of one row at a time, so that the sums fill vector registers
                line[j] += near[j]
        for column in range(width):
            count = np.int64(line[2 * column] & low)
            if count == 0:
                image[row, column] = 0
                continue
            if count < shares.size:
                opacity, share = opacities[count], shares[count]
            else:
                opacity = opacities[opacities.size - 1]
                share = opacity / count
            red = np.uint32(np.int64(line[2 * column] >> half) * share + 0.5)
            green = np.uint32(np.int64(line[2 * column + 1] >> half) * share + 0.5)
            blue = np.uint32(np.int64(line[2 * column + 1] & low) * share + 0.5)
            image[row, column] = np.uint32(opacity * 255 + 0.5) << 24 | red << 16 | green << 8 | blue


@_compiled(_FLOATS, _FLOATS, _OFFSETS, _OFFSETS, _WHOLE, _REALS, _REALS, _WHOLES, _WHOLES, types.boolean[::1])
def inside_polygon(x, y, order, start, side, xs, ys, columns, rows, inside):  # type: ignore[no-untyped-def]
    """Mark the points inside a polygon by the even-odd rule.

    A row of cells looks only at the edges that reach it. Of a cell that no edge comes near, one point
    decides for all.

    Args:
        x, y, order, start, side: As `sort_into_cells` returns and takes them.
        xs, ys: (m,) float64 corners; the last joins the first.
        columns, rows: (m,) int64 cells of the corners, cut to the grid.
        inside: (n,) bool by point, all false, written.
    """
    m = xs.size
    reaching = np.empty(m, np.int64)
    near = np.empty(side, np.bool_)
    for row in range(rows.min(), rows.max() + 1):
        reached = 0
        near[:] = False
        for e in range(m):
            f = e + 1 if e + 1 < m else 0
            if min(rows[e], rows[f]) <= row <= max(rows[e], rows[f]):
                reaching[reached] = e
                reached += 1
                near[max(min(columns[e], columns[f]) - 1, 0) : max(columns[e], columns[f]) + 2] = True
        for column in range(side):
            first, last = start[row * side + column], start[row * side + column + 1]
            tested = last if near[column] else min(first + 1, last)
            odd = False
            for i in range(first, tested):
                odd = False
                for k in range(reached):
                    e = reaching[k]
                    f = e + 1 if e + 1 < m else 0
                    if (ys[e] > y[i]) != (ys[f] > y[i]):
                        odd ^= x[i] < (xs[f] - xs[e]) * (y[i] - ys[e]) / (ys[f] - ys[e]) + xs[e]
                inside[order[i]] = odd
            if odd:
                for i in range(tested, last):
                    inside[order[i]] = True
