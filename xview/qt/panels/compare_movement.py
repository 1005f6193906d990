"""What moved most from A's map to B's: a list with pictures, figures for the maps, lines over them."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedLayout, QVBoxLayout, QWidget

from xview.arrays import Ints
from xview.qt.panels.item_table import Items, ItemTable
from xview.qt.panels.parts import ElidedLabel, Tool
from xview.qt.theme import SPACE
from xview.qt.thumbnails import Thumbnails


class MovementPanel(QWidget):
    """Items by how far they moved; or a sentence why there are none."""

    picked = Signal(int)  # number of an item: select it
    asked = Signal(int)  # number of an item: ask with it
    coloured = Signal(str)  # "moved" or "kept"
    lines_asked = Signal(bool)

    def __init__(self, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Movement")
        self.told = ElidedLabel(role="muted")
        self.moved = Tool("eye", "Moved", "Colour the maps by how far each item moved", text=True)
        self.moved.clicked.connect(lambda: self.coloured.emit("moved"))
        self.kept = Tool(
            "eye", "Kept", "Colour the maps by the share of neighbours each item kept", text=True
        )
        self.kept.clicked.connect(lambda: self.coloured.emit("kept"))
        self.lines = Tool(
            "link",
            "Lines",
            "Draw lines over both maps from where items are under A to where they are under B: of the "
            "selected items, or else of those that moved most",
            checkable=True,
            text=True,
        )
        self.lines.clicked.connect(self.lines_asked)
        self.table = ItemTable("Items by movement", thumbnails)
        self.table.picked.connect(self.picked)
        self.table.activated.connect(lambda index: self.asked.emit(int(self.table.numbers[index.row()])))
        self.table.sort_by(3, descending=True)
        self._why = QLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        self._why.setProperty("role", "muted")
        self._why.setTextFormat(Qt.TextFormat.PlainText)
        row = QHBoxLayout()
        row.setSpacing(SPACE)
        row.addWidget(self.told, 1)
        for tool in (self.moved, self.kept, self.lines):
            row.addWidget(tool)
        known = QWidget(self)
        column = QVBoxLayout(known)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        column.addLayout(row)
        column.addWidget(self.table, 1)
        self._pages = QStackedLayout(self)
        self._pages.setContentsMargins(0, 0, 0, 0)
        self._pages.addWidget(self._why)
        self._pages.addWidget(known)

    def show_nothing(self, why: str) -> None:
        """Say why there is nothing to see."""
        self._why.setText(why)
        self._pages.setCurrentIndex(0)

    def show_items(self, items: Items, numbers: Ints, told: str, tip: str, *, kept: bool) -> None:
        """List items, told in a line what moved on the whole; `kept` is known or not yet."""
        self.told.setText(told)
        self.told.set_tip(tip)
        self.kept.setEnabled(kept)
        self.table.show_items(items, numbers)
        self._pages.setCurrentIndex(1)

    @property
    def why(self) -> str:
        """Why there is nothing to see; empty where there is."""
        return self._why.text() if self._pages.currentIndex() == 0 else ""

    def sizeHint(self) -> QSize:
        """Room for a few rows."""
        return QSize(360, 200)
