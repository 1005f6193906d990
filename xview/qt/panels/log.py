"""Messages with time and level."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QColor, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QStackedLayout,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from xview.qt import theme
from xview.qt.panels.parts import Choice, Segments, Tool, as_tip, label
from xview.qt.theme import SPACE

KEPT = 2000


class Level(StrEnum):
    """How much a message matters."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


_RANK = {Level.INFO: 0, Level.WARNING: 1, Level.ERROR: 2}


class LogPanel(QWidget):
    """The newest 2,000 messages, filtered by level, copied with Ctrl+C."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Log")
        self.levels = Segments(
            "Show messages",
            (
                Choice(Level.INFO, "All", "Every message"),
                Choice(Level.WARNING, "Warnings", "Warnings and errors"),
                Choice(Level.ERROR, "Errors", "Errors only"),
            ),
            quiet=True,
        )
        self.levels.show_choice(Level.INFO)
        self.levels.picked.connect(lambda _: self._filter())
        self.copy = Tool("copy", "Copy messages", "Copy the selected messages, or all  [Ctrl+C]")
        self.copy.clicked.connect(self._copy)
        self.clear = Tool("close", "Clear messages")
        self.clear.clicked.connect(self._clear)
        self.lines = self._tree()
        self._to_end = QTimer(self, singleShot=True, interval=0)  # once for many messages
        self._to_end.timeout.connect(self.lines.scrollToBottom)
        words = "Messages of long work, warnings and errors appear here."
        self._empty = label(words, "muted", self)  # without a parent the pages would show it as a window
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        bar = QHBoxLayout()
        bar.addWidget(self.levels)
        bar.addStretch()
        bar.addWidget(self.copy)
        bar.addWidget(self.clear)
        self._pages = QStackedLayout()
        self._pages.addWidget(self._empty)
        self._pages.addWidget(self.lines)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        layout.addLayout(bar)
        layout.addLayout(self._pages, 1)
        shortcut = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self.lines)
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        shortcut.activated.connect(self._copy)

    @staticmethod
    def _tree() -> QTreeWidget:
        tree = QTreeWidget()
        tree.setAccessibleName("Messages")
        tree.setHeaderLabels(["Time", "Level", "Message"])
        tree.setRootIsDecorated(False)
        tree.setUniformRowHeights(True)
        tree.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        for column, widest in enumerate(("00:00:00", "warning")):
            tree.setColumnWidth(column, tree.fontMetrics().horizontalAdvance(widest) + 16)
        tree.header().setStretchLastSection(True)
        return tree

    def add(self, level: str, words: str, when: datetime | None = None) -> None:
        """Append a message; `level` is info, warning or error, the time is now unless given."""
        kind = Level(level)
        time = (when or datetime.now()).strftime("%H:%M:%S")
        line = QTreeWidgetItem([time, kind.value, " ".join(words.split())])
        line.setToolTip(2, as_tip(words))
        line.setData(0, Qt.ItemDataRole.UserRole, words)
        if kind is not Level.INFO:
            colour = theme.current().bad if kind is Level.ERROR else theme.current().accent
            line.setForeground(1, QColor(colour))
        bar = self.lines.verticalScrollBar()
        at_end = bar.value() == bar.maximum()
        self.lines.addTopLevelItem(line)
        if not self._wanted(line):
            line.setHidden(True)
        if self.lines.topLevelItemCount() > KEPT:
            self.lines.takeTopLevelItem(0)
        if at_end:
            self._to_end.start()
        self._pages.setCurrentWidget(self.lines)

    def _wanted(self, line: QTreeWidgetItem) -> bool:
        return _RANK[Level(line.text(1))] >= _RANK[Level(self.levels.choice)]

    def _all(self) -> list[QTreeWidgetItem]:
        items = [self.lines.topLevelItem(i) for i in range(self.lines.topLevelItemCount())]
        return [item for item in items if item is not None]

    def _filter(self) -> None:
        for line in self._all():
            line.setHidden(not self._wanted(line))

    def _copy(self) -> None:
        chosen = [line for line in self._all() if line.isSelected() and not line.isHidden()]
        lines = chosen or [line for line in self._all() if not line.isHidden()]
        told = [f"{x.text(0)} {x.text(1)} {x.data(0, Qt.ItemDataRole.UserRole)}" for x in lines]
        QGuiApplication.clipboard().setText("\n".join(told))

    def _clear(self) -> None:
        self.lines.clear()
        self._pages.setCurrentWidget(self._empty)
