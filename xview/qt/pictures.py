"""Bytes and words from outside, turned into small pictures. Safe to call from any thread."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QImage, QImageReader, QPainter, QPen

from xview.errors import DataError

LARGEST = 64_000_000  # pixels of a picture worth decoding: 256 MB

PAPER = QColor("#ffffff")
INK = QColor("#1f2430")
FAINT = QColor("#c3c8d1")
FAULT = QColor("#b3261e")


def looks_like_picture(path: Path) -> bool:
    """Whether a file's first bytes are those of a picture format that can be read, whatever its name."""
    return bool(QImageReader.imageFormat(str(path)).data())


def decode(data: bytes, side: int) -> QImage:
    """A picture file's content on a white plate, its longer edge at most `side` pixels.

    White, because line art is black on nothing and has to show in the dark theme too.

    Raises:
        DataError: The bytes are no picture, or one too large to decode.
    """
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid():
        if size.width() * size.height() > LARGEST:
            raise DataError(f"the picture has {size.width()} x {size.height()} pixels, too many to show")
        if max(size.width(), size.height()) > side:
            fitted = size.scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio)
            reader.setScaledSize(fitted.expandedTo(QSize(1, 1)))
    image = reader.read()
    if image.isNull():
        raise DataError(f"cannot decode the picture: {reader.errorString().lower()}")
    if max(image.width(), image.height()) > side:
        image = image.scaled(
            side,
            side,
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
    plate = QImage(image.size(), QImage.Format.Format_ARGB32_Premultiplied)
    plate.fill(PAPER)
    painter = QPainter(plate)
    painter.drawImage(0, 0, image)
    painter.end()
    return plate


def text_tile(text: str, side: int) -> QImage:
    """The first words of a text on a paper tile of `side` x `side` pixels."""
    tile = _tile(side)
    painter = QPainter(tile)
    font = QFont()
    font.setPixelSize(max(9, side // 6))
    painter.setFont(font)
    painter.setPen(INK)
    margin = max(2, side // 16)
    box = QRect(margin, margin, side - 2 * margin, side - 2 * margin)
    lines = max(1, box.height() // painter.fontMetrics().lineSpacing())
    flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
    painter.setClipRect(QRect(box.topLeft(), QSize(box.width(), lines * painter.fontMetrics().lineSpacing())))
    painter.drawText(box, flags, text[:200])
    painter.end()
    return tile


def vector_tile(side: int) -> QImage:
    """The tile of an item known by its vector only: a few bars."""
    tile = _tile(side)
    painter = QPainter(tile)
    heights = (0.35, 0.6, 0.25, 0.5, 0.4)
    step = side / (len(heights) + 2)
    for i, height in enumerate(heights):
        bar = QRectF(step * (i + 1.15), side * (0.75 - height), step * 0.7, side * height)
        painter.fillRect(bar, FAINT)
    painter.end()
    return tile


def fault_tile(side: int) -> QImage:
    """The tile of an item whose picture cannot be shown: a crossed frame."""
    tile = _tile(side)
    painter = QPainter(tile)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    frame = QRectF(side * 0.25, side * 0.25, side * 0.5, side * 0.5)
    painter.setPen(QPen(FAINT, max(1.0, side / 32)))
    painter.drawRect(frame)
    painter.setPen(QPen(FAULT, max(1.0, side / 32)))
    painter.drawLine(frame.topLeft(), frame.bottomRight())
    painter.drawLine(frame.topRight(), frame.bottomLeft())
    painter.end()
    return tile


def _tile(side: int) -> QImage:
    tile = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    tile.fill(PAPER)
    return tile
