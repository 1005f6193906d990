"""`Crowd`: the points of a map as its grid holds them: who is shown, who fades, in which colour."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from xview.arrays import AnyArray, Bools, Ints
from xview.qt.maps import compiled
from xview.qt.maps.camera import Box
from xview.qt.maps.grid import Offsets, PointGrid, grid_of
from xview.qt.maps.marks import MARKS
from xview.qt.maps.scene import Points

DENSE = 50_000
"""Points in view beyond which their density is painted instead of a mark for each."""
_PEAK = 0.01  # share of points in the densest cells, where density counts as full

Looks: TypeAlias = npt.NDArray[np.uint16]


@dataclass(frozen=True, eq=False)
class Part:
    """The points of a crowd that are painted alike: in full, or faded.

    Attributes:
        grid: Where they are.
        looks: (n,) of the crowd, by place.
        first, last: Smallest look of the part, and the largest plus one.
        before: How many of them come before each cell.
    """

    grid: PointGrid
    looks: Looks
    first: int
    last: int
    before: Offsets

    def __len__(self) -> int:
        return int(self.before[-1])

    def has(self, looks: AnyArray) -> Bools:
        """Whose looks (k,) are of the part, (k,) bool."""
        return np.asarray((looks >= self.first) & (looks < self.last))

    def count(self, box: Box) -> int:
        """How many lie inside or on the edge of `box`."""
        inner, rim = self.grid.inner_and_rim(self.before, box)
        rim = rim[self.has(self.looks[rim])]
        return inner + int(np.count_nonzero(box.holds(self.grid.x[rim], self.grid.y[rim])))

    def places(self, box: Box) -> Ints:
        """Places of those in the cells that `box` touches, ascending."""
        found = [
            first + np.flatnonzero(self.has(self.looks[first:last]))
            for first, last in zip(*(ends.tolist() for ends in self.grid.slices(box)), strict=True)
        ]
        return np.concatenate(found)


class Crowd:
    """Points with all that decides how they are painted.

    Args:
        points: What is shown.
        grid: Of the same positions, where there is one already.

    Raises:
        ValueError: A colour is none of the palette.

    Attributes:
        points, grid: As given.
        palette: Distinct colours #rrggbb.
        looks: (n,) uint16 by place of the grid: 0 where hidden, else 1 + position in `palette`, and the
            length of that more where faded.
        fading: Whether anything is selected, shown or not.
        faded: The shown points outside the selection, none where nothing is selected.
        plain: The other shown ones.
    """

    def __init__(self, points: Points, grid: PointGrid | None = None) -> None:
        if len(points) > DENSE:
            compiled.warm_up()
        self.points = points
        self.grid = grid_of(points.positions) if grid is None else grid
        names, position = np.unique(np.array(points.palette), return_inverse=True)
        self.palette: tuple[str, ...] = tuple(names.tolist())
        if len(points) and not 0 <= points.colours.min() <= points.colours.max() < len(position):
            raise ValueError(f"colours must be in [0, {len(position)})")
        count = len(names)
        looks = (position + 1).astype(np.uint16)[points.colours]
        self.fading = bool(points.selected.any())
        if self.fading:
            looks += np.uint16(count) * ~points.selected
        looks *= points.shown
        self.looks: Looks = looks[self.grid.order]
        self.plain = self._part(1, count + 1)
        self.faded = self._part(count + 1, 2 * count + 1)
        self._seen: tuple[Box, tuple[int, int]] | None = None

    def __len__(self) -> int:
        return len(self.faded) + len(self.plain)

    @property
    def parts(self) -> tuple[Part, Part]:
        """In the order they are painted."""
        return self.faded, self.plain

    def seen(self, box: Box) -> tuple[int, int]:
        """How many faded points and plain ones lie inside or on the edge of `box`."""
        if self._seen is None or self._seen[0] != box:
            self._seen = box, (self.faded.count(box), self.plain.count(box))
        return self._seen[1]

    def dense(self, box: Box) -> tuple[bool, bool]:
        """Whether faded points and plain ones are too many in `box` for a mark each."""
        faded, plain = self.seen(box)
        return faded > DENSE, plain > DENSE

    def rows(self, box: Box) -> Ints:
        """Rows of the shown points inside or on the edge of `box`, ascending."""
        rows = self.grid.in_box(box)
        return rows[self.points.shown[rows]]

    @cached_property
    def marks(self) -> tuple[int, ...]:
        """The shapes there are, ascending."""
        there = np.flatnonzero(np.bincount(self.points.marks)) % MARKS
        return tuple(sorted(set(there.tolist())))

    @cached_property
    def peak(self) -> float:
        """Points a square map unit where the map is densest, but for the densest hundredth of the points."""
        counts = np.sort(np.diff(self.faded.before) + np.diff(self.plain.before))[::-1]
        total = np.cumsum(counts)
        place = int(np.searchsorted(total, _PEAK * total[-1]))
        return float(counts[min(place, len(counts) - 1)]) / self.grid.cell_area

    def _part(self, first: int, last: int) -> Part:
        if not self.fading and first > 1:  # none, and no need to look
            return Part(self.grid, self.looks, first, last, np.zeros(self.grid.side**2 + 1, np.int32))
        some = (self.looks >= first) & (self.looks < last)
        return Part(self.grid, self.looks, first, last, self.grid.by_cell(some))
