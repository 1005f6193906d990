"""What follows from what the user asked (`Resolved`): intentions checked against the open data. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from xview.arrays import Ints
from xview.data.protocol import Classes, Protocol, Task
from xview.data.records import Kind
from xview.errors import DataError, SpaceError
from xview.retrieval.field import SpaceChoice, candidates, choose_spaces, own_space, shared_candidates
from xview.retrieval.registry import RANKERS, spaces_read
from xview.session.rows import Rows
from xview.session.state import Feedback, ItemsQuery, ModifiedQuery, QueryRef, RankerChoice, ViewState
from xview.session.workspace import DEFAULT_METHOD, FLAT_METHOD, Workspace
from xview.spaces.projection import METHODS
from xview.spaces.provenance import modifies, of_run

TRAIN_ONE = "train a system that does, such as TIRG (Training dock)"


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
        query_rows: Rows of the query items in their collection, that of the picture a modified one begins
            with, empty for an outside query.
        why: Row of the explained item in the gallery's collection, or None.
        feedback: The marks on items of the gallery; none where nothing is asked.
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
    feedback: Feedback
    problem: str
    view: ViewState

    @cached_property
    def places(self) -> tuple[SpaceChoice, ...]:
        """Where the rankers rank: A, B, then the other shared spaces that a fusion reads."""
        chosen = [choice for choice in (self.spaces, self.other_spaces) if choice is not None]
        rankers = [choice for choice in (self.ranker, self.other) if choice is not None] if chosen else []
        fitting = shared_candidates(self.workspace.spaces, self.task.protocol)
        named = dict.fromkeys(name for ranker in rankers for name in spaces_read(ranker.settings))
        chosen += [
            choose_spaces(self.workspace.spaces, self.task.protocol, shared=name)
            for name in named
            if name in fitting
        ]
        return tuple(dict.fromkeys(chosen))

    @property
    def read(self) -> tuple[str, ...]:
        """Names of the spaces the rankers read, A's first."""
        return tuple(dict.fromkeys(name for choice in self.places for name in choice.names))

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
            and self.feedback == other.feedback
            and (not self.feedback or self.view.feedback_settings == other.view.feedback_settings)
            and all(self.workspace.spaces[n] is other.workspace.spaces.get(n) for n in self.read)
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
    query, rows = _checked_query(state.query, task)
    problem = ""
    try:
        modified = isinstance(query, ModifiedQuery)
        spaces = _resolve_spaces(state.spaces, workspace, protocol, modified=modified)
    except SpaceError as error:
        spaces, problem = None, str(error)
    other_spaces = None
    if state.other is not None and spaces is not None:
        other_spaces = _resolve_others(state.other_spaces, spaces, workspace, protocol)
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
        feedback=Feedback() if query is None else _checked_feedback(state.feedback, task),
        problem=problem,
        view=_checked_view(state, workspace),
    )


def _checked_query(query: QueryRef | None, task: Task) -> tuple[QueryRef | None, Ints]:
    """The query and the rows of its items; None where one of them is gone, or is no picture to modify."""
    none = np.empty(0, dtype=np.int64)
    if not isinstance(query, ItemsQuery | ModifiedQuery):
        return query, none
    names = (query.id,) if isinstance(query, ModifiedQuery) else query.ids
    row_of = task.queries.row_of
    if isinstance(query, ModifiedQuery) and task.queries.kind is not Kind.IMAGE:
        return None, none
    if not names or any(name not in row_of for name in names):
        return None, none
    return query, np.array([row_of[name] for name in names], dtype=np.int64)


def _checked_feedback(feedback: Feedback, task: Task) -> Feedback:
    """Without marks on items that are not in the gallery."""
    if not feedback:
        return feedback
    row_of, present = task.gallery.row_of, set(task.gallery_rows.tolist())

    def kept(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name for name in names if row_of.get(name) in present)

    return Feedback(kept(feedback.right), kept(feedback.wrong))


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


def _inside(rows: Rows, count: int) -> Rows:
    """Those of `rows` that are rows of `count` items."""
    first, last = np.searchsorted(rows.array, [0, count]).tolist()
    return rows if last - first == len(rows) else rows[first:last]


def _choice(state: ViewState, name: str) -> RankerChoice:
    name = name if name in RANKERS else "knn"
    return RankerChoice(name, state.settings_of(name))


def _resolve_spaces(
    wanted: SpaceChoice, workspace: Workspace, protocol: Protocol, *, modified: bool = False
) -> SpaceChoice:
    """As `choose_spaces`, but stale names are forgotten and an own space serves on whichever side it fits.

    A modified picture has a place only where that was learnt: in the newest such space unless one is wanted.
    """
    open_spaces = workspace.spaces
    both = shared_candidates(open_spaces, protocol)
    if modified:
        both = tuple(name for name in reversed(both) if modifies(open_spaces[name], protocol.query))
        if not both and any(modifies(space, protocol.query) for space in open_spaces.values()):
            raise SpaceError(
                f"{protocol.query} modified by words are found among {protocol.query} only: "
                f"search {protocol.query} instead of {protocol.gallery}"
            )
        if not both:
            raise SpaceError(f"nothing open has learnt to modify {protocol.query} by words: {TRAIN_ONE}")
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
