"""One training run in several processes that torchrun started: each holds its rows of every batch.

Process 0 owns the folder, the journal and the requests; what is asked is agreed on after every step, so that
all of them leave at the same one.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import torch
from torch import distributed

from xview.errors import TrainingError, XViewError
from xview.jobs import folder, processes
from xview.jobs.attempt import attempt
from xview.jobs.detached import PAUSE, STOP, Requests, obey, serve
from xview.jobs.events import Failed, Outcome, Paused, Progress, describe
from xview.jobs.reporter import Reporter
from xview.jobs.runs import TrainingRun

_ASKED = ("", PAUSE, STOP)


def train_together(make: Callable[[], TrainingRun]) -> int:
    """Join the other processes, train the run that process 0 makes, and return an exit status.

    Raises:
        XViewError: As `make`, in process 0.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # process 0 decides for all
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if torch.cuda.is_available():
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")) % torch.cuda.device_count())
    distributed.init_process_group("cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo")
    try:
        return _lead(make) if distributed.get_rank() == 0 else _help()
    finally:
        distributed.destroy_process_group()


def _lead(make: Callable[[], TrainingRun]) -> int:
    try:
        run = make()
        if run.alive:
            raise TrainingError(f"{run.folder}: the run goes on in another process; pause it first")
    except XViewError:
        _share("")
        raise
    _share(str(run.folder))
    for name in (folder.REQUEST, folder.RESULT):
        (run.folder / name).unlink(missing_ok=True)
    processes.write(run.folder)
    requests = Requests(run.folder)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: requests.ask(PAUSE))
    outcome = serve(run.folder, lambda: _agree(requests()), _show)
    folder.write_outcome(run.folder, outcome)
    return _told(run, outcome)


def _help() -> int:
    where = _share("")
    if where:
        attempt(Path(where), Reporter(lambda _: None, lambda: obey(_agree(""))))
    return 0


def _agree(asked: str) -> str:
    """What process 0 was asked, in every process."""
    number = torch.tensor([_ASKED.index(asked)])
    distributed.broadcast(number, 0)
    return _ASKED[int(number)]


def _share(text: str) -> str:
    """Process 0's text in every process."""
    size = torch.tensor([len(text.encode())])
    distributed.broadcast(size, 0)
    told = torch.zeros(int(size), dtype=torch.uint8)
    if distributed.get_rank() == 0:
        told = torch.frombuffer(bytearray(text.encode()), dtype=torch.uint8) if text else told
    distributed.broadcast(told, 0)
    return bytes(told.tolist()).decode()


def _show(progress: Progress) -> None:
    if progress.metrics:
        figures = " ".join(f"{name} {value:.4g}" for name, value in progress.metrics.items())
        print(f"{progress.message} ({progress.done}/{progress.total})  {figures}", file=sys.stderr)


def _told(run: TrainingRun, outcome: Outcome) -> int:
    print(f"{run.folder}: {describe(outcome)}", file=sys.stderr)
    if isinstance(outcome, Failed):
        print(outcome.traceback, file=sys.stderr)
        return 2
    return 130 if isinstance(outcome, Paused) else 0
