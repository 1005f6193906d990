"""A cloud of points, each an item. Imports pyqtgraph."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QRubberBand, QWidget

from xview.arrays import AnyArray, Doubles, Ints
from xview.qt import theme
from xview.qt.palette import class_colours
from xview.qt.panels.plots.dots import Dots
from xview.qt.panels.plots.frame import Hit, Plot
from xview.qt.panels.plots.points import span
from xview.qt.panels.plots.signs import as_lines, colour_sign, legend, number


class CloudPlot(Plot):
    """Points that can be clicked, or chosen together in a box dragged with Shift held."""

    clicked = Signal(int)  # row of the nearest point
    lassoed = Signal(object)  # (n,) int64 rows in the box

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Cloud of points", parent)
        self._numbers: tuple[Doubles, Doubles] = (np.empty(0), np.empty(0))
        self._at = self._numbers  # where they are drawn
        self._codes: Ints | None = None
        self._names: tuple[str, ...] = ()
        self._tell_row: Callable[[int], str] | None = None
        self._key = True
        self._marked: Ints = np.empty(0, dtype=np.int64)
        self._dots = Dots(self.canvas, self._pixels)
        self._rings = pg.ScatterPlotItem(size=12, brush=None)
        self._box: QRubberBand | None = None

    def show(  # type: ignore[override]
        self,
        x: AnyArray,
        y: AnyArray,
        *,
        x_title: str,
        y_title: str,
        codes: AnyArray | None = None,
        names: Sequence[str] = (),
        marked: Sequence[int] | AnyArray = (),
        tell: Callable[[int], str] | None = None,
        jitter: float = 0.0,
        key: bool = True,
    ) -> None:
        """Draw n points.

        Args:
            x, y: (n,) numbers; a point with a NaN is left out.
            x_title, y_title: Of the axes.
            codes: (n,) category of each point, a position in `names`, which colours it.
            names: Of the categories; the legend tells those that a point has.
            marked: Rows to ring.
            jitter: Width over which points are spread along x, so that those of equal x can be told apart;
                the tooltip tells the number itself.
            tell: Words for a row's tooltip, plain text; its numbers stand below them.
            key: Whether a legend tells the colours; without, what `tell` says must do.
        """
        self._numbers = np.asarray(x, float), np.asarray(y, float)
        spread = np.random.default_rng(0).uniform(-jitter / 2, jitter / 2, len(self._numbers[0]))
        self._at = self._numbers[0] + spread, self._numbers[1]
        self._codes = None if codes is None else np.asarray(codes, np.int64)
        self._names, self._tell_row, self._key = tuple(names), tell, key
        self._marked = np.asarray(marked, np.int64)
        self._titles(x_title, y_title)
        self._refresh()

    def mark(self, rows: Sequence[int] | AnyArray) -> None:
        """Ring these points and no others."""
        self._marked = np.asarray(rows, np.int64)
        self._show_marked()

    @property
    def drawn(self) -> int:
        """Number of points on screen."""
        return len(self._dots.rows)

    def place(self, row: int) -> QPoint:
        """Where a point is, in pixels of the canvas."""
        return self._pixel(float(self._at[0][row]), float(self._at[1][row]))

    def _draw(self) -> None:
        self._plot.showGrid(x=True, y=True, alpha=0.15)
        codes = np.zeros(len(self._at[0]), np.int64) if self._codes is None else self._codes
        colours = class_colours(max(1, len(self._names)), self._dark)
        self._dots.show_points(*self._at, codes, colours)
        for item in (self._dots, self._rings):
            self._plot.addItem(item)
        self._show_marked()
        rows = self._dots.rows
        self._limits(*(span(values[rows]) for values in self._at), margin=0.04)
        present = np.unique(codes[rows]).tolist()
        self._show_legend(
            legend({self._names[code]: colour_sign(colours[code]) for code in present})
            if self._codes is not None and self._key
            else ""
        )

    def _show_marked(self) -> None:
        shown = self._marked[np.isin(self._marked, self._dots.rows)]
        pen = pg.mkPen(theme.current().text, width=1.6)
        self._rings.setData(self._at[0][shown], self._at[1][shown], pen=pen)

    def _hit(self, place: QPoint) -> Hit | None:
        found = self._dots.nearest(place)
        return None if found is None else (found,)

    def _next(self, hit: Hit | None, right: int, down: int) -> Hit | None:
        """The next point along x, or along y."""
        known = self._dots.rows
        if not known.size:
            return None
        across = hit is None or right != 0
        order = known[np.argsort(self._at[0][known] if across else -self._at[1][known], kind="stable")]
        if hit is None:
            return (int(order[0]),)
        at = int(np.flatnonzero(order == hit[0])[0]) + (right or down)
        return (int(order[min(max(at, 0), len(order) - 1)]),)

    def _place_of(self, hit: Hit) -> QPoint:
        return self.place(*hit)

    def _tell(self, hit: Hit) -> str:
        row = hit[0]
        head = [] if self._tell_row is None else [(line, "") for line in self._tell_row(row).split("\n")]
        if self._codes is not None and self._tell_row is None:
            head = [(self._names[self._codes[row]], "")]
        x, y = (number(float(values[row])) for values in self._numbers)
        return as_lines([*head, (self._x, x), (self._y, y)])

    def _click(self, hit: Hit) -> None:
        self.clicked.emit(hit[0])

    # the box

    def _press(self, place: QPoint, event: QMouseEvent) -> None:
        super()._press(place, event)
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._box = QRubberBand(QRubberBand.Shape.Rectangle, self.canvas)
            self._box.setGeometry(QRect(place, place))
            self._box.setVisible(True)

    def _moved(self, place: QPoint, event: QMouseEvent) -> None:
        if self._box is None or self._pressed is None:
            super()._moved(place, event)
        else:
            self._box.setGeometry(QRect(self._pressed, place).normalized())

    def _release(self, place: QPoint, event: QMouseEvent) -> None:
        box, self._box = self._box, None
        if box is None or self._pressed is None:
            super()._release(place, event)
            return
        box.setVisible(False)
        box.deleteLater()
        limits = QRect(self._pressed, place).normalized()
        self._pressed = None
        self.lassoed.emit(self._dots.inside(limits))
