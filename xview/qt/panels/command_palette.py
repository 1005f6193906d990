"""Every command by a few letters, and the sheet of their keys; both read the window's own actions."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QSortFilterProxyModel, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHeaderView,
    QLineEdit,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from xview.qt.theme import SPACE

_ACTION = Qt.ItemDataRole.UserRole
WIDTH = 520


def closeness(typed: str, name: str) -> int | None:
    """How well typed letters fit a command's name, lower is nearer; None where they do not.

    A part of the name comes first (the earlier the nearer), then the initials of its words, then letters
    in order with gaps (the tighter the nearer).
    """
    wanted, known = "".join(typed.lower().split()), name.lower()
    letters = [re.escape(letter) for letter in wanted]
    part = re.search(r"\s*".join(letters), known)
    if part:
        return part.start()
    if re.search(r".*?\b".join(["", *letters]), known):
        return 1_000
    spread = re.search(".*?".join(letters), known)
    return 2_000 + len(spread.group()) if spread else None


class _Fuzzy(QSortFilterProxyModel):
    """Rows whose name fits what is typed, best first."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.typed = ""

    def show_typed(self, typed: str) -> None:
        self.typed = typed
        self.invalidate()
        self.sort(0)

    def _cost(self, row: int) -> int | None:
        return closeness(self.typed, str(self.sourceModel().index(row, 0).data()))

    def filterAcceptsRow(self, row: int, parent: QModelIndex | QPersistentModelIndex) -> bool:
        return self._cost(row) is not None

    def lessThan(
        self, left: QModelIndex | QPersistentModelIndex, right: QModelIndex | QPersistentModelIndex
    ) -> bool:
        one, other = self._cost(left.row()), self._cost(right.row())
        return (one or 0, left.row()) < (other or 0, right.row())


class CommandPalette(QFrame):
    """A line and the commands that fit it; Enter runs the first, or the one the arrows reached."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window, Qt.WindowType.Popup)
        self._window = window
        self.setProperty("role", "panel")
        self.setAccessibleName("Command palette")
        self.line = QLineEdit()
        self.line.setAccessibleName("Command")
        self.line.setPlaceholderText("Type a command")
        self._source = QStandardItemModel(0, 2, self)
        self._fitting = _Fuzzy(self)
        self._fitting.setSourceModel(self._source)
        self.list = _table(self._fitting, "Commands")
        self.list.setHeaderHidden(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.clicked.connect(self._run)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        layout.addWidget(self.line)
        layout.addWidget(self.list)
        self.line.textChanged.connect(self._filter)
        self.line.installEventFilter(self)

    def open(self, actions: Sequence[QAction]) -> None:
        """Appear over the window's upper middle with these commands."""
        self._source.removeRows(0, self._source.rowCount())
        for action in actions:
            self._source.appendRow(_items(action))
        self.line.clear()
        self._filter("")
        window = self._window
        self.resize(min(WIDTH, window.width() - 40), min(400, window.height() - 80))
        at = window.mapToGlobal(window.rect().topLeft())
        self.move(at.x() + (window.width() - self.width()) // 2, at.y() + 48)
        self.show()
        self.line.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the arrows walk the list while the line is typed in."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}
            if event.key() in step:
                self._walk(step[Qt.Key(event.key())])
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._run(self.list.currentIndex())
                return True
        return super().eventFilter(watched, event)

    def _filter(self, typed: str) -> None:
        self._fitting.show_typed(typed)
        self.list.setCurrentIndex(self._fitting.index(0, 0))

    def _walk(self, step: int) -> None:
        rows = self._fitting.rowCount()
        if rows:
            row = min(max(self.list.currentIndex().row() + step, 0), rows - 1)
            self.list.setCurrentIndex(self._fitting.index(row, 0))

    def _run(self, index: QModelIndex) -> None:
        if not index.isValid():
            return
        action = index.siblingAtColumn(0).data(_ACTION)
        self.hide()
        if action.isEnabled():
            action.trigger()


class ShortcutSheet(QDialog):
    """Every command that has a key, with what it does, and what else can be done by hand: (what, how)."""

    def __init__(
        self,
        actions: Sequence[QAction],
        parent: QWidget | None = None,
        gestures: Sequence[tuple[str, str]] = (),
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        model = QStandardItemModel(0, 2, self)
        for action in actions:
            if action.shortcuts():
                model.appendRow(_items(action))
        for does, gesture in gestures:
            model.appendRow([_fixed(does), _fixed(gesture)])
        model.setHorizontalHeaderLabels(["Command", "Keys"])
        self.table = _table(model, "Shortcuts")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(self.table)
        layout.addWidget(buttons)
        self.resize(560, 560)


def _items(action: QAction) -> list[QStandardItem]:
    """A row: name and keys of an action."""
    name = QStandardItem(action.icon(), action.text().replace("&", ""))
    name.setData(action, _ACTION)
    name.setToolTip(action.toolTip())
    shown = QKeySequence.SequenceFormat.NativeText
    keys = QStandardItem(",  ".join(key.toString(shown) for key in action.shortcuts()))
    for item in (name, keys):
        item.setEditable(False)
        item.setEnabled(action.isEnabled())
    return [name, keys]


def _fixed(words: str) -> QStandardItem:
    item = QStandardItem(words)
    item.setEditable(False)
    return item


def _table(model: QStandardItemModel | QSortFilterProxyModel, name: str) -> QTreeView:
    table = QTreeView()
    table.setModel(model)
    table.setAccessibleName(name)
    table.setRootIsDecorated(False)
    table.setUniformRowHeights(True)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setFrameShape(QFrame.Shape.NoFrame)
    table.setStyleSheet("QTreeView::item { padding: 3px 2px; }")
    table.header().setStretchLastSection(False)
    table.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    table.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
    return table
