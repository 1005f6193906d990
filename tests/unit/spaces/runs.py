"""Finished runs for tests: trained in seconds, or written without any training."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from xview.data.records import Dataset
from xview.jobs.reporter import Reporter
from xview.jobs.train import train
from xview.spaces.library import unseen_classes
from xview.spaces.space import EmbeddingSpace
from xview.spaces.trained import write_spaces


def train_run(folder: Path, data: str | Path, system: str, settings: Mapping[str, Any], **more: Any) -> None:
    """One epoch, into a folder of the runs' folder."""
    folder.mkdir(parents=True)
    training = {"epochs": 1, "device": "cpu", **more.pop("training", {})}
    config = {"data": str(data), "system": system, "settings": dict(settings), "training": training, **more}
    train(config, folder, Reporter(lambda _event: None))


def write_run(folder: Path, dataset: Dataset, *, own: bool = True, seed: int = 0, width: int = 4) -> None:
    """The spaces a run of this data and split would leave, of random vectors."""
    random = np.random.default_rng(seed)
    parts = {m: random.normal(size=(len(c), width)) for m, c in dataset.collections.items()}
    made_by = {"system": "two_stream", "checkpoint": str(folder / "best.safetensors"), "seed": seed}
    spaces = [EmbeddingSpace(name=folder.name, parts=parts, made_by={**made_by, "output": "shared"})]
    if own:
        spaces += [
            EmbeddingSpace(name=f"{folder.name} · {m}", parts={m: x}, made_by={**made_by, "output": "own"})
            for m, x in parts.items()
        ]
    write_spaces(folder, dataset, unseen_classes(dataset), spaces)
