"""Where a run stands, in one word and in a sentence."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from xview.jobs import detached, folder
from xview.jobs.events import Cancelled, Crashed, Failed, Outcome, Paused, Stopped, Succeeded, describe


class Status(StrEnum):
    """Where a run stands; only a running one has a process."""

    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    FINISHED = "finished"
    FAILED = "failed"
    CRASHED = "crashed"


_OF: dict[type[Outcome], Status] = {
    Succeeded: Status.FINISHED,
    Paused: Status.PAUSED,
    Stopped: Status.STOPPED,
    Cancelled: Status.STOPPED,
    Failed: Status.FAILED,
    Crashed: Status.CRASHED,
}


def status_of(outcome: Outcome) -> Status:
    """The word for how a run ended."""
    return _OF[type(outcome)]


def words(outcome: Outcome | None, status: Status, resumable: bool) -> str:
    """How it ended, for a user; None is a process that is gone without anyone knowing why."""
    if outcome is None:
        told = "its process ended without a word: killed, or the machine was switched off"
    else:
        told = describe(outcome)
    if not resumable or status not in (Status.CRASHED, Status.FAILED):
        return told
    return f"{told}; resume goes on from its last checkpoint"


def without_a_word(code: int, run_dir: Path) -> Outcome:
    """What the exit status of a process that left no result tells."""
    if code == detached.UNSAID:
        return Failed(f"the result could not be written to {run_dir}; free some space there")
    return Crashed(code, folder.log_tail(run_dir))
