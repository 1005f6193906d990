"""Sweeps over rankers' settings in a worker: what comes on the way, and what was found."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from xview.jobs.sweep import FOUND, read_found
from xview.metrics.sweep import Sweep, SweepRequest
from xview.qt.store import Store
from xview.qt.work import Run, Work
from xview.retrieval.registry import RANKERS
from xview.session.resolve import Resolved

KEPT = 12
"""Sweeps remembered; older ones make room."""


class Sweeps(QObject):
    """Keeps the sweeps of the open spaces, newest last; runs one at a time."""

    found = Signal()  # `kept` changed: more cells, another sweep, or other data
    moved = Signal()  # started, further on, or ended

    def __init__(self, store: Store, work: Work, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store, self._work = store, work
        self._spaces = store.workspace.spaces
        self.kept: dict[SweepRequest, Sweep] = {}
        self._run: Run | None = None
        self._seen = 0  # when the running sweep last wrote, in ns
        self._asked: SweepRequest | None = None
        store.changed.connect(self._follow)
        work.changed.connect(self._watch)

    @property
    def run_in_hand(self) -> Run | None:
        """The sweep that runs now."""
        return self._run

    def start(self, request: SweepRequest) -> None:
        """Sweep, unless one runs."""
        if self._run is not None:
            return
        workspace = self._store.workspace
        keys = " and ".join(axis.key for axis in request.axes)
        self._asked, self._seen = request, 0
        self._run = self._work.start(
            f"{RANKERS[request.request.ranker].title} over {keys}",
            "xview.jobs.sweep:sweep",
            {
                "data": workspace.dataset.source,
                "unseen": workspace.unseen,
                "sweep": request.to_json(),
            },
            partial(self._take, request),
            partial(self._lose, request),
        )
        self.moved.emit()

    def cancel(self) -> None:
        """Stop the sweep; the cells it found are kept."""
        if self._run is not None:
            self._work.cancel(self._run)

    def forget(self, request: SweepRequest) -> None:
        """Keep a sweep no longer."""
        if self.kept.pop(request, None) is not None:
            self.found.emit()

    def _take(self, request: SweepRequest, run_dir: Path) -> None:
        if request is self._asked:
            self._keep(request, run_dir)
            self._end()

    def _lose(self, request: SweepRequest, _reason: str) -> None:
        if request is self._asked and self._run is not None:
            self._keep(request, self._run.job.run_dir)
            self._end()

    def _end(self) -> None:
        self._run = self._asked = None
        self.moved.emit()

    def _watch(self) -> None:
        """Look whether the worker has written more cells."""
        if self._run is None or self._asked is None:
            return
        try:
            written = (self._run.job.run_dir / FOUND).stat().st_mtime_ns
        except OSError:
            written = 0
        if written != self._seen:
            self._seen = written
            self._keep(self._asked, self._run.job.run_dir)
        self.moved.emit()

    def _keep(self, request: SweepRequest, run_dir: Path) -> None:
        part = read_found(run_dir, request)
        if part is not None:
            self.kept[request] = part
            while len(self.kept) > KEPT:
                del self.kept[next(iter(self.kept))]
            self.found.emit()

    def _follow(self, old: Resolved, new: Resolved) -> None:
        """Keep only the sweeps whose spaces are what they were, of the same data."""
        before, now = self._spaces, new.workspace.spaces
        if now is before:
            return
        self._spaces = now

        def holds(request: SweepRequest) -> bool:
            return old is not new and all(
                name in before and now.get(name) is before[name] for name in request.request.spaces.names
            )

        if self._asked is not None and self._run is not None and not holds(self._asked):
            self._work.cancel(self._run)
            self._end()
        self.kept = {request: found for request, found in self.kept.items() if holds(request)}
        self.found.emit()
