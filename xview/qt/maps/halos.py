"""Painting of halos: discs under the points, thousands in a few milliseconds."""

from __future__ import annotations

from functools import lru_cache
from typing import cast

import numpy as np
import shiboken6
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPaintEngine, QPainter, QPixmap

from xview.arrays import Doubles

_FIELDS = (
    10  # doubles in a QPainter::PixmapFragment: x, y, source rectangle, scale x and y, rotation, opacity
)


def paint_halos(painter: QPainter, places: Doubles, sizes: Doubles, colour: QColor) -> None:
    """Paint opaque discs at (n, 2) logical pixels with (n,) diameters.

    On pixels they are stamped, diameters rounded to whole device pixels; in pictures that are scaled later
    (SVG) each is drawn as the ellipse it is.
    """
    if painter.paintEngine().type() != QPaintEngine.Type.Raster:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        for (x, y), size in zip(places.tolist(), sizes.tolist(), strict=True):
            painter.drawEllipse(QPointF(x, y), size / 2, size / 2)
        return
    if not len(places):
        return
    ratio = painter.device().devicePixelRatioF()
    diameters = np.maximum(1, np.rint(sizes * ratio)).astype(np.int64)
    sheet, cell = _discs(colour.name(), int(diameters.max()))
    fragments = np.ones((len(places), _FIELDS))
    fragments[:, :2] = np.rint(places * ratio)
    fragments[:, 2] = (diameters - 1) * cell
    fragments[:, 3] = fragments[:, 8] = 0.0
    fragments[:, 4:6] = cell
    painter.save()
    painter.scale(1 / ratio, 1 / ratio)
    first = shiboken6.wrapInstance(fragments.ctypes.data, QPainter.PixmapFragment)
    painter.drawPixmapFragments(cast(QPainter.PixmapFragment, first), len(places), sheet)
    painter.restore()


@lru_cache(maxsize=4)
def _discs(colour: str, largest: int) -> tuple[QPixmap, int]:
    """Discs of diameter 1 to `largest` device pixels side by side, and the side of a disc's cell."""
    cell = largest + 2 + largest % 2  # even, so that fragments start on whole pixels
    sheet = QPixmap(cell * largest, cell)
    sheet.fill(Qt.GlobalColor.transparent)
    painter = QPainter(sheet)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    for size in range(1, largest + 1):
        box = QRectF(0, 0, size, size)
        box.moveCenter(QPointF((size - 0.5) * cell, cell / 2))
        painter.drawEllipse(box)
    painter.end()
    return sheet, cell
