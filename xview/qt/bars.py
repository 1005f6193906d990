"""The bars above the maps, bound to the store: data and direction, search, rankers and their parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from xview.data.protocol import Classes, Protocol
from xview.data.records import Collection, Kind
from xview.errors import SettingError
from xview.qt.panels.parameter_bar import ParameterBar
from xview.qt.panels.parts import Choice
from xview.qt.panels.query_bar import QueryBar, QueryBarInfo
from xview.qt.panels.ranker_bar import RankerBar
from xview.qt.panels.search_field import SearchField
from xview.qt.store import Store
from xview.qt.theme import SPACE
from xview.retrieval.field import SpaceChoice, shared_candidates
from xview.retrieval.registry import RANKERS
from xview.session.resolve import Resolved
from xview.session.state import PictureQuery, TextQuery

_IN_REACH = ("lambda", "alpha", "k", "k_q", "weights")


class Bars(QWidget):
    """Asks the store for directions, rankers, settings and queries; shows what came of it."""

    open_asked = Signal()
    dataset_asked = Signal(str)
    picture_pasted = Signal(bytes, str)

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._datasets: Sequence[Choice] = ()
        self.query_bar = QueryBar(self)
        self.search = SearchField(self)
        self.rankers = RankerBar(self)
        self.parameters = ParameterBar(self)
        self.rankers.show_rankers([Choice(k.name, k.title, k.help) for k in RANKERS.values()])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        self._rows = [_Row(self.query_bar, self.search), _Row(self.rankers, self.parameters)]
        for row in self._rows:
            column.addLayout(row)
        self._listed: Collection | None = None  # whose titles the search field completes
        self._connect()
        self._follow(None, store.resolved)

    def show_datasets(self, datasets: Sequence[Choice]) -> None:
        """What the data set menu offers."""
        self._datasets = datasets
        self._show_query_bar(self._store.resolved)

    def _connect(self) -> None:
        bar, store = self.query_bar, self._store
        bar.open_asked.connect(self.open_asked)
        bar.dataset_asked.connect(self.dataset_asked)
        bar.query_asked.connect(lambda name: self._ask_protocol(query=name))
        bar.gallery_asked.connect(lambda name: self._ask_protocol(gallery=name))
        bar.swap_asked.connect(self.swap)
        bar.classes_asked.connect(
            lambda q, g: self._ask_protocol(query_classes=Classes(q), gallery_classes=Classes(g))
        )
        bar.across_asked.connect(lambda on: self._ask_protocol(across_groups=on))
        self.search.entered.connect(self._list_items)
        self.search.text_asked.connect(self.ask_text)
        self.search.item_asked.connect(lambda row: store.ask_item(store.resolved.task.protocol.query, row))
        self.search.file_asked.connect(self.ask_picture)
        self.search.picture_asked.connect(self.picture_pasted)
        self.rankers.ranker_asked.connect(lambda name: store.ask(ranker=name))
        self.rankers.other_asked.connect(lambda name: store.ask(other=name or None, why_in_other=False))
        self.rankers.other_space_asked.connect(self._ask_other_space)
        self.parameters.settings_changed.connect(self._ask_settings)
        store.changed.connect(self._follow)

    def swap(self) -> None:
        """Turn the direction around."""
        self._store.ask(protocol=self._store.resolved.task.protocol.swapped(), query=None, why=None)

    def ask_text(self, text: str) -> None:
        """Make a sentence the query; the modality that asks becomes one of texts where there is one."""
        self._store.ask(protocol=self._protocol_for(Kind.TEXT), query=TextQuery(text), why=None)

    def ask_picture(self, path: Path) -> None:
        """Make a picture file the query; the modality that asks becomes one of pictures."""
        self._store.ask(protocol=self._protocol_for(Kind.IMAGE), query=PictureQuery(str(path)), why=None)

    def _protocol_for(self, kind: Kind) -> Protocol:
        """The present protocol, asking with a modality of this kind: the present one, or the first other."""
        protocol = self._store.resolved.task.protocol
        kinds = {name: c.kind for name, c in self._store.workspace.dataset.collections.items()}
        if kinds[protocol.query] is kind:
            return protocol
        fitting = [name for name, its in kinds.items() if its is kind]
        others = [name for name in fitting if name != protocol.gallery]
        if others:
            return replace(protocol, query=others[0])
        return protocol.swapped() if fitting else protocol

    def _ask_protocol(self, **changes: Any) -> None:
        protocol = replace(self._store.resolved.task.protocol, **changes)
        if "query" in changes or "gallery" in changes:
            self._store.ask(protocol=protocol, query=None, why=None)
        else:
            self._store.ask(protocol=protocol)

    def _ask_other_space(self, name: str) -> None:
        self._store.ask(other_spaces=SpaceChoice(shared=name) if name else None)

    def _ask_settings(self, values: dict[str, object]) -> None:
        choice = self._store.resolved.ranker
        try:
            settings = type(choice.settings).from_mapping({**choice.settings.to_mapping(), **values})
        except SettingError:
            settings = choice.settings
        merge = "settings " + " ".join(sorted(values))
        changed = {name for name in RANKERS if RANKERS[name].settings is type(settings)}
        state = self._store.state
        for name in changed:
            state = replace(state, settings=state.with_settings(name, settings))
        new = self._store.ask(settings=state.settings, merge=merge)
        self.parameters.show_settings(new.ranker.settings.to_mapping())

    def _follow(self, old: Resolved | None, new: Resolved) -> None:
        self._show_query_bar(new)
        if old is None or old is new or type(old.ranker.settings) is not type(new.ranker.settings):
            parameters = new.ranker.settings.parameters()
            primary = [p.key for p in parameters if p.key in _IN_REACH]
            self.parameters.show_parameters(parameters, primary)
        self.parameters.show_settings(new.ranker.settings.to_mapping())
        self.rankers.show_ranker(new.ranker.name, new.other.name if new.other else "")
        self._show_other_spaces(new)
        self._break_rows()
        if isinstance(new.query, TextQuery):
            self.search.show_text(new.query.text)
        elif old is not None and isinstance(old.query, TextQuery):
            self.search.show_text("")

    def _show_other_spaces(self, resolved: Resolved) -> None:
        """What B may rank in instead of A's shared space."""
        a, b = resolved.spaces, resolved.other_spaces
        fitting = shared_candidates(resolved.workspace.spaces, resolved.task.protocol)
        others = [name for name in fitting if a is not None and name != a.shared]
        self.rankers.show_spaces(others, b.shared if b is not None else "")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Rows break where they no longer fit."""
        super().resizeEvent(event)
        self._break_rows()

    def _break_rows(self) -> None:
        for row in self._rows:
            row.break_at(self.width())

    def _list_items(self) -> None:
        """Complete the queries' titles; not before somebody is about to type, as they may be a million."""
        queries = self._store.resolved.task.queries
        if queries is self._listed:
            return
        self._listed = queries
        groups = queries.groups if queries.groups is not None else np.full(len(queries), -1)
        named = zip(queries.titles.tolist(), groups.tolist(), strict=True)
        self.search.show_items([f"{t} · {queries.group_names[g]}" if g >= 0 else t for t, g in named])

    def _show_query_bar(self, resolved: Resolved) -> None:
        dataset, protocol = resolved.workspace.dataset, resolved.task.protocol
        grouped = resolved.task.queries.groups is not None and resolved.task.gallery.groups is not None
        self.query_bar.show_info(
            QueryBarInfo(
                dataset=dataset.name,
                datasets=tuple(self._datasets),
                modalities=tuple(dataset.collections),
                query=protocol.query,
                gallery=protocol.gallery,
                query_classes=protocol.query_classes,
                gallery_classes=protocol.gallery_classes,
                has_split=dataset.has_split,
                group_word="groups" if grouped else "",
                across_groups=protocol.across_groups,
            )
        )


class _Row(QBoxLayout):
    """Two widgets side by side, or below one another where the second would be squeezed."""

    def __init__(self, first: QWidget, second: QWidget) -> None:
        super().__init__(QBoxLayout.Direction.LeftToRight)
        self._first, self._second = first, second
        self.addWidget(first, 0, Qt.AlignmentFlag.AlignLeft)
        self.addWidget(second, 1)

    def minimumSize(self) -> QSize:
        """As if broken: the row never keeps the window from being narrow."""
        widths = (self._first.minimumSizeHint().width(), self._second.minimumSizeHint().width())
        return QSize(max(widths), super().minimumSize().height())

    def break_at(self, width: int) -> None:
        """Fit into `width` pixels."""
        needed = self._first.sizeHint().width() + 2 * SPACE + self._second.minimumSizeHint().width()
        fits = needed <= width
        way = QBoxLayout.Direction.LeftToRight if fits else QBoxLayout.Direction.TopToBottom
        self.setSpacing(2 * SPACE if fits else SPACE)
        if way is not self.direction():
            self.setDirection(way)
