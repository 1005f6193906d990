"""`xview runs`: training runs, whoever started them; pause, stop, resume and delete them."""

from __future__ import annotations

import argparse

from xview.cli.follow import follow
from xview.cli.output import note, show_json, show_table
from xview.errors import TrainingError, nearest_name
from xview.jobs.runs import Status, TrainingRun, find_runs
from xview.training.names import SELECT


def run(args: argparse.Namespace) -> int:
    """List the runs, or do `args.action` to those named."""
    runs = find_runs()
    for one in runs:  # a long one is read in parts
        while one.status not in (Status.RUNNING, Status.WAITING) and one.poll():
            pass
    if args.action == "list":
        return _list(named(runs, args.names) if args.names else runs, args.json)
    if not args.names:
        raise TrainingError(f"`xview runs {args.action}` needs the name of a run")
    chosen = named(runs, args.names)
    status = 0
    for one in chosen:
        if args.action == "resume":
            one.start()
            status = max(status, 0 if args.detach else follow(one))
        else:
            getattr(one, args.action)()
            note(f"{one.name}: {_DONE[args.action]}")
    return status


_DONE = {"pause": "asked to pause", "stop": "asked to stop and keep its best", "delete": "deleted"}


def named(runs: list[TrainingRun], names: list[str]) -> list[TrainingRun]:
    """The runs of these names, or of folders called so.

    Raises:
        TrainingError: There is no such run; the message names the nearest.
    """
    by_name = {run.name: run for run in runs} | {run.folder.name: run for run in runs}
    for name in names:
        if name not in by_name:
            known = ", ".join(run.folder.name for run in runs) or "none"
            raise TrainingError(f"no run {name!r}{nearest_name(name, by_name)} (known: {known})")
    return [by_name[name] for name in names]


def _list(runs: list[TrainingRun], target: str | None) -> int:
    if target:
        show_json([_describe(one) for one in runs], target)
        return 0
    show_table(
        ["run", "status", "system", "data", "epoch", SELECT, "told"],
        [
            [
                one.folder.name,
                one.status,
                one.config["system"],
                one.config["data"],
                f"{one.epoch}/{one.epochs}",
                f"{one.best[SELECT]:.4f}" if SELECT in one.best else "",
                one.message,
            ]
            for one in runs
        ],
        right=["epoch", SELECT],
    )
    return 0


def _describe(one: TrainingRun) -> dict[str, object]:
    return {
        "run": one.folder.name,
        "name": one.name,
        "status": one.status,
        "message": one.message,
        "epoch": one.epoch,
        "epochs": one.epochs,
        "best": one.best,
        "usage": one.usage,
        "created": one.created,
        "folder": str(one.folder),
        "config": one.config,
    }
