"""Training runs as the window and the command line see them: folders that somebody watches.

Decisions
    2026-11-22  A run is a process of its own that nobody needs to stay alive for: the window, the command
                line and tomorrow's window only read its folder and write requests into it.
    2026-11-22  A run that died without a word is told by its process being gone; the one who started it
                knows the exit status and writes it down for the others.
"""

from __future__ import annotations

import shutil
import time
from bisect import bisect_left
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xview.errors import TrainingError
from xview.jobs import detached, folder, processes
from xview.jobs.detached import PAUSE, STOP
from xview.jobs.events import Cancelled, Failed, Outcome, Progress
from xview.jobs.journal import Journal
from xview.jobs.places import check_same, new_folder
from xview.jobs.run_queue import RunQueue
from xview.jobs.status import Status, status_of, without_a_word, words
from xview.models.registry import SYSTEMS
from xview.spaces.trained import runs_folder as default_folder
from xview.training.names import LAST, SELECT
from xview.training.settings import TrainSettings

__all__ = ["RunQueue", "Status", "TrainingRun", "find_runs"]

TASK = "xview.jobs.train:train"
_LOG_BYTES = 1 << 20


class TrainingRun:
    """One run. Cheap to call and never blocking, but for `kill` and `delete`, which wait up to 2 s.

    Attributes:
        folder: Where it lives; its name is what the command line calls it.
        name: For people, and of the space it leaves.
        config: As `xview.jobs.train` takes it.
        created: Seconds since 1970.
        status: As of the last `poll`.
        message: How it ended or what it does, in words for a user.
        queued: Whether a `RunQueue` will start it.
        seconds_left: Estimate from the pace so far, None where there is none.
        usage: Of an ended run, `seconds` and `peak_memory` in bytes; empty where not known.
    """

    def __init__(self, folder_: Path) -> None:
        self.folder = folder_
        task, self.config = folder.read_spec(folder_)
        if "system" not in self.config:
            raise ValueError(f"{folder_}: {task} is no training")
        self.name = str(self.config.get("name") or folder_.name)
        self.created = (folder_ / folder.SPEC).stat().st_mtime
        self.status, self.message = Status.WAITING, "not started"
        self.queued = False
        self.seconds_left: float | None = None
        self.usage: Mapping[str, float] = {}
        self._journal = Journal(folder_ / folder.EVENTS)
        self._outcome: Outcome | None = None
        self._seen: tuple[int, int] | None = None  # of the result: when written, bytes
        self._pace: tuple[float, int, int] | None = None  # when we first saw it move: time, step, steps
        self.poll()

    @classmethod
    def create(
        cls, config: Mapping[str, Any], runs_folder: Path | None = None, task: str = TASK
    ) -> TrainingRun:
        """Make a run's folder, with a name no other run has; `start` starts it.

        Raises:
            TrainingError: The folder cannot be made.
        """
        runs = runs_folder or default_folder()
        try:
            path, name = new_folder(runs, str(config["system"]), str(config.get("name") or ""))
            folder.prepare(path, task, {**config, "name": name})
        except OSError as error:
            raise TrainingError(
                f"{runs}: no run can be kept there ({error.strerror or error}); choose another folder"
            ) from error
        return cls(path)

    @classmethod
    def at(cls, place: Path, config: Mapping[str, Any]) -> TrainingRun:
        """A run in a folder of the caller's choice: a new one, or the one there, perhaps for more epochs.

        Raises:
            TrainingError: The folder cannot be made, or holds a run of another config.
        """
        wanted = {**config, "name": place.resolve().name}
        try:
            if (place / folder.SPEC).exists():
                check_same(place, folder.read_spec(place)[1], wanted)
                folder.write_spec(place, TASK, wanted)
            else:
                folder.prepare(place, TASK, wanted)
        except (OSError, ValueError, KeyError) as error:
            raise TrainingError(
                f"{place}: no run can be kept there ({error}); choose another folder"
            ) from error
        return cls(place)

    @property
    def progress(self) -> Progress | None:
        """The newest, None before the first."""
        return self._journal.last

    @property
    def curves(self) -> Mapping[str, tuple[list[int], list[float]]]:
        """By metric, rising steps and the values there; do not write into them."""
        return self._journal.curves

    @property
    def epochs(self) -> int:
        """Epochs asked for; 1 of a system in closed form."""
        row = SYSTEMS.get(str(self.config["system"]))
        if row is not None and row.closed_form:
            return 1
        default = next(p.default for p in TrainSettings.parameters() if p.field == "epochs")
        return int((self.config.get("training") or {}).get("epochs", default))

    @property
    def epoch(self) -> int:
        """The epoch it is in, from 1, or ended in; 0 before the first report."""
        return 0 if self._journal.learnt is None else self._epoch_of(self._journal.learnt.done)

    def _epoch_of(self, step: int) -> int:
        total = 0 if self._journal.learnt is None else self._journal.learnt.total
        return min(self.epochs, -(-step * self.epochs // total)) if total > 0 else 0

    @property
    def best(self) -> dict[str, float]:
        """What was measured after the epoch that validated best, or after the last one; with "epoch"."""
        steps, values = self.curves.get(SELECT, ([], []))
        found = [(value, -step) for step, value in zip(steps, values, strict=True) if value == value]
        if not found:  # nothing to choose by, or NaN throughout
            return {name: values[-1] for name, (_, values) in self.curves.items()}
        at = -max(found)[1]
        best = {"epoch": float(self._epoch_of(at))}
        for name, (steps, values) in self.curves.items():
            place = bisect_left(steps, at)
            if place < len(steps) and steps[place] == at:
                best[name] = values[place]
        return best

    @property
    def alive(self) -> bool:
        """Whether it runs, as of the last `poll`."""
        return self.status is Status.RUNNING

    def start(self) -> None:
        """Start it, or resume it from its checkpoint; nothing where it runs already."""
        self._launch("")

    def _launch(self, request: str) -> None:
        self.queued = False
        if self._goes():
            return
        processes.kill(self.folder)  # one that has told how it ended may still be leaving
        try:
            for name in (folder.REQUEST, folder.PROCESS, folder.RESULT):
                (self.folder / name).unlink(missing_ok=True)
            if request:
                folder.write_text(self.folder / folder.REQUEST, request)
            processes.start(self.folder)
        except OSError as error:
            self._record(Failed(f"the run cannot be started: {error.strerror or error} ({self.folder})"))
        self._pace = None
        self.poll()

    def pause(self) -> None:
        """Ask it to leave a checkpoint and end; where it only waits for its turn it waits no more."""
        self.queued = False
        if self._goes():
            self._ask(PAUSE)

    def stop(self) -> None:
        """Ask it to end and keep the best it found; a paused run is started again to do so."""
        self.queued = False
        if self._goes():
            self._ask(STOP)
        elif self.status is not Status.FINISHED and (self.folder / LAST).exists():
            self._launch(STOP)

    def _goes(self) -> bool:
        return folder.read_outcome(self.folder) is None and processes.alive(self.folder)

    def _ask(self, request: str) -> None:
        try:
            folder.write_text(self.folder / folder.REQUEST, request)
        except OSError as error:
            self.message = f"the run cannot be asked to {request}: {error.strerror or error}"

    def kill(self) -> None:
        """End its process at once; its last checkpoint stays."""
        self.queued = False
        if processes.alive(self.folder):
            processes.kill(self.folder)
            if folder.read_outcome(self.folder) is None:
                self._record(Cancelled())
        self.poll()

    def delete(self) -> None:
        """End it and remove its folder; what is left where a file is in use is no run any more."""
        self.kill()
        (self.folder / folder.SPEC).unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def poll(self) -> bool:
        """Read what is new in the folder, a long journal in parts; True if anything changed."""
        before = (self.status, self.message)
        living = processes.alive(self.folder)  # both before the result, or a last word could be missed
        code = processes.ended(self.folder)
        moved = self._read_result()
        grew = self._journal.poll()
        if self._outcome is None and code is not None:
            self._record(without_a_word(code, self.folder))
        self.status = self._judge(living)
        if grew or moved:
            self._estimate()
            self.usage = detached.read_usage(self.folder) if moved else self.usage
        self.message = self._words()
        return grew or moved or before != (self.status, self.message)

    def _read_result(self) -> bool:
        try:
            stat = (self.folder / folder.RESULT).stat()
            seen = (stat.st_mtime_ns, stat.st_size)
        except OSError:
            seen = None
        if seen == self._seen:
            return False
        self._seen = seen
        self._outcome = folder.read_outcome(self.folder) if seen else None
        return True

    def _record(self, outcome: Outcome) -> None:
        """Write how it ended for the one who could not."""
        self._outcome = outcome
        try:
            folder.write_outcome(self.folder, outcome)
            stat = (self.folder / folder.RESULT).stat()
            self._seen = (stat.st_mtime_ns, stat.st_size)
        except OSError:
            self._seen = None  # it is told as long as this object lives

    def _judge(self, living: bool) -> Status:
        if self.queued:
            return Status.WAITING
        if self._outcome is not None:
            return status_of(self._outcome)
        if living:
            return Status.RUNNING
        return Status.CRASHED if processes.began(self.folder) else Status.WAITING

    def _words(self) -> str:
        if self.status is Status.WAITING:
            return "waits for its turn" if self.queued else "not started"
        if self.status is Status.RUNNING:
            asked = detached.read_request(self.folder)
            doing = self.progress.message if self.progress and self._pace else "starting"
            return {PAUSE: "pausing", STOP: "stopping"}.get(asked, doing)
        return words(self._outcome, self.status, (self.folder / LAST).exists())

    def _estimate(self) -> None:
        now = self.progress
        if not self.alive or now is None:
            self.seconds_left = self._pace = None
            return
        moment = time.monotonic()
        if self._pace is None or self._pace[2] != now.total:
            self._pace = moment, now.done, now.total
        since, first, total = self._pace
        if now.done > first:
            self.seconds_left = (moment - since) * max(0, total - now.done) / (now.done - first)

    def log(self) -> str:
        """What it printed, the end of it where that is long."""
        return folder.log_tail(self.folder, _LOG_BYTES)


def find_runs(runs_folder: Path | None = None) -> list[TrainingRun]:
    """Every run in the folder, oldest first, whoever started it; folders that hold none are passed over."""
    found = []
    for spec in (runs_folder or default_folder()).glob(f"*/{folder.SPEC}"):
        try:
            found.append(TrainingRun(spec.parent))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return sorted(found, key=lambda run: run.created)
