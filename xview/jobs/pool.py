"""Warm workers: what a kind of work needs is loaded before the work arrives."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from xview.jobs.runner import Job, Worker


class WorkerPool:
    """Keeps worker processes between jobs. Nothing here blocks; use it from one thread.

    Tasks with the same warm-up share workers: one idle, `at_once` busy. A job that finds them all busy waits.
    A worker that was killed or crashed is replaced.

    Args:
        warm_ups: By task, the function a worker of its kind calls once; tasks not named share a plain kind.
        at_once: Jobs of one kind that may run together.
    """

    def __init__(self, warm_ups: Mapping[str, str], at_once: int = 2) -> None:
        self._warm_ups = warm_ups
        self._at_once = at_once
        self._idle: dict[str, Worker] = {}
        self._busy: Counter[str] = Counter()
        self._closed = False

    def prepare(self, task: str) -> None:
        """Have a worker warming up for this task, if none is idle.

        Raises:
            OSError: The process cannot be started.
        """
        self._stand_by(self._warm_ups.get(task, ""))

    def submit(self, task: str, config: Mapping[str, Any], run_dir: Path, *, grace_s: float = 0.3) -> Job:
        """A job on an idle worker, on a new one, or waiting for one; poll it as any other."""
        kind = self._warm_ups.get(task, "")
        return Job(
            task,
            config,
            run_dir,
            lend=partial(self._lend, kind),
            give_back=partial(self._take_back, kind),
            grace_s=grace_s,
        )

    def close(self) -> None:
        """End the idle workers, which have nothing to lose, and let the busy ones leave after their job."""
        self._closed = True
        while self._idle:
            _, worker = self._idle.popitem()
            worker.kill()
            worker.close()

    def _lend(self, kind: str) -> Worker | None:
        if self._busy[kind] >= self._at_once:
            return None
        worker = self._idle.pop(kind, None)
        if worker is not None and worker.dead:  # died while idle
            worker.close()
            worker = None
        lent = worker or Worker(kind)
        self._busy[kind] += 1
        return lent

    def _take_back(self, kind: str, worker: Worker) -> None:
        self._busy[kind] -= 1
        if worker.dead or self._closed or kind in self._idle:
            worker.close()
        else:
            self._idle[kind] = worker
        if worker.dead and not self._closed:
            with contextlib.suppress(OSError):  # the next job will meet it and say so
                self._stand_by(kind)

    def _stand_by(self, kind: str) -> None:
        idle = self._idle.get(kind)
        if idle is None or idle.dead:
            if idle is not None:
                idle.close()
            self._idle[kind] = Worker(kind)
