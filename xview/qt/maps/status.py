"""Small widgets of a map's frame: words with a progress bar, and a label that shortens itself."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QProgressBar, QPushButton, QSizePolicy, QVBoxLayout, QWidget

_STEPS = 1000


class StatusCard(QFrame):
    """What goes on, how far it is, and a button to stop it."""

    cancel_asked = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.text = QLabel(self)
        self.text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.text.setWordWrap(True)
        self.text.setFixedWidth(200)
        self.bar = QProgressBar(self)
        self.bar.setRange(0, _STEPS)
        self.bar.setTextVisible(False)
        self.cancel = QPushButton("Cancel", self)
        self.cancel.clicked.connect(self.cancel_asked)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.addWidget(self.text)
        column.addWidget(self.bar)
        column.addWidget(self.cancel, alignment=Qt.AlignmentFlag.AlignCenter)
        self.hide()

    def show_status(self, text: str, progress: float | None, *, cancellable: bool) -> None:
        """Say `text`; nothing at all where it is empty. `progress` is a share in [0, 1] or None."""
        self.text.setText(text)
        self.bar.setVisible(progress is not None)
        self.bar.setValue(round((progress or 0.0) * _STEPS))
        self.bar.setAccessibleName(text)
        self.cancel.setVisible(cancellable)
        self.setVisible(bool(text))
        self.adjustSize()


class ElidedLabel(QLabel):
    """One line that ends in … where there is no room; the whole of it is its tooltip."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whole = ""
        self.setProperty("role", "muted")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def set_text(self, text: str) -> None:
        """Show `text`, shortened where it must be."""
        self._whole = text
        self.setToolTip(text)
        self._shorten()

    def minimumSizeHint(self) -> QSize:
        """May shrink to nothing."""
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shorten to the new width."""
        super().resizeEvent(event)
        self._shorten()

    def _shorten(self) -> None:
        self.setText(self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, self.width()))
