"""A small world to train any system in: things of six classes, seen by two or three modalities; or pairs."""

from __future__ import annotations

import importlib
import itertools
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from xview.models.composer import CAPTION, INSTRUCTION, ROLES, SOURCE, TARGET, TARGET_CAPTION
from xview.models.registry import Role, System
from xview.models.trainable import Facts, Trainable
from xview.settings import Settings
from xview.training.checkpoint import Origin, Place
from xview.training.data import Batches, TrainingData
from xview.training.fit import Hooks, fit, seed_all
from xview.training.settings import Device, TrainSettings

CLASSES, HELD_OUT, THINGS, TIMES, MEANING = 6, 2, 4, 2, 5
WIDTHS = {"photo": 12, "drawing": 9, "word": 7}
SEED, EPOCHS = 3, 5
UNSEEN = ("some", "others")
VOCABULARY = ("make", "it", "red", "green", "blue", "a", "thing")


def modalities(row: System) -> list[tuple[str, ...]]:
    """Two, and three where the system takes as many; of one that composes, the roles of a pair."""
    if row.role is Role.COMPOSER:
        return [ROLES]
    most = row.modalities[1]
    return [tuple(WIDTHS)[:count] for count in (2, 3) if not most or count <= most]


def data(names: tuple[str, ...]) -> TrainingData:
    """Every modality sees each of 24 things twice, through a mixing of its own; four of a class."""
    if names == ROLES:
        return pairs()
    random = np.random.default_rng(0)
    meanings = class_vectors()[:CLASSES]
    things = np.repeat(np.arange(CLASSES * THINGS), TIMES)
    labels = things // THINGS
    own = meanings[labels] + 0.5 * random.normal(size=(CLASSES * THINGS, MEANING))[things]
    inputs = {}
    for name, width in zip(names, WIDTHS.values(), strict=False):
        mixed = own @ random.normal(size=(MEANING, width)) + 0.2 * random.normal(size=(len(own), width))
        inputs[name] = (0.3 * mixed + 1).astype(np.float32)
    every, none = np.arange(len(own)), np.empty(0, np.int64)
    return TrainingData(
        inputs=inputs,
        labels=dict.fromkeys(names, labels),
        instances=dict.fromkeys(names, things),
        train=dict.fromkeys(names, every),
        validation=dict.fromkeys(names, none),
        unseen=dict.fromkeys(names, none),
        classes=np.arange(CLASSES),
    )


def pairs() -> TrainingData:
    """Noisy pictures of one colour, a sentence that names another, the picture of that, captions of both."""
    random = np.random.default_rng(0)
    count, colours = 48, np.eye(3)
    source = random.integers(3, size=count)
    target = (source + 1 + random.integers(2, size=count)) % 3

    def pictures(of: np.ndarray) -> np.ndarray:
        flat = 0.6 * colours[of][:, :, None, None] + 0.4 * random.random((count, 3, 16, 16))
        return flat.astype(np.float32)

    every, none = np.arange(count), np.empty(0, np.int64)
    same = {CAPTION: every, TARGET_CAPTION: every + count}
    make_it, a_thing = np.array([[2, 3]]).repeat(count, 0), np.array([[7, 8]]).repeat(count, 0)
    return TrainingData(
        inputs={
            SOURCE: pictures(source),
            INSTRUCTION: np.concatenate([make_it, 4 + target[:, None]], axis=1),
            TARGET: pictures(target),
            CAPTION: np.concatenate([a_thing, 4 + source[:, None]], axis=1),
            TARGET_CAPTION: np.concatenate([a_thing, 4 + target[:, None]], axis=1),
        },
        labels={SOURCE: every, INSTRUCTION: every, TARGET: every + count, **same},
        instances=dict.fromkeys(ROLES, every),
        train=dict.fromkeys(ROLES, every),
        validation=dict.fromkeys(ROLES, none),
        unseen=dict.fromkeys(ROLES, none),
        classes=np.arange(3),
    )


def pictured(given: TrainingData) -> dict[str, np.ndarray]:
    """What a system embeds: all inputs but tokens."""
    return {m: x for m, x in given.inputs.items() if x.dtype == np.float32}


def class_vectors() -> np.ndarray:
    """(classes seen and held out, 5) float32."""
    drawn = np.random.default_rng(1).normal(size=(CLASSES + HELD_OUT, MEANING))
    return drawn.astype(np.float32)


def facts(row: System, given: TrainingData) -> Facts:
    vectors = class_vectors()
    if row.role is Role.COMPOSER:
        return replace(given.facts(), vocabulary=VOCABULARY)
    return given.facts(vectors[:CLASSES], vectors[CLASSES:]) if row.needs_class_vectors else given.facts()


def tiny(row: System) -> Settings:
    found: Settings = importlib.import_module(f"xview.models.configs.{row.name}").TINY
    return found


def build(row: System, given: TrainingData, seed: int = SEED) -> Trainable:
    """The system's TINY configuration, untrained."""
    seed_all(seed)
    system: Trainable = row.load().build(tiny(row), facts(row, given))
    return system.train()


def learn(system: Trainable, given: TrainingData, epochs: int = EPOCHS) -> list[dict[str, float]]:
    """Terms of every step of a whole run, in the precision of the system's weights."""
    batches, told = Batches(given, system.batching, SEED), []
    kind = next(system.parameters()).dtype
    for epoch in range(epochs):
        system.begin_epoch(epoch, epochs)
        for rows in batches.epoch(epoch):
            batch = given.batch(rows, torch.device("cpu"))
            terms = system.step(replace(batch, inputs={m: x.to(kind) for m, x in batch.inputs.items()}))
            told.append({name: float(value) for name, value in terms.items()})
        system.end_epoch(told[-1])
    return told


def embedded(system: Trainable, given: TrainingData) -> dict[str, dict[str, Tensor]]:
    """Every item, by modality and space, in evaluation mode."""
    system.eval()
    with torch.inference_mode():
        found = {m: system.embed(m, torch.from_numpy(x)) for m, x in pictured(given).items()}
    system.train()
    return found


def origin(row: System, given: TrainingData, settings: TrainSettings) -> Origin:
    return Origin(
        system=row.name,
        config=tiny(row).to_mapping(),
        training=settings.to_mapping(),
        facts=facts(row, given).to_json(),
        data="world",
        source="world",
        unseen=UNSEEN,
        features=dict.fromkeys(given.inputs, "mixed"),
    )


class Stopped(BaseException):
    """A request to stop."""


@dataclass
class Run:
    """A run in a folder; every call goes on with it, with everything built anew.

    Attributes:
        told: Mean losses by steps done; what comes again replaces what was told from there on.
    """

    row: System
    given: TrainingData
    folder: Path
    told: dict[int, dict[str, float]] = field(default_factory=dict)

    def __call__(self, stop_after: int = 0) -> Trainable:
        """To the end, or until `Stopped` is raised after so many steps of this call."""
        settings = TrainSettings(epochs=EPOCHS, seed=SEED, device=Device.CPU)
        system = build(self.row, self.given)
        fit(
            system,
            self.given,
            settings,
            origin(self.row, self.given, settings),
            self.folder,
            self._hooks(stop_after),
        )
        return system

    def _hooks(self, stop_after: int) -> Hooks:
        checks = itertools.count(1)

        def report(place: Place, _steps: int, figures: object) -> None:
            assert isinstance(figures, dict)
            self.told = {step: found for step, found in self.told.items() if step < place.steps}
            self.told[place.steps] = figures

        def check() -> None:
            if next(checks) == stop_after:
                raise Stopped

        return Hooks(lambda _system: {}, report, check)
