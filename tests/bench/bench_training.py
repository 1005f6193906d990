"""Every feature-level system on the emoji set: time of an epoch, peak memory, and what watching it costs.

Each system trains in a process of its own, as a run does. "validation" is the share of an epoch's processor
time spent on measuring seen and unseen items after it, "batches" on drawing and gathering them, "saving" on
checkpoints, and "live view" on telling and asking after every step.

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
from xview.models.registry import EMBEDDERS

SHARES = ("validation", "batches", "saving", "live view")
LEARNING = [name for name, row in EMBEDDERS.items() if not row.closed_form]


class Clock:
    """Processor seconds spent in the functions it wraps, which another busy process does not lengthen."""

    def __init__(self):
        self.seconds = 0.0

    def wrap(self, function):
        def timed(*arguments, **named):
            start = time.process_time()
            try:
                return function(*arguments, **named)
            finally:
                self.seconds += time.process_time() - start

        return timed


def timed(config, run_dir, reporter):
    """The training task with clocks around what is not learning, from the second epoch on."""
    import xview.jobs.train as job
    from xview.training import fit

    clocks = validation, batches, saving, watching = [Clock() for _ in range(4)]
    epochs = []
    job.measures = validation.wrap(job.measures)
    reporter.tell, reporter.check = watching.wrap(reporter.tell), watching.wrap(reporter.check)
    job.TrainingData.batch = batches.wrap(job.TrainingData.batch)
    fit.Batches.epoch = _each(batches, fit.Batches.epoch)
    fit._save = saving.wrap(fit._save)
    fit._end_epoch = _after(fit._end_epoch, lambda: epochs.append(_now(*clocks)))
    result = job.train(config, run_dir, reporter)
    start, *_, end = epochs
    spent = [(b - a) / (len(epochs) - 1) for a, b in zip(start, end, strict=True)]
    names = ("epoch", "processor", "validation", "batches", "saving", "live view")
    (run_dir / "timed.json").write_text(json.dumps(dict(zip(names, spent, strict=True))))
    return result


def _now(*clocks):
    return (time.perf_counter(), time.process_time(), *(clock.seconds for clock in clocks))


def _each(clock, generator):
    def wrapped(*arguments):
        items = generator(*arguments)
        take = clock.wrap(lambda: next(items, None))
        while (item := take()) is not None:
            yield item

    return wrapped


def _after(function, happen):
    def wrapped(*arguments):
        result = function(*arguments)
        happen()
        return result

    return wrapped


def main(epochs=4, *systems):
    threads = os.environ.setdefault("OMP_NUM_THREADS", str(os.cpu_count()))
    os.environ["OPENBLAS_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = threads
    print(f"emoji, defaults, {threads} threads, mean of epochs 2 to {epochs}")
    told = ("s/epoch", "cpu s/epoch", *SHARES, "peak MB")
    print(f"{'system':12}", *(f"{name:>11}" for name in told))
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
            shares = [f"{spent[name] / spent['processor']:11.2%}" for name in SHARES]
            memory = detached.read_usage(run.folder)["peak_memory"] / 1e6
            seconds = f"{spent['epoch']:11.2f} {spent['processor']:11.2f}"
            print(f"{system:12} {seconds}", *shares, f"{memory:11.0f}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
