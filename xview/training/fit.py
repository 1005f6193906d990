"""The training loop: knows epochs, batches, checkpoints and what to do when something goes wrong."""

from __future__ import annotations

import contextlib
import math
import os
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeAlias

import numpy as np
import torch

from xview.errors import TrainingError
from xview.models import parallel
from xview.models.trainable import Trainable
from xview.training import checkpoint
from xview.training.checkpoint import Origin, Place
from xview.training.data import Batches, TrainingData
from xview.training.names import BEST, LAST, SELECT
from xview.training.settings import Device, Precision, TrainSettings

REPORTS = 20  # an epoch, at most

Measure: TypeAlias = Callable[[Trainable], Mapping[str, float]]
Report: TypeAlias = Callable[[Place, int, Mapping[str, float]], None]  # where, steps in all, mean losses


@dataclass(frozen=True)
class Hooks:
    """What a run tells, and asks, on its way.

    Attributes:
        measure: Called in evaluation mode after an epoch; its `SELECT` chooses the best one.
        report: Takes the place, the number of steps of the whole run, and mean losses since the last report;
            after an epoch what was measured, too. It must not raise to stop the run.
        check: Called before the first step and after every one; what it raises that is no `Exception` (a
            request to stop) leaves a checkpoint behind first.
    """

    measure: Measure
    report: Report
    check: Callable[[], None]


def choose_device(wanted: Device) -> torch.device:
    """The device a setting names here.

    Raises:
        TrainingError: There is none of that kind.
    """
    there = {
        Device.CUDA: torch.cuda.is_available(),
        Device.MPS: torch.backends.mps.is_available(),
        Device.CPU: True,
    }
    if wanted is Device.AUTO:
        return torch.device(next(device for device, found in there.items() if found))
    if not there[wanted]:
        known = ", ".join(device for device, found in there.items() if found)
        raise TrainingError(f"no {wanted} device here (there is {known}); choose device=auto")
    return torch.device(wanted)


def seed_all(seed: int) -> None:
    """Seed Python, numpy and torch, and ask torch for reproducible algorithms where it has them."""
    random.seed(seed)
    np.random.seed(seed % 2**32)  # noqa: NPY002 - a library may draw from it
    torch.manual_seed(seed)
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # or CUDA's products differ from run to run
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.backends.cudnn.benchmark = False


def fit(
    system: Trainable,
    data: TrainingData,
    settings: TrainSettings,
    origin: Origin,
    folder: Path,
    hooks: Hooks,
) -> Place:
    """Train to the last epoch, from the folder's checkpoint where there is one.

    Leaves `LAST` after every epoch and whenever stopped, and `BEST`: weights of the epoch with the largest
    `SELECT`, or of the last one where nothing was held out to measure it on; stopped in the first epoch, the
    weights of then.

    Args:
        system: Built under `seed_all`; moved to its device by the caller.
        data: Items.
        settings: Epochs, seed, precision.
        origin: Written into the checkpoints; one of another origin is refused.
        folder: Exists.
        hooks: See there.

    Returns:
        Where it ended.

    Raises:
        TrainingError: A loss or weight is not finite; the checkpoints of before stay.
        CheckpointError: The folder's checkpoint is of another run, or none can be written.
    """
    place = Place()
    if (folder / LAST).exists():
        place = checkpoint.resume(folder / LAST, system, origin)
    batches = Batches(data, system.batching, settings.seed)
    device = next(system.parameters()).device
    hooks.check()
    while place.epoch < settings.epochs:
        place = _epoch(system, batches, place, settings, device, origin, folder, hooks)
        hooks.check()
    return place


def _epoch(
    system: Trainable,
    batches: Batches,
    place: Place,
    settings: TrainSettings,
    device: torch.device,
    origin: Origin,
    folder: Path,
    hooks: Hooks,
) -> Place:
    every = math.ceil(len(batches) / REPORTS)
    in_all = settings.epochs * len(batches)
    system.train()
    system.begin_epoch(place.epoch, settings.epochs)
    means: Mapping[str, float] = {}
    for number, rows in enumerate(batches.epoch(place.epoch)):
        if number < place.step:
            continue
        with _arithmetic(settings.precision, device):
            terms = system.step(batches.data.batch(rows, device))
        place = _count(place, {name: float(value) for name, value in terms.items()})
        if place.step % every == 0 or place.step == len(batches):
            means = {name: value / place.summed for name, value in place.sums.items()}
            place = replace(place, sums={}, summed=0)
        if place.step < len(batches):
            if place.summed == 0:
                hooks.report(place, in_all, means)
            _heed(hooks, partial(_keep, folder, system, origin, place))
    return _end_epoch(system, place, means, in_all, origin, folder, hooks)


def _count(place: Place, terms: Mapping[str, float]) -> Place:
    """One step further.

    Raises:
        TrainingError: A loss is not finite.
    """
    for name, value in terms.items():
        if not math.isfinite(value):
            raise TrainingError(
                f"the loss {name!r} became {value} in epoch {place.epoch + 1}, step {place.step + 1}; the "
                "checkpoint of the last epoch is kept. Lower the learning rate or the weight of this loss"
            )
    sums = {name: place.sums.get(name, 0.0) + value for name, value in terms.items()}
    return replace(place, step=place.step + 1, steps=place.steps + 1, sums=sums, summed=place.summed + 1)


def _end_epoch(
    system: Trainable,
    place: Place,
    means: Mapping[str, float],
    in_all: int,
    origin: Origin,
    folder: Path,
    hooks: Hooks,
) -> Place:
    _check_weights(system, place.epoch + 1)
    system.eval()
    with torch.inference_mode():
        measured = hooks.measure(system)
    system.train()
    found = {**means, **measured}
    system.end_epoch(found)
    place = replace(place, epoch=place.epoch + 1, step=0)
    hooks.report(place, in_all, found)  # before the checkpoint: a run killed in between tells it again
    value = measured.get(SELECT, math.nan) if system.ready else math.nan
    if place.best is None or value > place.best:
        best = None if math.isnan(value) else value
        place = replace(place, best=best, best_epoch=place.epoch)
        _save(folder, system, origin, place, name=BEST)
    _save(folder, system, origin, place)
    return place


def _check_weights(system: Trainable, epoch: int) -> None:
    """Refuse to keep weights that are of no use.

    Raises:
        TrainingError: One is not finite, though the losses were.
    """
    for name, value in system.state_dict().items():
        if value.is_floating_point() and not bool(torch.isfinite(value).all()):
            raise TrainingError(
                f"the weights {name!r} are no longer finite after epoch {epoch}; the checkpoint of the epoch "
                "before is kept. Lower the learning rate"
            )


def _heed(hooks: Hooks, keep: Callable[[], None]) -> None:
    """Let the outside stop the run here, with a checkpoint left behind."""
    try:
        hooks.check()
    except Exception:
        raise
    except BaseException:
        keep()
        raise


def _keep(folder: Path, system: Trainable, origin: Origin, place: Place) -> None:
    """What a run that ends within an epoch leaves behind."""
    _save(folder, system, origin, place)
    if place.best_epoch == 0:
        _save(folder, system, origin, place, name=BEST)


def _save(folder: Path, system: Trainable, origin: Origin, place: Place, *, name: str = LAST) -> None:
    if parallel.rank() == 0:
        checkpoint.save(folder / name, system, origin, place, resumable=name == LAST)


def _arithmetic(precision: Precision, device: torch.device) -> contextlib.AbstractContextManager[object]:
    if precision is Precision.FLOAT32:
        return contextlib.nullcontext()
    return torch.autocast(device.type, dtype=torch.bfloat16)
