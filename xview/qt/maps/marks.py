"""Marks: shapes that tell modalities apart, and the fast way to paint very many of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import cast

import numpy as np
import shiboken6
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPixmap, QPolygonF

from xview.arrays import AnyArray, Doubles, Ints

_CROSS = (
    *((-0.4, -1.1), (0.4, -1.1), (0.4, -0.4), (1.1, -0.4), (1.1, 0.4), (0.4, 0.4)),
    *((0.4, 1.1), (-0.4, 1.1), (-0.4, 0.4), (-1.1, 0.4), (-1.1, -0.4), (-0.4, -0.4)),
)
_CORNERS: tuple[tuple[tuple[float, float], ...], ...] = (
    (),  # a disc
    ((0, -1.33), (1.1, 0.67), (-1.1, 0.67)),
    ((-0.88, -0.88), (0.88, -0.88), (0.88, 0.88), (-0.88, 0.88)),
    ((0, -1.25), (1.05, 0), (0, 1.25), (-1.05, 0)),
    ((0, 1.33), (1.1, -0.67), (-1.1, -0.67)),
    _CROSS,
)
MARKS = len(_CORNERS)
"""Shapes before they repeat: disc, triangle, square, diamond, triangle down, cross."""

FADED = 0.13
"""Opacity of points outside the selection."""

_FIELDS = (
    10  # doubles in a QPainter::PixmapFragment: x, y, source rectangle, scale x and y, rotation, opacity
)


def mark_path(mark: int, radius: float) -> QPainterPath:
    """Outline of a mark around (0, 0); shapes have about equal area at equal `radius` in pixels."""
    path = QPainterPath()
    corners = _CORNERS[mark % MARKS]
    if corners:
        path.addPolygon(QPolygonF([QPointF(x * radius, y * radius) for x, y in corners]))
        path.closeSubpath()
    else:
        path.addEllipse(QPointF(0, 0), radius, radius)
    return path


@lru_cache(maxsize=8)
def star_path(radius: float) -> QPainterPath:
    """A five-pointed star around (0, 0); the same object each time, so not to be changed."""
    turns = np.arange(10) * np.pi / 5
    reach = np.where(np.arange(10) % 2, 0.45, 1.0) * radius
    path = QPainterPath()
    path.addPolygon(
        QPolygonF([QPointF(r * np.sin(t), -r * np.cos(t)) for r, t in zip(reach, turns, strict=True)])
    )
    path.closeSubpath()
    return path


class Sprites:
    """Every mark in every colour, plain and faded, drawn once into one picture.

    Args:
        palette: Colours as #rrggbb.
        size: Diameter of a mark in device pixels.
        opacity: Of a plain mark, so that crowds show through.
    """

    def __init__(self, palette: Sequence[str], size: float, opacity: float) -> None:
        self.cell = 2 * int(np.ceil(size * 0.67))  # even, so that fragments start on whole pixels
        self._fragments = np.empty((0, _FIELDS))
        self._sheet = QPixmap(self.cell * len(palette), self.cell * MARKS * 2)
        self._sheet.fill(Qt.GlobalColor.transparent)
        painter = QPainter(self._sheet)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for row in range(MARKS * 2):
            path = mark_path(row % MARKS, size / 2)
            for column, name in enumerate(palette):
                colour = QColor(name)
                colour.setAlphaF(opacity if row < MARKS else FADED)
                painter.resetTransform()
                painter.translate((column + 0.5) * self.cell, (row + 0.5) * self.cell)
                painter.fillPath(path, colour)
        painter.end()

    def paint(self, painter: QPainter, x: Doubles, y: Doubles, colours: Ints, rows: AnyArray) -> None:
        """Paint marks at (n,) device pixels, in order: column `colours` and line `rows` of the sheet.

        PySide6 crashes on a list of fragments, so Qt is handed the array: a `PixmapFragment` is ten doubles.
        """
        n = len(x)
        if not n:
            return
        if len(self._fragments) < n:
            self._fragments = np.ones((n, _FIELDS))
            self._fragments[:, 4:6] = self.cell
            self._fragments[:, 8] = 0.0
        fragments = self._fragments[:n]
        np.rint(x, out=fragments[:, 0])
        np.rint(y, out=fragments[:, 1])
        np.multiply(colours, self.cell, out=fragments[:, 2])
        np.multiply(rows, self.cell, out=fragments[:, 3])
        first = shiboken6.wrapInstance(fragments.ctypes.data, QPainter.PixmapFragment)
        painter.drawPixmapFragments(cast(QPainter.PixmapFragment, first), n, self._sheet)


def sheet_rows(marks: AnyArray, faded: AnyArray) -> Ints:
    """Line of the sheet of each point, (n,), from its mark and whether it is faded."""
    return np.asarray(marks.astype(np.int64) % MARKS + MARKS * faded)
