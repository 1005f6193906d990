"""The process of one long run: `python -m xview.jobs.detached RUN_DIR`. It talks through its folder alone.

Whoever wants something of it writes `pause` or `stop` into the folder's file `request`.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import psutil

from xview.jobs import folder, processes
from xview.jobs.attempt import attempt, journal, yield_to_the_window
from xview.jobs.events import Outcome, Progress, encode
from xview.jobs.reporter import PauseRequested, Reporter, StopRequested

PAUSE, STOP = "pause", "stop"
UNSAID = 74
"""Exit status of a run that could not write how it ended (EX_IOERR)."""
_LOOK_S = 0.2

Asked: TypeAlias = Callable[[], str]


def main(run_dir: Path) -> int:
    """Run the folder's task and write its result there."""
    faulthandler.enable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield_to_the_window()
    if processes.alive(run_dir):
        return 0  # somebody else was faster
    processes.write(run_dir)
    requests = Requests(run_dir)
    signal.signal(signal.SIGTERM, lambda *_: requests.ask(PAUSE))  # the machine shuts down
    try:
        folder.write_outcome(run_dir, serve(run_dir, requests))
    except OSError as error:
        _complain(f"cannot write the result: {error}")
        return UNSAID
    return 0


class Requests:
    """What is asked of a run; the disk is looked at five times a second at most."""

    def __init__(self, run_dir: Path) -> None:
        self._path = run_dir / folder.REQUEST
        self._next = 0.0
        self._asked = ""

    def ask(self, what: str) -> None:
        """Ask from inside the process."""
        self._asked = what

    def __call__(self) -> str:
        """What is asked now; empty for nothing."""
        now = time.monotonic()
        if not self._asked and now >= self._next:
            self._next = now + _LOOK_S
            self._asked = read_request(self._path.parent)
        return self._asked


def read_request(run_dir: Path) -> str:
    """What was last asked of a run; empty for nothing."""
    try:
        return (run_dir / folder.REQUEST).read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return ""


def serve(run_dir: Path, asked: Asked, heard: Callable[[Progress], None] = lambda _: None) -> Outcome:
    """Run the folder's task, heeding what is asked; also keeps how long it took and what memory it needed.

    Args:
        run_dir: With a `spec.json`.
        asked: What is asked of the run now.
        heard: Takes every progress, after the journal.
    """
    start = time.monotonic()
    with journal(run_dir / folder.EVENTS) as append:

        def send(progress: Progress) -> None:
            append(encode(progress) + "\n")
            heard(progress)

        outcome = attempt(run_dir, Reporter(send, lambda: obey(asked())))
    _account(run_dir, time.monotonic() - start)
    return outcome


def obey(request: str) -> bool:
    """Raise what ends a task in the way asked for.

    Raises:
        PauseRequested, StopRequested: It is to pause, or to stop.
    """
    if request == PAUSE:
        raise PauseRequested
    if request == STOP:
        raise StopRequested
    return False


def _account(run_dir: Path, seconds: float) -> None:
    """Add to the run's `usage.json`: seconds over all its processes, and bytes of the largest."""
    before = read_usage(run_dir)
    told = {
        "seconds": before.get("seconds", 0.0) + seconds,
        "peak_memory": max(before.get("peak_memory", 0), peak_memory()),
    }
    try:
        folder.write_text(run_dir / folder.USAGE, json.dumps(told))
    except OSError as error:
        _complain(f"cannot write what the run needed: {error}")


def _complain(text: str) -> None:
    """Into the log, where even that can be written."""
    with contextlib.suppress(OSError):
        print(text, file=sys.stderr, flush=True)


def read_usage(run_dir: Path) -> dict[str, float]:
    """`seconds` and `peak_memory` (bytes) of a run that ended; empty where they are not known."""
    try:
        told = json.loads((run_dir / folder.USAGE).read_text(encoding="utf-8"))
        return {name: float(told[name]) for name in ("seconds", "peak_memory")}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def peak_memory() -> int:
    """Largest resident size of this process so far, in bytes."""
    if sys.platform == "win32":
        return int(psutil.Process().memory_info().peak_wset)
    import resource

    status = Path("/proc/self/status")
    if status.exists():  # getrusage counts what the parent held when it started us
        told = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(told["VmHWM"].split()[0]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


if __name__ == "__main__":
    code = main(Path(sys.argv[1]))
    with contextlib.suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)  # a library's threads at exit must not turn a finished run into a crash
