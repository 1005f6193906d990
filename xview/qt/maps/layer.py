"""`PointLayer`: the painted points, kept between frames so that a pan paints only what came into view."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap

from xview.arrays import AnyArray
from xview.qt.maps.camera import Box, Camera
from xview.qt.maps.crowd import Crowd, Part
from xview.qt.maps.density import paint_density
from xview.qt.maps.marks import FADED, Sprites, mark_path

OPACITY = 0.82
FADED_DENSITY = 0.22  # where points are as dense as they get


class PointLayer:
    """Paints points into a transparent picture of the screen's size and shifts it while the view pans.

    Faded points and plain ones each are painted one mark a point, or as a density where too many are in view.
    """

    def __init__(self) -> None:
        self._crowd: Crowd | None = None
        self._dense = (False, False)
        self._size = 0.0
        self._sprites: Sprites | None = None
        self._sprites_of: tuple[object, ...] = ()
        self._pixmap = QPixmap()
        self._camera: Camera | None = None
        self._ratio = 1.0

    def pixmap(self, crowd: Crowd, camera: Camera, size: float, ratio: float) -> QPixmap:
        """The points as `camera` sees them, off by less than one device pixel.

        Args:
            crowd: What to paint.
            camera: View.
            size: Diameter of a mark in logical pixels.
            ratio: Device pixels per logical pixel.
        """
        dense = crowd.dense(camera.box)
        same = crowd is self._crowd and (dense, size, ratio) == (self._dense, self._size, self._ratio)
        self._crowd, self._dense, self._size = crowd, dense, size
        if not same or not self._follow(camera):
            self._repaint(camera, ratio)
        self._pixmap.setDevicePixelRatio(ratio)
        return self._pixmap

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

    def _paint(self, window: QRect) -> None:
        """Clear and paint one window of the picture, in device pixels."""
        crowd, camera = self._crowd, self._camera
        assert crowd is not None and camera is not None
        painter = QPainter(self._pixmap)
        painter.setClipRect(window)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        painter.fillRect(window, Qt.GlobalColor.transparent)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        for part, dense, strength in zip(crowd.parts, self._dense, (FADED_DENSITY, 1.0), strict=True):
            if dense:
                paint_density(painter, crowd, part, camera, self._ratio, window, strength)
            elif len(part):
                self._paint_marks(painter, part, window)
        painter.end()

    def _paint_marks(self, painter: QPainter, part: Part, window: QRect) -> None:
        """Paint a mark for each point of a part that reaches into the window."""
        crowd, camera = self._crowd, self._camera
        assert crowd is not None and camera is not None
        sprites = self._sprites_for(crowd, self._size * self._ratio)
        scale, reach = camera.scale * self._ratio, sprites.cell
        right = camera.width / 2 * self._ratio - camera.x * scale
        down = camera.height / 2 * self._ratio + camera.y * scale
        sides = window.adjusted(-reach, -reach, reach, reach)
        box = Box(
            *((sides.left() - right) / scale, (down - sides.bottom()) / scale),
            *((sides.right() - right) / scale, (down - sides.top()) / scale),
        )
        places = part.places(box)
        x, y = crowd.grid.x[places].astype(float), crowd.grid.y[places].astype(float)
        near = np.flatnonzero(box.holds(x, y))
        rows = crowd.grid.order[places[near]]
        painted = np.argsort(shuffled(rows))
        near, rows = near[painted], rows[painted]
        looks = crowd.looks[places[near]].astype(np.int64) - 1
        faded, colours = np.divmod(looks, len(crowd.palette))
        sprites.paint(
            painter,
            x[near] * scale + right,
            y[near] * -scale + down,
            colours,
            crowd.points.marks[rows],
            faded,
        )

    def _sprites_for(self, crowd: Crowd, size: float) -> Sprites:
        wanted = (crowd.palette, crowd.marks, size)
        if self._sprites is None or self._sprites_of != wanted:
            self._sprites = Sprites(crowd.palette, size, OPACITY, crowd.marks)
            self._sprites_of = wanted
        return self._sprites


def shuffled(rows: AnyArray) -> AnyArray:
    """Numbers to sort rows by, all different, so that no class buries another; of the row alone.

    The finaliser of MurmurHash3, which maps 32 bits one to one.
    """
    key = rows.astype(np.uint32)
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        key ^= key >> np.uint32(shift)
        key *= np.uint32(factor)
    return key ^ (key >> np.uint32(16))


def paint_outlines(painter: QPainter, crowd: Crowd, camera: Camera, size: float) -> None:
    """Paint the points as outlines rather than pixels, for pictures that are scaled later."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    points, grid = crowd.points, crowd.grid
    for part, opacity in zip(crowd.parts, (FADED, OPACITY), strict=True):
        rows = grid.order[part.places(grid.box)]
        rows = rows[np.argsort(shuffled(rows))]
        places = camera.to_screen(points.positions[rows])
        for row, (x, y) in zip(rows.tolist(), places.tolist(), strict=True):
            colour = QColor(points.palette[points.colours[row]])
            colour.setAlphaF(opacity)
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
