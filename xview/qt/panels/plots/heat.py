"""A matrix as colours, with a scale beside it. Imports pyqtgraph."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPoint, QRectF, Qt, Signal
from PySide6.QtWidgets import QGraphicsRectItem, QWidget

from xview.arrays import AnyArray, Doubles
from xview.qt import theme
from xview.qt.palette import diverging_colours, scale_colours
from xview.qt.panels.plots.frame import Hit, Plot
from xview.qt.panels.plots.points import span
from xview.qt.panels.plots.signs import as_lines, number


class HeatPlot(Plot):
    """Cells that can be clicked; row 0 is on top. A cell without a number shows the ground."""

    cell_clicked = Signal(int, int)  # row, column

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Heat map", parent)
        self._values: Doubles = np.empty((0, 0))
        self._ticks: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
        self._groups: tuple[tuple[int, ...], tuple[int, ...]] = ((), ())  # of columns, of rows
        self._diverging = False
        self._tell_cell: Callable[[int, int], str] | None = None
        self._marked: tuple[int, int] | None = None
        self._frame = QGraphicsRectItem()
        self._frame.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self._image = pg.ImageItem(axisOrder="row-major")
        self._bar = pg.ColorBarItem(interactive=False, width=12)
        self._bar.getAxis("right").enableAutoSIPrefix(False)
        self._plot.layout.addItem(self._bar, 2, 5)

    def show(  # type: ignore[override]
        self,
        values: AnyArray,
        *,
        x: str,
        y: str,
        x_ticks: Sequence[str],
        y_ticks: Sequence[str],
        x_groups: Sequence[int] | None = None,
        y_groups: Sequence[int] | None = None,
        diverging: bool = False,
        tell: Callable[[int, int], str] | None = None,
        of: str = "",
    ) -> None:
        """Draw a matrix.

        Args:
            values: (r, c) numbers, NaN where there is none.
            x, y: Titles of the axes.
            x_ticks, y_ticks: A name for each column and row, shown as far as they fit; empty: numbers.
            x_groups: Columns where a group begins, as of one class; a line parts them.
            y_groups: The same of rows; None parts them as columns where there are as many of them.
            diverging: Colours that part above from below zero, as differences need.
            tell: Words for a cell's tooltip, plain text, instead of its value.
            of: Title of the scale.
        """
        self._values = np.asarray(values, float)
        self._ticks = tuple(x_ticks), tuple(y_ticks)
        alike = x_groups if len(self._values) == self._values.shape[1] else ()
        self._groups = tuple(x_groups or ()), tuple((alike if y_groups is None else y_groups) or ())
        self._diverging, self._tell_cell, self._marked = diverging, tell, None
        self._bar.getAxis("right").setLabel(of)
        self._titles(x, y)
        self._refresh()

    def mark(self, row: int | None, column: int | None) -> None:
        """Frame a cell, as where a setting stands now; None: none."""
        self._marked = None if row is None or column is None else (row, column)
        self._show_frame()

    @property
    def drawn(self) -> int:
        """Number of cells with a number."""
        return int(np.isfinite(self._values).sum())

    def place(self, row: int, column: int) -> QPoint:
        """Where the middle of a cell is, in pixels of the canvas."""
        return self._pixel(column, row)

    def _draw(self) -> None:
        plot, worn = self._plot, theme.current()
        rows, columns = self._values.shape
        plot.showGrid(x=False, y=False)
        plot.vb.invertY(True)
        for side, names in zip(("bottom", "left"), self._ticks, strict=True):
            plot.getAxis(side).set_names(names)
        low, high = self._ends()
        colours = diverging_colours(self._dark) if self._diverging else scale_colours()
        table = pg.ColorMap(np.linspace(0, 1, len(colours)), [pg.mkColor(colour) for colour in colours])
        self._image.setImage(self._values, autoLevels=False, levels=(low, high))
        self._image.setLookupTable(table.getLookupTable(nPts=256, alpha=False))
        self._image.setRect(QRectF(-0.5, -0.5, columns, rows))
        self._bar.setColorMap(table)
        self._bar.setLevels((low, high))
        axis = self._bar.getAxis("right")
        axis.setPen(pg.mkPen(worn.border))
        axis.setTextPen(pg.mkPen(worn.muted))
        plot.addItem(self._image)
        self._draw_groups()
        plot.addItem(self._frame, ignoreBounds=True)
        self._show_frame()
        self._limits((-0.5, columns - 0.5), (-0.5, rows - 0.5), margin=0)

    def _ends(self) -> tuple[float, float]:
        low, high = span(self._values)
        if self._diverging:
            reach = max(abs(low), abs(high)) or 1.0
            return -reach, reach
        return (low, high) if high > low else (low, low + 1.0)

    def _draw_groups(self) -> None:
        pen = pg.mkPen(theme.current().text, width=1)
        for starts, angle in zip(self._groups, (90, 0), strict=True):
            for start in starts:
                self._plot.addItem(pg.InfiniteLine(start - 0.5, angle=angle, pen=pen), ignoreBounds=True)

    def _show_frame(self) -> None:
        self._frame.setVisible(self._marked is not None)
        self._frame.setPen(pg.mkPen(theme.current().accent, width=2.5))
        if self._marked is not None:
            row, column = self._marked
            self._frame.setRect(QRectF(column - 0.5, row - 0.5, 1, 1))

    def _hit(self, place: QPoint) -> Hit | None:
        at = self._data(place)
        row, column = math.floor(at.y() + 0.5), math.floor(at.x() + 0.5)
        rows, columns = self._values.shape
        return (row, column) if 0 <= row < rows and 0 <= column < columns else None

    def _next(self, hit: Hit | None, right: int, down: int) -> Hit | None:
        rows, columns = self._values.shape
        if not rows or not columns:
            return None
        row, column = (0, 0) if hit is None else (hit[0] + down, hit[1] + right)
        return min(max(row, 0), rows - 1), min(max(column, 0), columns - 1)

    def _place_of(self, hit: Hit) -> QPoint:
        return self.place(*hit)

    def _tell(self, hit: Hit) -> str:
        row, column = hit
        if self._tell_cell is not None:
            return as_lines((line, "") for line in self._tell_cell(row, column).split("\n"))
        value = float(self._values[row, column])
        named = (
            (title, names[at] if names else at)
            for title, names, at in zip((self._x, self._y), self._ticks, (column, row), strict=True)
        )
        return as_lines([*named, ("", number(value) if math.isfinite(value) else "–")])

    def _click(self, hit: Hit) -> None:
        self.cell_clicked.emit(*hit)
