"""A and B over all queries: which are fixed, broken or the same, as a table and as pictures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QStackedLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from xview.arrays import Ints
from xview.metrics.compare import BROKEN, FIXED, MEAN_CHANGE, READINGS, SAME, Reading
from xview.qt.panels.compare_plots import PLOTS, ComparePlots, Pictured
from xview.qt.panels.item_table import Items, ItemTable
from xview.qt.panels.parts import Choice, ElidedLabel, Segments, Tool
from xview.qt.panels.progress import duration
from xview.qt.panels.share_bar import ShareBar
from xview.qt.theme import SPACE
from xview.qt.thumbnails import Thumbnails

FILTERS = (
    Choice("all", "All", "Every query with a match"),
    Choice("fixed", "▲ Fixed", "Queries that B answers better"),
    Choice("broken", "▼ Broken", "Queries that B answers worse"),
    Choice("same", "= Same", "Queries that B answers as well as A"),
)
MOVEMENT = Choice(
    "movement", "Movement", "What moved most from A's map to B's, where they rank in different shared spaces"
)
_KINDS = (*PLOTS, MOVEMENT)
VERDICTS = {"fixed": FIXED, "broken": BROKEN, "same": SAME}
_READINGS = tuple(
    Choice(r, {Reading.AP: "by AP", Reading.FIRST: "by first hit"}[r], READINGS[r]) for r in Reading
)


class ComparePanel(QWidget):
    """Knows no store: shows a comparison, or says in a sentence why there is none and offers what helps."""

    asked = Signal(int)  # number of a query
    selected = Signal(object)  # (k,) int64 numbers of queries
    coloured = Signal()  # colour the maps by the change
    reading_asked = Signal(str)
    stepped = Signal(int)  # to the next (1) or previous (-1) broken query
    offer_taken = Signal(int)  # place of an offer
    run_asked = Signal()
    cancel_asked = Signal()

    def __init__(self, thumbnails: Thumbnails, movement: QWidget, parent: QWidget | None = None) -> None:
        """`movement` stands beside the plots, shown by the last of `_KINDS`."""
        super().__init__(parent)
        self.setAccessibleName("Compare")
        self._verdicts: Ints = np.empty(0, dtype=np.int64)
        self._counted: Ints = np.empty(0, dtype=np.int64)
        self._items: Items | None = None
        self.table = ItemTable("Queries compared", thumbnails)
        self.table.picked.connect(self.asked)
        self.told = ElidedLabel(role="muted")
        self.filter = Segments("Show", FILTERS, quiet=True)
        self.filter.show_choice("all")
        self.filter.picked.connect(lambda _name: self._list())
        self.reading = Segments("Fixed and broken", _READINGS, quiet=True)
        self.reading.picked.connect(self.reading_asked)
        self.previous = Tool("previous", "Previous broken query", "Previous broken query  [Shift+P]")
        self.previous.clicked.connect(lambda: self.stepped.emit(-1))
        self.next = Tool("next", "Next broken query", "Next broken query, worst first  [Shift+N]")
        self.next.clicked.connect(lambda: self.stepped.emit(1))
        self.select = Tool("lasso", "Select listed", "Select the listed queries on all maps")
        self.select.clicked.connect(lambda: self.selected.emit(self.table.numbers))
        self.colour = Tool("eye", "Colour maps", "Colour the maps by the change of each query")
        self.colour.clicked.connect(self.coloured)
        self.kinds = Segments("Picture", _KINDS, quiet=True)
        self.kinds.show_choice(PLOTS[0].name)
        self.plots = ComparePlots()
        self.plots.asked.connect(self.asked)
        self.plots.selected.connect(self.selected)
        self._pictures = QStackedWidget()
        self._pictures.addWidget(self.plots)
        self._pictures.addWidget(movement)
        self.kinds.picked.connect(self._show_kind)
        self._build()

    def _build(self) -> None:
        left, right = QWidget(), QWidget()
        for side, bar, body in (
            (left, self.filter, self.table),
            (right, self.kinds, self._pictures),
        ):
            column = QVBoxLayout(side)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(SPACE)
            column.addWidget(bar)
            column.addWidget(body, 1)
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.setChildrenCollapsible(False)
        self.split.addWidget(left)
        self.split.addWidget(right)
        self.split.setSizes([580, 420])
        known = QWidget()
        column = QVBoxLayout(known)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        top = QHBoxLayout()
        top.setSpacing(SPACE)
        top.addWidget(self.told, 1)
        for widget in (self.reading, self.select, self.colour, self.previous, self.next):
            top.addWidget(widget)
        column.addLayout(top)
        column.addWidget(self.split, 1)
        self._pages = QStackedLayout()
        self._pages.addWidget(self._nothing())
        self._pages.addWidget(known)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        whole.addLayout(self._pages)

    def _nothing(self) -> QWidget:
        """What is shown where there is no comparison: why, what to do, how far it is."""
        page = QWidget(self)
        self.why = QLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        self.why.setProperty("role", "muted")
        self.why.setTextFormat(Qt.TextFormat.PlainText)
        self._offers = QHBoxLayout()
        self._offers.setSpacing(SPACE)
        self.offers: list[QPushButton] = []
        self.run = QPushButton("Compare")
        self.run.setProperty("role", "primary")
        self.run.setToolTip("Judge all queries under A and under B")
        self.run.clicked.connect(self.run_asked)
        self._bar = ShareBar("Progress of the comparison")
        self.cancel = Tool("stop", "Cancel", "Cancel the comparison", text=True)
        self.cancel.clicked.connect(self.cancel_asked)
        row = QHBoxLayout()
        row.setSpacing(SPACE)
        row.addStretch()
        row.addLayout(self._offers)
        for widget in (self.run, self._bar, self.cancel):
            row.addWidget(widget)
        row.addStretch()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.addStretch()
        column.addWidget(self.why)
        column.addLayout(row)
        column.addStretch()
        return page

    def show_nothing(self, why: str, offers: Sequence[tuple[str, str]] = (), *, run: bool = False) -> None:
        """Say why there is no comparison; offer buttons (title, tip), or one that judges."""
        self.why.setText(why)
        for button in self.offers:
            self._offers.removeWidget(button)
            button.deleteLater()
        self.offers = []
        for place, (title, tip) in enumerate(offers):
            button = QPushButton(title)
            button.setToolTip(tip)
            button.clicked.connect(lambda _checked=False, place=place: self.offer_taken.emit(place))
            self._offers.addWidget(button)
            self.offers.append(button)
        self.run.setVisible(run)
        self._bar.hide()
        self.cancel.hide()
        self._pages.setCurrentIndex(0)

    def show_progress(self, fraction: float | None, seconds_left: float | None = None) -> None:
        """Show how far the judging is (None: unknown)."""
        left = "" if seconds_left is None else f", {duration(seconds_left)} left"
        self.show_nothing(f"Judging all queries under A and B{left} …")
        self._bar.show_share(fraction)
        self._bar.show()
        self.cancel.show()

    def show_comparison(self, items: Items, pictured: Pictured, reading: Reading) -> None:
        """List the queries of a comparison and draw it."""
        self._items = items
        self._counted = np.flatnonzero(pictured.comparison.counted)
        self._verdicts = pictured.verdicts
        counts = pictured.comparison.counts(reading)
        self.filter.set_title("all", f"All {len(self._counted):,}")
        for choice in FILTERS[1:]:
            self.filter.set_title(choice.name, f"{choice.title} {counts[VERDICTS[choice.name]]:,}")
        self.reading.show_choice(reading)
        self._pages.setCurrentIndex(1)
        self._list()
        self.plots.show_comparison(pictured)

    def show_told(self, words: str, tip: str = MEAN_CHANGE) -> None:
        """Say what A and B are and how they differ on the whole."""
        self.told.setText(words)
        self.told.set_tip(tip)

    def mark(self, number: int) -> None:
        """Mark the query on screen; -1 for none."""
        self.table.mark(number)
        self.plots.mark(number)

    def sizeHint(self) -> QSize:
        """Room for a few rows and a plot."""
        return QSize(900, 240)

    def _list(self) -> None:
        wanted = VERDICTS.get(self.filter.choice)
        kept = self._counted if wanted is None else self._counted[self._verdicts[self._counted] == wanted]
        self.table.show_items(self._items, kept)

    def _show_kind(self, kind: str) -> None:
        plotted = kind != MOVEMENT.name
        self._pictures.setCurrentIndex(0 if plotted else 1)
        if plotted:
            self.plots.show_kind(kind)
