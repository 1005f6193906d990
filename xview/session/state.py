"""What the user asked for (`ViewState`) and what follows from it (`Resolved`). No Qt."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeAlias

import numpy as np

from xview.arrays import Ints
from xview.data.protocol import Classes, Protocol, Task
from xview.errors import DataError, SpaceError
from xview.retrieval.field import SpaceChoice, candidates, own_space, shared_candidates
from xview.retrieval.registry import RANKERS
from xview.session.workspace import DEFAULT_METHOD, FLAT_METHOD, Workspace
from xview.settings import Settings
from xview.spaces.projection import METHODS
from xview.spaces.provenance import of_run


@dataclass(frozen=True, slots=True)
class ItemsQuery:
    """Items of the query modality, by id; several with signed weights make a multi-hot query."""

    ids: tuple[str, ...]
    weights: tuple[float, ...] = ()

    @property
    def amounts(self) -> tuple[float, ...]:
        """One weight an id; 1 where none were given."""
        return self.weights or (1.0,) * len(self.ids)


@dataclass(frozen=True, slots=True)
class PictureQuery:
    """A picture from outside the data, by path."""

    path: str


@dataclass(frozen=True, slots=True)
class TextQuery:
    """A sentence from outside the data."""

    text: str


Selection: TypeAlias = tuple[tuple[str, tuple[int, ...]], ...]
"""Rows by modality, both ascending; a modality without rows is left out."""

QueryRef: TypeAlias = ItemsQuery | PictureQuery | TextQuery


@dataclass(frozen=True, slots=True)
class Asked:
    """A query of the past, and the protocol it was asked under."""

    query: QueryRef
    protocol: Protocol


class ColourBy(StrEnum):
    """What colours the maps."""

    CLASS = "class"
    MODALITY = "modality"
    GROUP = "group"
    SPLIT = "split"
    AP = "average precision"
    SCORE = "score"


class Overlay(StrEnum):
    """What is drawn over the maps: the best results, what carried the chosen one, or equal things tied."""

    HITS = "hits"
    BRIDGES = "bridges"
    PAIRS = "pairs"
    NONE = "nothing"


@dataclass(frozen=True, slots=True)
class RankerChoice:
    """A ranker by name with its settings."""

    name: str
    settings: Settings

    @property
    def title(self) -> str:
        """What people call it."""
        return RANKERS[self.name].title


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewState:
    """The user's intentions; every field may be stale against the data.

    Attributes:
        protocol: Directions and classes; None lets the data decide.
        spaces: Names of the spaces to rank in; empty names let the data decide.
        ranker, other: Names; `other` is B of A|B, or None.
        other_spaces: Where B ranks instead, or None: where A does.
        settings: Settings the user changed, by ranker name.
        query: What is asked.
        why: Gallery id whose score is explained, or None.
        why_in_other: Whether B's score is explained rather than A's.
        selection: Selected rows by modality.
        colour_by, overlay: How the maps look.
        hidden: Names of the colours' categories taken off the maps; they are of `colour_by`.
        hidden_modalities, hidden_spaces: Taken off the maps as well.
        shown_spaces: On the maps, though no ranker reads them.
        all_items: Show items the protocol did not choose, too.
        isolated: Show the selected items only.
        method: Projection of the maps; `methods` names another one for single spaces.
    """

    protocol: Protocol | None = None
    spaces: SpaceChoice = field(default_factory=lambda: SpaceChoice(shared=""))
    ranker: str = "heterogeneous"
    other: str | None = None
    other_spaces: SpaceChoice | None = None
    settings: tuple[tuple[str, Settings], ...] = ()
    query: QueryRef | None = None
    why: str | None = None
    why_in_other: bool = False
    selection: Selection = ()
    colour_by: ColourBy = ColourBy.CLASS
    overlay: Overlay = Overlay.HITS
    hidden: frozenset[str] = frozenset()
    hidden_modalities: frozenset[str] = frozenset()
    hidden_spaces: frozenset[str] = frozenset()
    shown_spaces: frozenset[str] = frozenset()
    all_items: bool = False
    isolated: bool = False
    method: str = DEFAULT_METHOD
    methods: tuple[tuple[str, str], ...] = ()

    def method_of(self, space: str) -> str:
        """How the map of a space is projected."""
        return dict(self.methods).get(space, self.method)

    def settings_of(self, ranker: str) -> Settings:
        """What the user set for this ranker, or its defaults."""
        return dict(self.settings).get(ranker) or RANKERS[ranker].settings()

    def with_settings(self, ranker: str, settings: Settings) -> tuple[tuple[str, Settings], ...]:
        """`settings` with this ranker's replaced."""
        return tuple(sorted({**dict(self.settings), ranker: settings}.items(), key=lambda pair: pair[0]))


