"""Painting of a route: lines from stop to stop, numbered where there is room, above the points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen

from xview.arrays import AnyArray
from xview.qt.maps.camera import Camera
from xview.qt.maps.marks import mark_path
from xview.qt.maps.scene import Route, Stop
from xview.qt.maps.thumbnails import without_overlap
from xview.qt.theme import Theme

DISC, DOT = 7.5, 4.0  # radius of a stop that says its number, and of one that has no room to
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
    ring stands around the one looked at. Stops where another's number stands are small and without one.
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
    spots = [
        pictures[stop.index].bottomLeft() if stop.index in pictures else place
        for stop, place in zip(route.stops, places, strict=True)
    ]
    numbered = numbered_stops(route, spots)
    for at in sorted(range(len(spots)), key=lambda at: at in numbered):  # numbers above dots
        stop = route.stops[at]
        _paint_stop(painter, stop, spots[at], at in numbered, stop.index == route.current, theme)


def numbered_stops(route: Route, places: Sequence[QPointF]) -> set[int]:
    """Positions of the stops that say their numbers: none upon another.

    The one looked at comes first, then the last and the first, then the others in order.
    """
    last = len(places) - 1
    order = sorted(
        range(len(places)),
        key=lambda at: (route.stops[at].index != route.current, at != last, at != 0, at),
    )
    found = without_overlap(np.array([places[at].toTuple() for at in order], float), 2 * DISC)
    return {order[k] for k in found}


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
