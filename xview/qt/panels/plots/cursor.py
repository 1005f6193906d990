"""A ring about the place of a plot that the keyboard is at."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from xview.qt import theme

STEPS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
"""Arrow keys as steps to the right and down."""
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
_SIDE = 17  # pixels


class Ring(QWidget):
    """Lies over a canvas and lets the mouse through."""

    def __init__(self, canvas: QWidget) -> None:
        super().__init__(canvas)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.resize(_SIDE, _SIDE)
        self.hide()

    def show_at(self, place: QPoint) -> None:
        """Stand about a pixel of the canvas."""
        self.move(place - QPoint(_SIDE // 2, _SIDE // 2))
        self.setVisible(True)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """An accent ring between two thin ones of the ground, so that it is seen on every colour."""
        worn = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for colour, width in ((worn.panel, 4.0), (worn.accent, 2.0)):
            painter.setPen(QPen(QColor(colour), width))
            painter.drawEllipse(QRectF(self.rect()).adjusted(2.5, 2.5, -2.5, -2.5))
        painter.end()