@dataclass(frozen=True, eq=False, kw_only=True)
class Resolved:
    """Intentions checked against the data: what may be computed and drawn.

    Attributes:
        workspace: What it was resolved against.
        task: The chosen items.
        spaces: Where to rank, or None where nothing fits (see `problem`).
        ranker, other: With settings.
        other_spaces: Where B ranks, `spaces` unless the user chose; None without B.
        query: What is asked, or None.
        query_rows: Rows of the query items in their collection, empty for an outside query.
        why: Row of the explained item in the gallery's collection, or None.
        problem: Why nothing can be ranked, one sentence, or empty.
        view: The intentions behind it; selection and projections are checked, other fields need no check.
    """

    workspace: Workspace
    task: Task
    spaces: SpaceChoice | None
    ranker: RankerChoice
    other: RankerChoice | None
    other_spaces: SpaceChoice | None
    query: QueryRef | None
    query_rows: Ints
    why: int | None
    problem: str
    view: ViewState

    @property
    def read(self) -> tuple[str, ...]:
        """Names of the spaces the rankers read, A's first."""
        chosen = [choice for choice in (self.spaces, self.other_spaces) if choice is not None]
        return tuple(dict.fromkeys(name for choice in chosen for name in choice.names))

    def on_map(self, space: str) -> bool:
        """Whether to show a space's map: ranked in, or ticked by the user, and not unticked.

        Ranked in are all spaces of A, and B's shared one: own ones, too, would leave no room. Where nothing
        can be ranked all spaces are shown that the data came with.
        """
        view = self.view
        if self.spaces is None:
            wanted = not of_run(self.workspace.spaces[space])
        else:
            wanted = space in self.spaces.names
        wanted |= self.other_spaces is not None and space == self.other_spaces.shared
        return (wanted or space in view.shown_spaces) and space not in view.hidden_spaces

    def same_answer(self, other: Resolved) -> bool:
        """Whether both need the same rankings, whatever else differs."""
        return (
            self.task is other.task
            and (self.spaces, self.ranker, self.other, self.other_spaces, self.query)
            == (other.spaces, other.ranker, other.other, other.other_spaces, other.query)
            and all(self.workspace.spaces[n] is other.workspace.spaces[n] for n in self.read)
        )


def resolve(state: ViewState, workspace: Workspace) -> Resolved:
    """Check intentions against the data: stale names fall back to what the data offers.

    Unknown modalities fall back to the default protocol, unknown spaces to the first fitting ones, unknown
    rankers to nearest neighbours; a query or result that is gone becomes None.
    """
    protocol = state.protocol
    known = workspace.dataset.collections
    if protocol is None or protocol.query not in known or protocol.gallery not in known:
        protocol = workspace.default_protocol()
    try:
        task = workspace.task(protocol)
    except DataError:
        protocol = replace(protocol, query_classes=Classes.ALL, gallery_classes=Classes.ALL)
        task = workspace.task(protocol)
    problem = ""
    try:
        spaces = _resolve_spaces(state.spaces, workspace, protocol)
    except SpaceError as error:
        spaces, problem = None, str(error)
    other_spaces = None
    if state.other is not None and spaces is not None:
        other_spaces = _resolve_others(state.other_spaces, spaces, workspace, protocol)
    query = state.query
    rows = np.empty(0, dtype=np.int64)
    if isinstance(query, ItemsQuery):
        row_of = task.queries.row_of
        if query.ids and all(name in row_of for name in query.ids):
            rows = np.array([row_of[name] for name in query.ids], dtype=np.int64)
        else:
            query = None
    return Resolved(
        workspace=workspace,
        task=task,
        spaces=spaces,
        ranker=_choice(state, state.ranker),
        other=None if state.other is None else _choice(state, state.other),
        other_spaces=other_spaces,
        query=query,
        query_rows=rows,
        why=task.gallery.row_of.get(state.why) if state.why is not None else None,
        problem=problem,
        view=_checked_view(state, workspace),
    )


def _checked_view(state: ViewState, workspace: Workspace) -> ViewState:
    """Without selected rows the data does not have and projections nobody knows; flat spaces as they are."""
    collections = workspace.dataset.collections
    flat = {name: FLAT_METHOD for name, space in workspace.spaces.items() if space.dimension == 2}
    named = {space: method for space, method in state.methods if method in METHODS}
    selection = (
        (modality, _inside(rows, len(collections[modality])))
        for modality, rows in state.selection
        if modality in collections
    )
    return replace(
        state,
        selection=tuple((modality, rows) for modality, rows in selection if rows),
        method=state.method if state.method in METHODS else DEFAULT_METHOD,
        methods=tuple(sorted((flat | named).items())),
    )


def _inside(rows: tuple[int, ...], count: int) -> tuple[int, ...]:
    """Those of the ascending `rows` that are rows of `count` items."""
    whole = not rows or (rows[0] >= 0 and rows[-1] < count)
    return rows if whole else tuple(row for row in rows if 0 <= row < count)


def _choice(state: ViewState, name: str) -> RankerChoice:
    name = name if name in RANKERS else "knn"
    return RankerChoice(name, state.settings_of(name))


def _resolve_spaces(wanted: SpaceChoice, workspace: Workspace, protocol: Protocol) -> SpaceChoice:
    """As `choose_spaces`, but stale names are forgotten and an own space serves on whichever side it fits."""
    open_spaces = workspace.spaces
    both = shared_candidates(open_spaces, protocol)
    if not both:
        raise SpaceError(_why_no_space(workspace, protocol))
    shared = wanted.shared if wanted.shared in both else both[0]

    def own(modality: str) -> str:
        fitting = candidates(open_spaces, modality)
        named = (name for name in (wanted.own_query, wanted.own_gallery) if name in fitting)
        return next(named, own_space(open_spaces, shared, modality))

    return SpaceChoice(shared=shared, own_query=own(protocol.query), own_gallery=own(protocol.gallery))


def _resolve_others(
    wanted: SpaceChoice | None, same: SpaceChoice, workspace: Workspace, protocol: Protocol
) -> SpaceChoice:
    """Where B ranks: the same as A where nothing else was asked for, or that does not fit."""
    if wanted is None or wanted.shared not in shared_candidates(workspace.spaces, protocol):
        return same
    return _resolve_spaces(wanted, workspace, protocol)


def _why_no_space(workspace: Workspace, protocol: Protocol) -> str:
    coming = [name for name in (protocol.query, protocol.gallery) if name in workspace.to_encode]
    if coming:
        return f"{' and '.join(dict.fromkeys(coming))}: no vectors yet; results appear once they are encoded"
    return (
        f"no space holds both {protocol.query} and {protocol.gallery}, and none could be fitted: "
        "open data that has vectors of both"
    )
