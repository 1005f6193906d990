"""Painted cells in a scrolling area: what pointer, keyboard and screen readers do with them."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QMenu, QToolTip, QWidget

from xview.qt import theme
from xview.qt.panels.parts import as_tip
from xview.qt.panels.results_cards import Look, State

NOWHERE = -1


class CellArea(QAbstractScrollArea):
    """Cells 0 to `count` - 1, of which only the visible ones are painted.

    A subclass says where they are (`CardArea`, `CardRow`), and one of that how many there are and what they
    look like; positions count the cells.
    """

    pointed = Signal(int)  # position under the pointer, or -1
    picked = Signal(int)  # position clicked, or reached by the keyboard
    activated = Signal(int)  # position double-clicked, or entered

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.viewport().setBackgroundRole(QPalette.ColorRole.Window)  # opaque, so that scrolling moves pixels
        self.setMinimumSize(QSize(120, 60))
        self.walking = False  # whether the keyboard, not the pointer, is picking
        self._look: Look | None = None
        self._current = NOWHERE
        self._hovered = NOWHERE

    # --- what a subclass says

    @property
    def count(self) -> int:
        """Number of cells."""
        raise NotImplementedError

    def paint_cell(self, painter: QPainter, box: QRect, position: int, look: Look, state: State) -> None:
        """Paint a cell."""
        raise NotImplementedError

    def describe(self, position: int) -> str:
        """A cell in words, for its tooltip and for screen readers."""
        raise NotImplementedError

    def empty_text(self) -> str:
        """What to say while there are no cells."""
        raise NotImplementedError

    def menu_of(self, position: int) -> list[tuple[str, object]]:
        """Entries of a cell's menu with what they call."""
        return []

    def copy(self, position: int) -> None:
        """Put a cell on the clipboard."""

    def pressed(self, _position: int, _point: QPoint) -> bool:
        """Whether a press at a point of a cell was for something painted in it, which has been done."""
        return False

    # --- geometry

    def look(self) -> Look:
        """Colours and fonts now."""
        worn, font = theme.current(), self.font()
        if self._look is None or self._look.theme is not worn or self._look.font != font:
            self._look = Look(worn, font)  # kept, because it measures fonts
        return self._look

    def box(self, position: int) -> QRect:
        """Where a cell is in viewport coordinates, visible or not."""
        raise NotImplementedError

    def at(self, point: QPoint) -> int:
        """Position under a point of the viewport, or -1."""
        raise NotImplementedError

    def seen(self, rect: QRect) -> Iterable[tuple[int, QRect]]:
        """The cells that a rectangle of the viewport shows a part of, each with its box."""
        raise NotImplementedError

    def fit(self) -> None:
        """Give the scroll bars their ranges."""
        raise NotImplementedError

    def target(self, key: Qt.Key) -> int | None:
        """Where a key leads from the current cell, perhaps beyond the ends; None: nowhere."""
        raise NotImplementedError

    def reveal(self, position: int) -> None:
        """Scroll as little as needed to see a cell."""
        if position == NOWHERE:
            return
        box, room = self.box(position), self.viewport().rect()
        for bar, first, last, end in (
            (self.verticalScrollBar(), box.top(), box.bottom(), room.bottom()),
            (self.horizontalScrollBar(), box.left(), box.right(), room.right()),
        ):
            if first < 0:
                bar.setValue(bar.value() + first)
            elif last > end:
                bar.setValue(bar.value() + last - end)

    def relayout(self, current: int = NOWHERE) -> None:
        """Take up other cells, or other sizes, with `current` as the current one."""
        self._current = current
        self._hovered = NOWHERE
        self.fit()
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Other cells fit."""
        super().resizeEvent(event)
        self.relayout(self._current)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Move the pixels; only what comes into view is painted."""
        self.viewport().scroll(dx, dy)

    # --- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the cells the event uncovers."""
        painter = QPainter(self.viewport())
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        look = self.look()
        if not self.count:
            painter.setPen(QColor(look.theme.muted))
            room = self.viewport().rect().adjusted(8, 8, -8, -8)
            flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
            painter.drawText(room, int(flags), self.empty_text())
            return
        focused = self.hasFocus()
        for position, box in self.seen(event.rect()):
            current = position == self._current
            state = State(current, position == self._hovered, current and focused)
            self.paint_cell(painter, box, position, look, state)

    def thumbnail_ready(self, _key: str, _row: int) -> None:
        """Paint again, once for many pictures; a bound slot, so that Qt drops it with the widget."""
        self.viewport().update()

    def repaint_cells(self, *positions: int) -> None:
        """Paint these again."""
        for position in positions:
            if position != NOWHERE:
                self.viewport().update(self.box(position))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keyboard is."""
        super().focusInEvent(event)
        self.repaint_cells(self._current)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that the keyboard is elsewhere."""
        super().focusOutEvent(event)
        self.repaint_cells(self._current)

    # --- pointer and keyboard

    @property
    def current(self) -> int:
        """Position of the current cell, or -1."""
        return self._current

    def set_current(self, position: int) -> None:
        """Make a cell the current one; emits nothing."""
        self.repaint_cells(self._current, position)
        self._current = position
        if position != NOWHERE:
            self.setAccessibleDescription(self.describe(position))

    def set_hovered(self, position: int) -> None:
        """Light a cell; emits nothing."""
        if position != self._hovered:
            self.repaint_cells(self._hovered, position)
            self._hovered = position

    def pick(self, position: int) -> None:
        """What a click does."""
        self.set_current(position)
        self.reveal(position)
        self.picked.emit(position)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light what is under the pointer."""
        position = self.at(event.position().toPoint())
        if position != self._hovered:
            self.set_hovered(position)
            self.pointed.emit(position)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Pick."""
        position = self.at(event.position().toPoint())
        if event.button() != Qt.MouseButton.LeftButton or position == NOWHERE:
            return
        if not self.pressed(position, event.position().toPoint()):
            self.pick(position)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """All was done on the press."""

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Activate."""
        position = self.at(event.position().toPoint())
        if event.button() != Qt.MouseButton.LeftButton or position == NOWHERE:
            return
        if not self.pressed(position, event.position().toPoint()):
            self.activated.emit(position)

    def viewportEvent(self, event: QEvent) -> bool:
        """Tell all about a cell in its tooltip; let go of it when the pointer leaves."""
        if event.type() == QEvent.Type.Leave and self._hovered != NOWHERE:
            self.set_hovered(NOWHERE)
            self.pointed.emit(NOWHERE)
        elif event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            position = self.at(event.pos())
            if position == NOWHERE:
                QToolTip.hideText()
            else:
                told = as_tip(self.describe(position))
                QToolTip.showText(event.globalPos(), told, self.viewport(), self.box(position))
            return True
        return super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows, Home, End and page keys move; Enter activates; Ctrl+C copies."""
        if event.matches(QKeySequence.StandardKey.Copy) and self._current != NOWHERE:
            self.copy(self._current)
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._current != NOWHERE:
            self.activated.emit(self._current)
            return
        target = self.target(Qt.Key(event.key()))
        if target is None or not self.count:
            super().keyPressEvent(event)
            return
        self.walking = True
        self.pick(min(max(target, 0), self.count - 1))
        self.walking = False

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What can be done with a cell."""
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        position = self.at(event.pos()) if by_mouse else self._current
        if position == NOWHERE or not self.menu_of(position):
            return
        self.pick(position)
        menu = QMenu(self)
        for text, call in self.menu_of(position):
            menu.addAction(text).triggered.connect(call)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        centre = self.viewport().mapToGlobal(self.box(position).center())
        menu.popup(event.globalPos() if by_mouse else centre)
