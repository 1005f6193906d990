"""Axes along two edges of a map whose directions mean something, such as principal components."""

from __future__ import annotations

import math

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from xview.qt.maps.camera import Camera
from xview.qt.theme import Theme

_APART = 70.0
_TICK = 4.0


def tick_step(scale: float) -> float:
    """The least of 1, 2, 5 times a power of ten whose ticks are 70 pixels apart at `scale` pixels a unit."""
    least = _APART / scale
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * factor for factor in (1.0, 2.0, 5.0, 10.0) if power * factor >= least * (1 - 1e-9))


def ticks(low: float, high: float, step: float) -> list[float]:
    """Multiples of `step` in [low, high]."""
    return [k * step for k in range(math.ceil(low / step), math.floor(high / step) + 1)]


def paint_axes(painter: QPainter, names: tuple[str, str], camera: Camera, theme: Theme) -> None:
    """Ticks with their values along the top and left edge, and the names of both axes."""
    step, box = tick_step(camera.scale), camera.box
    painter.setPen(QPen(QColor(theme.muted), 1.0))
    height = painter.fontMetrics().height()
    name_ends = _TICK + 6 + painter.fontMetrics().horizontalAdvance(f"↑ {names[1]}")
    centred = Qt.AlignmentFlag.AlignCenter
    for value in ticks(box.left, box.right, step):
        x = camera.width / 2 + (value - camera.x) * camera.scale
        if x - 30 > name_ends:
            painter.drawLine(QLineF(x, 0, x, _TICK))
            painter.drawText(QRectF(x - 30, _TICK, 60, height), centred, f"{value:.6g}")
    for value in ticks(box.bottom, box.top, step):
        y = camera.height / 2 - (value - camera.y) * camera.scale
        if y > 40:
            painter.drawLine(QLineF(0, y, _TICK, y))
            beside = QRectF(_TICK + 2, y - height / 2, 60, height)
            painter.drawText(beside, Qt.AlignmentFlag.AlignVCenter, f"{value:.6g}")
    right = QRectF(0, _TICK + height, camera.width - 6, height)
    painter.drawText(right, Qt.AlignmentFlag.AlignRight, f"{names[0]} →")
    painter.drawText(QRectF(_TICK + 2, 4, 200, height), Qt.AlignmentFlag.AlignLeft, f"↑ {names[1]}")
