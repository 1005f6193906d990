"""Scores of a subset ordered by class (003, Fig. 6.6). Imports pyqtgraph."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from xview.arrays import AnyArray, Doubles, Ints
from xview.metrics.fusion_matrix import ScoreMatrix
from xview.qt.panels.parts import Choice, ElidedLabel, Segments
from xview.qt.panels.plots import HeatPlot
from xview.qt.theme import SPACE

SUBSETS = (
    Choice("drawn", "Drawn", "As many items of every class as said, drawn by the seed"),
    Choice("selected", "Selection", "The selected items; a side without any shows those of the same classes"),
)


class FusionMatrix(QWidget):
    """A click on a cell picks its query and its gallery item."""

    asked = Signal()  # another subset
    source_asked = Signal(int)  # another source's scores
    picked = Signal(int, int)  # row and column

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._marked: tuple[int, int] | None = None
        self.subset = Segments("Subset", SUBSETS, quiet=True)
        self.subset.show_choice("drawn")
        self.subset.picked.connect(lambda _name: self._ask())
        self.each = QSpinBox(minimum=1, maximum=50, value=5, suffix=" a class")
        self.each.setAccessibleName("Items a class")
        self.each.setToolTip("Items a class, of each side")
        self.seed = QSpinBox(minimum=0, maximum=999, prefix="seed ")
        self.seed.setAccessibleName("Seed of the draw")
        self.seed.setToolTip("Seed of the draw")
        for box in (self.each, self.seed):
            box.setKeyboardTracking(False)
            box.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
            box.valueChanged.connect(self.asked)
        self.source = QComboBox()
        self.source.setAccessibleName("Scores of")
        self.source.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.source.setMinimumContentsLength(4)
        self.source.activated.connect(self.source_asked)
        self.told = ElidedLabel(role="muted")
        self.plot = HeatPlot(self)
        self.plot.cell_clicked.connect(self.picked)
        row = QHBoxLayout()
        row.setSpacing(SPACE)
        for widget in (self.source, self.subset, self.each, self.seed):
            row.addWidget(widget, int(widget is self.source))
        row.addWidget(self.told, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        column.addLayout(row)
        column.addWidget(self.plot, 1)

    @property
    def chosen(self) -> int:
        """Whose scores are shown: -1 the fusion's, else a source's."""
        return self.source.currentIndex() - 1

    def show_sources(self, titles: Sequence[str]) -> None:
        """Offer the fusion and these sources."""
        names = ["Fusion", *titles]
        if [self.source.itemText(i) for i in range(self.source.count())] != names:
            with QSignalBlocker(self.source):
                self.source.clear()
                self.source.addItems(names)

    def show_nothing(self, why: str) -> None:
        """Say why there is no matrix."""
        self.told.setText("")
        self.plot.empty(why)

    def show_scores(
        self,
        matrix: ScoreMatrix,
        weights: Doubles | None,
        sides: tuple[str, str],
        labels: tuple[Ints, Ints],
        names: Sequence[str],
        told: str,
        tell: Callable[[int, int], str],
    ) -> None:
        """Draw the scores chosen.

        Args:
            matrix: Of all sources.
            weights: (s,) of the fusion in force, or None where it weighs adaptively.
            sides: Modalities of queries and gallery.
            labels: (r,) and (c,) classes, as positions in `names`, ascending.
            names: Of the classes.
            told: What part of the data this is.
            tell: What to call a cell, by row and column.
        """
        scores = matrix.fused(weights) if self.chosen < 0 else matrix.scores[self.chosen]
        self.told.setText(told)
        ticks = [[names[label] if label >= 0 else "" for label in side] for side in labels]
        self.plot.show(
            scores,
            x=sides[1],
            y=sides[0],
            x_ticks=ticks[1],
            y_ticks=ticks[0],
            x_groups=_starts(labels[1]),
            y_groups=_starts(labels[0]),
            tell=lambda row, column: f"{tell(row, column)}\nscore {scores[row, column]:.4g}",
            of="scaled score",
        )
        self.plot.mark(*(self._marked or (None, None)))

    def mark(self, row: int, column: int) -> None:
        """Frame a cell; a negative number frames none."""
        self._marked = (row, column) if row >= 0 and column >= 0 else None
        self.plot.mark(*(self._marked or (None, None)))

    def _ask(self) -> None:
        for widget in (self.each, self.seed):
            widget.setVisible(self.subset.choice == "drawn")
        self.asked.emit()


def _starts(labels: AnyArray) -> list[int]:
    """Where a class begins, the first left out."""
    return (np.flatnonzero(np.diff(labels)) + 1).tolist()
