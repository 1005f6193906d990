"""The list of spaces bound to the store."""

from __future__ import annotations

import json
from dataclasses import replace

from PySide6.QtWidgets import QVBoxLayout, QWidget

from xview.qt.panels.parts import Choice
from xview.qt.panels.spaces_list import SpaceInfo, SpacesList
from xview.qt.projections import Projections
from xview.qt.store import Store
from xview.retrieval.field import SpaceChoice, candidates
from xview.session.state import Resolved
from xview.session.workspace import MapKey
from xview.spaces.projection import METHODS
from xview.spaces.space import EmbeddingSpace


class SpacesDesk(QWidget):
    """Shows and hides maps, chooses how they are projected and which space ranks."""

    def __init__(self, store: Store, projections: Projections, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store, self._projections = store, projections
        self.list = SpacesList([Choice(name, name, about.__doc__ or "") for name, about in METHODS.items()])
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.addWidget(self.list)
        self.list.shown_asked.connect(self._show_map)
        self.list.method_asked.connect(self._project)
        self.list.use_asked.connect(self._use)
        store.changed.connect(lambda _old, _new: self._refresh())
        projections.moved.connect(self._refresh)
        self._refresh()

    def _refresh(self) -> None:
        resolved = self._store.resolved
        self.list.show_spaces([self._info(resolved, space) for space in resolved.workspace.spaces.values()])

    def _info(self, resolved: Resolved, space: EmbeddingSpace) -> SpaceInfo:
        status = self._projections.status(space.name)
        share = "" if status is None or status.fraction is None else f" {status.fraction:.0%}"
        return SpaceInfo(
            name=space.name,
            modalities=space.modalities,
            count=len(space),
            dimension=space.dimension,
            made_by=_maker(space),
            detail=json.dumps(dict(space.made_by), indent=1, default=str) if space.made_by else "",
            used_as=_role(resolved.spaces, space.name),
            shown=space.name not in resolved.view.hidden_spaces,
            method=resolved.view.method_of(space.name),
            busy=f"{resolved.view.method_of(space.name)}{share}" if status and status.running else "",
        )

    def _show_map(self, name: str, shown: bool) -> None:
        hidden = self._store.state.hidden_spaces
        self._store.ask(hidden_spaces=hidden - {name} if shown else hidden | {name})

    def _project(self, name: str, method: str) -> None:
        methods = {**dict(self._store.state.methods), name: method}
        self._store.ask(methods=tuple(sorted(methods.items())))
        if MapKey(name, method) not in self._store.workspace.maps:
            self._projections.request(MapKey(name, method), again=True)

    def _use(self, name: str) -> None:
        """Rank with this space wherever it fits the present direction."""
        protocol, open_spaces = self._store.resolved.task.protocol, self._store.workspace.spaces
        chosen = self._store.resolved.spaces or self._store.state.spaces
        if name in candidates(open_spaces, protocol.query, protocol.gallery):
            chosen = replace(chosen, shared=name)
        if name in candidates(open_spaces, protocol.query):
            chosen = replace(chosen, own_query=name)
        if name in candidates(open_spaces, protocol.gallery):
            chosen = replace(chosen, own_gallery=name)
        self._store.ask(spaces=chosen)


def _maker(space: EmbeddingSpace) -> str:
    """What made a space, in a word or two."""
    encoder = space.made_by.get("encoder")
    return str(space.made_by.get("system") or (encoder if isinstance(encoder, str) else "") or "given")


def _role(chosen: SpaceChoice | None, name: str) -> str:
    if chosen is None:
        return ""
    roles = {
        chosen.shared: "shared",
        chosen.own_gallery: "gallery's own",
        chosen.own_query: "query's own",
    }
    return roles.get(name, "")
