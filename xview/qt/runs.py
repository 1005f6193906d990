"""Training runs as the window sees them: it watches their folders, and never waits for one."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from xview.errors import XViewError
from xview.jobs import folder
from xview.jobs.events import Failed
from xview.jobs.runs import RunQueue, Status, TrainingRun
from xview.qt.panels.training_log import RunLog
from xview.spaces.trained import runs_folder

POLL_MS, SCAN_MS = 250, 3_000
BUDGET_S = 0.008
"""Of the window's thread a poll may take; runs that are not looked at then come first the next time."""
AT_ONCE = 2
_PARTS = 50  # a long past is read in parts of some megabytes


class Runs(QObject):
    """Every run in the runs folder, whoever started it; those asked for here wait for their turn.

    Runs are polled on the window's thread, a few files each; looking for new ones, reading yesterday's
    curves, logs and removing folders happen on a thread of their own.
    """

    changed = Signal()  # something about some run
    ended = Signal(object)  # a TrainingRun that ran a moment ago, or came finished since the first look
    gone = Signal()  # folders of runs were removed
    failed = Signal(str)  # what could not be done, in words
    broke = Signal(object)  # an exception that is a bug
    log_read = Signal(object, object)  # TrainingRun, RunLog
    _done = Signal(object, object, object)  # take, value, exception

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.runs: list[TrainingRun] = []
        self.queue = RunQueue(AT_ONCE)
        self._was_alive: set[Path] = set()
        self._going: set[Path] = set()  # being deleted
        self._started: set[Path] = set()  # from this window
        self._turn = 0
        self._looked = self._looking = False
        self._thread: ThreadPoolExecutor | None = None
        self._done.connect(self._deliver)
        self._poller = QTimer(self, interval=POLL_MS)
        self._poller.timeout.connect(self.poll)
        self._scanner = QTimer(self, interval=SCAN_MS)
        self._scanner.timeout.connect(self.scan)

    def start(self) -> None:
        """Look for runs, and keep looking."""
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "runs")
            self._poller.start()
            self._scanner.start()
            self.scan()

    def close(self) -> None:
        """Watch no more. Runs go on: they need nobody."""
        self._poller.stop()
        self._scanner.stop()
        if self._thread is not None:
            self._thread.shutdown()
            self._thread = None

    # what is asked

    def submit(self, config: Mapping[str, Any]) -> TrainingRun:
        """Make a run and start it as soon as there is room.

        Raises:
            TrainingError: Its folder cannot be made.
        """
        run = TrainingRun.create(config)
        self.runs.append(run)
        self.resume(run)
        return run

    def resume(self, run: TrainingRun) -> None:
        """Start it, or let it go on from its checkpoint, as soon as there is room."""
        self._started.add(run.folder)
        self.queue.submit(run)
        self._after(run)

    def pause(self, run: TrainingRun) -> None:
        """Ask for a checkpoint and the end of its process."""
        run.pause()
        self._after(run)

    def stop(self, run: TrainingRun) -> None:
        """Ask it to end and keep the best."""
        run.stop()
        self._after(run)

    def delete(self, run: TrainingRun) -> None:
        """End it and remove its folder, in the background."""
        run.queued = False
        self.runs.remove(run)
        self._going.add(run.folder)
        self._was_alive.discard(run.folder)
        self._run(run.delete, lambda _none: self._deleted(run.folder))
        self.changed.emit()

    def _deleted(self, where: Path) -> None:
        self._going.discard(where)
        self.gone.emit()

    def set_at_once(self, count: int) -> None:
        """Let so many runs of this window train at the same time; others wait."""
        self.queue.at_once = count
        self.poll()

    def read_log(self, run: TrainingRun) -> None:
        """What a run printed and where it failed; `log_read` brings it."""
        self._run(partial(_read_log, run), partial(self.log_read.emit, run))

    @property
    def alive(self) -> list[TrainingRun]:
        """Those that train, or wait for their turn in this window."""
        return [run for run in self.runs if run.alive or run.queued]

    @property
    def mine(self) -> list[TrainingRun]:
        """Those of them that were started from this window."""
        return [run for run in self.alive if run.folder in self._started]

    # what is seen

    def poll(self) -> None:
        """Read what is new of every run that lives, and of one of the others, within the budget."""
        end = time.perf_counter() + BUDGET_S
        moved = bool(self.queue.poll())
        for run in self._in_turn():
            moved |= run.poll()
            self._turn += 1
            if time.perf_counter() > end:
                break
        ended = [run for run in self.runs if run.folder in self._was_alive and not run.alive]
        self._was_alive = {run.folder for run in self.runs if run.alive}
        if moved or ended:
            self.changed.emit()
        for run in ended:
            self.ended.emit(run)

    def _in_turn(self) -> list[TrainingRun]:
        """Living runs, begun with the one not reached the last time, then one of those at rest."""
        living = [run for run in self.runs if run.alive]
        resting = [run for run in self.runs if not run.alive and not run.queued]
        at = self._turn % len(living) if living else 0
        return [*living[at:], *living[:at], *([resting[self._turn % len(resting)]] if resting else [])]

    def scan(self) -> None:
        """Look for runs that came or went, in the background."""
        if not self._looking:
            self._looking = True
            known = {run.folder for run in self.runs} | self._going
            self._run(partial(_scan, runs_folder(), known), self._found)

    def _found(self, found: tuple[list[TrainingRun], set[Path]]) -> None:
        self._looking = False
        fresh, there = found
        known = {run.folder for run in self.runs} | self._going
        fresh = [run for run in fresh if run.folder not in known]
        gone = [run for run in self.runs if run.folder not in there and not run.folder.is_dir()]
        self.runs = [run for run in self.runs if run not in gone] + fresh
        first, self._looked = not self._looked, True
        if fresh or gone:
            self.poll()
            self.changed.emit()
        if gone:
            self.gone.emit()
        for run in fresh:
            if not first and run.status is Status.FINISHED:
                self.ended.emit(run)

    def _after(self, run: TrainingRun) -> None:
        run.poll()
        if run.alive:
            self._was_alive.add(run.folder)
        self.changed.emit()

    # the thread

    def _run(self, work: Callable[[], Any], take: Callable[[Any], object]) -> None:
        if self._thread is not None:
            self._thread.submit(self._work, work, take)

    def _work(self, work: Callable[[], Any], take: Callable[[Any], object]) -> None:
        try:
            self._done.emit(take, work(), None)
        except Exception as error:
            self._done.emit(take, None, error)

    def _deliver(self, take: Callable[[Any], object], value: object, error: Exception | None) -> None:
        if self._thread is None:
            return
        if error is None:
            take(value)
        elif isinstance(error, XViewError):
            self.failed.emit(str(error))
        else:
            self._looking = False
            self.broke.emit(error)


def _scan(where: Path, known: set[Path]) -> tuple[list[TrainingRun], set[Path]]:
    """Runs not known yet, their curves read whole, and the folders of all there are."""
    there = {spec.parent for spec in where.glob(f"*/{folder.SPEC}")}
    fresh = []
    for path in there - known:
        try:
            run = TrainingRun(path)
            for _ in range(_PARTS):
                if not run.poll():
                    break
        except (OSError, ValueError, KeyError, TypeError):  # no run, or one that is just going
            continue
        fresh.append(run)
    return sorted(fresh, key=lambda run: run.created), there


def _read_log(run: TrainingRun) -> RunLog:
    outcome = folder.read_outcome(run.folder)
    details = outcome.traceback if isinstance(outcome, Failed) else ""
    return RunLog(message=run.message, details=details, printed=run.log())
