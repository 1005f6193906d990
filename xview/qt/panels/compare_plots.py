"""What became of the queries, as pictures: changes, A against B, classes. Imports pyqtgraph when shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedLayout, QWidget

from xview.arrays import Ints
from xview.metrics.compare import BROKEN, CHANGED, FIXED, SAME, ClassChange, Comparison
from xview.qt.panels.parts import Choice

if TYPE_CHECKING:
    from xview.qt.panels.plots import BarPlot, CloudPlot

PLOTS = (
    Choice(
        "changes",
        "Changes",
        "How many queries changed by how much; a click selects them on the maps. The bar at 0 holds the same",
    ),
    Choice(
        "cloud",
        "A against B",
        "Each query's average precision under A and B; a click asks it, Shift+drag selects on the maps",
    ),
    Choice("classes", "Classes", "Mean change of each class; a click selects its queries on the maps"),
)
_NAMES = ("▼ broken", "= same", "▲ fixed")  # so that these are orange, blue and green
_CODES = {BROKEN: 0, SAME: 1, FIXED: 2}


@dataclass(frozen=True, eq=False)
class Pictured:
    """What the plots show: a comparison, its verdicts, classes with their names, and queries' titles."""

    comparison: Comparison
    verdicts: Ints
    classes: Sequence[ClassChange]
    labels: Ints
    class_name: Callable[[int], str]
    title: Callable[[int], str]


class ComparePlots(QWidget):
    """One of three plots of the same comparison."""

    asked = Signal(int)  # number of a query
    selected = Signal(object)  # (k,) int64 numbers of queries

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pictured: Pictured | None = None
        self._kind = PLOTS[0].name
        self._current = -1
        self._bins: Ints = np.empty(0, dtype=np.int64)
        self._drawn: set[str] = set()  # kinds that show what is to be shown
        self._bars: BarPlot | None = None
        self._cloud: CloudPlot | None = None
        self._by_class: BarPlot | None = None
        self._pages = QStackedLayout(self)
        self._pages.setContentsMargins(0, 0, 0, 0)

    def show_comparison(self, pictured: Pictured) -> None:
        """Draw another comparison; what is not on screen is drawn when it comes there."""
        self._pictured = pictured
        self._drawn.clear()
        self._draw()

    def show_kind(self, kind: str) -> None:
        """Show one of `PLOTS`."""
        self._kind = kind
        self._draw()

    def mark(self, number: int) -> None:
        """Ring a query in the cloud."""
        self._current = number
        if self._cloud is not None and "cloud" in self._drawn:
            self._cloud.mark(self._marked())

    def _marked(self) -> list[int]:
        return [self._current] if self._current >= 0 else []

    def _draw(self) -> None:
        if self._pictured is None:
            return
        draw = {"changes": self._draw_changes, "cloud": self._draw_cloud, "classes": self._draw_classes}
        page = draw[self._kind](self._pictured, self._kind not in self._drawn)
        self._drawn.add(self._kind)
        self._pages.setCurrentWidget(page)

    def _draw_changes(self, pictured: Pictured, fresh: bool) -> QWidget:
        if self._bars is None:
            from xview.qt.panels.plots import BarPlot

            self._bars = BarPlot(self)
            self._bars.setAccessibleName("Queries by change of average precision")
            self._bars.bar_clicked.connect(self._select_bin)
            self._pages.addWidget(self._bars)
        if fresh:
            self._bins = bins_of(pictured.comparison)
            low, high = int(self._bins[self._bins != _NO_BIN].min(initial=0)), int(self._bins.max(initial=0))
            places = np.arange(low, high + 1)
            counts = [int(np.count_nonzero(self._bins == place)) for place in places]
            names = [f"{place * 2 * CHANGED:+.1f}" if place else "0" for place in places]
            self._bars.show(names, np.array(counts), y="queries", x="change of average precision, B − A")
        return self._bars

    def _select_bin(self, bar: int) -> None:
        low = int(self._bins[self._bins != _NO_BIN].min(initial=0))
        if self._bars is not None:
            self._bars.highlight(bar)
        self.selected.emit(np.flatnonzero(self._bins == low + bar))

    def _draw_cloud(self, pictured: Pictured, fresh: bool) -> QWidget:
        if self._cloud is None:
            from xview.qt.panels.plots import CloudPlot

            self._cloud = CloudPlot(self)
            self._cloud.setAccessibleName("Average precision under A against B")
            self._cloud.clicked.connect(self.asked)
            self._cloud.lassoed.connect(self.selected)
            self._pages.addWidget(self._cloud)
        if fresh:
            found = pictured.comparison
            self._cloud.show(
                found.ap_a,
                found.ap_b,
                x_title="AP under A",
                y_title="AP under B",
                codes=np.array([_CODES[verdict] for verdict in pictured.verdicts.tolist()]),
                names=_NAMES,
                marked=self._marked(),
                tell=pictured.title,
            )
        return self._cloud

    def _draw_classes(self, pictured: Pictured, fresh: bool) -> QWidget:
        if self._by_class is None:
            from xview.qt.panels.plots import BarPlot

            self._by_class = BarPlot(self)
            self._by_class.setAccessibleName("Mean change by class")
            self._by_class.bar_clicked.connect(self._select_class)
            self._pages.addWidget(self._by_class)
        if fresh:
            names = [pictured.class_name(one.label) or "no class" for one in pictured.classes]
            changes = np.array([one.change for one in pictured.classes])
            self._by_class.show(names, changes, y="mean change")
        return self._by_class

    def _select_class(self, bar: int) -> None:
        if self._pictured is not None and self._by_class is not None:
            self._by_class.highlight(bar)
            chosen = self._pictured.labels == self._pictured.classes[bar].label
            self.selected.emit(np.flatnonzero(chosen & self._pictured.comparison.counted))


_NO_BIN = -1_000


def bins_of(comparison: Comparison) -> Ints:
    """(m,) int64 bins of the changes: 0 holds all that count as the same by AP, others are as wide.

    Bin b > 0 holds changes from (2b - 1) x `CHANGED` up, below (2b + 1) x `CHANGED`; negative ones mirror it.
    Queries that are not counted are in none, -1000.
    """
    change = np.where(comparison.counted, comparison.change, 0.0)
    size = np.floor((np.abs(change) / CHANGED + 1 + 1e-9) / 2)
    found: Ints = np.where(comparison.counted, np.sign(change) * size, _NO_BIN).astype(np.int64)
    return found
