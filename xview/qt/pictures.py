"""Bytes and words from outside, turned into small pictures. Safe to call from any thread.

Decisions
    2026-11-22  Qt is told a picture's format. Left to find out, it lets every plugin look: that of SVG
                connects to the data while PySide holds the interpreter, and waits for good for a thread that
                deletes an object; that of TIFF crashes beside Pillow's. Pillow repacks what is not told.
"""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QImage, QImageReader, QPainter, QPen

from xview.errors import DataError

LARGEST = 64_000_000  # pixels of a picture worth decoding: 256 MB

_BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF8", "gif"),
    (b"BM", "bmp"),
    (b"RIFF", "webp"),
)

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
    name = next((name for begin, name in _BEGINNINGS if data.startswith(begin)), "")
    buffer = QBuffer()
    buffer.setData(QByteArray(data if name else _as_png(data)))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer, QByteArray((name or "png").encode()))
    reader.setAutoDetectImageFormat(False)
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


def _as_png(data: bytes) -> bytes:
    """A picture in another of the formats data come in, by Pillow.

    Raises:
        DataError: The bytes are no picture, or one too large to decode.
    """
    try:
        with Image.open(io.BytesIO(data), formats=("TIFF", "PPM")) as picture:
            if picture.width * picture.height > LARGEST:
                raise DataError(
                    f"the picture has {picture.width} x {picture.height} pixels, too many to show"
                )
            packed = io.BytesIO()
            picture.convert("RGBA").save(packed, "PNG", compress_level=1)
    except (OSError, ValueError, SyntaxError, EOFError, TypeError, OverflowError) as error:
        raise DataError("cannot decode the picture: unsupported image format") from error
    return packed.getvalue()


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
