"""The list of spaces bound to the store."""

from __future__ import annotations

import json
from dataclasses import replace

from PySide6.QtWidgets import QVBoxLayout, QWidget

from xview.qt.panels.parts import Choice
from xview.qt.panels.spaces_list import SpaceInfo, SpacesList
from xview.qt.projections import Projections
from xview.qt.store import Store
from xview.retrieval.field import SpaceChoice, candidates, shared_candidates
from xview.session.resolve import Resolved
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
        self.list.compare_asked.connect(self.compare_with)
        store.changed.connect(lambda _old, _new: self._refresh())
        projections.moved.connect(self._refresh)
        self._refresh()

    def _refresh(self) -> None:
        resolved = self._store.resolved
        self.list.show_spaces([self._info(resolved, space) for space in resolved.workspace.spaces.values()])

    def compare_with(self, name: str) -> None:
        """Show the ranking in another shared space as B, by the ranker that B is or else A's."""
        resolved = self._store.resolved
        other = (resolved.other or resolved.ranker).name
        self._store.ask(other=other, other_spaces=SpaceChoice(shared=name))

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
            used_as=_roles(resolved, space.name),
            shown=resolved.on_map(space.name),
            comparable=_comparable(resolved, space.name),
            method=resolved.view.method_of(space.name),
            busy=f"{resolved.view.method_of(space.name)}{share}" if status and status.running else "",
        )

    def _show_map(self, name: str, shown: bool) -> None:
        ticked, unticked = self._store.state.shown_spaces, self._store.state.hidden_spaces
        if shown:
            self._store.ask(shown_spaces=ticked | {name}, hidden_spaces=unticked - {name})
        else:
            self._store.ask(shown_spaces=ticked - {name}, hidden_spaces=unticked | {name})

    def _project(self, name: str, method: str) -> None:
        methods = {**dict(self._store.state.methods), name: method}
        self._store.ask(methods=tuple(sorted(methods.items())))
        if MapKey(name, method) not in self._store.workspace.maps:
            self._projections.request(MapKey(name, method), again=True)

    def _use(self, name: str) -> None:
        """Rank with this space wherever it fits the present direction; own spaces follow a shared one."""
        protocol, open_spaces = self._store.resolved.task.protocol, self._store.workspace.spaces
        chosen = self._store.state.spaces
        if name in shared_candidates(open_spaces, protocol):
            chosen = SpaceChoice(shared=name)
        if name in candidates(open_spaces, protocol.query):
            chosen = replace(chosen, own_query=name)
        if name in candidates(open_spaces, protocol.gallery):
            chosen = replace(chosen, own_gallery=name)
        self._store.ask(spaces=chosen)


def _maker(space: EmbeddingSpace) -> str:
    """What made a space, in a word or two."""
    encoder = space.made_by.get("encoder")
    return str(space.made_by.get("system") or (encoder if isinstance(encoder, str) else "") or "given")


def _roles(resolved: Resolved, name: str) -> str:
    """What the rankers read a space for."""
    a, b = resolved.spaces, resolved.other_spaces
    told = [] if a is None else _role(a, name)
    if b is not None and b != a:
        told += [f"B: {role}" for role in _role(b, name)]
    return ", ".join(told)


def _role(chosen: SpaceChoice, name: str) -> list[str]:
    roles = {
        chosen.shared: "shared",
        chosen.own_gallery: "gallery's own",
        chosen.own_query: "query's own",
    }
    return [roles[name]] if name in roles else []


def _comparable(resolved: Resolved, name: str) -> bool:
    """Whether another ranking could be had in this space than those on screen."""
    shown = {choice.shared for choice in (resolved.spaces, resolved.other_spaces) if choice is not None}
    fitting = shared_candidates(resolved.workspace.spaces, resolved.task.protocol)
    return name in fitting and name not in shown
