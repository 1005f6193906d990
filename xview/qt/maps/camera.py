"""`Camera`: which part of a map is on screen, and the boxes worth looking at."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from xview.arrays import AnyArray, Bools, Doubles

MARGIN = 18
"""Pixels kept free around a fitted box, so that marks at its edge are whole."""

_SAMPLE = 50_000


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in map units."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def width(self) -> float:
        """Extent in x."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Extent in y."""
        return self.top - self.bottom

    def grown(self, by: float) -> Box:
        """The box with `by` map units more on every side."""
        return Box(self.left - by, self.bottom - by, self.right + by, self.top + by)

    def covers(self, other: Box) -> bool:
        """Whether all of `other` lies in this box."""
        return (
            self.left <= other.left
            and self.bottom <= other.bottom
            and self.right >= other.right
            and self.top >= other.top
        )

    def mask(self, points: AnyArray) -> Bools:
        """Which of (n, 2) points lie inside or on the edge, (n,) bool."""
        return self.holds(points[:, 0], points[:, 1])

    def holds(self, x: AnyArray, y: AnyArray) -> Bools:
        """Which of the places (n,), (n,) lie inside or on the edge, (n,) bool."""
        left, bottom, right, top = (
            np.float64(edge)  # of float32 places, too: rounding the edges would move them
            for edge in (self.left, self.bottom, self.right, self.top)
        )
        return np.asarray((x >= left) & (x <= right) & (y >= bottom) & (y <= top))


@dataclass(frozen=True, slots=True)
class Camera:
    """View of a map: its y axis points up, the screen's down; both axes share one scale.

    Attributes:
        x, y: Map point at the middle of the screen.
        scale: Pixels per map unit, > 0.
        width, height: Size of the screen in logical pixels.
    """

    x: float
    y: float
    scale: float
    width: float
    height: float

    @classmethod
    def fit(cls, box: Box, width: float, height: float) -> Camera:
        """Look at the whole of `box`; a box without extent is shown at one map unit across."""
        room_x, room_y = max(width - 2 * MARGIN, 1.0), max(height - 2 * MARGIN, 1.0)
        spans = [room / span for room, span in ((room_x, box.width), (room_y, box.height)) if span > 0]
        scale = min(spans) if spans else min(room_x, room_y)
        return cls((box.left + box.right) / 2, (box.bottom + box.top) / 2, scale, width, height)

    @property
    def box(self) -> Box:
        """The part of the map on screen."""
        half_x, half_y = self.width / 2 / self.scale, self.height / 2 / self.scale
        return Box(self.x - half_x, self.y - half_y, self.x + half_x, self.y + half_y)

    def to_screen(self, points: AnyArray) -> Doubles:
        """Pixels of (n, 2) map points."""
        flip = np.array([self.scale, -self.scale])
        origin = np.array([self.width / 2 - self.x * self.scale, self.height / 2 + self.y * self.scale])
        return np.asarray(points * flip + origin)

    def to_map(self, x: float, y: float) -> tuple[float, float]:
        """Map point under a pixel."""
        return self.x + (x - self.width / 2) / self.scale, self.y - (y - self.height / 2) / self.scale

    def panned(self, dx: float, dy: float) -> Camera:
        """The view after its content moved by (dx, dy) pixels."""
        return replace(self, x=self.x - dx / self.scale, y=self.y + dy / self.scale)

    def zoomed(self, factor: float, x: float, y: float) -> Camera:
        """Enlarge by `factor`, keeping the map point under pixel (x, y) where it is."""
        at_x, at_y = self.to_map(x, y)
        return replace(
            self,
            x=at_x + (self.x - at_x) / factor,
            y=at_y + (self.y - at_y) / factor,
            scale=self.scale * factor,
        )

    def resized(self, width: float, height: float) -> Camera:
        """The same middle and scale on a screen of another size."""
        return replace(self, width=width, height=height)


def full_box(points: AnyArray) -> Box:
    """The box of all (n, 2) points; the unit box where there are none."""
    if not len(points):
        return Box(0.0, 0.0, 1.0, 1.0)
    x, y = points[:, 0], points[:, 1]  # a column at a time: ten times faster than along the short axis
    return Box(float(x.min()), float(y.min()), float(x.max()), float(y.max()))


def robust_box(points: AnyArray, share: float = 0.02, slack: float = 0.5) -> Box:
    """A box that outliers cannot squeeze.

    The box of the middle quantiles of each axis, widened by `slack` of its span, cut to where points are.
    Where that would gain less than a quarter of the longer side, all points are shown instead.

    Args:
        points: (n, 2).
        share: Share of points that may lie beyond each end of an axis before widening.
        slack: Widening on each side, as a share of the span.
    """
    full = full_box(points)
    if len(points) < 8:
        return full
    some = points
    if len(points) > _SAMPLE:  # quantiles that are widened anyway need no more
        some = points[np.random.default_rng(0).integers(0, len(points), _SAMPLE)]
    low, high = np.quantile(some, [share, 1 - share], axis=0)
    margin = (high - low) * slack
    near = Box(*(low - margin).tolist(), *(high + margin).tolist()).mask(points)
    box = full if near.all() else full_box(points[near])
    gains = max(full.width, full.height) / max(box.width, box.height, 1e-12)
    return box if gains > 1.25 else full
