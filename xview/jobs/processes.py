"""Processes that outlive who started them: start one for a run's folder, tell whether it lives, end it.

A run's process writes `process.json` with its number and the time it began: a number alone may have gone to
another process since.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from pathlib import Path

import psutil

from xview.jobs import folder
from xview.jobs.runner import child_environment

_CLOCK_S = 5.0  # what the clock may be set by while a run goes on
_GONE_S = 2.0
_started: dict[Path, subprocess.Popen[bytes]] = {}
"""By folder, what this process started: it alone learns how they end."""


def start(run_dir: Path) -> None:
    """Start the run of a folder in a process of its own, which a terminal's end or ours does not reach.

    Raises:
        OSError: The folder cannot be written, or there is no process to be had.
    """
    with (run_dir / folder.LOG).open("ab") as log:
        child = subprocess.Popen(
            [sys.executable, "-P", "-m", "xview.jobs.detached", str(run_dir.absolute())],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=child_environment(),
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0)
            | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
    _started[run_dir] = child
    threading.Thread(target=child.wait, daemon=True).start()  # or it would stay as a zombie


def ended(run_dir: Path) -> int | None:
    """Exit status of the run's process, told once; None while it lives or where another started it."""
    child = _started.get(run_dir)
    code = None if child is None else child.poll()
    if code is not None:
        del _started[run_dir]
    return code


def alive(run_dir: Path) -> bool:
    """Whether the run's process lives, whoever started it."""
    if (child := _started.get(run_dir)) is not None and child.poll() is None:
        return True
    return _process(run_dir) is not None


def began(run_dir: Path) -> bool:
    """Whether a process ever wrote that it runs this folder; `clear` forgets it."""
    return (run_dir / folder.PROCESS).exists()


def write(run_dir: Path) -> None:
    """Say that the present process runs this folder.

    Raises:
        OSError: It cannot be written.
    """
    me = psutil.Process()
    told = {"pid": me.pid, "created": me.create_time()}
    folder.write_text(run_dir / folder.PROCESS, json.dumps(told))


def kill(run_dir: Path) -> None:
    """End the run's process and all it started, at once; returns when they are gone, or after 2 s."""
    found = _process(run_dir)
    family: list[psutil.Process] = []
    if found is not None:
        with contextlib.suppress(psutil.Error):
            family = found.children(recursive=True)
        family.append(found)
    for process in family:
        with contextlib.suppress(psutil.Error):
            process.kill()
    if (child := _started.get(run_dir)) is not None:  # it may not have said its number yet
        child.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(_GONE_S)
    psutil.wait_procs(family, _GONE_S)


def _process(run_dir: Path) -> psutil.Process | None:
    try:
        told = json.loads((run_dir / folder.PROCESS).read_text(encoding="utf-8"))
        process = psutil.Process(told["pid"])
        same = abs(process.create_time() - told["created"]) < _CLOCK_S
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except (OSError, ValueError, KeyError, TypeError, psutil.Error):
        return None
