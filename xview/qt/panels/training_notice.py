"""A strip that says a run is done, with what to do next one click away."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QPushButton, QToolButton, QWidget

from xview.qt.panels.parts import ElidedLabel, Tool


class RunNotice(QFrame):
    """The newest run that finished; hidden while there is none."""

    show_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.setAccessibleName("Finished run")
        self.words = ElidedLabel()
        self.show_button = QPushButton("Show")
        self.show_button.setProperty("role", "primary")
        self.show_button.setToolTip("Rank with the space it learnt")
        self.show_button.clicked.connect(self.show_asked)
        self.show_button.clicked.connect(self.hide)
        self.compare_menu = QMenu(self)
        self.compare_menu.triggered.connect(self.hide)
        self.compare = QToolButton()
        self.compare.setText("Compare ▾")
        self.compare.setProperty("role", "plate")
        self.compare.setStyleSheet("QToolButton::menu-indicator { image: none; }")  # the text has its own
        self.compare.setToolTip("Rank with the space it learnt, beside another one")
        self.compare.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.compare.setMenu(self.compare_menu)
        self.compare.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.close_button = Tool("close", "Hide this message")
        self.close_button.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 4, 4)
        row.addWidget(self.words, 1)
        row.addWidget(self.show_button)
        row.addWidget(self.compare)
        row.addWidget(self.close_button)
        self.hide()

    def show_words(self, words: str) -> None:
        """Say what is done, in place of what was said before."""
        self.words.setText(words)
        self.setAccessibleDescription(words)
        self.show()
