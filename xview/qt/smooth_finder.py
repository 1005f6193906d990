"""Smooth paths from the query, found in the background, and those of all items, found by a worker."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeAlias

from PySide6.QtCore import QObject, Signal

from xview.data.cci.worlds import world_of
from xview.jobs.paths import read_found
from xview.metrics.smooth_survey import Survey
from xview.metrics.table import Request
from xview.qt.background import Latest
from xview.qt.rankings import Rankings
from xview.qt.store import Store
from xview.qt.work import Run, Work
from xview.retrieval.stepping_stones import Vertex
from xview.session.engine import Engine
from xview.session.resolve import Resolved
from xview.session.smooth import SmoothWays, smooth_from, survey_request
from xview.session.state import ItemsQuery

ASK_ONE = "Ask with one item to see the smooth paths that leave it."

Key: TypeAlias = tuple[object, ...]


@dataclass(frozen=True, eq=False)
class _Here:
    """Smooth paths from the query; `scenes` says whether the data has scenes at all."""

    ways: SmoothWays | None
    scenes: bool


class SmoothFinder(QObject):
    """Finds what leaves the query while somebody watches, and the longest of all when asked to.

    Attributes:
        here: Smooth paths from the query; None while unknown.
        scenes: Whether the data has scenes, without which nothing is smooth; None while unknown.
        problem: Why there is nothing from the query, one sentence, or empty.
    """

    changed = Signal()  # what is known
    moved = Signal()  # a search started, is further on, or ended
    broke = Signal(object)  # an exception that is a bug

    def __init__(self, store: Store, rankings: Rankings, work: Work, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store, self._rankings, self._work = store, rankings, work
        self._watched = False
        self._asked: Key = ()
        self._engine = rankings.engine
        self._surveys: dict[Request, Survey] = {}
        self._runs: dict[Request, Run] = {}
        self.here: SmoothWays | None = None
        self.scenes: bool | None = None
        self.problem = ""
        self._latest = Latest("smooth paths", self)
        self._latest.done.connect(self._take)
        self._latest.failed.connect(self._fail)
        self._latest.broke.connect(self.broke)
        store.changed.connect(self._follow)
        work.changed.connect(self.moved)

    def close(self) -> None:
        """Stop the background thread."""
        self._watched = False
        self._latest.close()

    @property
    def busy(self) -> bool:
        """Whether paths from the query are on their way."""
        return self._latest.working

    @property
    def survey(self) -> Survey | None:
        """The smooth paths of all items over the present graph; None unknown."""
        request = self._request()
        return None if request is None else self._surveys.get(request)

    @property
    def run(self) -> Run | None:
        """The search for these in hand."""
        request = self._request()
        return None if request is None else self._runs.get(request)

    def watch(self, watched: bool) -> None:
        """Whether anybody looks at smooth paths."""
        self._watched = watched
        self._refresh()

    def search(self) -> None:
        """Look for the smooth paths of all items over the present graph."""
        request, workspace = self._request(), self._store.workspace
        if request is None or request in self._runs or request in self._surveys:
            return
        self._runs[request] = self._work.start(
            "smooth paths",
            "xview.jobs.paths:smooth",
            {"data": workspace.dataset.source, "unseen": workspace.unseen, "request": request.to_json()},
            partial(self._take_survey, request, self._runs),
            partial(self._lose_survey, request, self._runs),
        )
        self.moved.emit()

    def cancel(self) -> None:
        """Stop looking."""
        for run in self._runs.values():
            self._work.cancel(run)

    def _request(self) -> Request | None:
        resolved = self._store.resolved
        return None if resolved.spaces is None else survey_request(resolved)

    def _follow(self, _old: Resolved, _new: Resolved) -> None:
        if self._engine is not self._rankings.engine:  # other spaces
            self._engine = self._rankings.engine
            self.cancel()
            self._surveys, self._runs = {}, {}
        self._refresh()

    def _refresh(self) -> None:
        if not self._watched:
            return
        resolved, request = self._store.resolved, self._request()
        single = isinstance(resolved.query, ItemsQuery) and len(resolved.query_rows) == 1
        source = Vertex(resolved.task.protocol.query, int(resolved.query_rows[0])) if single else None
        asked = (self._engine, request, source)
        if asked == self._asked:
            return
        self._asked, self.here, self.problem = asked, None, ""
        self._latest.forget()
        if request is None:
            self.problem = resolved.problem
        else:
            self._latest.request(partial(_find, self._engine, resolved, source))
        self.changed.emit()

    def _take(self, found: _Here) -> None:
        self.here, self.scenes = found.ways, found.scenes
        self.problem = "" if found.ways is not None or not found.scenes else ASK_ONE
        self.changed.emit()

    def _fail(self, reason: str) -> None:
        self.problem, self.scenes = reason, True
        self.changed.emit()

    def _take_survey(self, request: Request, runs: dict[Request, Run], run_dir: Path) -> None:
        del runs[request]
        if runs is self._runs:  # else of other spaces
            self._surveys[request] = read_found(run_dir)
            self.changed.emit()

    def _lose_survey(self, request: Request, runs: dict[Request, Run], _reason: str) -> None:
        del runs[request]
        self.moved.emit()


def _find(engine: Engine, resolved: Resolved, source: Vertex | None) -> _Here:
    scenes = world_of(resolved.workspace.dataset) is not None
    return _Here(smooth_from(engine, resolved, source) if scenes and source is not None else None, scenes)
