"""The shortest way on screen and how its graph grows, found in the background while somebody looks."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np
from PySide6.QtCore import QObject, Signal

from xview.errors import QueryError
from xview.qt.background import Latest
from xview.qt.rankings import Rankings
from xview.qt.store import Store
from xview.retrieval.base import OnProgress
from xview.retrieval.geodesic_settings import RANKER, GeodesicSettings
from xview.retrieval.stepping_stones import Vertex
from xview.session.engine import Engine, Outside, judged
from xview.session.growth import Growth, growth
from xview.session.paths import Found, asked_ways, ranker_of, way, where
from xview.session.resolve import Resolved
from xview.session.scene_diff import SceneDifferences, scene_differences
from xview.session.state import ItemsQuery, Overlay
from xview.session.steps import picture_of

Key: TypeAlias = tuple[object, ...]
_PATIENCE = 0.3  # seconds


@dataclass(frozen=True, eq=False)
class Way:
    """What was found.

    Attributes:
        resolved: The request it answers.
        found: The way and its graph.
        ends: What shows the scene of the item that asks, and the target; None where several ask, or none.
        differences: What tells these scenes apart; None in data without scenes.
        needed: The least threshold with a way to the target, radians, where none leads there; None where one
            does, and where only a wider graph than is kept would have one.
    """

    resolved: Resolved
    found: Found
    ends: tuple[Vertex, Vertex] | None = None
    differences: SceneDifferences | None = None
    needed: float | None = None


class PathFinder(QObject):
    """Follows the store while the ways are watched or drawn: the newest request is answered, late ones not.

    Attributes:
        end: A stepping stone to lead to instead of a result; None: the explained result, or where there is
            none the nearest along the graph.
        way: From the query to there; None while unknown.
        growth: What each threshold joins, for the present query; None while unknown.
        problem: Why there is no way to tell of, one sentence, or empty.
        share: How far the graph is that is being built, 0 to 1; None where none is, or not for long.
    """

    changed = Signal()  # one of the four
    _told = Signal(float)
    broke = Signal(object)  # an exception that is a bug

    def __init__(self, store: Store, rankings: Rankings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store, self._rankings = store, rankings
        self._watched = False
        self._query: Key = ()  # whose ways are known or asked for
        self._asked: Key = ()
        self._grown: Key = ()
        self.end: Vertex | None = None
        self.way: Way | None = None
        self.growth: Growth | None = None
        self.problem = ""
        self.share: float | None = None
        self._told.connect(self._tell)
        self._ways, self._growths = Latest("ways", self), Latest("growth", self)
        self._ways.done.connect(self._take_way)
        self._ways.failed.connect(self._fail)
        self._growths.done.connect(self._take_growth)
        self._growths.failed.connect(lambda _words: None)  # the way says it
        for latest in (self._ways, self._growths):
            latest.broke.connect(self.broke)
        store.opened.connect(lambda _workspace: self._forget(""))
        store.changed.connect(self._follow)
        rankings.replied.connect(lambda _reply: self._refresh())

    def close(self) -> None:
        """Stop the background threads."""
        self._watched = False
        self._ways.close()
        self._growths.close()

    @property
    def busy(self) -> bool:
        """Whether a way or a growth is on its way."""
        return self._ways.working or self._growths.working

    def watch(self, watched: bool) -> None:
        """Whether anybody looks at ways; the maps' overlay is looked at in any case."""
        self._watched = watched
        self._refresh()

    def lead_to(self, end: Vertex | None) -> None:
        """Lead to a stepping stone until another result is explained or another query asked; None ends it."""
        self.end = end
        self._refresh()

    def _follow(self, old: Resolved, new: Resolved) -> None:
        if old is new or old.task is not new.task or old.workspace.spaces is not new.workspace.spaces:
            self._forget("")  # rows of other data, or of other modalities
        if old is new or (old.task, old.query, old.why) != (new.task, new.query, new.why):
            self.end = None
        self._refresh()

    def _forget(self, reason: str) -> None:
        self._query = self._asked = self._grown = ()
        self.way, self.growth, self.problem, self.share = None, None, reason, None
        self._ways.forget()
        self._growths.forget()
        self.changed.emit()

    def _refresh(self) -> None:
        """Ask for what is looked at and not known."""
        resolved = self._store.resolved
        if not (self._watched or resolved.view.overlay is Overlay.PATH):
            if self.busy:  # joining many items takes long; nobody waits for it
                self._forget("")
            return
        reason, outside = self._reason(resolved), self._outside(resolved)
        if reason:
            if reason != self.problem or self.way is not None:
                self._forget(reason)
            return
        engine, settings = self._rankings.engine, resolved.view.settings_of(RANKER)
        assert isinstance(settings, GeodesicSettings)
        marks = (resolved.feedback, resolved.view.feedback_settings, outside is None)
        query = (engine, resolved.task, where(resolved), resolved.query, *marks)
        fresh = query != self._query
        if fresh:
            self._query, self.way, self.problem = query, None, ""
        asked = (*query, settings, resolved.why, self.end)
        if asked != self._asked:
            self._asked = asked
            watch = _watched(self._ways.go_on, self._told.emit)
            self._ways.request(partial(_find, engine, resolved, self.end, outside, watch))
        grown = (*query, settings.stones, settings.align)
        if grown != self._grown:
            self._grown, self.growth = grown, None
            watch = _watched(self._growths.go_on, self._told.emit)
            self._growths.request(partial(_grow, engine, resolved, outside, watch))
        if fresh:  # told once it is being looked for
            self.changed.emit()

    def _reason(self, resolved: Resolved) -> str:
        """Why no way can be asked for, or empty."""
        if resolved.spaces is None:
            return resolved.problem
        if resolved.query is None:
            return "Ask with an item, a picture or a text to see a way from it."
        if not isinstance(resolved.query, ItemsQuery) and self._outside(resolved) is None:
            return "Waiting for the query's vector …"
        return ""

    def _outside(self, resolved: Resolved) -> Outside | None:
        """Features of a query that is no item, once they are known."""
        reply = self._rankings.reply
        same = reply is not None and reply.answer.resolved.query == resolved.query
        return reply.features if reply is not None and same else None

    def _tell(self, share: float) -> None:
        """One of the two builds the graph of both; the other waits, and tells nothing."""
        self.share = share if self.busy and share < 1 else None
        self.changed.emit()

    def _take_way(self, found: Way) -> None:
        self.way, self.problem, self.share = found, "", None
        self.changed.emit()

    def _take_growth(self, found: Growth) -> None:
        self.growth, self.share = found, None
        self.changed.emit()

    def _fail(self, reason: str) -> None:
        self.way, self.problem, self.share = None, reason, None
        self.changed.emit()


