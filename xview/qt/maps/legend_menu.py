"""The legend's menu: every class in a list that filters as one types."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

_SIZE = (280, 360)


class LegendMenu(QFrame):
    """A popup: ticking shows or hides a class, a double click isolates it; both tell its index."""

    toggled = Signal(int)
    isolated = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("role", "panel")
        self.search = QLineEdit(self, placeholderText="Filter classes", clearButtonEnabled=True)
        self.search.setAccessibleName("Filter classes")
        self.list = QListWidget(self)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setAccessibleName("Classes")
        self.list.setUniformItemSizes(True)
        self.list.setIconSize(QSize(12, 12))
        hint = QLabel("Tick shows, double click shows nothing else", self)
        hint.setProperty("role", "muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        for widget in (self.search, self.list, hint):
            column.addWidget(widget)
        self.search.textChanged.connect(self._filter)
        self.list.itemChanged.connect(lambda item: self.toggled.emit(self.list.row(item)))
        self.list.itemDoubleClicked.connect(lambda item: self.isolated.emit(self.list.row(item)))

    def set_classes(self, names: Sequence[str], icons: Sequence[QIcon], counts: Sequence[int]) -> None:
        """List classes, all ticked."""
        with QSignalBlocker(self.list):
            self.list.clear()
            for name, icon, count in zip(names, icons, counts, strict=True):
                item = QListWidgetItem(icon, f"{name}  ·  {count:,}", self.list)
                item.setCheckState(Qt.CheckState.Checked)

    def show_hidden(self, hidden: frozenset[int]) -> None:
        """Tick all but these, without telling anybody."""
        with QSignalBlocker(self.list):
            for row in range(self.list.count()):
                state = Qt.CheckState.Unchecked if row in hidden else Qt.CheckState.Checked
                self.list.item(row).setCheckState(state)

    def open_above(self, button: QWidget) -> None:
        """Open with its lower right corner at the button's upper right one, kept on the screen."""
        self.resize(*_SIZE)
        corner = button.mapToGlobal(QPoint(button.width() - self.width(), -self.height()))
        free = button.screen().availableGeometry()
        self.move(max(corner.x(), free.left()), max(corner.y(), free.top()))
        self.search.clear()
        self.show()
        self.search.setFocus()

    def _filter(self, text: str) -> None:
        for row in range(self.list.count()):
            item = self.list.item(row)
            item.setHidden(text.casefold() not in item.text().casefold())
