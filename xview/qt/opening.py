"""Opening data and sessions, and what to look at first. No window needed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from xview.data.open import open_dataset
from xview.data.protocol import Protocol, Task
from xview.data.records import draw_unseen
from xview.errors import SpaceError, XViewError
from xview.metrics.retrieval import per_query
from xview.qt.maps import compiled
from xview.qt.maps.crowd import DENSE
from xview.qt.maps.grid import keep_grid
from xview.retrieval.field import SpaceChoice, build_field
from xview.retrieval.registry import build
from xview.session.files import SUFFIX, Session, load_session
from xview.session.places import last_session, remember_source
from xview.session.resolve import resolve
from xview.session.state import ItemsQuery, ViewState
from xview.session.workspace import Workspace, open_workspace

FIRST_DATA = "emoji"
SAMPLE = 200
WALKED = 100_000  # items a side; to link more takes a minute, so a walk is the user's choice there
_SCORES = 4_000_000  # looked at to choose among them: fewer queries where the gallery is large


@dataclass(frozen=True, slots=True)
class SplitChoice:
    """Share of the classes to hold out, 0 to 1, drawn by `seed`; None keeps what the data says."""

    share: float | None = None
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Opened:
    """Open data and how to look at it; `problems` tell why it is not what the user expects."""

    workspace: Workspace
    session: Session
    problems: tuple[str, ...] = ()


def open_source(
    source: str, split: SplitChoice | None = None, direction: tuple[str, str] | None = None
) -> Opened:
    """Open data or a session file.

    Raises:
        XViewError: It cannot be read.
    """
    if source.endswith(SUFFIX) and Path(source).is_file():
        session = load_session(Path(source))
        return Opened(open_workspace(session.source, session.unseen), session)
    unseen = None
    if split is not None and split.share is not None:
        classes = open_dataset(source).classes
        count = round(split.share * len(classes))
        unseen = draw_unseen(classes, max(1, count), split.seed) if split.share > 0 else ()
    workspace = open_workspace(source, unseen)
    large = [layout for layout in workspace.maps.values() if len(layout) > DENSE]
    if large:
        compiled.warm_up()  # while the first query is chosen
    remember_source(workspace.dataset.source)
    session = Session(source=workspace.dataset.source, unseen=unseen, state=first_view(workspace, direction))
    for layout in large:
        keep_grid(layout)  # so that the window need not sort it
    return Opened(workspace, session)


def open_first(fresh: bool) -> Opened:
    """Open what was open last unless `fresh`, else the first bundled data set; `problems` says why."""
    problems: tuple[str, ...] = ()
    if not fresh and last_session().is_file():
        try:
            return open_source(str(last_session()))
        except XViewError as error:  # the data moved, or the file was damaged
            problems = (f"The last session could not be restored: {error}",)
    return replace(open_source(FIRST_DATA), problems=problems)


def first_view(workspace: Workspace, direction: tuple[str, str] | None = None) -> ViewState:
    """What to show of data nobody has looked at: a query of middling difficulty, answered at once."""
    state = ViewState()
    if direction is not None:
        state = replace(state, protocol=Protocol(query=direction[0], gallery=direction[1]))
    resolved = resolve(state, workspace)
    query = None
    if resolved.spaces is not None:
        row = _middling(workspace, resolved.task, resolved.spaces)
        query = ItemsQuery((str(resolved.task.queries.ids[row]),))
    own = resolved.spaces is not None and resolved.spaces.own_query and resolved.spaces.own_gallery
    few = max(len(resolved.task.query_rows), len(resolved.task.gallery_rows)) <= WALKED
    return replace(state, query=query, ranker="heterogeneous" if own and few else "knn")


def _middling(workspace: Workspace, task: Task, spaces: SpaceChoice) -> int:
    """Row of a query of middling average precision under nearest neighbours, among up to `SAMPLE` of them.

    One with a match in first place where there is any: a ranking that starts wrong invites nobody.
    """
    count = max(1, min(SAMPLE, _SCORES // len(task.gallery_rows)))
    numbers = np.unique(np.linspace(0, len(task.query_rows) - 1, count).astype(np.int64))
    try:
        scores = build("knn", build_field(task, workspace.spaces, spaces)).score_matrix(numbers)
    except SpaceError:  # the answer to any query will say why
        return int(task.query_rows[0])
    found = [
        per_query(s, task.relevant(q), task.ignored(q)) for q, s in zip(numbers.tolist(), scores, strict=True)
    ]
    known = [place for place in range(len(found)) if np.isfinite(found[place].ap)]
    known.sort(key=lambda place: found[place].ap)
    inviting = [place for place in known if found[place].first_hit == 1] or known or [0]
    return int(task.query_rows[numbers[inviting[len(inviting) // 2]]])