def _watched(go_on: Callable[[], None], tell: Callable[[float], None]) -> OnProgress:
    """Gives up what is out of date; tells how far the rest is, a few times a second, once it takes long."""
    told = time.monotonic()

    def watch(share: float) -> None:
        nonlocal told
        go_on()
        if time.monotonic() - told > _PATIENCE:
            told = time.monotonic()
            tell(share)

    return watch


def _grow(engine: Engine, resolved: Resolved, outside: Outside | None, watch: OnProgress) -> Growth:
    ranker_of(engine, resolved).prepare(watch)
    return growth(engine, resolved, outside)


def _find(
    engine: Engine,
    resolved: Resolved,
    end: Vertex | None,
    outside: Outside | None,
    watch: OnProgress,
) -> Way:
    ranker_of(engine, resolved).prepare(watch)
    target: Vertex | int | None = end
    if end is None and resolved.why is not None:
        rows = resolved.task.gallery_rows
        at = int(rows.searchsorted(resolved.why))
        target = at if at < len(rows) and rows[at] == resolved.why else None
    try:
        found = way(engine, resolved, target, outside)
    except QueryError:
        if target is not None:
            raise
        found = way(engine, resolved, _directly_nearest(engine, resolved, outside), outside)
    needed = None if found.steps else _needed(engine, resolved, found.target, outside)
    if len(resolved.query_rows) != 1:
        return Way(resolved, found, needed=needed)
    dataset = resolved.workspace.dataset
    asking = Vertex(resolved.task.protocol.query, int(resolved.query_rows[0]))
    one, other = (picture_of(dataset, end) for end in (asking, found.target))
    return Way(resolved, found, (one, other), scene_differences(dataset, one, other), needed)


def _needed(engine: Engine, resolved: Resolved, target: Vertex, outside: Outside | None) -> float | None:
    """The least threshold at which a way leads to an item of the gallery."""
    task = resolved.task
    wanted = task.gallery_rows == (target.row if target.modality == task.protocol.gallery else -1)
    query, ranker = asked_ways(engine, resolved, outside)
    met = ranker.growth(query, wanted).met
    return float(met[0]) if len(met) else None


def _directly_nearest(engine: Engine, resolved: Resolved, outside: Outside | None) -> int:
    """Gallery position of what is nearest though no way leads to it, so that it can be said how far it is.

    Raises:
        QueryError: There is nothing to ask, or no other item.
    """
    query, ranker = asked_ways(engine, resolved, outside)
    others = np.flatnonzero(~(judged(resolved)[1] | ranker.last(query)))
    if not len(others):
        raise QueryError("there is no other item to lead to")
    return int(others[np.argmin(ranker.direct(query, others))])
