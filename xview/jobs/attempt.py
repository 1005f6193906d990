"""What every process that runs tasks does: find the task, try it, keep its journal, step aside for people."""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from io import FileIO
from pathlib import Path
from typing import Any

import psutil

from xview.errors import XViewError
from xview.jobs import folder
from xview.jobs.events import Cancelled, Failed, Outcome, Paused, Stopped, Succeeded
from xview.jobs.reporter import CancelRequested, PauseRequested, Reporter, StopRequested


def find(name: str) -> Callable[..., Any]:
    """The function named "module:function"."""
    module, _, function = name.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), function)
    return found


def attempt(run_dir: Path, reporter: Reporter) -> Outcome:
    """Run the task that the folder's `spec.json` asks for; whatever it raises is an outcome."""
    try:
        task, config = folder.read_spec(run_dir)
        return Succeeded(_text(find(task)(config, run_dir, reporter)))
    except PauseRequested:
        return Paused()
    except StopRequested as stop:
        return Stopped(_text(stop.result))
    except CancelRequested:
        return Cancelled()
    except XViewError as error:
        return Failed(str(error))
    except MemoryError as error:
        return Failed(f"memory ran out: {error}", traceback.format_exc())
    except OSError as error:
        place = f": {error.filename}" if error.filename else ""
        return Failed(f"{error.strerror or error}{place}", traceback.format_exc())
    except Exception as error:
        return Failed(_what(error), traceback.format_exc())


def _text(result: object) -> str | None:
    return None if result is None else str(result)


def _what(error: Exception) -> str:
    told = f"{type(error).__name__}: {error}"
    # torch says so with a RuntimeError, and at length
    if isinstance(error, RuntimeError) and ("allocate memory" in told or "out of memory" in told):
        first = next((line for line in str(error).splitlines() if "memory" in line), "")
        return f"memory ran out; choose a smaller batch or network ({first.strip()[:200]})"
    return told


@contextlib.contextmanager
def journal(path: Path) -> Iterator[Callable[[str], None]]:
    """A function that appends a line to a file; a full disk costs the journal, not the run."""
    with contextlib.ExitStack() as stack:
        file: FileIO | None = None
        with contextlib.suppress(OSError):
            torn = _ends_torn(path)
            file = stack.enter_context(path.open("ab", buffering=0))
            if torn:
                file.write(b"\n")

        def append(line: str) -> None:
            with contextlib.suppress(OSError):
                if file is not None:
                    file.write(line.encode())

        yield append


def _ends_torn(path: Path) -> bool:
    """Whether the last line was cut short by a kill; what is appended to it would be lost as well."""
    if not path.exists() or not path.stat().st_size:
        return False
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"


def yield_to_the_window() -> None:
    """Let whoever sits at the machine go first."""
    with contextlib.suppress(psutil.Error, OSError):
        if sys.platform == "win32":
            psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
        else:
            psutil.Process().nice(15)
