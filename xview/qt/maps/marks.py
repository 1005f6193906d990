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

_SHEET = 4096  # pixels a picture of all marks is wide
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


def mark_size(count: int, area: float) -> float:
    """Diameter in pixels of each of `count` marks on `area` square pixels: smaller in crowds."""
    room = np.sqrt(area / max(count, 1))
    return float(np.clip(np.round(0.6 * room), 5 if count <= 20_000 else 4, 10))


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
    """Marks in every colour, plain and faded, drawn once into one picture.

    Args:
        palette: Colours as #rrggbb.
        size: Diameter of a mark in device pixels.
        opacity: Of a plain mark, so that crowds show through.
        marks: Which of the `MARKS` shapes there are.
    """

    def __init__(self, palette: Sequence[str], size: float, opacity: float, marks: Sequence[int]) -> None:
        self.cell = 2 * int(np.ceil(size * 0.67))  # even, so that fragments start on whole pixels
        self._fragments = np.empty((0, _FIELDS))
        self._across = _SHEET // self.cell
        kinds = [*marks, *(MARKS + mark for mark in marks)]
        self._first = np.zeros(2 * MARKS, np.int64)  # number of the first sprite of each shape, by colour
        self._first[kinds] = np.arange(len(kinds)) * len(palette)
        lines = -(-len(kinds) * len(palette) // self._across)
        self._sheet = QPixmap(self._across * self.cell, lines * self.cell)
        self._sheet.fill(Qt.GlobalColor.transparent)
        painter = QPainter(self._sheet)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for kind in kinds:
            path = mark_path(kind % MARKS, size / 2)
            for number, name in enumerate(palette, int(self._first[kind])):
                line, column = divmod(number, self._across)
                colour = QColor(name)
                colour.setAlphaF(opacity if kind < MARKS else FADED)
                painter.resetTransform()
                painter.translate((column + 0.5) * self.cell, (line + 0.5) * self.cell)
                painter.fillPath(path, colour)
        painter.end()

    def paint(
        self, painter: QPainter, x: Doubles, y: Doubles, colours: Ints, marks: AnyArray, faded: AnyArray
    ) -> None:
        """Paint marks at (n,) device pixels, in order, by their places in the palette and their shapes.

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
        numbers = self._first[marks.astype(np.int64) % MARKS + MARKS * faded] + colours
        np.multiply(numbers % self._across, self.cell, out=fragments[:, 2])
        np.multiply(numbers // self._across, self.cell, out=fragments[:, 3])
        first = shiboken6.wrapInstance(fragments.ctypes.data, QPainter.PixmapFragment)
        painter.drawPixmapFragments(cast(QPainter.PixmapFragment, first), n, self._sheet)
