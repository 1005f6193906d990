"""One ranking as a list of cards or a grid of tiles; its cost does not grow with the number of results."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QMenu, QToolTip, QWidget

from xview.qt import theme
from xview.qt.panels.results_cards import Look, State, paint_card, paint_tile
from xview.qt.panels.results_data import ResultsData, Show
from xview.qt.thumbnails import Thumbnails

GAP = 4
TILE = 66  # narrowest tile
NOWHERE = -1


class ResultList(QAbstractScrollArea):
    """A ranking, best first. Only what is visible is laid out, painted or asked of the data.

    Items are told by their row in the gallery's collection, so two lists can speak of the same item.
    """

    hovered = Signal(int)  # row, or -1 when the pointer leaves
    chosen = Signal(int)  # row: clicked, or reached by the keyboard
    asked = Signal(int)  # row: to become the query
    opened = Signal(int)  # row: its picture is to be shown large

    def __init__(self, name: str, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.setMinimumSize(QSize(120, 90))
        self._thumbnails = thumbnails
        self._data: ResultsData | None = None
        self._places = np.empty(0, dtype=np.int64)  # what the filter leaves
        self._show = Show.ALL
        self._tiles = False
        self._current = NOWHERE  # position in _places
        self._hovered = NOWHERE
        self._empty = "No results yet. Click a point on a map to query by it."
        thumbnails.ready.connect(self._thumbnail_ready)

    # --- what is shown

    def show_results(self, data: ResultsData | None) -> None:
        """Show a ranking, or the empty state; the item chosen before stays chosen if it is still there."""
        row = self.current_row
        self._data = data
        self._refilter(row)

    def show_filter(self, show: Show) -> None:
        """Keep only hits, only misses, or everything."""
        row = self.current_row
        self._show = show
        self._refilter(row)

    def show_tiles(self, tiles: bool) -> None:
        """A grid of tiles instead of a list of cards."""
        self._tiles = tiles
        self._layout_again()
        self._reveal(self._current)

    def show_empty(self, text: str) -> None:
        """What to say while there is no ranking."""
        self._empty = text
        self.viewport().update()

    def select(self, row: int, *, reveal: bool = True) -> None:
        """Make an item chosen elsewhere the current one, and scroll to it; emits nothing."""
        self._set_current(self._position(row))
        if reveal:
            self._reveal(self._current)

    def highlight(self, row: int) -> None:
        """Light an item hovered elsewhere (-1: none); emits nothing."""
        self._set_hovered(self._position(row))

    @property
    def current_row(self) -> int:
        """Row of the current item, or -1."""
        return self._row(self._current)

    @property
    def count(self) -> int:
        """Number of results the filter leaves."""
        return len(self._places)

    def rect_of(self, row: int) -> QRect:
        """Where an item is in viewport coordinates, visible or not; empty if it is not listed."""
        position = self._position(row)
        return QRect() if position == NOWHERE else self._box(position)

    # --- geometry

    @property
    def _columns(self) -> int:
        return max(1, (self.viewport().width() + GAP) // (TILE + GAP)) if self._tiles else 1

    @property
    def _cell(self) -> QSize:
        width = (self.viewport().width() + GAP) // self._columns - GAP
        look = self._look()
        return QSize(width, look.tile_height(width) if self._tiles else look.card_height(width))

    def _look(self) -> Look:
        return Look(theme.current(), self.font())

    def _box(self, position: int) -> QRect:
        line, column = divmod(position, self._columns)
        cell = self._cell
        return QRect(
            QPoint(
                column * (cell.width() + GAP),
                line * (cell.height() + GAP) - self.verticalScrollBar().value(),
            ),
            cell,
        )

    def _at(self, point: QPoint) -> int:
        """Position under a point of the viewport."""
        cell = self._cell
        line, y = divmod(point.y() + self.verticalScrollBar().value(), cell.height() + GAP)
        column, x = divmod(point.x(), cell.width() + GAP)
        position = line * self._columns + column
        inside = x < cell.width() and y < cell.height() and column < self._columns
        return position if inside and 0 <= position < self.count else NOWHERE

    def _row(self, position: int) -> int:
        if self._data is None or not 0 <= position < self.count:
            return NOWHERE
        return int(self._data.rows[self._places[position]])

    def _position(self, row: int) -> int:
        if self._data is None or not 0 <= row < len(self._data.place_of):
            return NOWHERE
        place = int(self._data.place_of[row])
        position = int(np.searchsorted(self._places, place))
        found = place >= 0 and position < self.count and self._places[position] == place
        return position if found else NOWHERE

    def _refilter(self, row: int) -> None:
        data = self._data
        self._places = np.empty(0, dtype=np.int64) if data is None else data.kept(self._show)
        self._current = self._position(row)
        self._hovered = NOWHERE
        self._layout_again()

    def _layout_again(self) -> None:
        pitch = self._cell.height() + GAP
        lines = -(-self.count // self._columns)
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, lines * pitch - GAP - self.viewport().height()))
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(pitch)
        self.viewport().update()

    def _reveal(self, position: int) -> None:
        if position == NOWHERE:
            return
        box, bar = self._box(position), self.verticalScrollBar()
        if box.top() < 0:
            bar.setValue(bar.value() + box.top())
        elif box.bottom() >= self.viewport().height():
            bar.setValue(bar.value() + box.bottom() + 1 - self.viewport().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More or fewer columns fit."""
        super().resizeEvent(event)
        self._layout_again()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Move the pixels; only what comes into view is painted."""
        self.viewport().scroll(dx, dy)

    # --- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the results the event uncovers."""
        painter = QPainter(self.viewport())
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        look = self._look()
        if self._data is None or not self.count:
            painter.setPen(QColor(look.theme.muted))
            room = self.viewport().rect().adjusted(8, 8, -8, -8)
            flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
            painter.drawText(room, int(flags), self._empty_text())
            return
        top = event.rect().top() + self.verticalScrollBar().value()
        bottom = event.rect().bottom() + self.verticalScrollBar().value()
        pitch = self._cell.height() + GAP
        first = top // pitch * self._columns
        last = min(self.count, (bottom // pitch + 1) * self._columns)
        paint = paint_tile if self._tiles else paint_card
        focused = self.hasFocus()
        for position in range(first, last):
            current = position == self._current
            state = State(current, position == self._hovered, current and focused)
            place = int(self._places[position])
            paint(painter, self._box(position), self._data, place, look, self._thumbnails, state)

    def _empty_text(self) -> str:
        if self._data is None:
            return self._empty
        if not len(self._data):
            return "The gallery is empty."
        return f"This ranking holds no {self._show.value}."

    def _thumbnail_ready(self, key: str, _row: int) -> None:
        if self._data is not None and key == self._data.key:
            self.viewport().update()

    def _repaint(self, *positions: int) -> None:
        for position in positions:
            if position != NOWHERE:
                self.viewport().update(self._box(position))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keyboard is."""
        super().focusInEvent(event)
        self._repaint(self._current)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that the keyboard is elsewhere."""
        super().focusOutEvent(event)
        self._repaint(self._current)

    # --- pointer and keyboard

    def _set_current(self, position: int) -> None:
        self._repaint(self._current, position)
        self._current = position
        if self._data is not None and position != NOWHERE:
            self.setAccessibleDescription(self._data.describe(int(self._places[position])))

    def _set_hovered(self, position: int) -> None:
        if position != self._hovered:
            self._repaint(self._hovered, position)
            self._hovered = position

    def _choose(self, position: int) -> None:
        self._set_current(position)
        self._reveal(position)
        self.chosen.emit(self.current_row)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Hover."""
        position = self._at(event.position().toPoint())
        if position != self._hovered:
            self._set_hovered(position)
            self.hovered.emit(self._row(position))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose."""
        position = self._at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and position != NOWHERE:
            self._choose(position)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Query by it."""
        position = self._at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and position != NOWHERE:
            self.asked.emit(self._row(position))

    def viewportEvent(self, event: QEvent) -> bool:
        """Tell all about an item in its tooltip; let go of the hover when the pointer leaves."""
        if event.type() == QEvent.Type.Leave and self._hovered != NOWHERE:
            self._set_hovered(NOWHERE)
            self.hovered.emit(NOWHERE)
        elif event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            position = self._at(event.pos())
            if position == NOWHERE or self._data is None:
                QToolTip.hideText()
            else:
                place = int(self._places[position])
                fault = self._thumbnails.fault(self._data.key, self._row(position))
                told = "\n".join(filter(None, [self._data.describe(place), fault]))
                QToolTip.showText(event.globalPos(), told, self.viewport(), self._box(position))
            return True
        return super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows, Home, End and page keys move; Enter queries; Ctrl+C copies the id."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self._copy()
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._current != NOWHERE:
            self.asked.emit(self.current_row)
            return
        target = self._target(Qt.Key(event.key()))
        if target is None or not self.count:
            super().keyPressEvent(event)
            return
        self._choose(min(max(target, 0), self.count - 1))

    def _target(self, key: Qt.Key) -> int | None:
        """Where a key leads from the current item."""
        lines = max(1, self.viewport().height() // (self._cell.height() + GAP))
        steps = {
            Qt.Key.Key_Up: -self._columns,
            Qt.Key.Key_Down: self._columns,
            Qt.Key.Key_PageUp: -lines * self._columns,
            Qt.Key.Key_PageDown: lines * self._columns,
        }
        if self._tiles:
            steps |= {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if key in steps:
            return 0 if self._current == NOWHERE else self._current + steps[key]
        return {Qt.Key.Key_Home: 0, Qt.Key.Key_End: self.count - 1}.get(key)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What can be done with an item."""
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        position = self._at(event.pos()) if by_mouse else self._current
        row = self._row(position)
        if row == NOWHERE:
            return
        self._choose(position)
        menu = QMenu(self)
        menu.addAction("Query by this", lambda: self.asked.emit(row))
        menu.addAction("Open picture", lambda: self.opened.emit(row))
        menu.addAction("Copy id", self._copy)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        at = event.globalPos() if by_mouse else self.viewport().mapToGlobal(self._box(position).center())
        menu.popup(at)

    def _copy(self) -> None:
        if self._data is not None and self._current != NOWHERE:
            QGuiApplication.clipboard().setText(self._data.id_of(self.current_row))
