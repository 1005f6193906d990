"""Sorted score curves of the query on screen, with the areas adaptive weights are made of (003, Fig. 6.5).

Imports pyqtgraph: load it when a plot is first shown.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from xview.arrays import Ints
from xview.qt.panels.plots import Curve, CurvePlot
from xview.retrieval.fusion import FusedRanking

MOST = 2_000
"""Points of a curve at most; of more, these are spread evenly and the ends kept."""


class FusionCurves(QWidget):
    """A click on a curve picks the gallery item whose score is there."""

    picked = Signal(int)  # gallery position

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plot = CurvePlot(self)
        self.plot.point_clicked.connect(lambda curve, point: self.picked.emit(int(self._at[curve][point])))
        self._at: list[Ints] = []  # gallery position of each point of each curve
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.plot)

    def show_nothing(self, why: str) -> None:
        """Say why there are no curves."""
        self.plot.empty(why)

    def show_ranking(self, ranking: FusedRanking, titles: Sequence[str]) -> None:
        """Draw every source's scores, best first, over the area above zero.

        Args:
            ranking: Of the query on screen.
            titles: What people call the sources.
        """
        count = ranking.scaled.shape[1]
        ranks = np.unique(np.linspace(0, count - 1, min(count, MOST)).round().astype(np.int64))
        curves, self._at = [], []
        for source, title in enumerate(titles):
            scores = ranking.scaled[source]
            at = np.argsort(-scores, kind="stable")[ranks].astype(np.int64)
            told = f"{title}: area {ranking.areas[source]:.4g} → weight {ranking.adaptive[source]:.3f}"
            told = told.replace(" ", "\N{NO-BREAK SPACE}").replace("-", "\N{NON-BREAKING HYPHEN}")
            curves.append(
                Curve(
                    name=told,
                    x=ranks + 1,
                    y=scores[at],
                    colour_index=source,
                    low=np.zeros(len(at)),
                    high=np.clip(scores[at], 0, None),
                )
            )
            self._at.append(at)
        self.plot.show(curves, x="rank in the source", y="scaled score")
