"""A fusion judged, its weights found and its scores drawn, in workers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from xview.arrays import Doubles
from xview.jobs.fusion import FOUND, MATRIX, MIXTURE
from xview.metrics.fusion import Mixture
from xview.metrics.fusion_matrix import ScoreMatrix, Subset
from xview.metrics.fusion_search import Found
from xview.metrics.result_files import read_result
from xview.metrics.table import Request
from xview.qt.evaluations import CALM_MS, UNASKED_LIMIT
from xview.qt.store import Store
from xview.qt.work import Run, Work
from xview.retrieval.fusion import FusionSettings, Mixing
from xview.session.resolve import Resolved

_KEPT = 8


@dataclass(frozen=True, eq=False, slots=True)
class Drawn:
    """A matrix of scores, what it is of and what it was asked for."""

    request: Request
    subset: Subset
    matrix: ScoreMatrix


class Fusions(QObject):
    """Keeps what is known of the fusion in force."""

    changed = Signal()  # what is known of the fusion in force
    moved = Signal()  # started, further on, or ended
    weights_found = Signal(object)  # Found, for the fusion in force

    def __init__(self, store: Store, work: Work, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store, self._work = store, work
        self._spaces = store.workspace.spaces
        self._mixtures: dict[Request, Mixture] = {}
        self._by_hand: dict[Request, Doubles] = {}  # AP under the manual weights of the request
        self._drawn: Drawn | None = None
        self._hopeless: set[Request] = set()
        self._runs: dict[str, tuple[Run, Request]] = {}  # by what they leave
        self._closed = False
        self._calm = QTimer(self, singleShot=True, interval=CALM_MS)
        self._calm.timeout.connect(self._judge_unasked)
        store.changed.connect(self._follow)
        work.changed.connect(self.moved)

    def close(self) -> None:
        """Judge no more."""
        self._closed = True
        self._calm.stop()

    def judge_soon(self) -> None:
        """Judge without being asked, once nothing moves and where that is cheap: somebody looks."""
        if not self._closed:
            self._calm.start()

    @property
    def request(self) -> Request | None:
        """The fusion as it is set, in the spaces and under the protocol of ranker A; None without spaces."""
        return request_of(self._store.resolved)

    @property
    def mixture(self) -> Mixture | None:
        """The sources in force judged on all queries, or None where that is not done."""
        request = self.request
        return None if request is None else self._mixtures.get(unweighted(request))

    @property
    def fused(self) -> Doubles | None:
        """(m,) average precision of the fusion in force, or None where it is not judged."""
        request, mixture = self.request, self.mixture
        if request is None or mixture is None:
            return None
        mode = _settings(request).mode
        return self._by_hand.get(request) if mode is Mixing.WEIGHTED else mixture.fused[mode]

    @property
    def drawn(self) -> Drawn | None:
        """The matrix of the sources in force, if one was drawn."""
        request = self.request
        if self._drawn is None or request is None:
            return None
        same = unweighted(self._drawn.request) == unweighted(request)
        return self._drawn if same else None

    def run_of(self, what: str) -> Run | None:
        """The work in hand that leaves a `MIXTURE`, `FOUND` or `MATRIX`."""
        return self._runs[what][0] if what in self._runs else None

    def cancel(self) -> None:
        """Stop whatever runs for the fusion."""
        for run, _ in self._runs.values():
            self._work.cancel(run)

    def judge(self) -> None:
        """Judge every source and mode on all queries."""
        request = self.request
        if request is not None and not self._known(request):
            self._hopeless.discard(request)
            self._start("judging the fusion", "judge", MIXTURE, request, self._take_mixture)

    def find(self) -> None:
        """Find weights on the seen classes."""
        request = self.request
        if request is not None:
            self._start("weights on seen classes", "find", FOUND, request, self._take_found)

    def draw(self, subset: Subset) -> None:
        """Score a subset under every source."""
        request = self.request
        if request is not None and len(subset.queries) and len(subset.gallery):
            sides = {"queries": subset.queries.tolist(), "gallery": subset.gallery.tolist()}
            take = partial(self._take_matrix, subset)
            self._start("matrix of scores", "matrix", MATRIX, request, take, sides)

    def _start(
        self,
        title: str,
        task: str,
        leaves: str,
        request: Request,
        take: Callable[[Request, Path], None],
        more: Mapping[str, Any] | None = None,
    ) -> None:
        """Start a task; an older one that leaves the same makes room."""
        if leaves in self._runs:
            self._work.cancel(self._runs[leaves][0])
        workspace = self._store.workspace
        config = {"data": workspace.dataset.source, "unseen": workspace.unseen, "request": request.to_json()}
        run = self._work.start(
            title,
            f"xview.jobs.fusion:{task}",
            config | dict(more or {}),
            lambda run_dir: self._taken(leaves, run, partial(take, request, run_dir)),
            lambda _reason: self._lost(leaves, run),
        )
        self._runs[leaves] = (run, request)
        self.moved.emit()

    def _taken(self, leaves: str, run: Run, take: Callable[[], None]) -> None:
        if self._ended(leaves, run):
            take()
            self.changed.emit()
        self.moved.emit()

    def _lost(self, leaves: str, run: Run) -> None:
        if leaves in self._runs and self._runs[leaves][0] is run:
            self._hopeless.add(self._runs[leaves][1])
            self._ended(leaves, run)
        self.moved.emit()

    def _ended(self, leaves: str, run: Run) -> bool:
        """Whether a run that ended was the newest of its kind, about what is open."""
        if leaves not in self._runs or self._runs[leaves][0] is not run:
            return False
        del self._runs[leaves]
        return True

    def _take_mixture(self, request: Request, run_dir: Path) -> None:
        made = read_result(Mixture, run_dir, MIXTURE)
        self._mixtures[unweighted(request)] = made
        self._by_hand[_by_hand(request)] = made.fused[Mixing.WEIGHTED]
        for kept in (self._mixtures, self._by_hand):
            while len(kept) > 2 * _KEPT:
                del kept[next(iter(kept))]

    def _take_found(self, request: Request, run_dir: Path) -> None:
        found = read_result(Found, run_dir, FOUND)
        now = self.request
        if now is not None and unweighted(now) == unweighted(request):
            self.weights_found.emit(found)

    def _take_matrix(self, subset: Subset, request: Request, run_dir: Path) -> None:
        self._drawn = Drawn(request, subset, read_result(ScoreMatrix, run_dir, MATRIX))

    def _known(self, request: Request) -> bool:
        """Whether all is known of a fusion."""
        by_hand = _settings(request).mode is not Mixing.WEIGHTED or request in self._by_hand
        return by_hand and unweighted(request) in self._mixtures

    def _judge_unasked(self) -> None:
        request, task = self.request, self._store.resolved.task
        if request is None or MIXTURE in self._runs or request in self._hopeless:
            return
        if len(task.query_rows) * len(task.gallery_rows) * len(Mixing) <= UNASKED_LIMIT:
            self.judge()

    def _follow(self, old: Resolved, new: Resolved) -> None:
        if new.workspace.spaces is not self._spaces:
            self._forget(new, other_data=old is new)
        if request_of(old) != request_of(new) or old is new:
            self.changed.emit()

    def _forget(self, new: Resolved, *, other_data: bool) -> None:
        """Keep only what is of spaces that are what they were, of the same data."""
        before, self._spaces = self._spaces, new.workspace.spaces
        same = not other_data and all(self._spaces.get(name) is space for name, space in before.items())
        if same:
            return
        for run, _ in self._runs.values():
            self._work.cancel(run)
        self._runs, self._drawn = {}, None
        for kept in (self._mixtures, self._by_hand, self._hopeless):
            kept.clear()


def request_of(resolved: Resolved) -> Request | None:
    """The fusion as it is set, where ranker A ranks; None where nothing can be ranked."""
    if resolved.spaces is None:
        return None
    return Request(
        protocol=resolved.task.protocol,
        spaces=resolved.spaces,
        ranker="fusion",
        settings=resolved.view.settings_of("fusion"),
    )


def _settings(request: Request) -> FusionSettings:
    assert isinstance(request.settings, FusionSettings)
    return request.settings


def unweighted(request: Request) -> Request:
    """The same sources, however they are weighed."""
    return replace(request, settings=replace(_settings(request), mode=Mixing.ADAPTIVE, weights=""))


def _by_hand(request: Request) -> Request:
    """The same sources under the manual weights."""
    return replace(request, settings=replace(_settings(request), mode=Mixing.WEIGHTED))
