"""Bars, one or a group for each name. Imports pyqtgraph."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtWidgets import QGraphicsRectItem, QWidget

from xview.arrays import AnyArray, Doubles
from xview.qt import theme
from xview.qt.palette import class_colours
from xview.qt.panels.plots.frame import Hit, Plot
from xview.qt.panels.plots.points import span
from xview.qt.panels.plots.signs import as_lines, colour_sign, legend, number

_GROUP = 0.8  # of the room of one name that its bars fill


class BarPlot(Plot):
    """Bars that can be clicked anywhere in their column (or row, where they lie)."""

    bar_clicked = Signal(int)  # position of the name
    series_clicked = Signal(int, int)  # the same, and which of its bars

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Bars", parent)
        self._names: tuple[str, ...] = ()
        self._values: dict[str, Doubles] = {}
        self._tones: tuple[str, ...] = ()
        self._lying = False
        self._chosen: int | None = None
        self._frame = QGraphicsRectItem()
        self._frame.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def show(  # type: ignore[override]
        self,
        names: Sequence[str],
        values: AnyArray | Mapping[str, AnyArray],
        *,
        y: str,
        x: str = "",
        horizontal: bool = False,
        tones: Sequence[str] = (),
    ) -> None:
        """Draw a bar for each name, or a group of bars.

        Args:
            names: n names, in the order drawn: from the left, or from the top where bars lie.
            values: (n,) numbers, or several series of them by name; NaN draws no bar.
            y: Title of the values' axis.
            x: Title of the names' axis.
            horizontal: Let the bars lie, as long names need it.
            tones: Names of the theme's colours for the series, instead of the palette's.
        """
        series = values if isinstance(values, Mapping) else {"": values}
        self._names = tuple(names)
        self._values = {name: np.asarray(numbers, float) for name, numbers in series.items()}
        self._lying, self._chosen, self._tones = horizontal, None, tuple(tones)
        self._titles(y if horizontal else x, x if horizontal else y)
        self._refresh()

    def highlight(self, bar: int | None) -> None:
        """Frame the bars of one name; None: of none."""
        self._chosen = bar
        self._show_frame()

    @property
    def drawn(self) -> int:
        """Number of bars on screen."""
        return sum(int(np.isfinite(values).sum()) for values in self._values.values())

    def place(self, bar: int, series: int = 0) -> QPoint:
        """Where the middle of a bar is, in pixels of the canvas."""
        values = list(self._values.values())[series]
        at = self._at(series, np.array([float(bar)]))[0], float(np.nan_to_num(values[bar])) / 2
        return self._pixel(at[1], at[0]) if self._lying else self._pixel(*at)

    def sizeHint(self) -> QSize:
        """Room for names and bars."""
        return QSize(360, 220)

    def _at(self, series: int, places: Doubles) -> Doubles:
        """Middles of the bars of one series."""
        width = _GROUP / len(self._values)
        return places - _GROUP / 2 + width * (series + 0.5)

    def _draw(self) -> None:
        plot, vb = self._plot, self._plot.vb
        names, numbers = ("left", "bottom") if self._lying else ("bottom", "left")
        plot.getAxis(names).set_names(self._names)
        plot.getAxis(numbers).set_names(())
        vb.invertY(self._lying)
        plot.showGrid(x=self._lying, y=not self._lying, alpha=0.2)
        worn = theme.current()
        colours = tuple(getattr(worn, t) for t in self._tones) or class_colours(len(self._values), worn.dark)
        for series, values in enumerate(self._values.values()):
            self._draw_series(series, values, colours[series])
        plot.addItem(self._frame, ignoreBounds=True)
        self._show_frame()
        whole = np.concatenate([[0.0], *self._values.values()])
        along, up = (-0.6, max(0, len(self._names) - 1) + 0.6), span(whole)
        reach = up[1] - up[0] or 1.0
        up = (up[0] - reach * (0.04 if up[0] < 0 else 0.01), up[1] + reach * (0.04 if up[1] > 0 else 0.01))
        self._limits(*((up, along) if self._lying else (along, up)), margin=0)
        several = len(self._values) > 1
        signs = {n: colour_sign(c) for n, c in zip(self._values, colours, strict=True)} if several else {}
        self._show_legend(legend(signs))

    def _draw_series(self, series: int, values: Doubles, colour: str) -> None:
        known = np.flatnonzero(np.isfinite(values))
        at, width = self._at(series, known.astype(float)), _GROUP / len(self._values)
        if self._lying:
            sizes = {"x0": np.zeros(len(known)), "y": at, "width": values[known], "height": width}
        else:
            sizes = {"x": at, "y0": np.zeros(len(known)), "height": values[known], "width": width}
        self._plot.addItem(pg.BarGraphItem(**sizes, brush=colour, pen=pg.mkPen(None)))

    def _show_frame(self) -> None:
        """About the chosen bars, from end to end of the axis so that bars of no height are framed too."""
        self._frame.setVisible(self._chosen is not None)
        self._frame.setPen(pg.mkPen(theme.current().accent, width=1.5))
        if self._chosen is None:
            return
        whole = np.concatenate([[0.0], *self._values.values()])
        (low, high), start = span(whole), self._chosen - _GROUP / 2
        tall = (high - low) or 1.0
        rect = QRectF(start, low, _GROUP, tall)
        self._frame.setRect(QRectF(low, start, tall, _GROUP) if self._lying else rect)

    def _hit(self, place: QPoint) -> Hit | None:
        at: QPointF = self._data(place)
        along = at.y() if self._lying else at.x()
        bar, several = round(along), len(self._values)
        series = math.floor((along - bar + _GROUP / 2) * several / _GROUP)
        return (bar, min(max(series, 0), several - 1)) if 0 <= bar < len(self._names) else None

    def _next(self, hit: Hit | None, right: int, down: int) -> Hit | None:
        if not self._names:
            return None
        bar, series = (0, 0) if hit is None else hit
        along, across = (down, right) if self._lying else (right, down)
        last, front = len(self._names) - 1, len(self._values) - 1
        return min(max(bar + along, 0), last), min(max(series + across, 0), front)

    def _place_of(self, hit: Hit) -> QPoint:
        return self.place(*hit)

    def _tell(self, hit: Hit) -> str:
        values = ((name, values[hit[0]]) for name, values in self._values.items())
        return as_lines(
            [(self._names[hit[0]], ""), *((name, number(v) if np.isfinite(v) else "–") for name, v in values)]
        )

    def _click(self, hit: Hit) -> None:
        self.bar_clicked.emit(hit[0])
        self.series_clicked.emit(*hit)
