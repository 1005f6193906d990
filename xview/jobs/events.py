"""What a job says while it runs and how it ends. Plain data, one JSON object a line."""

from __future__ import annotations

import json
import signal
from dataclasses import asdict, dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `total` steps; a total of 0 means nobody knows how many there are."""

    done: int
    total: int
    message: str = ""
    metrics: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Succeeded:
    """The task returned; `result` is what it returned: its main file inside the run folder, or nothing."""

    result: str | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """The task raised. `traceback` is empty where the message alone tells the user what to do."""

    message: str
    traceback: str = ""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Somebody asked it to stop, and it did or was killed."""


@dataclass(frozen=True, slots=True)
class Paused:
    """Somebody asked it to pause: it left a checkpoint, from which it can go on."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """Somebody asked it to end before its time and keep what it had; `result` as of `Succeeded`."""

    result: str | None = None


@dataclass(frozen=True, slots=True)
class Crashed:
    """The process ended without a last word; a negative code is the signal that killed it."""

    returncode: int
    stderr_tail: str = ""


Outcome: TypeAlias = Succeeded | Failed | Cancelled | Paused | Stopped | Crashed
Event: TypeAlias = Progress | Outcome


def encode(event: Event) -> str:
    """One line of JSON, without the line break."""
    return json.dumps({"kind": type(event).__name__, **asdict(event)})


def decode(line: str) -> Event:
    """Read `encode`'s line back.

    Raises:
        ValueError: The line is no event, such as one cut short by a kill.
    """
    match json.loads(line):
        case {
            "kind": "Progress",
            "done": int(done),
            "total": int(total),
            "message": str(message),
            "metrics": dict(metrics),
        }:
            if all(isinstance(value, (int, float)) for value in metrics.values()):
                return Progress(done, total, message, metrics)
        case {"kind": "Succeeded", "result": str() | None as result}:
            return Succeeded(result)
        case {"kind": "Failed", "message": str(message), "traceback": str(traceback)}:
            return Failed(message, traceback)
        case {"kind": "Cancelled"}:
            return Cancelled()
        case {"kind": "Paused"}:
            return Paused()
        case {"kind": "Stopped", "result": str() | None as result}:
            return Stopped(result)
        case {"kind": "Crashed", "returncode": int(code), "stderr_tail": str(tail)}:
            return Crashed(code, tail)
    raise ValueError(f"no event of a job: {line[:200]!r}")


def describe(outcome: Outcome) -> str:
    """How it ended, in words for a user."""
    match outcome:
        case Succeeded():
            return "finished"
        case Failed(message=message):
            return message
        case Cancelled():
            return "cancelled"
        case Paused():
            return "paused"
        case Stopped():
            return "stopped early"
        case Crashed(returncode=code):
            return f"the work stopped without an answer: its process {_ending(code)}"


_WINDOWS_FAULTS = {
    0xC0000005: "crashed in native code (access violation)",
    0xC0000017: "was stopped because memory ran out",
    0xC000013A: "was interrupted",
    0xC0000409: "crashed in native code (stack damaged)",
}


def _ending(code: int) -> str:
    if code >= 0:
        return _WINDOWS_FAULTS.get(code, f"ended by itself (exit code {code})")
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = "unknown"
    if name == "SIGKILL":
        return "was killed (signal 9), possibly because memory ran out"
    if name in ("SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGABRT"):
        return f"crashed in native code ({name}, signal {-code})"
    return f"was stopped by {name} (signal {-code})"
