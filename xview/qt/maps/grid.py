"""`PointGrid`: points sorted into square cells, so that picking touches few of them."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from xview.arrays import AnyArray, Bools, Doubles, Ints
from xview.qt.maps.camera import Box, full_box

PER_CELL = 16


class PointGrid:
    """Answers which points lie near a place, in a box or in a polygon, exactly.

    Args:
        points: (n, 2) finite map positions; answers are rows of it.
    """

    def __init__(self, points: AnyArray) -> None:
        self._x, self._y = np.ascontiguousarray(points.T, float)
        box = full_box(points)
        self._side = int(np.clip(np.sqrt(len(points) / PER_CELL), 1, 1024))
        self._origin = np.array([box.left, box.bottom])
        self._per_unit = self._side / np.maximum([box.width, box.height], 1e-30)
        column, row = self._cells(points).T
        cell = row * self._side + column
        self._order = np.argsort(cell, kind="stable")
        self._start = np.searchsorted(cell[self._order], np.arange(self._side**2 + 1))

    def nearest(self, x: float, y: float, radius: float, shown: Bools | None = None) -> int:
        """Row of the point nearest to (x, y) and at most `radius` away, or -1; only `shown` ones count."""
        rows = self._candidates(Box(x, y, x, y).grown(radius))
        if shown is not None:
            rows = rows[shown[rows]]
        if not rows.size:
            return -1
        squared = np.square(self._x[rows] - x) + np.square(self._y[rows] - y)
        best = int(np.argmin(squared))
        return int(rows[best]) if squared[best] <= radius**2 else -1

    def in_box(self, box: Box) -> Ints:
        """Rows inside or on the edge of `box`, ascending; a plain scan beats the cells here."""
        inside = (self._x >= box.left) & (self._x <= box.right)
        inside &= (self._y >= box.bottom) & (self._y <= box.top)
        return np.flatnonzero(inside)

    def in_polygon(self, corners: Doubles) -> Ints:
        """Rows inside the polygon by the even-odd rule, ascending.

        Each edge looks only at the points whose y lies within its own, a slice of the points sorted by y.

        Args:
            corners: (m, 2) in map units; the last joins the first.
        """
        order, x, y = self._by_height
        inside = np.zeros(len(order), bool)
        for (x1, y1), (x2, y2) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            low, high = np.searchsorted(y, sorted((y1, y2)))
            if low < high:
                inside[low:high] ^= x[low:high] < (x2 - x1) * (y[low:high] - y1) / (y2 - y1) + x1
        return np.sort(order[inside])

    @cached_property
    def _by_height(self) -> tuple[Ints, Doubles, Doubles]:
        order = np.argsort(self._y, kind="stable")
        return order, self._x[order], self._y[order]

    def _cells(self, points: AnyArray) -> Ints:
        cells = np.floor((points - self._origin) * self._per_unit)
        return np.asarray(np.clip(cells, 0, self._side - 1), np.int64)

    def _candidates(self, box: Box) -> Ints:
        """Rows of all cells that `box` touches."""
        corners = np.array([[box.left, box.bottom], [box.right, box.top]])
        (left, bottom), (right, top) = self._cells(corners).tolist()
        firsts = np.arange(bottom, top + 1) * self._side
        slices = [
            self._order[self._start[first + left] : self._start[first + right + 1]]
            for first in firsts.tolist()
        ]
        return np.concatenate(slices)
