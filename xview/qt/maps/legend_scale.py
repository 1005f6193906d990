"""A colour scale with the values at its ends, or words where there is none."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from xview.qt import theme


class ScaleBar(QWidget):
    """Title, low end, colours from low to high, high end, in one line."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._title = ""
        self._ends = ("", "")
        self._colours: tuple[str, ...] = ("#000000",)
        self.hide()

    def set_scale(self, title: str, low: float, high: float, colours: Sequence[str]) -> None:
        """Show the bar."""
        self._title, self._ends, self._colours = title, (f"{low:.3g}", f"{high:.3g}"), tuple(colours)
        self.setAccessibleName(f"{title} from {self._ends[0]} to {self._ends[1]}")
        self.show()
        self.update()

    def set_words(self, words: str) -> None:
        """Say in a few words why there is no scale."""
        self._title, self._colours = words, ()
        self.setAccessibleName(words)
        self.show()
        self.update()

    @property
    def wanted_width(self) -> int:
        """Pixels for the bar or the words."""
        words = self.fontMetrics().horizontalAdvance(self._title) + 8
        return max(320, words + 180) if self._colours else words

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Words left and right of the gradient."""
        worn = theme.current()
        painter = QPainter(self)
        painter.setPen(QColor(worn.muted))
        metrics = painter.fontMetrics()
        middle = Qt.AlignmentFlag.AlignVCenter
        if not self._colours:
            shown = metrics.elidedText(self._title, Qt.TextElideMode.ElideRight, self.width())
            painter.drawText(QRectF(self.rect()), middle, shown)
            painter.end()
            return
        x = 0.0
        for text in (self._title, self._ends[0]):
            width = metrics.horizontalAdvance(text) + 8
            painter.drawText(QRectF(x, 0, width, self.height()), middle, text)
            x += width
        last = metrics.horizontalAdvance(self._ends[1])
        bar = QRectF(x, self.height() / 2 - 4, max(20.0, self.width() - x - last - 8), 8)
        gradient = QLinearGradient(bar.topLeft(), bar.topRight())
        for k, colour in enumerate(self._colours):
            gradient.setColorAt(k / max(len(self._colours) - 1, 1), QColor(colour))
        painter.fillRect(bar, gradient)
        painter.drawText(QRectF(bar.right() + 8, 0, last + 2, self.height()), middle, self._ends[1])
        painter.end()
