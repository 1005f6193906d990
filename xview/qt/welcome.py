"""A strip for the first start: three things to try."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from xview.qt.panels.parts import ElidedLabel, Tool

WORDS = (
    "Click a point to ask with it  ·  1–5 switch the ranker  ·  drop a picture or type words  ·  "
    "? lists all keys"
)


class Welcome(QFrame):
    """Goes away when closed, and says so, that it need not come back."""

    dismissed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setAccessibleName("Three things to try")
        words = ElidedLabel(WORDS)
        self.close_button = Tool("close", "Hide this")
        self.close_button.clicked.connect(self._dismiss)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 2, 4, 2)
        row.addWidget(words, 1)
        row.addWidget(self.close_button)

    def _dismiss(self) -> None:
        self.hide()
        self.dismissed.emit()
