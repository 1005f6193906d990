"""The child process: `python -m xview.jobs.worker [MODULE:FUNCTION]`. Imports no Qt.

Commands come as JSON lines on stdin, `{"run": number, "folder": path}` with rising numbers and
`{"cancel": number}`; events leave on stdout. The function named on the command line is called once, before
the first command, to load what the work to come will need.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import os
import queue
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

from xview.jobs import folder
from xview.jobs.attempt import attempt, find, journal, yield_to_the_window
from xview.jobs.events import Event, encode
from xview.jobs.reporter import Reporter

ORPHAN_GRACE_S = 5.0


class Inbox:
    """The parent's commands, read on a thread so that a cancel arrives while a task runs."""

    def __init__(self, commands: TextIO) -> None:
        self._runs: queue.SimpleQueue[tuple[int, Path] | None] = queue.SimpleQueue()
        self._cancelled_up_to = 0
        threading.Thread(target=self._listen, args=(commands,), daemon=True).start()

    def _listen(self, commands: TextIO) -> None:
        for line in commands:
            command = json.loads(line)
            if "run" in command:
                self._runs.put((command["run"], Path(command["folder"])))
            else:
                self._cancelled_up_to = command["cancel"]
        self._cancelled_up_to = sys.maxsize  # the parent closed the pipe, or died
        self._runs.put(None)
        time.sleep(ORPHAN_GRACE_S)
        os._exit(1)  # the task did not listen, and nobody is left to kill it

    def __iter__(self) -> Iterator[tuple[int, Path]]:
        return iter(self._runs.get, None)

    def cancelled(self, number: int) -> bool:
        """Whether run `number` is to stop."""
        return number <= self._cancelled_up_to


def main(warm_up: str = "") -> int:
    """Serve runs until the parent closes the pipe."""
    faulthandler.enable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal reaches us too; the parent decides
    yield_to_the_window()
    commands, events = _take_the_pipes()
    inbox = Inbox(commands)
    if warm_up:
        try:
            find(warm_up)()
        except Exception:
            traceback.print_exc()  # the run that needs it will fail by itself, and be told why
    for number, run_dir in inbox:
        _serve(number, run_dir, inbox, events)
    return 0


def _take_the_pipes() -> tuple[TextIO, TextIO]:
    """Keep stdin and stdout for ourselves: a task that reads or prints, in Python or C, disturbs nobody.

    On Windows a native library that asks for stdin's type would hang while our thread reads it.
    """
    commands = os.fdopen(os.dup(0), "r", encoding="utf-8")
    events = os.fdopen(os.dup(1), "w", encoding="utf-8")
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # what was printed before a crash is in the log
    return commands, events


def _serve(number: int, run_dir: Path, inbox: Inbox, events: TextIO) -> None:
    with _log_to(run_dir / folder.LOG), journal(run_dir / folder.EVENTS) as append:

        def send(event: Event) -> None:
            line = encode(event) + "\n"
            append(line)
            with contextlib.suppress(OSError):  # the parent is gone; the end of stdin cancels us
                events.write(line)
                events.flush()

        outcome = attempt(run_dir, Reporter(send, lambda: inbox.cancelled(number)))
        with contextlib.suppress(OSError):  # a full disk; the parent hears it all the same
            folder.write_outcome(run_dir, outcome)
        send(outcome)


@contextlib.contextmanager
def _log_to(path: Path) -> Iterator[None]:
    """Send stdout and stderr to a file; where it cannot be written they stay where they were."""
    try:
        log = path.open("wb")
    except OSError:
        yield
        return
    before = os.dup(2)
    os.dup2(log.fileno(), 2)
    os.dup2(log.fileno(), 1)
    log.close()
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os.dup2(before, 2)
        os.dup2(before, 1)
        os.close(before)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
