"""One ranking as a list of cards or a grid of tiles."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint, QRect, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QPainter
from PySide6.QtWidgets import QWidget

from xview.qt.panels.card_area import GAP, CardArea
from xview.qt.panels.cell_area import NOWHERE
from xview.qt.panels.results_cards import (
    Look,
    State,
    card_picture,
    mark_buttons,
    paint_card,
    paint_tile,
    tile_picture,
)
from xview.qt.panels.results_data import ResultsData, Show
from xview.qt.thumbnails import Thumbnails

TILE = 66  # narrowest tile

NOTHING_ASKED = "No results yet. Click a point on a map to query by it."


class ResultList(CardArea):
    """A ranking, best first.

    Items are told by their row in the gallery's collection, so two lists can speak of the same item.
    """

    hovered = Signal(int)  # row, or -1 when the pointer leaves
    chosen = Signal(int)  # row: clicked, or reached by the keyboard
    asked = Signal(int)  # row: to become the query
    opened = Signal(int)  # row: its picture is to be shown large
    marked = Signal(int, bool)  # row, whether right: marked so, or no longer where it was

    def __init__(self, name: str, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self._thumbnails = thumbnails
        self._data: ResultsData | None = None
        self._places = np.empty(0, dtype=np.int64)  # what the filter leaves
        self._show = Show.ALL
        self._ignored = True
        self._tiles = False
        self._empty = NOTHING_ASKED
        thumbnails.ready.connect(self.thumbnail_ready)
        self.pointed.connect(lambda position: self.hovered.emit(self._row(position)))
        self.picked.connect(lambda position: self.chosen.emit(self._row(position)))
        self.activated.connect(lambda position: self.asked.emit(self._row(position)))

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

    def show_ignored(self, ignored: bool) -> None:
        """Keep what the protocol takes out, greyed, or leave it out."""
        row = self.current_row
        self._ignored = ignored
        self._refilter(row)

    def show_tiles(self, tiles: bool) -> None:
        """A grid of tiles instead of a list of cards."""
        self._tiles = tiles
        self.relayout(self.current)
        self.reveal(self.current)

    def show_empty(self, text: str) -> None:
        """What to say while there is no ranking; empty text says how to get one."""
        self._empty = text or NOTHING_ASKED
        self.viewport().update()

    def select(self, row: int, *, reveal: bool = True) -> None:
        """Make an item chosen elsewhere the current one, and scroll to it; emits nothing."""
        self.set_current(self._position(row))
        if reveal:
            self.reveal(self.current)

    def highlight(self, row: int) -> None:
        """Light an item hovered elsewhere (-1: none); emits nothing."""
        self.set_hovered(self._position(row))

    @property
    def current_row(self) -> int:
        """Row of the current item, or -1."""
        return self._row(self.current)

    @property
    def count(self) -> int:
        """Number of results the filter leaves."""
        return len(self._places)

    def rect_of(self, row: int) -> QRect:
        """Where an item is in viewport coordinates, visible or not; empty if it is not listed."""
        position = self._position(row)
        return QRect() if position == NOWHERE else self.box(position)

    def columns(self) -> int:
        """As many tiles as fit, or one card."""
        return max(1, (self.viewport().width() + GAP) // (TILE + GAP)) if self._tiles else 1

    def cell_height(self, width: int, look: Look) -> int:
        """Height of a tile or card."""
        return look.tile_height(width) if self._tiles else look.card_height(width)

    def paint_cell(self, painter: QPainter, box: QRect, position: int, look: Look, state: State) -> None:
        """Paint a tile or card."""
        assert self._data is not None
        paint = paint_tile if self._tiles else paint_card
        paint(painter, box, self._data, int(self._places[position]), look, self._thumbnails, state)

    def describe(self, position: int) -> str:
        """All that is known of a result."""
        assert self._data is not None
        fault = self._thumbnails.fault(self._data.key, self._row(position))
        return "\n".join(filter(None, [self._data.describe(int(self._places[position])), fault]))

    def empty_text(self) -> str:
        """Why there is nothing."""
        if self._data is None:
            return self._empty
        return f"This ranking holds no {self._show.value}." if len(self._data) else "The gallery is empty."

    def menu_of(self, position: int) -> list[tuple[str, object]]:
        """Query by it, open it, mark it, copy its id."""
        assert self._data is not None
        row, mark = self._row(position), self._data.mark(int(self._places[position]))
        return [
            ("Query by this", lambda: self.asked.emit(row)),
            ("Open picture", lambda: self.opened.emit(row)),
            ("Mark right" if mark <= 0 else "Take the mark off", lambda: self.marked.emit(row, True)),
            ("Mark wrong" if mark >= 0 else "Take the mark off", lambda: self.marked.emit(row, False)),
            ("Copy id", lambda: self.copy(position)),
        ]

    def button(self, row: int, *, right: bool) -> QRect:
        """Where an item is marked right or wrong, in viewport coordinates; empty if it is not listed."""
        box = self.rect_of(row)
        if box.isEmpty():
            return box
        picture = tile_picture(box, self.look()) if self._tiles else card_picture(box)
        return mark_buttons(picture)[right]

    def pressed(self, position: int, point: QPoint) -> bool:
        """Mark where a plate was hit."""
        row = self._row(position)
        for right in (True, False):
            if self.button(row, right=right).contains(point):
                self.marked.emit(row, right)
                return True
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Plus and minus mark the current result; the next one becomes the current one."""
        right = {"+": True, "-": False}.get(event.text())
        row, position = self.current_row, self.current
        if right is None or row == NOWHERE:
            super().keyPressEvent(event)
            return
        if position + 1 < self.count:
            self.pick(position + 1)
        self.marked.emit(row, right)

    def copy(self, position: int) -> None:
        """Copy the id."""
        if self._data is not None:
            QGuiApplication.clipboard().setText(self._data.id_of(self._row(position)))

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
        self._places = (
            np.empty(0, dtype=np.int64) if data is None else data.kept(self._show, ignored=self._ignored)
        )
        self.relayout(self._position(row))

    def thumbnail_ready(self, key: str, row: int) -> None:
        """Paint the one cell again whose picture it is."""
        if self._data is not None and key == self._data.key:
            self.repaint_cells(self._position(row))
