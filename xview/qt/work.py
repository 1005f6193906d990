"""Jobs in worker processes, as the window sees them."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from xview.errors import XViewError
from xview.jobs.events import Cancelled, Failed, Succeeded, describe
from xview.jobs.pool import WorkerPool
from xview.jobs.runner import Job
from xview.jobs.tasks import WARM_UPS

_POLL_MS = 50
_CLOSING_S = 0.01
_TASKS = "xview.jobs.tasks:"


@dataclass(eq=False)
class Run:
    """One job with a name for people.

    Attributes:
        title: What it does, such as "UMAP of sketches".
        job: The job; `job.progress` and `job.seconds_left` tell how far it is.
        take: Receives the run folder of a success, on the GUI thread, before the folder goes.
        lost: Receives one sentence when there is no result; empty where the user cancelled.
    """

    title: str
    job: Job
    take: Callable[[Path], None]
    lost: Callable[[str], None]

    @property
    def fraction(self) -> float | None:
        """Share done, 0 to 1, or None where that is not known."""
        step = self.job.progress
        return None if step is None or step.total <= 0 else min(1.0, step.done / step.total)


class Work(QObject):
    """Starts jobs, watches them 20 times a second, hands over results and cleans up."""

    changed = Signal()  # something started, moved or ended; see `runs`
    failed = Signal(str, str)  # title, what happened in words

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.runs: list[Run] = []
        self._pool = WorkerPool(WARM_UPS)
        self._folder = Path(tempfile.mkdtemp(prefix="xview-"))
        self._count = 0
        self._closed = False
        self._timer = QTimer(self, interval=_POLL_MS)
        self._timer.timeout.connect(self._poll)

    def prepare(self, task: str) -> None:
        """Warm a worker up for a task, so that the next job of its kind starts at once."""
        if self._closed:
            return
        try:
            self._pool.prepare(_TASKS + task)
        except OSError as error:
            self.failed.emit("worker", f"cannot start a worker process: {error.strerror or error}")

    def start(
        self,
        title: str,
        task: str,
        config: Mapping[str, Any],
        take: Callable[[Path], None],
        lost: Callable[[str], None] = lambda _: None,
    ) -> Run:
        """Run a task with a JSON config in a worker: one of `xview.jobs.tasks`, or "module:function"."""
        self._count += 1
        run_dir = self._folder / f"{self._count:04d}"
        run = Run(
            title, self._pool.submit(task if ":" in task else _TASKS + task, config, run_dir), take, lost
        )
        self.runs.append(run)
        self._timer.start()
        self.changed.emit()
        return run

    def cancel(self, run: Run) -> None:
        """Stop a run; nothing of it is kept."""
        run.job.cancel()

    def close(self) -> None:
        """Cancel everything and let the workers go; nothing is handed over any more."""
        self._closed = True
        self._timer.stop()
        for run in self.runs:
            run.job.cancel()
        while any(run.job.outcome is None for run in self.runs):
            for run in self.runs:
                run.job.poll()
            time.sleep(_CLOSING_S)
        self.runs.clear()
        self._pool.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _poll(self) -> None:
        moved = False
        for run in list(self.runs):
            moved |= bool(run.job.poll())
            if run.job.outcome is not None:
                self.runs.remove(run)
                self._finish(run)
                moved = True
        if not self.runs:
            self._timer.stop()
        if moved:
            self.changed.emit()

    def _finish(self, run: Run) -> None:
        outcome = run.job.outcome
        try:
            if isinstance(outcome, Succeeded):
                run.take(run.job.run_dir)
            elif isinstance(outcome, Cancelled):
                run.lost("")
            elif outcome is not None:
                self._fail(run, outcome.message if isinstance(outcome, Failed) else describe(outcome))
        except XViewError as error:  # the data on disk is no longer what is open
            self._fail(run, str(error))
        finally:
            shutil.rmtree(run.job.run_dir, ignore_errors=True)

    def _fail(self, run: Run, words: str) -> None:
        run.lost(words)
        self.failed.emit(run.title, words)
