"""A row of painted cells of different widths that scrolls sideways."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QWidget

from xview.qt.panels.cell_area import NOWHERE, CellArea
from xview.qt.panels.results_cards import Look


class CardRow(CellArea):
    """Cells as high as the area, side by side; each may paint in the gap before it too.

    Args:
        gap: Pixels between two cells.
    """

    def __init__(self, name: str, gap: int, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.gap = gap
        self._starts = [0]  # left edge of each cell, and where the next one would be

    def cell_width(self, position: int, height: int, look: Look) -> int:
        """Width of a cell of that height."""
        raise NotImplementedError

    def box(self, position: int) -> QRect:
        """Where a cell is in viewport coordinates, visible or not."""
        left, after = self._starts[position], self._starts[position + 1]
        scrolled = self.horizontalScrollBar().value()
        return QRect(left - scrolled, 0, after - self.gap - left, self.viewport().height())

    def at(self, point: QPoint) -> int:
        """Position under a point of the viewport, or -1."""
        position = self._from(point.x())
        return position if position < self.count and self.box(position).contains(point) else NOWHERE

    def seen(self, rect: QRect) -> Iterator[tuple[int, QRect]]:
        """The cells that a rectangle of the viewport shows a part of, or of the gaps beside them."""
        last = self._from(rect.right() + self.gap)
        for position in range(self._from(rect.left()), min(self.count, last + 1)):
            yield position, self.box(position)

    def fit(self) -> None:
        """Measure the cells and give the scroll bar its range."""
        look, room = self.look(), self.viewport().size()
        widths = (self.cell_width(i, room.height(), look) + self.gap for i in range(self.count))
        self._starts = list(accumulate(widths, initial=0))
        bar = self.horizontalScrollBar()
        bar.setRange(0, max(0, self._starts[-1] - self.gap - room.width()))
        bar.setPageStep(room.width())
        bar.setSingleStep(self.gap)

    def target(self, key: Qt.Key) -> int | None:
        """Where a key leads from the current cell."""
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            return self.current + (1 if key == Qt.Key.Key_Right else -1)
        return {Qt.Key.Key_Home: 0, Qt.Key.Key_End: self.count - 1}.get(key)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Either way of the wheel goes sideways."""
        turned, moved = event.angleDelta(), event.pixelDelta()
        delta = (moved if not moved.isNull() else turned).toTuple()
        bar = self.horizontalScrollBar()
        bar.setValue(bar.value() - (delta[0] or delta[1]))
        event.accept()

    def _from(self, x: int) -> int:
        """The cell that begins last before a place of the viewport."""
        return max(0, bisect_right(self._starts, x + self.horizontalScrollBar().value()) - 1)
