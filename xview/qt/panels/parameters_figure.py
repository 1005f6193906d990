"""What sweeps found, as curves or as a heat map. Plots are loaded when there is something to draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QStackedLayout, QWidget

from xview.metrics.sweep import Sweep
from xview.qt.panels.parameters_words import figure, levels, named, nearest, titles, where

if TYPE_CHECKING:
    from xview.qt.panels.plots import CurvePlot, HeatPlot

EMPTY = "Choose one setting, or two, and run: how well the ranker does at every value, by all queries."


class SweepFigure(QWidget):
    """Curves of all sweeps over one setting together; one sweep over two settings as a map."""

    chosen = Signal(object, tuple)  # a sweep's request, the place of one of its cells

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._measure = ""
        self._now: Mapping[str, Mapping[str, Any]] = {}
        self._drawn: tuple[Sweep, ...] = ()
        self._current: Sweep | None = None
        self._levels = 0
        self.curves: CurvePlot | None = None
        self.map: HeatPlot | None = None
        self._empty = QLabel(EMPTY, self)
        self._empty.setProperty("role", "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self._empty)

    @property
    def drawn(self) -> tuple[Sweep, ...]:
        """The sweeps on screen."""
        return self._drawn

    def show_sweeps(
        self, sweeps: Sequence[Sweep], measure: str, colours: Sequence[int], current: Sweep | None
    ) -> None:
        """Draw sweeps.

        Args:
            sweeps: Several over the same one setting, or one over two.
            measure: What of them.
            colours: A number each, which a sweep keeps whatever else is drawn.
            current: Whose ranker's settings are marked.
        """
        self._drawn, self._measure, self._current = tuple(sweeps), measure, current
        if not sweeps:
            self._pages.setCurrentWidget(self._empty)
        elif len(sweeps[0].request.axes) == 1:
            self._show_curves(colours)
        else:
            self._show_map()

    def show_now(self, now: Mapping[str, Mapping[str, Any]]) -> None:
        """Mark where the settings of each ranker, by key, stand."""
        self._now = now
        self._show_marks()

    def save(self, path: Path) -> bool:
        """Save the picture (.png, .svg); False if it cannot be written."""
        shown = (plot for plot in (self.curves, self.map) if plot is self._pages.currentWidget() is not None)
        return any(plot.save(path) for plot in shown if plot is not None)

    def _show_curves(self, colours: Sequence[int]) -> None:
        from xview.qt.panels.plots import Curve, CurvePlot

        if self.curves is None:
            self.curves = CurvePlot()
            self.curves.setAccessibleName("Curves of the sweeps")
            self.curves.point_clicked.connect(self._choose_point)
            self._pages.addWidget(self.curves)
        requests = [found.request for found in self._drawn]
        shown = [
            Curve(title, np.array(found.request.axes[0].values), found.measures[self._measure], colour)
            for title, found, colour in zip(titles(requests), self._drawn, colours, strict=True)
        ]
        ends = np.array([min(c.x[0] for c in shown), max(c.x[-1] for c in shown)])
        known: dict[str, Curve] = {}
        told_apart = levels(requests)
        for told, found, colour in zip(told_apart, self._drawn, colours, strict=True):
            level = np.full(2, found.level[self._measure])
            colour = colour if len(set(told_apart)) > 1 else max(colours) + 1
            known.setdefault(told, Curve(f"k-NN · {told}".strip(" ·"), ends, level, colour, dash=1))
        axis = requests[0].axes[0]
        log = axis.values[0] > 0 and axis.values[-1] >= 100 * axis.values[0]
        self._levels = len(known)  # drawn first: where a curve meets its level, the curve is clicked
        both = [*known.values(), *shown]
        self.curves.show(both, x=named(requests[0], axis.key), y=self._measure, log_x=log)
        self._pages.setCurrentWidget(self.curves)
        self._show_marks()

    def _show_map(self) -> None:
        from xview.qt.panels.plots import HeatPlot

        if self.map is None:
            self.map = HeatPlot()
            self.map.setAccessibleName("Map of the sweep")
            self.map.cell_clicked.connect(self._choose_cell)
            self._pages.addWidget(self.map)
        (found,) = self._drawn
        across, up = found.request.axes
        self.map.show(
            found.measures[self._measure].T[::-1],
            x=named(found.request, across.key),
            y=named(found.request, up.key),
            x_ticks=[f"{value:g}" for value in across.values],
            y_ticks=[f"{value:g}" for value in up.values[::-1]],
            tell=self._tell,
            of=self._measure,
        )
        self._pages.setCurrentWidget(self.map)
        self._show_marks()

    def _show_marks(self) -> None:
        if not self._drawn or self._current is None:
            return
        first = self._current.request
        now = self._now.get(first.request.ranker, {})
        places = [nearest(axis, now.get(axis.key)) for axis in first.axes]
        if len(first.axes) == 1 and self.curves is not None:
            self.curves.mark(None if places[0] is None else float(now[first.axes[0].key]))
        elif self.map is not None:
            column, up = places
            self.map.mark(None if up is None else self._row(up), column)

    def _row(self, up: int) -> int:
        """Row 0 of the map is on top, where the highest value stands; and the other way round."""
        return len(self._drawn[0].request.axes[1].values) - 1 - up

    def _tell(self, row: int, column: int) -> str:
        (found,) = self._drawn
        place = column, self._row(row)
        told = "best" if place == found.best(self._measure) else ""
        value = figure(float(found.measures[self._measure][place]))
        return "\n".join(filter(None, [where(found.request, place), f"{self._measure} {value}", told]))

    def _choose_point(self, curve: int, point: int) -> None:
        if curve >= self._levels:  # a level has nothing to set
            self.chosen.emit(self._drawn[curve - self._levels].request, (point,))

    def _choose_cell(self, row: int, column: int) -> None:
        self.chosen.emit(self._drawn[0].request, (column, self._row(row)))
