"""The right-hand column bound to the store: the query, its results, and why a result is there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from xview.data.payloads import FilePictures, ItemPayloads
from xview.data.protocol import Classes
from xview.qt.infos import OUTSIDE, query_info, why_info
from xview.qt.panels.query_card import QueryCard
from xview.qt.panels.results import ResultsPanel
from xview.qt.panels.why import WhyPanel
from xview.qt.rankings import Reply
from xview.qt.store import Store
from xview.qt.thumbnails import Thumbnails
from xview.retrieval.feedback import FeedbackSettings
from xview.session.resolve import Resolved
from xview.session.state import Feedback, ModifiedQuery, PictureQuery


class ResultsDesk(QWidget):
    """Shows the newest reply; a click explains a result, a double click asks for it."""

    hovered = Signal(str, int)  # modality, row; ("", -1) for none
    opened = Signal(str, int)  # show the picture large

    def __init__(self, store: Store, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store, self._thumbnails = store, thumbnails
        self._reply: Reply | None = None
        self._place = ""
        self.card = QueryCard(thumbnails, self)
        self.results = ResultsPanel(thumbnails, self)
        self.why = WhyPanel(thumbnails, self)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.addWidget(self.results)
        split.addWidget(self.why)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.addWidget(self.card)
        column.addWidget(split, 1)
        self.results.chosen.connect(self._choose)
        self.results.marked.connect(self._mark)
        self.results.marks.cleared.connect(self.clear_marks)
        self.results.marks.settings_changed.connect(self._weigh)
        self.results.asked.connect(lambda row: store.ask_item(store.resolved.task.protocol.gallery, row))
        self.results.hovered.connect(self._hovered)
        self.results.opened.connect(lambda row: self.opened.emit(store.resolved.task.protocol.gallery, row))
        self.why.hovered.connect(self.hovered)
        self.why.asked.connect(store.ask_item)
        self.card.opened.connect(self._open_query)
        self.card.clear_asked.connect(lambda: store.ask(query=None, why=None))
        self.card.modify_asked.connect(self._modify)
        store.changed.connect(self._follow)
        self._follow(store.resolved, store.resolved)

    def show_reply(self, reply: Reply) -> None:
        """Show rankings, the query's AP under each, and the explanation that came with them."""
        before = None if self._reply is None else self._reply.answer
        fresh = before is not reply.answer
        other_query = before is None or before.resolved.query != reply.answer.resolved.query
        self._reply = reply
        answer = reply.answer
        if fresh:
            self.results.show_results(*reply.lists)
            if other_query:
                self.results.to_top()
        self._show_card(answer.resolved)
        self._show_why(reply)
        if self._store.resolved.why is not None:
            self.results.select(self._store.resolved.why)

    def show_nothing(self, reason: str) -> None:
        """Say why there is no ranking, or what to do."""
        self._reply = None
        self.results.show_results(None)
        self.results.show_empty(reason)
        self.why.show_why(None)
        self._show_card(self._store.resolved)

    def show_place(self, place: str) -> None:
        """Where the query stands among all queries by AP, such as "14 of 672"."""
        self._place = place
        self._show_card(self._store.resolved)

    def highlight(self, modality: str, row: int) -> None:
        """Light an item hovered on a map."""
        inside = modality == self._store.resolved.task.protocol.gallery
        self.results.highlight(row if inside else -1)

    def mark_chosen(self, *, right: bool) -> None:
        """Mark the explained result, or take its mark off."""
        if self._store.resolved.why is not None:
            self._mark(self._store.resolved.why, right)

    def clear_marks(self) -> None:
        """Take all marks off."""
        self._store.ask(feedback=Feedback())

    def _follow(self, old: Resolved, new: Resolved) -> None:
        self.results.marks.show_marks(new.feedback, new.view.feedback_settings)
        if old is new or new.query != old.query or new.task is not old.task:
            if isinstance(new.query, PictureQuery):
                path = Path(new.query.path)
                self._thumbnails.set_source(
                    OUTSIDE, ItemPayloads(FilePictures(path.parent, (path.name,), path))
                )
            self._place = ""
            self._show_card(new)

    def _modify(self, text: str) -> None:
        """Ask for the query's picture, but different; among all pictures if others were searched before."""
        task, row = self._store.resolved.task, int(self._store.resolved.query_rows[0])
        modality, protocol = task.protocol.query, task.protocol
        if protocol.gallery != modality:
            everything = Classes.ALL
            protocol = replace(
                protocol, gallery=modality, query_classes=everything, gallery_classes=everything
            )
        query = ModifiedQuery(str(task.queries.ids[row]), text)
        self._store.ask(protocol=protocol, query=query, why=None)

    def _choose(self, row: int, side: str) -> None:
        name = str(self._store.resolved.task.gallery.ids[row])
        self._store.ask(why=name, why_in_other=side == "B", merge="why")

    def _mark(self, row: int, right: bool) -> None:
        name = str(self._store.resolved.task.gallery.ids[row])
        self._store.ask(feedback=self._store.resolved.feedback.marked(name, right=right))

    def _weigh(self, values: dict[str, object]) -> None:
        known = self._store.state.feedback_settings.to_mapping()
        settings = FeedbackSettings.from_mapping({**known, **values})
        self._store.ask(feedback_settings=settings, merge="feedback_settings")

    def _open_query(self) -> None:
        resolved = self._store.resolved
        if len(resolved.query_rows):
            self.opened.emit(resolved.task.protocol.query, int(resolved.query_rows[0]))

    def _hovered(self, row: int) -> None:
        gallery = self._store.resolved.task.protocol.gallery
        self.hovered.emit(gallery if row >= 0 else "", row)

    def _show_card(self, resolved: Resolved) -> None:
        reply = self._reply
        current = reply if reply is not None and reply.answer.resolved.query == resolved.query else None
        self.card.show_query(query_info(resolved, current, self._place))

    def _show_why(self, reply: Reply) -> None:
        self.why.show_why(why_info(reply))
