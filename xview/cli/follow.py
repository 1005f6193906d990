"""Watching a training run on a terminal until it ends."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping

from xview.cli.output import note, printable, progress_bar, say, show_table
from xview.errors import TrainingError
from xview.jobs.runs import Status, TrainingRun
from xview.training.names import SELECT

_LOOK_S = 0.1


def follow(run: TrainingRun) -> int:
    """Show how a run gets on, then its best measures; Ctrl-C pauses it.

    Returns:
        0, or 130 where it was paused.

    Raises:
        TrainingError: It failed or crashed; the message says how.
    """
    watch(run)
    if run.status in (Status.FAILED, Status.CRASHED):
        raise TrainingError(f"{run.name}: {run.message}")
    if run.status is Status.PAUSED:
        note(f"paused in epoch {run.epoch}; `xview runs resume {run.folder.name}` goes on")
        return 130
    show_result(run.name, run.message, run.best, run.usage)
    return 0


def watch(run: TrainingRun) -> None:
    """Return when it has ended."""
    terminal = sys.stderr.isatty()
    told = 0
    with progress_bar() as bar:
        task = bar.add_task(run.name, total=1.0)
        while run.status in (Status.RUNNING, Status.WAITING):
            try:
                if run.poll() and run.progress is not None:
                    total = max(1, run.progress.total)
                    bar.update(task, completed=run.progress.done, total=total, description=_line(run))
                if not terminal and run.epoch > told + 1:
                    told = run.epoch - 1
                    note(_line(run))
                time.sleep(_LOOK_S)
            except KeyboardInterrupt:
                run.pause()


def _line(run: TrainingRun) -> str:
    newest = {name: values[-1] for name, (_, values) in run.curves.items() if name in ("loss", SELECT)}
    figures = " ".join(f"{name} {value:.4g}" for name, value in newest.items())
    return printable(f"{run.name}: {run.message} of {run.epochs}  {figures}")


def show_result(name: str, message: str, best: Mapping[str, float], usage: Mapping[str, float]) -> None:
    """The measures of the best epoch as a table on stdout, and what the run needed."""
    show_table(
        ["measure", "best epoch"],
        [[key, f"{value:.0f}" if key == "epoch" else f"{value:.4f}"] for key, value in best.items()],
        title=f"{name}: {message}",
        right=["best epoch"],
    )
    if usage:
        say(f"{usage['seconds']:.0f} s, {usage['peak_memory'] / 1e6:.0f} MB at most")
