"""Every feature-level system on the emoji set: time of an epoch, peak memory, and what watching it costs.

Each system trains in a process of its own, as a run does. "validation" is the share of an epoch spent on
measuring seen and unseen items after it; "live view" that spent on telling and asking after every step.

Run: python -m tests.bench.bench_training [EPOCHS [SYSTEM ...]]
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path

from xview.jobs import detached
from xview.jobs.runs import Status, TrainingRun
from xview.models.registry import SYSTEMS

LEARNING = [name for name, row in SYSTEMS.items() if not row.closed_form]


class Clock:
    """Seconds spent in the functions it wraps."""

    def __init__(self):
        self.seconds = 0.0

    def wrap(self, function):
        def timed(*arguments, **named):
            start = time.perf_counter()
            try:
                return function(*arguments, **named)
            finally:
                self.seconds += time.perf_counter() - start

        return timed


def timed(config, run_dir, reporter):
    """The training task with clocks around what is not learning, from the second epoch on."""
    import xview.jobs.train as job
    from xview.training import fit

    validation, watching, saving, epochs = Clock(), Clock(), Clock(), []
    job.measures = validation.wrap(job.measures)
    reporter.tell, reporter.check = watching.wrap(reporter.tell), watching.wrap(reporter.check)
    fit._save = saving.wrap(fit._save)
    fit._end_epoch = _after(fit._end_epoch, lambda: epochs.append(_now(validation, watching, saving)))
    result = job.train(config, run_dir, reporter)
    start, *_, end = epochs
    spent = [(b - a) / (len(epochs) - 1) for a, b in zip(start, end, strict=True)]
    names = ("epoch", "validation", "watching", "saving")
    (run_dir / "timed.json").write_text(json.dumps(dict(zip(names, spent, strict=True))))
    return result


def _now(*clocks):
    return (time.perf_counter(), *(clock.seconds for clock in clocks))


def _after(function, happen):
    def wrapped(*arguments):
        result = function(*arguments)
        happen()
        return result

    return wrapped


def main(epochs=4, *systems):
    os.environ.setdefault("OMP_NUM_THREADS", str(os.cpu_count()))
    print(f"emoji, defaults, {os.environ['OMP_NUM_THREADS']} threads, mean of epochs 2 to {epochs}")
    print(f"{'system':12} {'s/epoch':>8} {'validation':>11} {'saving':>7} {'live view':>10} {'peak MB':>8}")
    with tempfile.TemporaryDirectory() as folder:
        for system in systems or LEARNING:
            config = {"data": "emoji", "system": system, "training": {"epochs": int(epochs), "device": "cpu"}}
            run = TrainingRun.create(config, Path(folder), task="tests.bench.bench_training:timed")
            run.start()
            while run.status in (Status.RUNNING, Status.WAITING):
                time.sleep(0.1)  # as often as a window looks, and no more
                run.poll()
            if run.status is not Status.FINISHED:
                print(f"{system:12} {run.message}")
                continue
            spent = json.loads((run.folder / "timed.json").read_text())
            shares = [spent[name] / spent["epoch"] for name in ("validation", "saving", "watching")]
            memory = detached.read_usage(run.folder)["peak_memory"] / 1e6
            print(
                f"{system:12} {spent['epoch']:8.2f} {shares[0]:11.1%} {shares[1]:7.1%} {shares[2]:10.2%} "
                f"{memory:8.0f}",
                flush=True,
            )


if __name__ == "__main__":
    main(*sys.argv[1:])
