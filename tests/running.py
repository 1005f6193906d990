"""Tasks for the tests of training runs: what may happen to one, mostly without torch."""

import ctypes
import signal
import time
from pathlib import Path

import psutil

from tests.tasks import full_disk
from xview.errors import TrainingError
from xview.jobs.reporter import CancelRequested, StopRequested

CHECKPOINT = "checkpoint.safetensors"


def learn(config, run_dir, reporter):
    """Steps with a loss of their own number, kept every ten, when asked to pause, and at the end."""
    kept = run_dir / CHECKPOINT
    start, total = int(kept.read_text()) if kept.exists() else 0, config.get("steps", 100)
    try:
        for step in range(start, total):
            reporter.check()
            time.sleep(config.get("sleep", 0.01))
            start = step + 1
            reporter.tell(start, total, f"epoch {1 + step * 10 // total}", loss=1 / start)
            if start % 10 == 0:
                kept.write_text(str(start))
    except CancelRequested:
        kept.write_text(str(start))
        raise
    except StopRequested:
        kept.write_text(str(start))
        raise StopRequested(kept.name) from None
    return kept.name


def segfault(config, run_dir, reporter):
    reporter.tell(1, 2, "epoch 1", loss=1.0)
    ctypes.string_at(0)


def no_memory(config, run_dir, reporter):
    bytearray(1 << 62)


def no_memory_for_torch(config, run_dir, reporter):
    import torch

    torch.empty(1 << 46)


def refuse(config, run_dir, reporter):
    raise TrainingError("the loss 'loss' became nan in epoch 3, step 1")


def nothing_can_be_written(config, run_dir, reporter):
    full_disk(config, run_dir, reporter)


def deaf(config, run_dir, reporter):
    reporter.tell(1, 2, "epoch 1", loss=1.0)
    Path(run_dir / "deaf").touch()
    time.sleep(60)


def full_disk_after_an_epoch(config, run_dir, reporter):
    """Real training; from the second epoch on files can have 4 kB at most."""
    from xview.jobs.train import train

    _from_epoch_2(reporter, _small_files)
    return train(config, run_dir, reporter)


def killed_in_an_epoch(config, run_dir, reporter):
    """Real training whose process is killed in the middle of the second epoch, the first time."""
    from xview.jobs.train import train

    if not (run_dir / CHECKPOINT).exists():
        _from_epoch_2(reporter, lambda: psutil.Process().kill(), after=2)
    return train(config, run_dir, reporter)


def _from_epoch_2(reporter, happen, after=0):
    send, seen = reporter._send, []

    def sending(progress):
        send(progress)
        if progress.message == "epoch 2":
            seen.append(progress)
            if len(seen) == after + 1:
                happen()

    reporter._send = sending


def _small_files():
    import resource

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
