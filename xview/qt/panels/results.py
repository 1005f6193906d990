"""The results: one ranking, or two side by side that point at the same items."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from xview.qt.panels.parts import Choice, ElidedLabel, Segments, Tool, label
from xview.qt.panels.result_list import ResultList
from xview.qt.panels.results_data import ResultsData, Show, Truth
from xview.qt.panels.results_marks import MarksBar
from xview.qt.theme import SPACE
from xview.qt.thumbnails import Thumbnails

FILTERS = (
    Choice(Show.ALL, "All", "All gallery items, best first"),
    Choice(Show.HITS, "Hits", "Only items of the query's class"),
    Choice(Show.MISSES, "Misses", "Only items of other classes"),
)


class ResultsPanel(QWidget):
    """Ranked results of ranker A and, while comparing, of ranker B.

    Items are told by their row in the gallery's collection; `side` is "A" or "B".
    """

    hovered = Signal(int)  # row, or -1
    chosen = Signal(int, str)  # row, side: show why it is there
    asked = Signal(int)  # row: make it the query
    opened = Signal(int)  # row: show its picture large
    marked = Signal(int, bool)  # row, whether right

    def __init__(self, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Results")
        self._columns = {side: _Column(side, thumbnails, self) for side in ("A", "B")}
        self._scrolling = False
        self.filter = Segments("Show", FILTERS, quiet=True)
        self.filter.show_choice(Show.ALL)
        self.filter.picked.connect(self._filter)
        self.ignored = Tool(
            "eye",
            "Ignored items",
            "Show what the protocol ignores, greyed and without a rank",
            checkable=True,
        )
        self.ignored.setChecked(True)
        self.ignored.toggled.connect(self._show_ignored)
        self.tiles = Tool("grid", "Tiles", "Tiles instead of cards", checkable=True)
        self.tiles.toggled.connect(self._show_tiles)
        self.together = Tool("link", "Scroll together", "Scroll A and B together", checkable=True)
        self.together.setChecked(True)
        bar = QHBoxLayout()
        bar.setSpacing(SPACE)
        bar.addWidget(label("RESULTS", "section"))
        bar.addStretch()
        bar.addWidget(self.filter)
        bar.addWidget(self.ignored)
        bar.addWidget(self.together)
        bar.addWidget(self.tiles)
        lists = QHBoxLayout()
        lists.setSpacing(SPACE)
        for column in self._columns.values():
            lists.addWidget(column, 1)
            self._connect(column)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        self.marks = MarksBar(self)
        layout.addLayout(bar)
        layout.addWidget(self.marks)
        layout.addLayout(lists, 1)
        self.show_results(None, None)

    def list_of(self, side: str) -> ResultList:
        """The list of a side."""
        return self._columns[side].ranked

    def show_results(self, a: ResultsData | None, b: ResultsData | None = None) -> None:
        """Show ranking A, and B beside it unless it is None."""
        comparing = b is not None
        self._columns["A"].show_results(a, "A" if comparing else "")
        self._columns["B"].show_results(b, "B")
        self._columns["B"].setVisible(comparing)
        self.together.setVisible(comparing)
        self.ignored.setVisible(any(bool(data.ignored.any()) for data in (a, b) if data is not None))

    def show_empty(self, text: str) -> None:
        """What to say while there is no ranking, such as what failed and what to do."""
        for column in self._columns.values():
            column.ranked.show_empty(text)

    def select(self, row: int) -> None:
        """Make an item chosen elsewhere the current one in both lists; one that is stays where it is."""
        a, b = (self._columns[side].ranked for side in "AB")
        fresh = row != a.current_row
        a.select(row, reveal=fresh)
        b.select(row, reveal=fresh and not self.together.isChecked())

    def to_top(self) -> None:
        """Show the best results, as after another query."""
        for column in self._columns.values():
            column.ranked.verticalScrollBar().setValue(0)

    def highlight(self, row: int) -> None:
        """Light an item hovered elsewhere in both lists; -1 for none."""
        for column in self._columns.values():
            column.ranked.highlight(row)

    def _connect(self, column: _Column) -> None:
        other = self._columns["B" if column.side == "A" else "A"]
        column.ranked.hovered.connect(other.ranked.highlight)
        column.ranked.hovered.connect(self.hovered)
        column.ranked.chosen.connect(lambda row, side=column.side: self.chosen.emit(row, side))
        column.ranked.chosen.connect(lambda row, other=other: self._follow(row, other))
        column.ranked.asked.connect(self.asked)
        column.ranked.opened.connect(self.opened)
        column.ranked.marked.connect(self.marked)
        column.ranked.verticalScrollBar().valueChanged.connect(
            lambda value, other=other: self._scrolled(value, other)
        )

    def _follow(self, row: int, other: _Column) -> None:
        other.ranked.select(row, reveal=not self.together.isChecked())

    def _scrolled(self, value: int, other: _Column) -> None:
        if self.together.isChecked() and not self._scrolling:
            self._scrolling = True  # the shorter list stops early and must not pull the longer one back
            other.ranked.verticalScrollBar().setValue(value)
            self._scrolling = False

    def _filter(self, name: str) -> None:
        for column in self._columns.values():
            column.ranked.show_filter(Show(name))

    def _show_ignored(self, ignored: bool) -> None:
        for column in self._columns.values():
            column.ranked.show_ignored(ignored)

    def _show_tiles(self, tiles: bool) -> None:
        for column in self._columns.values():
            column.ranked.show_tiles(tiles)


class _Column(QWidget):
    """A ranking under its name and average precision."""

    def __init__(self, side: str, thumbnails: Thumbnails, parent: QWidget) -> None:
        super().__init__(parent)
        self.side = side
        self.ranked = ResultList(f"Results {side}", thumbnails)
        self._letter = label("", "section")
        self._name = ElidedLabel(role="title")
        self._ap = label("", "muted")
        self._ap_below = label("", "muted")  # beside another list there is no room for name and AP in a line
        head = QHBoxLayout()
        head.setSpacing(SPACE)
        head.addWidget(self._letter)
        head.addWidget(self._name, 1)
        head.addWidget(self._ap)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE // 2)
        layout.addLayout(head)
        layout.addWidget(self._ap_below)
        layout.addWidget(self.ranked, 1)

    def show_results(self, data: ResultsData | None, letter: str) -> None:
        self._letter.setText(letter)
        self._letter.setVisible(bool(letter))
        self._name.setText(data.title if data else "")
        ap, words = data.ap if data else None, _ap_text(data)
        for shown, here in ((self._ap, not letter), (self._ap_below, bool(letter))):
            shown.setText(words)
            shown.setToolTip("" if data is None or ap is None else _ap_tip(data, ap))
            shown.setVisible(here and bool(words))
        self.ranked.show_results(data)


def _ap_text(data: ResultsData | None) -> str:
    """How well the query is answered; nothing where its class is not known."""
    if data is None or (data.ap is None and bool((data.correct == Truth.UNKNOWN).all())):
        return ""
    if data.ap is None:
        return "no match"
    return f"AP {data.ap:.2f}" if data.ap_before is None else f"AP {data.ap_before:.2f} → {data.ap:.2f}"


def _ap_tip(data: ResultsData, ap: float) -> str:
    if data.ap_before is None:
        return f"Average precision of this query: {ap:.4f}"
    return (
        f"Average precision of the residual ranking, without the {data.marked_count} marked: "
        f"{data.ap_before:.4f} before they were marked, {ap:.4f} now"
    )
