"""Weights, areas and gains of all queries as a cloud (003, Fig. 6.7). Imports pyqtgraph."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from xview.arrays import AnyArray, Doubles
from xview.metrics.fusion import Mixture
from xview.qt.panels.parts import Choice, Segments, Tool, label
from xview.qt.panels.plots import CloudPlot
from xview.qt.theme import SPACE

COLOURS = (
    Choice("class", "by class", "A colour a class"),
    Choice("gain", "by gain", "Whether the fusion gains over the source of the horizontal axis"),
)
KEYED = 8
"""Classes up to which a legend names their colours."""
GAINS = ("loses", "same", "gains")


@dataclass(frozen=True, eq=False, slots=True)
class Figure:
    """A number of every query: its title, (m,) float64 values, and the source it is about."""

    title: str
    values: Doubles
    source: int


def figures(mixture: Mixture, fused: Doubles | None, titles: Sequence[str]) -> list[Figure]:
    """Weight and area of each source, and what the fusion gains over it where that is known."""
    found = []
    for i, title in enumerate(titles):
        found.append(Figure(f"weight of {title}", mixture.weights[i], i))
    for i, title in enumerate(titles):
        found.append(Figure(f"area of {title}", mixture.areas[i], i))
    if fused is not None:
        found += [Figure(f"gain over {title}", fused - mixture.ap[i], i) for i, title in enumerate(titles)]
    return found


class FusionScatter(QWidget):
    """A click on a point picks its query."""

    picked = Signal(int)  # number of a query
    selected = Signal(object)  # (k,) int64 numbers of queries
    coloured = Signal(str, object)  # a figure's title and its (m,) values, for the maps

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._figures: list[Figure] = []
        self._mixture: Mixture | None = None
        self._fused: Doubles | None = None
        self._classes: tuple[AnyArray, tuple[str, ...]] = (np.empty(0, dtype=np.int64), ())
        self._tell: Callable[[int], str] = str
        self._marked = -1
        self.axes = QComboBox(), QComboBox()
        for axis, name in zip(self.axes, ("Horizontal axis", "Vertical axis"), strict=True):
            axis.setAccessibleName(name)
            axis.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            axis.setMinimumContentsLength(3)
            axis.activated.connect(self._draw)
        self.colours = Segments("Colour", COLOURS, quiet=True)
        self.colours.show_choice("class")
        self.colours.picked.connect(lambda _name: self._draw())
        self.on_maps = Tool("eye", "Colour maps", "Colour the maps by the figure of the vertical axis")
        self.on_maps.clicked.connect(self._colour)
        self.plot = CloudPlot(self)
        self.plot.clicked.connect(self.picked)
        self.plot.lassoed.connect(self.selected)
        row = QHBoxLayout()
        row.setSpacing(SPACE)
        for words, axis in zip(("→", "↑"), self.axes, strict=True):
            row.addWidget(label(words, "muted"))
            row.addWidget(axis, 1)
        row.addWidget(self.colours)
        row.addWidget(self.on_maps)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        column.addLayout(row)
        column.addWidget(self.plot, 1)

    def show_nothing(self, why: str) -> None:
        """Say why there is no cloud."""
        self._figures = []
        self.plot.empty(why)

    def show_mixture(
        self,
        mixture: Mixture,
        fused: Doubles | None,
        titles: Sequence[str],
        labels: AnyArray,
        names: Sequence[str],
        tell: Callable[[int], str],
    ) -> None:
        """Draw all queries.

        Args:
            mixture: Of m queries.
            fused: (m,) average precision of the fusion in force, or None where unknown.
            titles: What people call the sources.
            labels: (m,) position of each query's class in `names`.
            names: Of the classes.
            tell: What to call a query, by its number.
        """
        before = [figure.title for figure in self._figures]
        self._figures = figures(mixture, fused, titles)
        self._mixture, self._fused = mixture, fused
        self._classes, self._tell = (labels, tuple(names)), tell
        now = [figure.title for figure in self._figures]
        if now != before:
            defaults = 0, 1 if len(titles) != 2 or fused is None else now.index(f"gain over {titles[0]}")
            for axis, place in zip(self.axes, defaults, strict=True):
                kept = (
                    now.index(axis.currentText()) if axis.currentText() in now else min(place, len(now) - 1)
                )
                with QSignalBlocker(axis):
                    axis.clear()
                    axis.addItems(now)
                    axis.setCurrentIndex(kept)
        self.colours.button("gain").setEnabled(fused is not None)
        self._draw()

    def mark(self, number: int) -> None:
        """Ring the query on screen; -1 for none."""
        self._marked = number
        if self._figures:
            self.plot.mark([number] if number >= 0 else [])

    def _draw(self) -> None:
        if not self._figures or self._mixture is None:
            return
        x, y = (self._figures[axis.currentIndex()] for axis in self.axes)
        codes, names = self._classes
        if self.colours.choice == "gain" and self._fused is not None:
            change = np.nan_to_num(self._fused - self._mixture.ap[x.source])
            codes, names = np.sign(np.round(change, 12)).astype(np.int64) + 1, GAINS
        self.plot.show(
            x.values,
            y.values,
            x_title=x.title,
            y_title=y.title,
            codes=codes,
            names=names,
            marked=[self._marked] if self._marked >= 0 else [],
            tell=self._tell,
            key=len(np.unique(codes)) <= KEYED,  # more would leave no room; maps and tooltips tell them
        )

    def _colour(self) -> None:
        if self._figures:
            chosen = self._figures[self.axes[1].currentIndex()]
            self.coloured.emit(chosen.title, chosen.values)
