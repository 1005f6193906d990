"""Runs that wait for one another."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xview.jobs.runs import TrainingRun


class RunQueue:
    """Starts runs one after another; at most `at_once` of those submitted run together."""

    def __init__(self, at_once: int = 1) -> None:
        self.at_once = at_once
        self._runs: list[TrainingRun] = []

    def submit(self, run: TrainingRun) -> None:
        """Start it when its turn comes; pause, stop or delete take it out again."""
        run.queued = True
        if run not in self._runs:
            self._runs.append(run)
        self._next()
        run.poll()

    def poll(self) -> list[TrainingRun]:
        """Poll those that wait or run, and start the next; those that changed."""
        changed = [run for run in self._runs if run.poll()]
        self._runs = [run for run in self._runs if run.queued or run.alive]
        return changed + [run for run in self._next() if run not in changed]

    def _next(self) -> list[TrainingRun]:
        free = self.at_once - sum(run.alive for run in self._runs)
        started = [run for run in self._runs if run.queued][: max(0, free)]
        for run in started:
            run.start()
        return started
