"""What the fusion gains over each of its sources, and query by query."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QSplitter,
    QStackedLayout,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from xview.arrays import Doubles
from xview.metrics.fusion import GAIN, Mixture, gain
from xview.qt.panels.item_table import Items, ItemTable
from xview.qt.panels.parts import label
from xview.qt.thumbnails import Thumbnails
from xview.retrieval.fusion import Mixing

_HEADINGS = (
    ("", "The fusion in force, then its sources, then other ways to weigh them"),
    ("mAP", "Mean average precision over all queries with a match"),
    ("gained", "Queries the fusion in force answers better"),
    ("lost", "Queries this alone answers better"),
    ("mean", GAIN),
)
_WAYS = {
    Mixing.WEIGHTED.value: "By hand",
    Mixing.AVERAGE.value: "Average",
    Mixing.ADAPTIVE.value: "Adaptive",
}


class FusionGains(QWidget):
    """A click on a source lists its queries, the one the fusion loses most on first, and picks that one."""

    against_asked = Signal(int)  # number of a source
    picked = Signal(int)  # number of a query

    def __init__(self, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: list[int] = []  # source of each line, -1 for a fusion
        self.table = QTableWidget(0, len(_HEADINGS))
        self.table.setAccessibleName("Gains by source")
        self.table.setFrameShape(QFrame.Shape.NoFrame)
        self.table.setShowGrid(False)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 8)
        head = self.table.horizontalHeader()
        head.setHighlightSections(False)
        head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        head.setMinimumSectionSize(40)
        for column, (title, tip) in enumerate(_HEADINGS):
            item = QTableWidgetItem(title)
            item.setToolTip(tip)
            item.setTextAlignment(_side(column))
            self.table.setHorizontalHeaderItem(column, item)
        self.table.cellClicked.connect(lambda line, _column: self._against(line))
        self.table.cellActivated.connect(lambda line, _column: self._against(line))
        self.queries = ItemTable("Queries by gain", thumbnails)
        self.queries.picked.connect(self.picked)
        self.queries.sort_by(1, descending=False)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(self.table)
        split.addWidget(self.queries)
        self.table.setMinimumWidth(180)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 2)
        split.setSizes([300, 200])
        self._words = label("", "muted", self)
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._words.setWordWrap(True)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self._words)
        self._pages.addWidget(split)

    def show_nothing(self, why: str) -> None:
        """Say why there are no gains."""
        self._words.setText(why)
        self._pages.setCurrentIndex(0)

    def show_mixture(self, mixture: Mixture, fused: Doubles, titles: Sequence[str], in_force: str) -> None:
        """List the fusion in force against its sources and against other weights.

        Args:
            mixture: Of m queries.
            fused: (m,) average precision of the fusion in force.
            titles: What people call the sources.
            in_force: The way the fusion in force weighs, one of `mixture.fused`.
        """
        others = [way for way in mixture.fused if way != in_force]
        lines = [(_WAYS[in_force], fused, -1)]
        lines += [(title, mixture.ap[i], i) for i, title in enumerate(titles)]
        lines += [(_WAYS[way], mixture.fused[way], -1) for way in others]
        self._lines = [source for _, _, source in lines]
        self._pages.setCurrentIndex(1)
        self.table.setRowCount(len(lines))
        for line, (title, ap, _) in enumerate(lines):
            kept = ap[np.isfinite(ap)]
            cells = [title, f"{kept.mean():.3f}" if kept.size else "–"]
            if line:
                made = gain(fused, ap)
                cells += [f"{made.gained:,}", f"{made.lost:,}", f"{made.mean:+.3f}" if kept.size else "–"]
            for column in range(len(_HEADINGS)):
                item = QTableWidgetItem(cells[column] if column < len(cells) else "")
                item.setTextAlignment(_side(column))
                item.setToolTip(title if column == 0 else _HEADINGS[column][1])
                self.table.setItem(line, column, item)

    def show_queries(self, items: Items, against: int) -> None:
        """List all queries against a source."""
        self.table.selectRow(self._lines.index(against))
        counted = np.flatnonzero(np.isfinite(np.asarray(items.columns[1].values, dtype=np.float64)))
        self.queries.show_items(items, counted)

    def mark(self, number: int) -> None:
        """Mark the query on screen; -1 for none."""
        self.queries.mark(number)

    def sizeHint(self) -> QSize:
        """Room for a few lines."""
        return QSize(700, 180)

    def _against(self, line: int) -> None:
        if self._lines[line] >= 0:
            self.against_asked.emit(self._lines[line])


def _side(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignLeft if column == 0 else Qt.AlignmentFlag.AlignRight
    return side | Qt.AlignmentFlag.AlignVCenter
