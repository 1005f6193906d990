"""Smooth paths to choose from: those that leave the query, or the longest of all."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QLabel, QPushButton, QStackedLayout, QVBoxLayout, QWidget

from xview.qt.flow import Flow
from xview.qt.panels.item_table import Items, ItemTable
from xview.qt.panels.parts import Choice, ElidedLabel, Segments, Tool
from xview.qt.panels.progress import duration
from xview.qt.panels.share_bar import ShareBar
from xview.qt.theme import SPACE
from xview.qt.thumbnails import Thumbnails

HERE, EVERYWHERE = "here", "everywhere"
SMOOTH = (
    "Smooth: the scenes of adjacent items differ in one thing, those of all others in more "
    "(paper 002, section 4.3.2)"
)
_WHERE = (
    Choice(HERE, "From the query", f"Smooth paths that leave the query, longest first. {SMOOTH}"),
    Choice(EVERYWHERE, "Everywhere", f"The longest smooth paths between all items. {SMOOTH}"),
)


class SmoothPathsPanel(QWidget):
    """A list of paths; the one picked is shown and played elsewhere."""

    picked = Signal(int)  # number of a path
    where_asked = Signal(str)  # HERE or EVERYWHERE
    search_asked = Signal()
    cancel_asked = Signal()

    def __init__(self, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Smooth paths")
        self.where = Segments("Smooth paths", _WHERE, quiet=True)
        self.where.show_choice(HERE)
        self.where.picked.connect(self.where_asked)
        self.search = QPushButton("Find")
        self.search.setProperty("role", "primary")
        self.search.setToolTip(f"Look for smooth paths between all items, in the background. {SMOOTH}")
        self.search.clicked.connect(self.search_asked)
        self.cancel = Tool("stop", "Cancel", "Stop looking for smooth paths", text=True)
        self.cancel.clicked.connect(self.cancel_asked)
        self._bar = ShareBar("Progress of the search")
        self._left = ElidedLabel(role="muted")
        self._left.setMinimumWidth(70)
        head = Flow(spacing=SPACE)
        for widget in (self.where, self.search, self._bar, self.cancel, self._left):
            head.addWidget(widget)
        self.told = ElidedLabel(role="muted")
        self.table = _Paths("Smooth paths", thumbnails)
        self.table.picked.connect(self.picked)
        self._empty = QLabel("")
        self._empty.setProperty("role", "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._empty.setTextFormat(Qt.TextFormat.PlainText)
        self._pages = QStackedLayout()
        self._pages.addWidget(self._empty)
        self._pages.addWidget(self.table)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self.told)
        column.addLayout(self._pages, 1)
        self.show_progress(None)
        self.show_nothing("")

    def show_paths(self, items: Items, count: int, told: str) -> None:
        """List paths 0 to `count` - 1, and say what holds for all."""
        self.table.mark(-1)
        self.table.show_items(items, np.arange(count))
        self.told.setText(told)
        self.told.show()
        self._pages.setCurrentWidget(self.table)

    def show_nothing(self, reason: str) -> None:
        """Say why there is none, or what to do."""
        self._empty.setText(reason)
        self.told.hide()
        self._pages.setCurrentWidget(self._empty)

    def show_where(self, where: str, *, offered: bool) -> None:
        """Which paths are listed; whether there is anything to choose and to look for."""
        self.where.show_choice(where)
        self.where.setEnabled(offered)

    def show_progress(
        self,
        share: float | None,
        *,
        running: bool = False,
        seconds_left: float | None = None,
        search: bool = False,
    ) -> None:
        """Show how far a search is (share None: unknown), or that none runs and whether to offer one."""
        self.search.setVisible(search and not running)
        for widget in (self._bar, self.cancel, self._left):
            widget.setVisible(running)
        self._bar.show_share(share)
        self._left.setText("" if seconds_left is None else f"{duration(seconds_left)} left")

    @property
    def empty(self) -> str:
        """Why nothing is listed; empty where something is."""
        return "" if self._pages.currentWidget() is self.table else self._empty.text()

    def sizeHint(self) -> QSize:
        """Room for a few rows."""
        return QSize(420, 200)


class _Paths(ItemTable):
    """A click on the current row picks it once more."""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press on another row picks that, as in any table."""
        before = self.currentIndex().row()
        super().mousePressEvent(event)
        row = self.indexAt(event.position().toPoint()).row()
        if event.button() == Qt.MouseButton.LeftButton and row == before >= 0:
            self.picked.emit(int(self.numbers[row]))
