"""Parent side: `Worker` is a child process, `Job` one run; for the command line and the window alike."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import queue
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

import psutil

import xview
from xview.jobs import folder
from xview.jobs.events import Cancelled, Crashed, Event, Failed, Outcome, Progress, decode

_log = logging.getLogger(__name__)
_LEAVE_S = 5.0


class Worker:
    """A child process that serves runs, one after another. Nothing here blocks.

    Args:
        warm_up: "module:function" the child calls before its first run, or nothing.

    Raises:
        OSError: The process cannot be started.
    """

    def __init__(self, warm_up: str = "") -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "xview.jobs.worker", *([warm_up] if warm_up else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=child_environment(),
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # no console beside a window
        )
        self._number = 0
        self._killed = False
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._printed: deque[bytes] = deque(maxlen=50)
        assert self._process.stdout and self._process.stderr  # PIPE, above
        self._events_reader = _reader(self._process.stdout, self._take_event)
        self._stderr_reader = _reader(self._process.stderr, self._printed.append)

    def _take_event(self, line: bytes) -> None:
        try:
            self._events.put(decode(line.decode("utf-8", "replace")))
        except ValueError:  # cut short by a kill
            _log.warning("dropped a malformed event: %r", line[:200])

    @property
    def pid(self) -> int:
        """Number of the process."""
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """Exit status, None while the process lives or its last words are still being read."""
        code = self._process.poll()
        return None if self._events_reader.is_alive() else code

    @property
    def dead(self) -> bool:
        """Whether it can serve no more."""
        return self._killed or self.returncode is not None

    def last_printed(self) -> str:
        """The last lines it wrote to stderr outside of any run."""
        self._stderr_reader.join(0.1)  # a grandchild may hold the pipe open for ever
        return b"".join(self._printed).decode("utf-8", "replace")

    def run(self, run_dir: Path) -> None:
        """Start the run whose `spec.json` lies in `run_dir`."""
        self._number += 1
        self._tell({"run": self._number, "folder": str(run_dir.absolute())})

    def cancel(self) -> None:
        """Ask the present run to stop at its next step."""
        self._tell({"cancel": self._number})

    def _tell(self, command: Mapping[str, object]) -> None:
        assert self._process.stdin is not None  # PIPE, above
        with contextlib.suppress(OSError, ValueError):  # already gone; `returncode` says how
            self._process.stdin.write(json.dumps(command).encode() + b"\n")
            self._process.stdin.flush()

    def take_events(self) -> list[Event]:
        """What the process said since the last call."""
        taken = []
        with contextlib.suppress(queue.Empty):
            while True:
                taken.append(self._events.get_nowait())
        return taken

    def kill(self) -> None:
        """End the process and all it started, at once."""
        self._killed = True
        family: list[psutil.Process] = []
        with contextlib.suppress(psutil.Error):  # gone already
            family = psutil.Process(self.pid).children(recursive=True)
        for process in family:
            with contextlib.suppress(psutil.Error):
                process.kill()
        self._process.kill()

    def close(self) -> None:
        """Let the process leave, kill it if it does not; a thread sees to that."""
        assert self._process.stdin is not None  # PIPE, above
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        threading.Thread(target=self._see_off, daemon=True).start()

    def _see_off(self) -> None:
        try:
            self._process.wait(_LEAVE_S)
        except subprocess.TimeoutExpired:
            self.kill()
            self._process.wait()


def _reader(pipe: IO[bytes], take: Callable[[bytes], object]) -> threading.Thread:
    def read() -> None:
        with pipe:
            for line in pipe:
                take(line)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    return thread


def child_environment() -> dict[str, str]:
    """Ours, with xview importable, and a core left to the window where there are more than two.

    Threads that wait must not spin: on busy cores that slows everybody down (t-SNE to a quarter).
    """
    cores = os.cpu_count() or 1
    threads = str(cores if cores <= 2 else cores - 1)
    root = str(Path(xview.__file__).parents[1])
    environment = {**os.environ, "PYTHONUTF8": "1"}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    environment.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    for name in ("OMP", "OPENBLAS", "MKL", "VECLIB_MAXIMUM", "NUMBA"):
        environment.setdefault(f"{name}_NUM_THREADS", threads)
    return environment


class Job:
    """One run. Never raises for what the child or the disk does; see `outcome`.

    Args:
        task: "module:function"; the function takes `(config, run_dir, reporter)`.
        config: Plain JSON.
        run_dir: Its folder, made if missing.
        lend: Gives the worker to run on, None while all are busy, OSError where there is none.
        give_back: Takes the worker once the run ended, dead or alive.
        grace_s: Seconds a cancelled task has before it is killed.

    Attributes:
        outcome: How it ended, None before.
        progress: The newest progress, None before the first.
    """

    def __init__(
        self,
        task: str,
        config: Mapping[str, Any],
        run_dir: Path,
        *,
        lend: Callable[[], Worker | None] = Worker,
        give_back: Callable[[Worker], None] = Worker.close,
        grace_s: float = 0.3,
    ) -> None:
        self.run_dir = run_dir
        self.outcome: Outcome | None = None
        self.progress: Progress | None = None
        self._lend, self._give_back = lend, give_back
        self._grace_s = grace_s
        self._worker: Worker | None = None
        self._started = self._kill_at = float("inf")
        try:
            folder.prepare(run_dir, task, config)
        except OSError as error:
            self.outcome = Failed(
                f"cannot write to {run_dir}: {error.strerror or error}; choose another folder"
            )
        else:
            self._start()

    def _start(self) -> None:
        try:
            self._worker = self._lend()
        except OSError as error:
            self._end(Failed(f"cannot start a worker process: {error.strerror or error}"))
        if self._worker is not None:
            self._started = time.monotonic()
            self._worker.run(self.run_dir)

    @property
    def waiting(self) -> bool:
        """Whether it has yet to get a worker."""
        return self._worker is None and self.outcome is None

    @property
    def seconds_left(self) -> float | None:
        """Estimate from the pace so far, None where there is none."""
        now = self.progress
        if self.outcome is not None or now is None or now.done <= 0 or now.total <= 0:
            return None
        return (time.monotonic() - self._started) * max(0, now.total - now.done) / now.done

    def cancel(self) -> None:
        """Ask the task to stop at its next step; `poll` kills it after the grace time."""
        if self.waiting:
            self._end(Cancelled())
        elif self._worker is not None and self._kill_at == float("inf"):
            self._kill_at = time.monotonic() + self._grace_s
            self._worker.cancel()

    def poll(self) -> list[Progress]:
        """Progress since the last call; sets `outcome` once the run has ended. Never blocks."""
        if self.waiting:
            self._start()
        worker = self._worker
        if worker is None:
            return []
        killed = time.monotonic() > self._kill_at
        if killed:
            worker.kill()  # certain, though the process may need a while to be gone
        returncode = worker.returncode  # before the events: then no last word can be missed
        steps, last_word = [], None
        for event in worker.take_events():
            if isinstance(event, Progress):
                steps.append(event)
                self.progress = event
            else:
                last_word = event
        if last_word is not None:
            self._end(last_word)
        elif killed:
            self._end(Cancelled())
            self._record()
        elif returncode is not None:
            self._end(Crashed(returncode, folder.log_tail(self.run_dir) or worker.last_printed()))
            self._record()
        return steps

    def _end(self, outcome: Outcome) -> None:
        self.outcome = outcome
        if self._worker is not None:
            self._give_back(self._worker)
            self._worker = None

    def _record(self) -> None:
        """Write the result the child could not write any more."""
        assert self.outcome is not None
        try:
            folder.write_outcome(self.run_dir, self.outcome)
        except OSError as error:
            _log.warning("cannot record how %s ended: %s", self.run_dir, error)


def wait(job: Job, on_progress: Callable[[Progress], None] | None = None) -> Outcome:
    """Block until the job has ended, passing its progress on; for the command line and tests.

    Ctrl+C cancels the job.
    """
    while job.outcome is None:
        try:
            for step in job.poll():
                if on_progress is not None:
                    on_progress(step)
            time.sleep(0.01)
        except KeyboardInterrupt:
            job.cancel()
    return job.outcome
