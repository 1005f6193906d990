"""A run on disk: what was asked, what was said, how it ended."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xview.jobs.events import Outcome, Progress, decode, encode

SPEC = "spec.json"
EVENTS = "events.jsonl"
RESULT = "result.json"
LOG = "stderr.log"
REQUEST = "request"
PROCESS = "process.json"
USAGE = "usage.json"
_TAIL_BYTES = 4000


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text so that readers see the old file or the new one, never half of it."""
    part = path.with_name(f".{path.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def prepare(run_dir: Path, task: str, config: Mapping[str, Any]) -> None:
    """Make the folder and write what is asked; the traces of an earlier run in it go.

    Raises:
        OSError: The folder cannot be made or written.
    """
    run_dir.mkdir(parents=True, exist_ok=True)
    for name in (EVENTS, RESULT, LOG):
        (run_dir / name).unlink(missing_ok=True)
    write_spec(run_dir, task, config)


def write_spec(run_dir: Path, task: str, config: Mapping[str, Any]) -> None:
    """Write what is asked; the folder is there.

    Raises:
        OSError: It cannot be written.
    """
    write_text(run_dir / SPEC, json.dumps({"task": task, "config": config}, indent=1))


def read_spec(run_dir: Path) -> tuple[str, dict[str, Any]]:
    """The task's name and its config."""
    spec = json.loads((run_dir / SPEC).read_text(encoding="utf-8"))
    return spec["task"], spec["config"]


def write_outcome(run_dir: Path, outcome: Outcome) -> None:
    """Record how the run ended."""
    write_text(run_dir / RESULT, encode(outcome) + "\n")


def read_outcome(run_dir: Path) -> Outcome | None:
    """How the run ended; None while it runs, or where the file is missing or damaged."""
    try:
        event = decode((run_dir / RESULT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return None if isinstance(event, Progress) else event


def read_progress(run_dir: Path) -> list[Progress]:
    """Everything the task reported; a damaged line is left out."""
    try:
        lines = (run_dir / EVENTS).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        try:
            event = decode(line)
        except ValueError:
            continue
        if isinstance(event, Progress):
            found.append(event)
    return found


def log_tail(run_dir: Path, size: int = _TAIL_BYTES) -> str:
    """The last `size` bytes of what the run printed; empty where there is no log."""
    try:
        with (run_dir / LOG).open("rb") as file:
            file.seek(max(0, (run_dir / LOG).stat().st_size - size))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""
