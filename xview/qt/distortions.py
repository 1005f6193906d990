"""Measuring the distortion of spaces, in a worker."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from xview.metrics.distortion import Distortion, DistortionRequest
from xview.qt.store import Store
from xview.qt.work import Run, Work
from xview.retrieval.field import SpaceChoice
from xview.session.resolve import Resolved

UNASKED_LIMIT = 6_000
"""Items up to which a space is measured without being asked: a second or two of a worker."""


class Distortions(QObject):
    """Keeps what was measured of the open spaces, by request."""

    measured = Signal()  # a result came, or some no longer hold
    moved = Signal()  # started, further on, or ended

    def __init__(self, store: Store, work: Work, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store, self._work = store, work
        self._spaces = store.workspace.spaces
        self._results: dict[DistortionRequest, Distortion] = {}
        self._runs: list[tuple[Run, DistortionRequest]] = []
        self._troubles: dict[DistortionRequest, str] = {}
        store.changed.connect(self._follow)
        work.changed.connect(self.moved)

    def request(
        self, space: str = "", against: tuple[str, ...] = (), method: str = "", k: int = 10
    ) -> DistortionRequest | None:
        """What to measure of the items on screen; None where nothing can be ranked.

        Args:
            space: The measured space; empty: the one ranker A reads.
            against: Reference spaces; empty: each modality's own.
            method: Where not empty, measure the map of the space against the space.
            k: Neighbours of graphs and per-item figures.
        """
        resolved = self._store.resolved
        protocol, spaces = resolved.task.protocol, resolved.spaces
        if spaces is None:
            return None
        order = list(resolved.workspace.dataset.collections)
        if order.index(protocol.query) > order.index(protocol.gallery):  # both directions are measured
            protocol, spaces = protocol.swapped(), spaces.swapped()
        return DistortionRequest(
            space=space or spaces.shared,
            against=against,
            method=method,
            protocol=protocol,
            spaces=spaces,
            k=k,
        )

    def result(self, request: DistortionRequest | None) -> Distortion | None:
        """What was measured, or None."""
        return None if request is None else self._results.get(request)

    def trouble(self, request: DistortionRequest | None) -> str:
        """Why a request could not be measured, one sentence, or empty."""
        return "" if request is None else self._troubles.get(request, "")

    def runs(self, request: DistortionRequest | None) -> bool:
        """Whether it is being measured now."""
        return any(wanted == request for _, wanted in self._runs)

    @property
    def run_in_hand(self) -> Run | None:
        """The measurement that runs now."""
        return self._runs[0][0] if self._runs else None

    @property
    def fresh(self) -> bool:
        """Whether nothing of the open data was measured, and nothing is being measured."""
        return not (self._results or self._runs or self._troubles)

    def run(self, request: DistortionRequest) -> None:
        """Measure, unless that is known or under way."""
        if request in self._results or self.runs(request):
            return
        self._troubles.pop(request, None)
        workspace = self._store.workspace
        run = self._work.start(
            f"distortion of {request.space}",
            "xview.jobs.distortion:measure",
            {
                "data": workspace.dataset.source,
                "unseen": workspace.unseen,
                "request": request.to_json(),
            },
            lambda folder: self._take(run, request, folder),
            lambda reason: self._lose(run, request, reason),
        )
        self._runs.append((run, request))
        self.moved.emit()

    def cancel(self) -> None:
        """Stop measuring."""
        for run, _ in self._runs:
            self._work.cancel(run)

    def _take(self, run: Run, request: DistortionRequest, run_dir: Path) -> None:
        if self._ended(run):
            self._results[request] = Distortion.read(run_dir)
            QTimer.singleShot(0, self.measured.emit)  # to read and to show at once would hold the window

    def _lose(self, run: Run, request: DistortionRequest, reason: str) -> None:
        if self._ended(run):
            self._troubles[request] = reason or "The measurement was cancelled."
            self.measured.emit()

    def _ended(self, run: Run) -> bool:
        """Whether a run that ended was about what is open, not about other data with names like these."""
        others = [(other, request) for other, request in self._runs if other is not run]
        wanted, self._runs = len(others) < len(self._runs), others
        self.moved.emit()
        return wanted

    def _follow(self, old: Resolved, new: Resolved) -> None:
        """Keep only what was measured in spaces that are what they were, of the same data."""
        before, now = self._spaces, new.workspace.spaces
        if now is before:
            return
        self._spaces = now

        def holds(request: DistortionRequest) -> bool:
            return old is not new and all(
                name in before and now.get(name) is before[name] for name in _names(request)
            )

        gone = [run for run, request in self._runs if not holds(request)]
        self._runs = [(run, request) for run, request in self._runs if run not in gone]
        for run in gone:
            self._work.cancel(run)
        self._results = {request: found for request, found in self._results.items() if holds(request)}
        self._troubles = {request: words for request, words in self._troubles.items() if holds(request)}
        self.measured.emit()


def _names(request: DistortionRequest) -> tuple[str, ...]:
    spaces: SpaceChoice = request.spaces
    return (request.space, *request.against, *spaces.names)
