"""Curves over one axis: a colour and a dash each, perhaps with a band. Imports pyqtgraph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from xview.arrays import AnyArray, Doubles
from xview.qt import theme
from xview.qt.palette import class_colours
from xview.qt.panels.plots.frame import Hit, Plot
from xview.qt.panels.plots.points import nearest_pixel, span
from xview.qt.panels.plots.signs import PENS, as_lines, colour_sign, legend, number

_DOTS = 60  # points of a curve up to which each is marked
_FADED, _BAND = 0.25, 0.18


@dataclass(frozen=True, eq=False, slots=True)
class Curve:
    """One line of a plot.

    Attributes:
        name: What the legend and the tooltip call it.
        x, y: (n,) numbers; a point whose y is NaN is left out. On a logarithmic axis x is above 0.
        colour_index: Position in the palette; curves of one colour belong together.
        dash: 0 solid, 1 dashed, 2 dotted, 3 dash-dotted.
        low, high: (n,) ends of a band about the curve, or None.
    """

    name: str
    x: AnyArray
    y: AnyArray
    colour_index: int = 0
    dash: int = 0
    low: AnyArray | None = None
    high: AnyArray | None = None


class CurvePlot(Plot):
    """Curves whose points can be clicked."""

    point_clicked = Signal(int, int)  # curve, point

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Curves", parent)
        self._curves: tuple[Curve, ...] = ()
        self._points: list[tuple[Doubles, Doubles]] = []  # as numbers of the axes
        self._y_range: tuple[float, float] | None = None
        self._log = False
        self._chosen: frozenset[int] = frozenset()
        self._marked: float | None = None
        self._words_above: str | None = None
        self._line = pg.InfiniteLine(angle=90, movable=False)

    def show(  # type: ignore[override]
        self,
        curves: Sequence[Curve],
        *,
        x: str,
        y: str,
        y_range: tuple[float, float] | None = None,
        log_x: bool = False,
        legend: str | None = None,
    ) -> None:
        """Draw these curves.

        Args:
            x, y: Titles of the axes.
            y_range: Extent of the upright axis; None fits the curves.
            log_x: Logarithmic x axis.
            legend: Rich text to stand above instead of the curves' names.
        """
        self._curves, self._y_range, self._log = tuple(curves), y_range, log_x
        self._chosen, self._words_above = frozenset(), legend
        self._points = [(self._on_axis(curve.x), np.asarray(curve.y, float)) for curve in curves]
        self._titles(x, y)
        self._refresh()

    def mark(self, x: float | None) -> None:
        """Draw an upright line where a setting stands now; None: none."""
        self._marked = x
        self._show_mark()

    def emphasise(self, curves: Sequence[int]) -> None:
        """Draw some curves stronger than the others; none: all alike."""
        self._chosen = frozenset(curves)
        self._refresh()

    @property
    def drawn(self) -> int:
        """Number of curves on screen."""
        return len(self._curves)

    def place(self, curve: int, point: int) -> QPoint:
        """Where a point is, in pixels of the canvas."""
        x, y = self._points[curve]
        return self._pixel(float(x[point]), float(y[point]))

    def _on_axis(self, x: AnyArray) -> Doubles:
        return np.log10(np.asarray(x, float)) if self._log else np.asarray(x, float)

    def _draw(self) -> None:
        plot = self._plot
        plot.setLogMode(x=self._log)
        plot.showGrid(x=False, y=True, alpha=0.2)
        colours = self._colours()
        dots: list[dict[str, object]] = []
        for place, (curve, (x, y)) in enumerate(zip(self._curves, self._points, strict=True)):
            colour = QColor(colours[place])
            if self._chosen and place not in self._chosen:
                colour.setAlphaF(_FADED)
            if curve.low is not None and curve.high is not None:
                self._draw_band(x, curve.low, curve.high, colour)
            pen = pg.mkPen(colour, width=1.6, style=PENS[curve.dash % len(PENS)])
            plot.addItem(pg.PlotCurveItem(x, y, pen=pen, antialias=True, connect="finite"))
            if len(x) <= _DOTS:
                dots += [{"pos": pos, "brush": colour} for pos in zip(x.tolist(), y.tolist(), strict=True)]
        plot.addItem(pg.ScatterPlotItem(spots=dots, size=5, pen=None))  # an item a curve takes longer
        plot.addItem(self._line, ignoreBounds=True)
        self._show_mark()
        if self._points:
            ends = [end for c in self._curves for end in (c.y, c.low, c.high) if end is not None]
            whole = np.concatenate([np.asarray(end, float) for end in ends])
            across = span(np.concatenate([x for x, _ in self._points]))
            self._limits(across, self._y_range or span(whole))
        self._show_legend(self._signs())

    def _colours(self) -> list[str]:
        palette = class_colours(1 + max((c.colour_index for c in self._curves), default=0), self._dark)
        return [palette[curve.colour_index] for curve in self._curves]

    def _signs(self) -> str:
        if self._words_above is not None:
            return self._words_above
        pens = (PENS[curve.dash % len(PENS)] for curve in self._curves)
        colours = zip(self._curves, self._colours(), pens, strict=True)
        return legend({curve.name: colour_sign(colour, pen) for curve, colour, pen in colours if curve.name})

    def _draw_band(self, x: Doubles, low: AnyArray, high: AnyArray, colour: QColor) -> None:
        """What lies between two curves; where one end is unknown, nothing does."""
        known = np.isfinite(low) & np.isfinite(high)
        ends = [pg.PlotCurveItem(x[known], np.asarray(end, float)[known]) for end in (low, high)]
        filled = QColor(colour)
        filled.setAlphaF(_BAND * colour.alphaF())
        self._plot.addItem(pg.FillBetweenItem(*ends, brush=filled))

    def _show_mark(self) -> None:
        self._line.setPen(pg.mkPen(theme.current().accent, width=1.2, style=Qt.PenStyle.DashLine))
        self._line.setVisible(self._marked is not None)
        if self._marked is not None:
            self._line.setValue(float(self._on_axis(np.array([self._marked]))[0]))

    def _hit(self, place: QPoint) -> Hit | None:
        sizes = [len(x) for x, _ in self._points]
        if not sum(sizes):
            return None
        x, y = (np.concatenate([points[axis] for points in self._points]) for axis in (0, 1))
        found = nearest_pixel(self._pixels(x, y), place)
        if found is None:
            return None
        starts = np.cumsum([0, *sizes])
        curve = int(np.searchsorted(starts, found, "right")) - 1
        return curve, found - int(starts[curve])

    def _next(self, hit: Hit | None, right: int, down: int) -> Hit | None:
        """The next point of a curve, or the point of another curve nearest along x; only where they are."""
        drawn = [np.flatnonzero(np.isfinite(x) & np.isfinite(y)) for x, y in self._points]
        curves = [curve for curve, points in enumerate(drawn) if points.size]
        if not curves:
            return None
        if hit is None:
            return curves[0], int(drawn[curves[0]][0])
        at = min(max(curves.index(hit[0]) + down, 0), len(curves) - 1)
        x, known = self._points[curves[at]][0], drawn[curves[at]]
        nearest = int(np.argmin(np.abs(x[known] - self._points[hit[0]][0][hit[1]])))
        return curves[at], int(known[min(max(nearest + right, 0), len(known) - 1)])

    def _place_of(self, hit: Hit) -> QPoint:
        return self.place(*hit)

    def _tell(self, hit: Hit) -> str:
        curve, point = self._curves[hit[0]], hit[1]
        lines: list[tuple[str, object]] = [(self._x, number(float(curve.x[point])))]
        lines.append((self._y, number(float(curve.y[point]))))
        if curve.low is not None and curve.high is not None:
            lines.append(("from", f"{curve.low[point]:.4g} to {curve.high[point]:.4g}"))
        return as_lines([(curve.name, ""), *lines])

    def _click(self, hit: Hit) -> None:
        self.point_clicked.emit(*hit)
