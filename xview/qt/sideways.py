"""`Sideways`: a dock's content that scrolls where the window is narrower than it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

_NARROWEST = 240  # pixels


class Sideways(QScrollArea):
    """As high as its content wants to be, and as narrow as it must: the window never grows for a dock."""

    def __init__(self, content: QWidget) -> None:
        super().__init__()
        self._content = content
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(content)
        content.installEventFilter(self)

    def minimumSizeHint(self) -> QSize:
        """The content's height, and a width any window has."""
        least = self._content.minimumSizeHint()
        return QSize(min(_NARROWEST, least.width()), least.height())

    def sizeHint(self) -> QSize:
        """The content's own."""
        return self._content.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fill the room; a resizable scroll area would make content that wraps higher than the room."""
        super().resizeEvent(event)
        self._fill()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Another least size of the content is another one of ours."""
        if watched is self._content and event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
            self._fill()
        return super().eventFilter(watched, event)

    def _fill(self) -> None:
        room = self.viewport().size()
        self._content.resize(max(room.width(), self._content.minimumSizeHint().width()), room.height())
