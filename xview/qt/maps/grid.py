"""`PointGrid`: points sorted into cells, so that painting, picking and gathering touch few of them."""

from __future__ import annotations

import weakref
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from xview.arrays import AnyArray, Bools, Doubles, Floats, Ints
from xview.qt.maps import compiled
from xview.qt.maps.camera import Box, full_box

PER_CELL = 16
Offsets: TypeAlias = npt.NDArray[np.int32]


class PointGrid:
    """Answers which points lie near a place, in a box or in a polygon, exactly.

    A point's place is its position in the order of the cells, row of cells by row of cells; `order` says
    which point that is. The points of some cells side by side are one slice of places.

    Args:
        points: (n, 2) float32, finite map positions; answers are rows of it.

    Attributes:
        box: Holds every point.
        side: Cells a side.
        order: (n,) int32 row of the point at each place; ascending within a cell.
        x, y: (n,) float32 positions by place.
    """

    def __init__(self, points: Floats) -> None:
        self.box = full_box(points)
        self.side = int(np.clip(np.sqrt(len(points) / PER_CELL), 1, 1024))
        self._origin = np.array([self.box.left, self.box.bottom])
        self._per_unit = self.side / np.maximum([self.box.width, self.box.height], 1e-30)
        self.order, self._start, self.x, self.y = self._sort(points)

    def __len__(self) -> int:
        return len(self.order)

    @property
    def cell_area(self) -> float:
        """Of one cell in square map units."""
        return float(1 / np.prod(self._per_unit))

    def slices(self, box: Box) -> tuple[Ints, Ints]:
        """First and last + 1 places of every row of cells that `box` touches, (s,) int64 each."""
        (left, right), (bottom, top) = self._reach(box)
        firsts = np.arange(bottom, top + 1) * self.side
        return self._start[firsts + left].astype(np.int64), self._start[firsts + right + 1].astype(np.int64)

    def places(self, box: Box) -> Ints:
        """Every place in the cells `box` touches, (k,) ascending."""
        return _all_of(*self.slices(box))

    def nearest(self, x: float, y: float, radius: float, shown: Bools | None = None) -> int:
        """Row of the point nearest to (x, y) and at most `radius` away, or -1; only `shown` ones count.

        A small circle is looked at first: where points are dense it holds one, and few others.
        """
        for reach in (radius / 16, radius / 4, radius):
            places = self.places(Box(x, y, x, y).grown(reach))
            if shown is not None:
                places = places[shown[self.order[places]]]
            if places.size:
                squared = np.square(self.x[places] - np.float64(x)) + np.square(
                    self.y[places] - np.float64(y)
                )
                best = int(np.argmin(squared))
                if squared[best] <= reach**2:
                    return int(self.order[places[best]])
        return -1

    def in_box(self, box: Box) -> Ints:
        """Rows inside or on the edge of `box`, ascending."""
        places = self.places(box)
        return self._rows(places[box.holds(self.x[places], self.y[places])])

    def in_polygon(self, corners: Doubles) -> Ints:
        """Rows inside the polygon by the even-odd rule, ascending.

        Args:
            corners: (m, 2) in map units; the last joins the first.
        """
        xs, ys = np.ascontiguousarray(np.asarray(corners, np.float64).T)
        columns, rows = np.ascontiguousarray(self._cells(corners).T)
        inside = np.zeros(len(self), bool)
        kernels = compiled.kernels()
        if kernels is not None:
            cells = (self.order, self._start, self.side)
            kernels.inside_polygon(self.x, self.y, *cells, xs, ys, columns, rows, inside)
        else:
            inside[self.order] = self._inside(xs, ys, rows)
        return np.flatnonzero(inside)

    def by_cell(self, mask: Bools) -> Offsets:
        """How many of the masked places (n,) come before each cell, and in all: (cells + 1,) int32."""
        before = np.zeros(len(mask) + 1, np.int32)
        np.cumsum(mask, dtype=np.int32, out=before[1:])
        return np.asarray(before[self._start])

    def inner_and_rim(self, before: Offsets, box: Box) -> tuple[int, Ints]:
        """What `by_cell` counted in cells that lie whole in `box`, and every place in those at its rim."""
        if box.covers(self.box):
            return int(before[-1]), np.empty(0, np.int64)
        (left, right), (bottom, top) = self._reach(box)
        rows = np.arange(bottom + 1, top) * self.side
        inner = 0
        if right - left > 1:
            inner = int((before[rows + right] - before[rows + left + 1]).sum(dtype=np.int64))
        ends = np.unique([bottom, top]) * self.side
        sides = (rows[:, None] + np.unique([left, right])).ravel()
        firsts = self._start[np.concatenate([ends + left, sides])].astype(np.int64)
        lasts = self._start[np.concatenate([ends + right, sides]) + 1].astype(np.int64)
        return inner, _all_of(firsts, lasts)

    def _sort(self, points: Floats) -> tuple[Offsets, Offsets, Floats, Floats]:
        kernels = compiled.kernels()
        if kernels is not None:
            (left, bottom), (columns, rows) = self._origin.tolist(), self._per_unit.tolist()
            sorted_: tuple[Offsets, Offsets, Floats, Floats] = kernels.sort_into_cells(
                points, left, bottom, columns, rows, self.side
            )
            return sorted_
        column, row = (self._cells_along(axis, points[:, axis]).astype(np.uint16) for axis in (0, 1))
        order = np.argsort(column, kind="stable")  # sixteen bits: a radix sort
        order = order[np.argsort(row[order], kind="stable")]
        cell = row.astype(np.int64) * self.side + column
        counts = np.bincount(cell, minlength=self.side**2)
        start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
        x, y = (np.asarray(points[order, axis], np.float32) for axis in (0, 1))
        return order.astype(np.int32), start, x, y

    def _inside(self, xs: Doubles, ys: Doubles, rows: Ints) -> Bools:
        """As the kernel of this name, by place: every edge looks at the rows of cells it reaches."""
        inside = np.zeros(len(self), bool)
        for e in range(len(xs)):
            f = (e + 1) % len(xs)
            if ys[e] == ys[f]:
                continue
            low, high = sorted((rows[e], rows[f]))
            reached = slice(self._start[low * self.side], self._start[(high + 1) * self.side])
            y = self.y[reached]
            at = np.flatnonzero((ys[e] > y) != (ys[f] > y))
            crossing = (xs[f] - xs[e]) * (y[at] - ys[e]) / (ys[f] - ys[e]) + xs[e]
            inside[reached][at] ^= self.x[reached][at] < crossing
        return inside

    def _rows(self, places: Ints) -> Ints:
        """Rows of the points at these places, ascending."""
        if len(places) < len(self) // 16:
            return np.sort(self.order[places]).astype(np.int64)
        mask = np.zeros(len(self), bool)
        mask[self.order[places]] = True
        return np.flatnonzero(mask)

    def _reach(self, box: Box) -> tuple[tuple[int, int], tuple[int, int]]:
        """First and last column, and first and last row, of the cells that `box` touches."""
        (left, bottom), (right, top) = self._cells(
            np.array([[box.left, box.bottom], [box.right, box.top]])
        ).tolist()
        return (left, right), (bottom, top)

    def _cells(self, points: AnyArray) -> Ints:
        return np.stack([self._cells_along(axis, np.asarray(points)[:, axis]) for axis in (0, 1)], axis=1)

    def _cells_along(self, axis: int, values: AnyArray) -> Ints:
        """Cells are monotone in the position, rounding included: what lies between two cells is between."""
        cells = (values - self._origin[axis]) * self._per_unit[axis]
        return np.asarray(np.clip(cells, 0, self.side - 1), np.int64)


_kept: dict[int, tuple[weakref.ref[Floats], PointGrid]] = {}  # by id of the points


def keep_grid(points: Floats) -> None:
    """Sort points now, as in the thread that opens data; `grid_of` finds the grid while they live."""
    key = id(points)
    _kept[key] = weakref.ref(points, lambda _gone: _kept.pop(key, None)), PointGrid(points)


def grid_of(points: Floats) -> PointGrid:
    """The grid of (n, 2) points, sorted now unless one is kept."""
    alive, grid = _kept.get(id(points), (None, None))
    return grid if grid is not None and alive is not None and alive() is points else PointGrid(points)


def _all_of(firsts: Ints, lasts: Ints) -> Ints:
    """The numbers of the slices (s,) to (s,), one slice after the other."""
    lengths = lasts - firsts
    shifts = firsts - np.concatenate([[0], np.cumsum(lengths[:-1])])
    return np.asarray(np.arange(int(lengths.sum())) + np.repeat(shifts, lengths))
