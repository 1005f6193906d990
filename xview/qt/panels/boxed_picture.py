"""An item's picture with boxes about what changed in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPixmap

from xview.qt.theme import Theme

Box = tuple[float, float, float, float]
"""Left, top, width and height in shares of a picture's side."""

_SMALL = 72  # side of a picture up to which lines over it are thin


class Pictures(Protocol):
    """Pictures of items, as `Thumbnails` has them."""

    size: int

    def draw(self, painter: QPainter, target: QRectF, key: str, row: int) -> bool:
        """Draw a small one into a square; False while it is on its way."""

    def large(self, key: str, row: int) -> QPixmap | QImage | None:
        """A large one, or None while it is on its way; an image outside the GUI thread."""


def draw_picture(
    painter: QPainter,
    place: QRectF,
    thumbnails: Pictures,
    item: tuple[str, int],
    theme: Theme,
    boxes: Sequence[Box] = (),
) -> None:
    """Draw an item's picture into a square, or a grey one while it is on its way."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)  # ten times as fast
    shown = _draw(painter, place, thumbnails, item)
    if shown.isEmpty():
        painter.fillRect(place, QColor(theme.border))
    painter.restore()
    if not shown.isEmpty():
        draw_boxes(painter, shown, boxes, theme)


def _draw(painter: QPainter, place: QRectF, thumbnails: Pictures, item: tuple[str, int]) -> QRectF:
    """Draw the picture; return where it is, nowhere while it is on its way."""
    picture = thumbnails.large(*item) if place.width() > thumbnails.size else None
    if picture is None:
        return place if thumbnails.draw(painter, place, *item) else QRectF()
    size = picture.deviceIndependentSize().scaled(place.size(), Qt.AspectRatioMode.KeepAspectRatio)
    shown = QRectF(place.topLeft(), size)
    shown.moveCenter(place.center())
    if isinstance(picture, QImage):
        painter.drawImage(shown, picture)
    else:
        painter.drawPixmap(shown, picture, QRectF(picture.rect()))
    return shown


def draw_boxes(painter: QPainter, picture: QRectF, boxes: Sequence[Box], theme: Theme) -> None:
    """Squares with a white edge, which show on any picture."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    line = 1.8 if picture.width() > _SMALL else 1.0
    ink = "#d9480f" if theme.dark else theme.torn  # pictures stay light in the dark
    for x, y, w, h in boxes:
        place = QRectF(x * picture.width(), y * picture.height(), w * picture.width(), h * picture.height())
        place = place.translated(picture.topLeft()).intersected(picture)
        for colour, width in (("#ffffff", line + 1.4), (ink, line)):
            painter.setPen(QPen(QColor(colour), width))
            painter.drawRect(place)
