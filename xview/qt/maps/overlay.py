"""Painting of what lies under the points, lines and halos, and above: ringed hits, bridges, stars."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPixmap

from xview.arrays import AnyArray, Doubles
from xview.qt.maps.camera import Box, Camera
from xview.qt.maps.halos import paint_halos
from xview.qt.maps.labels import place_labels
from xview.qt.maps.marks import mark_path, star_path
from xview.qt.maps.route import paint_route
from xview.qt.maps.scene import Hit, Lines, Overlay, Tone, Truth, halo_sizes
from xview.qt.theme import Theme

LABELLED = 10
"""Hits whose rank is written; the others keep their ring."""
RING = 8.0
STAR = 11.0
MANY = 12  # more stars than these are drawn smaller
FEW = 8  # arrows that are drawn broad
LARGEST_HALO, SMALLEST_HALO = 36.0, 3.0
_SIGN = 7.0
_PADDING = 3.0


def paint_ground(
    painter: QPainter, overlay: Overlay, positions: AnyArray, camera: Camera, theme: Theme
) -> None:
    """Paint what lies under the points: halos whose area is the walk mass, and lines over them.

    Both are opaque, so that crowds of them stay one calm tone, and thousands are painted in milliseconds.
    """
    if overlay.mass is not None:
        sizes = halo_sizes(overlay.mass, LARGEST_HALO)
        rows = np.flatnonzero(sizes >= SMALLEST_HALO)
        places = camera.to_screen(positions[rows])
        near = Box(0, 0, camera.width, camera.height).grown(LARGEST_HALO).mask(places)
        paint_halos(painter, places[near], sizes[rows][near], _mixed(theme.panel, theme.accent, 0.4))
    for lines in overlay.lines:
        _lines(painter, lines, positions, camera, theme)


def paint_overlay(
    painter: QPainter,
    overlay: Overlay,
    positions: AnyArray,
    camera: Camera,
    theme: Theme,
    pictures: Mapping[int, QRectF],
) -> None:
    """Paint what lies above the points, in logical pixels.

    Args:
        painter: On the screen, antialiased.
        overlay: What to paint.
        positions: (n, 2) map positions of the points.
        camera: View.
        theme: Colours.
        pictures: Where thumbnails stand, by row: a hit's frame goes around its picture.
    """
    if overlay.arrows is not None:
        _arrows(painter, overlay.arrows, camera, theme)
    if overlay.route is not None:
        paint_route(painter, overlay.route, positions, camera, theme, pictures)
    places = camera.to_screen(positions[[hit.index for hit in overlay.hits]])
    for hit, (x, y) in sorted(
        zip(overlay.hits, places.tolist(), strict=True), key=lambda pair: -pair[0].rank
    ):
        _ring(painter, hit, QPointF(x, y), pictures.get(hit.index), theme)
    _bridges(painter, overlay, positions, camera, theme)
    stars = camera.to_screen(positions[list(overlay.queries)])
    for index, (x, y) in zip(overlay.queries, stars.tolist(), strict=True):
        picture = pictures.get(index)
        if picture is not None:
            painter.setPen(QPen(QColor(theme.accent), 3.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(picture, 3, 3)
        place = QPointF(x, y) if picture is None else picture.topLeft()
        if len(stars) <= MANY:
            _star(painter, place, theme, QColor(theme.accent))
        else:
            stamp = _star_stamp(theme)
            painter.drawPixmap(place - QPointF(STAR, STAR), stamp)
    if overlay.outside:
        for x, y in camera.to_screen(np.array(overlay.outside, float)).tolist():
            _star(painter, QPointF(x, y), theme, QColor(theme.panel))
    _ranks(painter, overlay.hits, places, stars, camera, theme)


def paint_ring(painter: QPainter, place: QPointF, theme: Theme) -> None:
    """The ring of the point under the pointer."""
    for colour, width in ((theme.panel, 5.0), (theme.text, 2.0)):
        painter.setPen(QPen(QColor(colour), width))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(place, RING + 2, RING + 2)


def truth_colour(truth: Truth, theme: Theme) -> QColor:
    """Green, red or grey; always shown together with a sign or a line style."""
    names = {Truth.CORRECT: theme.good, Truth.INCORRECT: theme.bad, Truth.UNKNOWN: theme.text}
    return QColor(names.get(truth, theme.ignored))


def _lines(painter: QPainter, lines: Lines, positions: AnyArray, camera: Camera, theme: Theme) -> None:
    """One pen for all, fainter in crowds; where lines differ in strength, a pen for each quarter of it."""
    if not len(lines.ends):
        return
    ends = [QLineF(*end) for end in camera.to_screen(positions[lines.ends.ravel()]).reshape(-1, 4).tolist()]
    share = float(np.clip(40 / len(ends), 0.25, 0.7))
    colours = {Tone.TORN: theme.torn, Tone.BRIDGED: theme.bridged, Tone.PATH: theme.bridge}
    colour = colours.get(lines.tone, theme.muted)
    if lines.tone is not Tone.TETHER:
        share = min(1.0, 1.4 * share)
    quarter = np.zeros(len(ends)) if lines.strength is None else np.ceil(4 * np.clip(lines.strength, 0, 1))
    dash = Qt.PenStyle.DashLine if lines.tone is Tone.BRIDGED else Qt.PenStyle.SolidLine
    for step in np.unique(quarter).tolist():
        painter.setPen(QPen(_mixed(theme.panel, colour, share), 1.0 + 0.75 * step, dash))
        painter.drawLines([ends[k] for k in np.flatnonzero(quarter == step)])


def _arrows(painter: QPainter, arrows: AnyArray, camera: Camera, theme: Theme) -> None:
    """Lines with a dot where they end, fainter in crowds; a few stand out from the points below."""
    if not len(arrows):
        return
    ends = camera.to_screen(arrows.reshape(-1, 2)).reshape(-1, 4).tolist()
    colour = _mixed(theme.panel, theme.accent, float(np.clip(200 / len(ends), 0.4, 1.0)))
    lines, few = [QLineF(*end) for end in ends], len(ends) <= FEW
    if few:
        painter.setPen(QPen(QColor(theme.panel), 6.0))
        painter.drawLines(lines)
    painter.setPen(QPen(colour, 3.0 if few else 1.6))
    painter.drawLines(lines)
    painter.setPen(QPen(colour, 6.0, c=Qt.PenCapStyle.RoundCap))
    painter.drawPoints([QPointF(x, y) for _, _, x, y in ends])


def _bridges(painter: QPainter, overlay: Overlay, positions: AnyArray, camera: Camera, theme: Theme) -> None:
    if not overlay.bridges:
        return
    places = camera.to_screen(positions[[bridge.index for bridge in overlay.bridges]])
    painter.setPen(QPen(QColor(theme.panel), 1.5))
    painter.setBrush(QColor(theme.bridge))
    for bridge, (x, y) in zip(overlay.bridges, places.tolist(), strict=True):
        painter.drawPath(mark_path(3, 4 + 9 * float(np.sqrt(bridge.share))).translated(x, y))


def _ring(painter: QPainter, hit: Hit, place: QPointF, picture: QRectF | None, theme: Theme) -> None:
    """Solid where right, dashed where wrong, dotted where ignored."""
    style = {Truth.INCORRECT: Qt.PenStyle.DashLine, Truth.IGNORED: Qt.PenStyle.DotLine}
    first = hit.rank <= LABELLED
    colour = truth_colour(hit.truth, theme)
    colour.setAlphaF(1.0 if first else 0.6)
    painter.setPen(QPen(colour, 2.4 if first else 1.4, style.get(hit.truth, Qt.PenStyle.SolidLine)))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if picture is None:
        painter.drawEllipse(place, RING, RING)
    else:
        painter.drawRoundedRect(picture, 3, 3)


def _star(painter: QPainter, place: QPointF, theme: Theme, fill: QColor, radius: float = STAR) -> None:
    path = star_path(radius).translated(place)
    painter.setPen(QPen(QColor(theme.panel), 5.0, j=Qt.PenJoinStyle.RoundJoin))
    painter.drawPath(path)
    painter.setPen(QPen(QColor(theme.outline), 1.6, j=Qt.PenJoinStyle.MiterJoin))
    painter.setBrush(fill)
    painter.drawPath(path)


@lru_cache(maxsize=2)
def _star_stamp(theme: Theme) -> QPixmap:
    """A small star as pixels: hundreds are painted in a few milliseconds."""
    side = round(2 * STAR)
    stamp = QPixmap(2 * side, 2 * side)
    stamp.setDevicePixelRatio(2)
    stamp.fill(Qt.GlobalColor.transparent)
    painter = QPainter(stamp)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _star(painter, QPointF(side / 2, side / 2), theme, QColor(theme.accent), STAR * 0.6)
    painter.end()
    return stamp


def _ranks(
    painter: QPainter, hits: tuple[Hit, ...], places: Doubles, stars: Doubles, camera: Camera, theme: Theme
) -> None:
    """Plates with tick or cross and rank, led to their ring by a line where they stand apart."""
    seen = Box(0, 0, camera.width, camera.height).mask(places)
    first = sorted(
        (k for k, hit in enumerate(hits) if hit.rank <= LABELLED and seen[k]), key=lambda k: hits[k].rank
    )
    if not first:
        return
    font = QFont(painter.font())
    font.setPointSizeF(font.pointSizeF() * 0.9)
    font.setBold(True)
    painter.setFont(font)
    metrics = QFontMetricsF(font)
    widths = [metrics.horizontalAdvance(str(hits[k].rank)) + _SIGN + 3 * _PADDING for k in first]
    sizes = np.array([(width, metrics.height() + 1) for width in widths])
    avoid = np.concatenate([places[seen], stars])
    clear = np.concatenate([np.full(np.count_nonzero(seen), RING / 2), np.full(len(stars), STAR)])
    centres = place_labels(places[first], sizes, (camera.width, camera.height), avoid, clear)
    for k, centre in zip(first, centres, strict=True):
        if np.isfinite(centre[0]):
            _leader(painter, places[k], centre, theme)
    for k, (x, y), (width, height) in zip(first, centres.tolist(), sizes.tolist(), strict=True):
        if np.isfinite(x):
            _plate(painter, hits[k], QRectF(x - width / 2, y - height / 2, width, height), theme)


def _leader(painter: QPainter, anchor: Doubles, centre: Doubles, theme: Theme) -> None:
    way = centre - anchor
    length = float(np.hypot(*way))
    if length < RING + 14:
        return
    start = anchor + way * (RING / length)
    painter.setPen(QPen(QColor(theme.muted), 1.0))
    painter.drawLine(QLineF(*start.tolist(), *centre.tolist()))


def _plate(painter: QPainter, hit: Hit, box: QRectF, theme: Theme) -> None:
    colour = truth_colour(hit.truth, theme)
    ground = QColor(theme.panel)
    ground.setAlphaF(0.92)
    painter.setPen(QPen(colour, 1.0))
    painter.setBrush(ground)
    painter.drawRoundedRect(box, 3, 3)
    sign = QRectF(box.left() + _PADDING, box.center().y() - _SIGN / 2, _SIGN, _SIGN)
    painter.setPen(QPen(colour, 1.8, c=Qt.PenCapStyle.RoundCap))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(sign_path(hit.truth, sign))
    painter.setPen(QColor(theme.text))
    text = box.adjusted(_SIGN + 2 * _PADDING, 0, -_PADDING, 0)
    painter.drawText(text, Qt.AlignmentFlag.AlignCenter, str(hit.rank))


def sign_path(truth: Truth, box: QRectF) -> QPainterPath:
    """A tick, a cross, a dash for ignored, a dot where unknown; drawn, as fonts may lack them."""
    path = QPainterPath()
    if truth is Truth.CORRECT:
        path.moveTo(box.left(), box.center().y() + 0.5)
        path.lineTo(box.left() + box.width() * 0.38, box.bottom() - 0.5)
        path.lineTo(box.right(), box.top() + 0.5)
    elif truth is Truth.INCORRECT:
        inner = box.adjusted(0.8, 0.8, -0.8, -0.8)
        path.moveTo(inner.topLeft())
        path.lineTo(inner.bottomRight())
        path.moveTo(inner.topRight())
        path.lineTo(inner.bottomLeft())
    elif truth is Truth.IGNORED:
        path.moveTo(box.left(), box.center().y())
        path.lineTo(box.right(), box.center().y())
    else:
        path.addEllipse(box.center(), 0.6, 0.6)
    return path


def _mixed(ground: str, colour: str, share: float) -> QColor:
    """`share` of a colour on a ground, opaque."""
    low, high = QColor(ground), QColor(colour)
    parts = ((low.red(), high.red()), (low.green(), high.green()), (low.blue(), high.blue()))
    return QColor(*(round(a + (b - a) * share) for a, b in parts))
