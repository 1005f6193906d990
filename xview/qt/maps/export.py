"""A map as a file: pixels or outlines."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect, QSize
from PySide6.QtGui import QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgGenerator

from xview.errors import XViewError
from xview.qt.maps.layer import PointLayer
from xview.qt.maps.picture import Shot, paint_shot

if TYPE_CHECKING:
    from xview.qt.maps.canvas import MapCanvas

OUTLINED = 20_000
"""Points up to which an SVG holds an outline for each; more would choke what opens it."""
PIXELS = 4.0
"""Pixels a logical pixel of the points of an SVG beyond that."""


def save_maps(canvases: Mapping[str, MapCanvas], folder: Path) -> list[Path]:
    """Write maps by name as PNG, twice as fine as the screen, and as SVG; returns the files.

    Raises:
        XViewError: A file cannot be written.
    """
    written: list[Path] = []
    for name, canvas in canvases.items():
        stem = "".join(c if c.isalnum() else "-" for c in name).strip("-") or "map"
        taken = {path.stem for path in written}
        unique = next(s for s in (stem, *(f"{stem}-{i}" for i in range(2, 1000))) if s not in taken)
        png, svg = folder / f"{unique}.png", folder / f"{unique}.svg"
        save_png(canvas, png, 2.0)
        save_svg(canvas, svg)
        written += [png, svg]
    return written


def save_png(canvas: MapCanvas, path: Path, scale: float) -> None:
    """Write what the canvas shows, `scale` device pixels per logical one.

    Raises:
        XViewError: The file cannot be written.
    """
    image = QImage(round(canvas.width() * scale), round(canvas.height() * scale), QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.scale(scale, scale)
    _paint(painter, canvas.shot(), scale)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    _write(path, buffer)


def save_svg(canvas: MapCanvas, path: Path) -> None:
    """Write what the canvas shows as outlines; pictures, and points beyond 20,000, are pixels in it.

    Raises:
        XViewError: The file cannot be written.
    """
    buffer = QBuffer()
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(QSize(canvas.width(), canvas.height()))
    generator.setViewBox(QRect(0, 0, canvas.width(), canvas.height()))
    generator.setTitle(canvas.accessibleName())
    painter = QPainter(generator)
    _paint(painter, canvas.shot(), None if len(canvas.points) <= OUTLINED else PIXELS)
    painter.end()
    _write(path, buffer)


def _paint(painter: QPainter, shot: Shot, ratio: float | None) -> None:
    """Paint with points of `ratio` pixels a logical one, or as outlines where that is None."""
    layer = None if ratio is None else PointLayer().pixmap(shot.crowd, shot.camera, shot.size, ratio)
    paint_shot(painter, shot, layer)


def _write(path: Path, buffer: QBuffer) -> None:
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(buffer.data().data())
        part.replace(path)
    except OSError as error:
        raise XViewError(f"{path}: the picture cannot be written there ({error.strerror}).") from error
