"""The points of a plot, painted and found as those of the maps. Imports pyqtgraph."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPoint, QRect, QRectF
from PySide6.QtGui import QPaintEngine, QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from xview.arrays import AnyArray, Doubles, Ints
from xview.qt.maps.camera import Box, Camera
from xview.qt.maps.crowd import Crowd
from xview.qt.maps.layer import PointLayer, paint_outlines
from xview.qt.maps.scene import Points
from xview.qt.panels.plots.points import REACH

_SMALL = 2_000  # points above which each is drawn smaller


class Dots(pg.GraphicsObject):  # type: ignore[misc]
    """Discs in pixels of a canvas, painted anew only when they, the axes or the canvas change.

    Args:
        canvas: Where they are seen.
        pixels: From (n,) x and (n,) y of the axes to (n, 2) pixels of the canvas; linear in each.
    """

    def __init__(self, canvas: QWidget, pixels: Callable[[AnyArray, AnyArray], Doubles]) -> None:
        super().__init__()
        self._canvas, self._pixels = canvas, pixels
        self._layer = PointLayer()
        self._reach = QRectF()
        self._corners = np.empty((0, 2))
        self.show_points(np.empty(0), np.empty(0), np.empty(0, np.int64), ("#888888",))

    def show_points(self, x: Doubles, y: Doubles, codes: Ints, palette: Sequence[str]) -> None:
        """Show n points; one with a NaN is left out.

        Args:
            x, y: (n,) of the axes.
            codes: (n,) position of each point's colour in `palette`.
            palette: Colours as #rrggbb.
        """
        self.prepareGeometryChange()
        self._rows = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        self._x, self._y, self._codes = x[self._rows], y[self._rows], codes[self._rows]
        self._palette = tuple(palette)
        self._crowd: Crowd | None = None
        if len(self._rows):
            left, top = float(self._x.min()), float(self._y.min())
            self._reach = QRectF(left, top, float(self._x.max()) - left, float(self._y.max()) - top)
        self.update()

    @property
    def rows(self) -> Ints:
        """Rows of the points on screen, ascending."""
        return self._rows

    def nearest(self, place: QPoint) -> int | None:
        """Row of the point nearest to a pixel of the canvas within reach, or None."""
        found = self._placed().grid.nearest(place.x(), -place.y(), REACH)
        return None if found < 0 else int(self._rows[found])

    def inside(self, limits: QRect) -> Ints:
        """(k,) rows of the points between pixels of the canvas, edges included, ascending."""
        box = Box(limits.left(), -limits.bottom(), limits.right(), -limits.top())
        return np.asarray(self._rows[self._placed().grid.in_box(box)])

    def boundingRect(self) -> QRectF:
        """Somewhat more than reaches over the points: discs have an extent."""
        across, down = (max(side, 1e-9) for side in (self._reach.width(), self._reach.height()))
        return self._reach.adjusted(-across, -down, across, down)

    def paint(self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget) -> None:
        """Paint in pixels of the canvas, which are those of the scene; outlines where a file is scaled."""
        crowd, size = self._placed(), 7.0 if len(self._rows) <= _SMALL else 4.0
        width, height = self._canvas.width(), self._canvas.height()
        camera = Camera(width / 2, -height / 2, 1.0, width, height)
        painter.save()
        painter.setWorldTransform(self.sceneTransform().inverted()[0], True)
        if painter.paintEngine().type() is QPaintEngine.Type.SVG:
            paint_outlines(painter, crowd, camera, size)
        else:
            ratio = self._canvas.devicePixelRatioF()
            painter.drawPixmap(0, 0, self._layer.pixmap(crowd, camera, size, ratio))
        painter.restore()

    def _placed(self) -> Crowd:
        """The points where they are on the canvas now."""
        ends = np.array([self._reach.left(), self._reach.left() + 1.0])
        corners = self._pixels(ends, np.array([self._reach.top(), self._reach.top() + 1.0]))
        if self._crowd is None or not np.array_equal(corners, self._corners):
            self._corners = corners
            points = Points.plain(self._pixels(self._x, self._y) * [1.0, -1.0])
            self._crowd = Crowd(replace(points, colours=self._codes, palette=self._palette))
        return self._crowd
