"""The queries asked so far, bound to the store."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from xview.data.records import Collection
from xview.qt.infos import called
from xview.qt.panels.history import HistoryEntry, HistoryPanel
from xview.qt.store import Store
from xview.qt.thumbnails import Thumbnails
from xview.session.state import Asked, ItemsQuery, ModifiedQuery


class HistoryDesk(QWidget):
    """A click asks again, in the direction it was asked in."""

    def __init__(self, store: Store, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self.panel = HistoryPanel(thumbnails, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.addWidget(self.panel)
        self.panel.asked.connect(self._ask_again)
        store.history_changed.connect(self._refresh)
        self._refresh()

    def _refresh(self) -> None:
        history = self._store.history
        current = next(
            (i for i, asked in enumerate(history) if asked.query == self._store.resolved.query), -1
        )
        self.panel.show_history(tuple(map(self._entry, history)), current)

    def _entry(self, asked: Asked) -> HistoryEntry:
        collections = self._store.workspace.dataset.collections
        direction = f"{asked.protocol.query} → {asked.protocol.gallery}"
        collection = collections.get(asked.protocol.query)
        if collection is not None and isinstance(asked.query, ModifiedQuery):
            return self._modified(asked.query, collection, direction)
        if collection is None or not isinstance(asked.query, ItemsQuery):
            return HistoryEntry(title=called(asked.query), detail=direction)
        row = collection.row_of.get(asked.query.ids[0], -1) if asked.query.ids else -1
        single = len(asked.query.ids) == 1 and row >= 0
        title = str(collection.titles[row]) if single else called(asked.query)
        return HistoryEntry(title=title, detail=direction, key=collection.modality, row=row)

    @staticmethod
    def _modified(query: ModifiedQuery, collection: Collection, direction: str) -> HistoryEntry:
        """The picture it begins with, and how it differs."""
        row = collection.row_of.get(query.id, -1)
        title = str(collection.titles[row]) if row >= 0 else query.id
        return HistoryEntry(
            title=f"{title}, but “{query.text}”", detail=direction, key=collection.modality, row=row
        )

    def _ask_again(self, place: int) -> None:
        asked = self._store.history[place]
        self._store.ask(protocol=asked.protocol, query=asked.query, why=None)
