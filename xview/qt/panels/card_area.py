"""A scrolling list or grid of painted cells whose cost does not grow with their number."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QWidget

from xview.qt.panels.card_keys import led_to
from xview.qt.panels.cell_area import NOWHERE, CellArea
from xview.qt.panels.results_cards import Look

GAP = 4


class CardArea(CellArea):
    """Cells in lines of equal height. Only what is visible is laid out and painted."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def columns(self) -> int:
        """Cells in a line."""
        return 1

    def cell_height(self, width: int, look: Look) -> int:
        """Height of a cell of that width."""
        raise NotImplementedError

    def box(self, position: int) -> QRect:
        """Where a cell is in viewport coordinates, visible or not."""
        line, column = divmod(position, self.columns())
        cell = self._cell()
        top = line * (cell.height() + GAP) - self.verticalScrollBar().value()
        return QRect(QPoint(column * (cell.width() + GAP), top), cell)

    def at(self, point: QPoint) -> int:
        """Position under a point of the viewport, or -1."""
        cell = self._cell()
        line, y = divmod(point.y() + self.verticalScrollBar().value(), cell.height() + GAP)
        column, x = divmod(point.x(), cell.width() + GAP)
        position = line * self.columns() + column
        inside = x < cell.width() and y < cell.height() and column < self.columns()
        return position if inside and 0 <= position < self.count else NOWHERE

    def seen(self, rect: QRect) -> Iterator[tuple[int, QRect]]:
        """The cells that a rectangle of the viewport shows a part of, each with its box."""
        columns, cell = self.columns(), self._cell()
        pitch, scrolled = cell.height() + GAP, self.verticalScrollBar().value()
        first = (rect.top() + scrolled) // pitch * columns
        last = min(self.count, ((rect.bottom() + scrolled) // pitch + 1) * columns)
        for position in range(first, last):
            line, column = divmod(position, columns)
            yield position, QRect(QPoint(column * (cell.width() + GAP), line * pitch - scrolled), cell)

    def fit(self) -> None:
        """Give the scroll bar its range."""
        pitch = self._cell().height() + GAP
        lines = -(-self.count // self.columns())
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, lines * pitch - GAP - self.viewport().height()))
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(pitch)

    def target(self, key: Qt.Key) -> int | None:
        """Where a key leads from the current cell."""
        lines = max(1, self.viewport().height() // (self._cell().height() + GAP))
        return led_to(key, self.current, self.count, self.columns(), lines)

    def _cell(self) -> QSize:
        width = (self.viewport().width() + GAP) // self.columns() - GAP
        return QSize(width, self.cell_height(width, self.look()))
