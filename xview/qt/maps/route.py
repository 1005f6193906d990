"""Painting of a route: lines from stop to stop, numbered, above the points."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen

from xview.arrays import AnyArray
from xview.qt.maps.camera import Camera
from xview.qt.maps.marks import mark_path
from xview.qt.maps.scene import Route, Stop
from xview.qt.theme import Theme

NUMBERED = 16
"""Stops up to which each says its number; more are drawn smaller."""
DISC, DOT = 7.5, 4.0
_DIAMOND = 3  # of the marks
_WIDE, _THIN = 3.0, 2.0


def paint_route(
    painter: QPainter,
    route: Route,
    positions: AnyArray,
    camera: Camera,
    theme: Theme,
    pictures: Mapping[int, QRectF],
) -> None:
    """Paint a way in logical pixels: steps solid, dashed and thinner where they lead over what the map lacks.

    Items are blue discs, stepping stones red diamonds, at the corner of a picture that stands there; a
    ring stands around the one looked at.
    """
    if not route.stops:
        return
    found = camera.to_screen(positions[[stop.index for stop in route.stops]]).tolist()
    places = [QPointF(x, y) for x, y in found]
    begin = []
    if route.start is not None:
        ((x, y),) = camera.to_screen(np.array([route.start], float)).tolist()
        begin = [QPointF(x, y)]
    leaps = [stop.leap for stop in route.stops[0 if begin else 1 :]]
    steps = list(zip(pairwise([*begin, *places]), leaps, strict=True))
    for (one, other), _ in steps:
        painter.setPen(QPen(QColor(theme.panel), _WIDE + 3, c=Qt.PenCapStyle.RoundCap))
        painter.drawLine(one, other)
    for (one, other), leap in steps:
        style = Qt.PenStyle.DashLine if leap else Qt.PenStyle.SolidLine
        painter.setPen(QPen(QColor(theme.bridge), _THIN if leap else _WIDE, style))
        painter.drawLine(one, other)
    numbered = len(route.stops) <= NUMBERED
    for stop, place in zip(route.stops, places, strict=True):
        if stop.index in pictures:
            place = pictures[stop.index].bottomLeft()
        _paint_stop(painter, stop, place, numbered, stop.index == route.current, theme)


def _paint_stop(
    painter: QPainter, stop: Stop, place: QPointF, numbered: bool, current: bool, theme: Theme
) -> None:
    radius = DISC if numbered else DOT
    if current:
        for colour, width in ((theme.panel, 6.0), (theme.text, 2.4)):
            painter.setPen(QPen(QColor(colour), width))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(place, radius + 5, radius + 5)
    painter.setPen(QPen(QColor(theme.panel), 1.5))
    painter.setBrush(QColor(theme.stone if stop.stone else theme.accent))
    painter.drawPath(mark_path(_DIAMOND if stop.stone else 0, radius + stop.stone).translated(place))
    if numbered:
        usual = painter.font()
        font = QFont(usual)
        font.setPixelSize(10 if stop.number < 10 else 9)
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(QColor(theme.on_accent))
        box = QRectF(place.x() - 10, place.y() - 10, 20, 20)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(stop.number))
        painter.setFont(usual)
