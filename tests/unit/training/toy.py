"""A small data set, and runs on it that can be stopped anywhere."""

import dataclasses
import importlib
import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from xview.data.records import Collection, Dataset, Kind
from xview.models.registry import find
from xview.training.checkpoint import Origin
from xview.training.data import training_data
from xview.training.fit import Hooks, fit, seed_all
from xview.training.settings import TrainSettings

CLASSES, THINGS, WIDTHS = 6, 8, {"a": 6, "b": 9}
UNSEEN = ("class 4", "class 5")


def toy_dataset(instances=True, split=True, items=None):
    """`THINGS` things a class, shown `items` times by each modality: once by "a" and twice by "b"."""
    collections = {}
    for modality, times in (items or {"a": 1, "b": 2}).items():
        things = np.repeat(np.arange(CLASSES * THINGS), times)
        labels = things // THINGS
        ids = np.array([f"{modality}{i}" for i in range(len(things))])
        collections[modality] = Collection(
            modality=modality,
            kind=Kind.VECTOR,
            ids=ids,
            titles=ids,
            labels=labels,
            instances=things if instances else None,
            seen=labels < CLASSES - len(UNSEEN) if split else None,
        )
    names = tuple(f"class {i}" for i in range(CLASSES))
    vectors = np.random.default_rng(5).normal(size=(CLASSES, 5)).astype(np.float32)
    return Dataset(name="toy", source="toy", collections=collections, classes=names, class_vectors=vectors)


def toy_inputs(dataset):
    """Features that tell things apart in both modalities."""
    random = np.random.default_rng(3)
    found = {}
    for modality, collection in dataset.collections.items():
        centres = random.normal(size=(CLASSES * THINGS, WIDTHS[modality]))
        things = np.arange(len(collection)) // (len(collection) // (CLASSES * THINGS))
        noisy = centres[things] + 0.1 * random.normal(size=(len(collection), WIDTHS[modality]))
        found[modality] = (noisy / np.linalg.norm(noisy, axis=1, keepdims=True)).astype(np.float32)
    return found


class Ended(BaseException):
    """A request to stop."""


def agreement(system, data):
    """Mean cosine of corresponding items in the first space."""
    spaces = [
        next(iter(system.embed(m, torch.from_numpy(data.inputs[m][::times])).values()))
        for m, times in (("a", 1), ("b", 2))
    ]
    return {"validation mAP": float(torch.cosine_similarity(*spaces).mean())}


@dataclasses.dataclass
class ToyRun:
    """A run of a system's TINY configuration; every call trains it on, with everything built anew.

    Attributes:
        told: Figures by steps done; what comes again replaces what was told from there on.
    """

    folder: Path
    system: str = "rrf_net"
    training: dict = dataclasses.field(default_factory=dict)
    measure: Callable = agreement
    change: Callable = lambda system: None  # of the built system, before it learns
    told: dict = dataclasses.field(default_factory=dict)

    def __call__(self, checks=None):
        """Train to the end, or raise `Ended` at a check: 0 is before the first step."""
        row = find(self.system)
        config = importlib.import_module(f"xview.models.configs.{row.name}").TINY
        settings = TrainSettings(**{"epochs": 3, "seed": 7, "device": "cpu", **self.training})
        dataset = toy_dataset()
        data = training_data(dataset, toy_inputs(dataset), settings)
        seed_all(settings.seed)
        vectors = dataset.class_vectors
        facts = data.facts(vectors[data.classes], vectors[-2:]) if row.needs_class_vectors else data.facts()
        system = row.load().build(config, facts)
        self.change(system)
        self.built, self.data = system, data
        self.origin = Origin(
            system=row.name,
            config=config.to_mapping(),
            training=settings.to_mapping(),
            facts=facts.to_json(),
            data=dataset.fingerprint,
            source="toy",
            unseen=UNSEEN,
            features={"a": "1", "b": "2"},
        )
        left = itertools.count()

        def report(place, total, figures):
            self.told = {step: found for step, found in self.told.items() if step < place.steps}
            self.told[place.steps] = (place.epoch, total, dict(figures))

        def check():
            if next(left) == checks:
                raise Ended

        hooks = Hooks(lambda system: self.measure(system, data), report, check)
        return fit(system, data, settings, self.origin, self.folder, hooks)
