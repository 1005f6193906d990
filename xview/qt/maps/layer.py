"""`PointLayer`: the painted points, kept between frames so that a pan paints only what came into view."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap

from xview.arrays import Bools, Doubles, Ints
from xview.qt.maps.camera import Camera
from xview.qt.maps.marks import FADED, Sprites, mark_path, sheet_rows
from xview.qt.maps.scene import Points

OPACITY = 0.82


class PointLayer:
    """Paints points into a transparent picture of the screen's size and shifts it while the view pans."""

    def __init__(self) -> None:
        self._points: Points | None = None
        self._x: Doubles = np.empty(0)
        self._y: Doubles = np.empty(0)
        self._colours: Ints = np.empty(0, np.int64)
        self._rows: Ints = np.empty(0, np.int64)
        self._sprites: Sprites | None = None
        self._sprites_of: tuple[object, ...] = ()
        self._pixmap = QPixmap()
        self._camera: Camera | None = None
        self._ratio = 1.0

    def pixmap(self, points: Points, camera: Camera, size: float, ratio: float) -> QPixmap:
        """The points as `camera` sees them, off by less than one device pixel.

        Args:
            points: What to paint.
            camera: View.
            size: Diameter of a mark in logical pixels.
            ratio: Device pixels per logical pixel.
        """
        if self._prepare(points, size, ratio) or not self._follow(camera):
            self._repaint(camera, ratio)
        self._pixmap.setDevicePixelRatio(ratio)
        return self._pixmap

    def _prepare(self, points: Points, size: float, ratio: float) -> bool:
        """Take over new points or marks; True if what was painted is out of date."""
        stale = points is not self._points or ratio != self._ratio
        if points is not self._points:
            self._take(points)
        key = (points.palette, size, ratio)
        if key != self._sprites_of:
            self._sprites = Sprites(points.palette, size * ratio, OPACITY)
            self._sprites_of, stale = key, True
        return stale

    def _take(self, points: Points) -> None:
        """Copy what is shown in the order it is painted."""
        order = draw_order(points)
        self._points = points
        self._x, self._y = points.positions[order].T.astype(float)
        self._colours = points.colours[order]
        faded = ~points.selected[order] if points.selected.any() else np.zeros(len(order), bool)
        self._rows = sheet_rows(points.marks[order], faded)

    def _follow(self, camera: Camera) -> bool:
        """Shift the picture to where `camera` looks; False where that cannot be done."""
        old = self._camera
        if old is None or (old.scale, old.width, old.height) != (camera.scale, camera.width, camera.height):
            return False
        dx = round((old.x - camera.x) * camera.scale * self._ratio)
        dy = round((camera.y - old.y) * camera.scale * self._ratio)
        if not dx and not dy:
            return True
        whole = self._pixmap.rect()
        if abs(dx) >= whole.width() or abs(dy) >= whole.height():
            return False
        self._camera = old.panned(dx / self._ratio, dy / self._ratio)
        self._pixmap.setDevicePixelRatio(1.0)
        self._pixmap.scroll(dx, dy, whole)
        for strip in _exposed(whole, dx, dy):
            self._paint(strip)
        return True

    def _repaint(self, camera: Camera, ratio: float) -> None:
        self._camera, self._ratio = camera, ratio
        size = (max(1, int(np.ceil(camera.width * ratio))), max(1, int(np.ceil(camera.height * ratio))))
        if (self._pixmap.width(), self._pixmap.height()) != size:
            self._pixmap = QPixmap(*size)
            self._pixmap.fill(Qt.GlobalColor.transparent)  # gives it an alpha channel
        self._pixmap.setDevicePixelRatio(1.0)
        self._paint(self._pixmap.rect())

    def _paint(self, part: QRect) -> None:
        """Clear and paint one part of the picture, in device pixels."""
        camera, sprites = self._camera, self._sprites
        assert camera is not None and sprites is not None
        painter = QPainter(self._pixmap)
        painter.setClipRect(part)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        painter.fillRect(part, Qt.GlobalColor.transparent)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        scale = camera.scale * self._ratio
        x = self._x * scale + (camera.width / 2 * self._ratio - camera.x * scale)
        y = self._y * -scale + (camera.height / 2 * self._ratio + camera.y * scale)
        near = (x > part.left() - sprites.cell) & (x < part.right() + sprites.cell)
        near &= (y > part.top() - sprites.cell) & (y < part.bottom() + sprites.cell)
        if near.all():
            sprites.paint(painter, x, y, self._colours, self._rows)
        else:
            sprites.paint(painter, x[near], y[near], self._colours[near], self._rows[near])
        painter.end()


def draw_order(points: Points) -> Ints:
    """Rows of the shown points in the order they are painted.

    Shuffled, always the same way, so that no class buries another; selected points come last.
    """
    shuffled = np.random.default_rng(0).permutation(len(points))
    rows = shuffled[points.shown[shuffled]]
    picked: Bools = points.selected[rows]
    return np.concatenate([rows[~picked], rows[picked]]) if picked.any() else rows


def paint_outlines(painter: QPainter, points: Points, camera: Camera, size: float) -> None:
    """Paint the points as outlines rather than pixels, for pictures that are scaled later."""
    rows = draw_order(points)
    places = camera.to_screen(points.positions[rows])
    fade = bool(points.selected.any())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for row, (x, y) in zip(rows.tolist(), places.tolist(), strict=True):
        colour = QColor(points.palette[points.colours[row]])
        colour.setAlphaF(FADED if fade and not points.selected[row] else OPACITY)
        painter.fillPath(mark_path(int(points.marks[row]), size / 2).translated(x, y), colour)
    painter.restore()


def _exposed(whole: QRect, dx: int, dy: int) -> list[QRect]:
    """The strips that come into view when the content of `whole` moves by (dx, dy)."""
    strips = []
    if dx:
        left = whole.left() if dx > 0 else whole.right() + 1 + dx
        strips.append(QRect(left, whole.top(), abs(dx), whole.height()))
    if dy:
        top = whole.top() if dy > 0 else whole.bottom() + 1 + dy
        strips.append(QRect(whole.left(), top, whole.width(), abs(dy)))
    return strips
