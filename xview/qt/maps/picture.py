"""Painting of a whole map, from the ground up: lines and halos, points, thumbnails, axes, overlay."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from xview.qt import theme
from xview.qt.maps.axes import paint_axes
from xview.qt.maps.camera import Camera
from xview.qt.maps.crowd import Crowd
from xview.qt.maps.layer import PointLayer, paint_outlines
from xview.qt.maps.overlay import paint_ground, paint_overlay
from xview.qt.maps.scene import DrawThumbnail, Overlay
from xview.qt.maps.thumbnails import LIMIT, thumbnail_side, without_overlap
from xview.qt.theme import Theme


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Shot:
    """All that decides how a map looks, but for the pointer's doings.

    Attributes:
        crowd, overlay, camera: What is seen, and from where.
        size: Diameter of a mark in logical pixels.
        draw_thumbnail: Source of pictures, or None.
        axes: Names of the two axes, or None where directions mean nothing.
    """

    crowd: Crowd
    overlay: Overlay
    camera: Camera
    size: float
    draw_thumbnail: DrawThumbnail | None
    axes: tuple[str, str] | None


class Picture:
    """The map painted last, kept until it is out of date, so that a hover costs no more than its ring."""

    def __init__(self) -> None:
        self._layer = PointLayer()
        self._pixmap = QPixmap()
        self._fresh = False

    def expire(self) -> None:
        """What was painted is out of date."""
        self._fresh = False

    def pixmap(self, shot: Shot, ratio: float) -> QPixmap:
        """The picture of `shot` at `ratio` device pixels per logical one."""
        size = (round(shot.camera.width * ratio), round(shot.camera.height * ratio))
        if size != (self._pixmap.width(), self._pixmap.height()):
            self._pixmap, self._fresh = QPixmap(*size), False
        if not self._fresh:
            self._pixmap.setDevicePixelRatio(ratio)
            painter = QPainter(self._pixmap)
            layer = self._layer.pixmap(shot.crowd, shot.camera, shot.size, ratio)
            paint_shot(painter, shot, layer)
            painter.end()
            self._fresh = True
        return self._pixmap


def paint_shot(painter: QPainter, shot: Shot, layer: QPixmap | None) -> None:
    """Paint a map in logical pixels.

    Args:
        painter: On a device of the camera's size.
        shot: What to paint.
        layer: The points as pixels; None paints their outlines.
    """
    worn = theme.current()
    painter.fillRect(QRectF(0, 0, shot.camera.width, shot.camera.height), QColor(worn.panel))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    positions = shot.crowd.points.positions
    paint_ground(painter, shot.overlay, positions, shot.camera, worn)
    if layer is None:
        paint_outlines(painter, shot.crowd, shot.camera, shot.size)
    else:
        painter.drawPixmap(0, 0, layer)
    pictures = _paint_thumbnails(painter, shot)
    if shot.axes is not None:
        paint_axes(painter, shot.axes, shot.camera, worn)
    paint_overlay(painter, shot.overlay, positions, shot.camera, worn, pictures)


def paint_focus(painter: QPainter, box: QRectF, worn: Theme) -> None:
    """The frame of a map that has the keys."""
    painter.setPen(QPen(QColor(worn.accent), 1.0))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))


def _paint_thumbnails(painter: QPainter, shot: Shot) -> dict[int, QRectF]:
    """Pictures in place of points where few enough are on screen; their frames by row.

    The query, the stops of a way and the hits come first, so that no other picture takes their place.
    """
    points, camera = shot.crowd.points, shot.camera
    if shot.draw_thumbnail is None or not 0 < sum(shot.crowd.seen(camera.box)) <= LIMIT:
        return {}
    rows = shot.crowd.rows(camera.box)
    stops = () if shot.overlay.route is None else shot.overlay.route.stops
    found = [*(stop.index for stop in stops), *(hit.index for hit in shot.overlay.hits)]
    first = np.array([*shot.overlay.queries, *found], np.int64)
    rows = np.concatenate([first[np.isin(first, rows)], rows[~np.isin(rows, first)]])
    side = thumbnail_side(len(rows), camera.width, camera.height)
    places = camera.to_screen(points.positions[rows])
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    frames = {}
    for k in without_overlap(places, side):
        row, (x, y) = int(rows[k]), places[k].tolist()
        frame = QRectF(x - side / 2 + 1, y - side / 2 + 1, side - 2, side - 2)
        if shot.draw_thumbnail(painter, frame.adjusted(1, 1, -1, -1), row):
            painter.setPen(QPen(QColor(points.palette[points.colours[row]]), 2.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(frame, 3, 3)
            frames[row] = frame
    return frames
