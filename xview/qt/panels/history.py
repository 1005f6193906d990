"""The queries asked so far, newest first; a click asks again."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, Signal
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QWidget

from xview.qt.panels.card_area import GAP, CardArea
from xview.qt.panels.results_cards import Look, State, draw_line
from xview.qt.theme import RADIUS
from xview.qt.thumbnails import Thumbnails

PICTURE = 34
COLUMN = 230  # narrowest column of entries


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """One query asked.

    Attributes:
        title, detail: What to call it, and what else to say ("animal mammal · sketches → images").
        key, row: Its picture in `Thumbnails`; row -1 for none.
    """

    title: str
    detail: str = ""
    key: str = ""
    row: int = -1


class HistoryPanel(CardArea):
    """Queries as small cards; positions count from the newest."""

    asked = Signal(int)  # place in the list given to `show_history`

    def __init__(self, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__("Query history", parent)
        self._entries: tuple[HistoryEntry, ...] = ()
        self._thumbnails = thumbnails
        thumbnails.ready.connect(self.thumbnail_ready)
        self.activated.connect(self._ask)

    def show_history(self, entries: tuple[HistoryEntry, ...], current: int = -1) -> None:
        """Show entries, oldest first as they were asked; `current` is the place of the one on screen."""
        self._entries = entries
        self.relayout(len(entries) - 1 - current if current >= 0 else -1)

    def _ask(self, position: int) -> None:
        self.asked.emit(len(self._entries) - 1 - position)

    def _entry(self, position: int) -> HistoryEntry:
        return self._entries[len(self._entries) - 1 - position]

    def pick(self, position: int) -> None:
        """A click asks at once; the keyboard walks first and asks with Enter."""
        super().pick(position)
        if not self.walking:
            self._ask(position)

    @property
    def count(self) -> int:
        """Number of entries."""
        return len(self._entries)

    def columns(self) -> int:
        """As many as fit."""
        return max(1, (self.viewport().width() + GAP) // (COLUMN + GAP))

    def cell_height(self, width: int, look: Look) -> int:
        """Two lines or a picture."""
        return max(PICTURE, look.line + look.small_line) + 8

    def describe(self, position: int) -> str:
        """An entry in words."""
        entry = self._entry(position)
        return "\n".join(filter(None, [entry.title, entry.detail]))

    def empty_text(self) -> str:
        """Nothing asked."""
        return "The queries you ask are kept here. A click asks again."

    def paint_cell(self, painter: QPainter, box: QRect, position: int, look: Look, state: State) -> None:
        """Picture, title, detail."""
        entry, theme = self._entry(position), look.theme
        lit = state.current or state.hovered
        painter.setBrush(QColor(theme.accent_soft if lit else theme.raised))
        painter.setPen(QColor(theme.accent if state.current else theme.border))
        painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
        words = box.adjusted(8, 0, -6, 0)
        if entry.row >= 0:
            picture = QRect(box.x() + 4, box.y() + (box.height() - PICTURE) // 2, PICTURE, PICTURE)
            if not self._thumbnails.draw(painter, QRectF(picture), entry.key, entry.row):
                painter.fillRect(picture, QColor(theme.border))
            words.setLeft(picture.right() + 8)
        top = box.y() + (box.height() - look.line - look.small_line) // 2
        painter.setFont(look.strong)
        painter.setPen(QColor(theme.text))
        draw_line(painter, QRect(words.x(), top, words.width(), look.line), entry.title)
        painter.setFont(look.small)
        painter.setPen(QColor(theme.muted))
        draw_line(painter, QRect(words.x(), top + look.line, words.width(), look.small_line), entry.detail)
