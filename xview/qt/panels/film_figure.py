"""A shortest path as a figure for a paper: all of its frames on white, in rows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgGenerator

from xview.errors import DataError
from xview.qt.panels.film_frames import (
    ARROW,
    PathItem,
    frame_width,
    paint_frame,
    paint_step,
    used_height,
    whole_height,
)
from xview.qt.panels.film_legend import legend_width, paint_legend, sorts_of
from xview.qt.panels.results_cards import Look, State
from xview.qt.theme import LIGHT
from xview.qt.thumbnails import Thumbnails

WIDTH = 1000
"""Pixels of a row at most; on a page 17 cm wide, words are then 2 mm high."""
FINE = 3
"""Pixels of a PNG for each of those."""
_FONT = 12  # pixels
_MARGIN, _BETWEEN = 8, 12  # around all, and between rows
_PICTURE = 512  # pixels of a picture's longer edge


class FilmFigure:
    """A path to be written to a file; made in the GUI thread, whatever is on screen later.

    Args:
        items: Of the path, in order.
        lengths: What to say of it as a whole.
        thumbnails: Knows where pictures come from; they are decoded while a file is written.
    """

    def __init__(self, items: Sequence[PathItem], lengths: str, thumbnails: Thumbnails) -> None:
        self._items, self._lengths = tuple(items), lengths
        self._prints = _Prints(items, thumbnails)
        self._font = QFont(QGuiApplication.font())
        self._font.setPixelSize(_FONT)

    def save(self, path: Path) -> None:
        """Write a .png or .svg; takes a while, from any thread.

        Raises:
            DataError: The file cannot be written, or its name ends otherwise.
        """
        if path.suffix.lower() not in (".png", ".svg"):
            raise DataError(f"{path.name}: a path is saved as .png or .svg")
        film = _Film(self._items, self._lengths, self._prints, self._font)
        written = _png(film) if path.suffix.lower() == ".png" else _svg(film)
        part = path.with_name(f".{path.stem}.part{path.suffix}")
        try:
            part.write_bytes(written)
            part.replace(path)
        except OSError as error:
            raise DataError(f"cannot write {path}: {error.strerror or error}") from None
        finally:
            part.unlink(missing_ok=True)


class _Film:
    """Where everything stands, and how it is painted."""

    def __init__(self, items: Sequence[PathItem], lengths: str, prints: _Prints, font: QFont) -> None:
        self.look = Look(LIGHT, font)
        self._items, self._lengths, self._prints = items, lengths, prints
        self._places: list[QRect] = []
        self._place()
        wide = max((box.right() for box in self._places), default=0)
        self.size = QSize(wide + 1 + _MARGIN, self._caption.bottom() + 1 + _MARGIN)

    def _place(self) -> None:
        x, y, tall = _MARGIN, _MARGIN, 0
        rows: list[list[int]] = [[]]
        widths = [frame_width(item, whole_height(item, self.look), self.look) for item in self._items]
        for at, width in enumerate(widths):
            if rows[-1] and x + width > WIDTH - _MARGIN:
                rows.append([])
                x = _MARGIN + ARROW
            rows[-1].append(at)
            x += width + ARROW
        for number, row in enumerate(rows):
            x = _MARGIN + (ARROW if number else 0)
            tall = max((whole_height(self._items[at], self.look) for at in row), default=0)
            for at in row:
                self._places.append(QRect(x, y, widths[at], tall))
                x += widths[at] + ARROW
            y += max((used_height(self._items[at], self.look) for at in row), default=0) + _BETWEEN
        self._caption = QRect(_MARGIN, y, WIDTH - 2 * _MARGIN, self.look.small_line + 4)

    def paint(self, painter: QPainter) -> None:
        painter.fillRect(QRect(0, 0, self.size.width(), self.size.height()), Qt.GlobalColor.white)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for number, (item, box) in enumerate(zip(self._items, self._places, strict=True)):
            if number:
                paint_step(painter, box, item, self.look)
            paint_frame(painter, box, item, self.look, self._prints, State())
        painter.setFont(self.look.small)
        names = sorts_of(self._items)
        paint_legend(painter, self._caption, names, LIGHT)
        painter.setPen(QColor(LIGHT.text))
        beside = legend_width(names, painter.fontMetrics()) + 24
        centre = int(Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(self._caption.adjusted(beside, 0, 0, 0), centre, self._lengths)


class _Prints:
    """Pictures that are there at once, of what the data were when this was made."""

    size = 0  # none is small

    def __init__(self, items: Sequence[PathItem], thumbnails: Thumbnails) -> None:
        shown = (item.partner if item.text else (item.key, item.row) for item in items)
        self._decode = {place[0]: thumbnails.decoder(place[0]) for place in shown if place and place[1] >= 0}
        self._known: dict[tuple[str, int], QImage] = {}

    def draw(self, painter: QPainter, target: QRectF, key: str, row: int) -> bool:
        return False

    def large(self, key: str, row: int) -> QImage:
        if (key, row) not in self._known:
            self._known[key, row] = self._decode[key](row, _PICTURE)
        return self._known[key, row]


def _png(film: _Film) -> bytes:
    image = QImage(film.size * FINE, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.scale(FINE, FINE)
    film.paint(painter)
    painter.end()
    buffer = _buffer()
    QImageWriter(buffer, QByteArray(b"PNG")).write(image)
    return bytes(buffer.data().data())


def _svg(film: _Film) -> bytes:
    buffer = _buffer()
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(film.size)
    generator.setViewBox(QRect(0, 0, film.size.width(), film.size.height()))
    generator.setTitle("Shortest path")
    painter = QPainter(generator)
    film.paint(painter)
    painter.end()
    return bytes(buffer.data().data())


def _buffer() -> QBuffer:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    return buffer
