"""The items a system learns from, and those it is chosen by. Items of unseen classes are in neither."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce

import numpy as np
import torch
from torch import Tensor

from xview.arrays import AnyArray, Ints
from xview.data.records import Dataset
from xview.errors import TrainingError
from xview.models import parallel
from xview.models.trainable import Aligned, Batch, Batching, ByClass, Facts
from xview.training.settings import TrainSettings, ValidateOn

Rows = Mapping[str, Ints]
"""Rows of the collections, by modality."""


@dataclass(frozen=True, eq=False, kw_only=True)
class TrainingData:
    """What a run reads of a data set.

    Attributes:
        inputs: By modality, every item's features, (m, d) floating, or pictures, (m, c, h, w) uint8; may be
            memory-mapped.
        labels: By modality, (m,) position among `classes`; -1 of every other class.
        instances: By modality, (m,) number of the thing an item shows; its label where that is unknown.
        train: Rows to learn from.
        validation: Rows of seen classes to choose a checkpoint by; empty where none are held out.
        unseen: Rows of unseen classes, to be shown and never chosen on.
        classes: (c,) positions in `Dataset.classes` of the classes trained on.
    """

    inputs: Mapping[str, AnyArray]
    labels: Rows
    instances: Rows
    train: Rows
    validation: Rows
    unseen: Rows
    classes: Ints

    def facts(
        self, class_vectors: AnyArray | None = None, unseen_class_vectors: AnyArray | None = None
    ) -> Facts:
        """What a system is built from; `class_vectors` (classes trained on, e), `unseen_...` (u, e)."""
        features = {m: x[self.train[m]].astype(np.float32) for m, x in self.inputs.items() if x.ndim == 2}
        means = {m: x.mean(axis=0) for m, x in features.items()}
        return Facts(
            inputs={m: tuple(x.shape[1:]) for m, x in self.inputs.items()},
            classes=len(self.classes),
            means={m: torch.from_numpy(mean) for m, mean in means.items()},
            scales={
                m: torch.tensor(float(np.sqrt(np.mean((x - means[m]) ** 2)))) for m, x in features.items()
            },
            class_vectors=_tensor(class_vectors),
            unseen_class_vectors=_tensor(unseen_class_vectors),
        )

    def batch(self, rows: Rows, device: torch.device) -> Batch:
        """This process's share of the rows, on the device."""
        rows = {m: _mine(found) for m, found in rows.items()}
        return Batch(
            {m: as_input(self.inputs[m][found], device) for m, found in rows.items()},
            {m: torch.from_numpy(self.labels[m][found]).to(device) for m, found in rows.items()},
            {m: torch.from_numpy(self.instances[m][found]).to(device) for m, found in rows.items()},
        )


def as_input(items: AnyArray, device: torch.device) -> Tensor:
    """Features as float32; uint8 pictures as float32 from 0 to 1."""
    tensor = torch.from_numpy(np.ascontiguousarray(items)).to(device)
    return tensor.float() / 255 if tensor.dtype == torch.uint8 else tensor.float()


def _tensor(vectors: AnyArray | None) -> Tensor | None:
    return None if vectors is None else torch.from_numpy(np.asarray(vectors, dtype=np.float32))


def _mine(rows: Ints) -> Ints:
    share = len(rows) // parallel.world()
    return rows[parallel.rank() * share : (parallel.rank() + 1) * share]


def training_data(dataset: Dataset, inputs: Mapping[str, AnyArray], settings: TrainSettings) -> TrainingData:
    """Divide the seen items of some modalities into those to learn from and those to choose by.

    Args:
        dataset: Labels, instances and the class split.
        inputs: By modality, one row an item; these modalities are trained.
        settings: How much to hold out, of what, and the seed that draws it.

    Raises:
        TrainingError: Fewer than two modalities or two classes common to all of them.
    """
    collections = {m: dataset.collection(m) for m in inputs}
    if len(collections) < 2:
        raise TrainingError(f"{dataset.name}: a system learns from two modalities or more")
    seen = {
        m: np.flatnonzero((c.labels >= 0) & (True if c.seen is None else c.seen))
        for m, c in collections.items()
    }
    common = [set(c.labels[seen[m]].tolist()) for m, c in collections.items()]
    classes = np.array(sorted(set.intersection(*common)), dtype=np.int64)
    random = np.random.default_rng([settings.seed, 1])
    held_classes = np.empty(0, np.int64)
    if settings.validate_on is ValidateOn.CLASSES and settings.validation > 0:
        count = max(2, round(settings.validation * len(classes)))
        held_classes = np.sort(random.permutation(classes)[:count])
    kept = np.setdiff1d(classes, held_classes)
    if len(kept) < 2:
        raise TrainingError(
            f"{dataset.name}: {len(kept)} classes to learn from in {', '.join(inputs)}; two are needed. "
            "Hold out fewer classes"
        )
    instances = _instances(dataset, tuple(inputs))
    by_instance = settings.validation if settings.validate_on is ValidateOn.INSTANCES else 0.0
    held_things = np.empty(0, np.int64)
    if instances:
        things = np.unique(np.concatenate([instances[m][seen[m]] for m in inputs]))
        held_things = random.permutation(things)[: round(by_instance * len(things))]
    train, validation, unseen = {}, {}, {}
    for m, c in collections.items():
        held = np.isin(c.labels[seen[m]], held_classes)
        if instances:
            held |= np.isin(instances[m][seen[m]], held_things)
        else:
            held[random.permutation(len(held))[: round(by_instance * len(held))]] = True
        fitting = np.isin(c.labels[seen[m]], classes)
        train[m], validation[m] = seen[m][fitting & ~held], seen[m][fitting & held]
        unseen[m] = np.flatnonzero((c.labels >= 0) & (False if c.seen is None else ~c.seen))
    position = np.full(len(dataset.classes) + 1, -1, np.int64)
    position[kept] = np.arange(len(kept))
    labels = {m: position[c.labels] for m, c in collections.items()}
    return TrainingData(
        inputs=inputs,
        labels=labels,
        instances=instances or {m: c.labels for m, c in collections.items()},
        train=train,
        validation=validation,
        unseen=unseen,
        classes=kept,
    )


def _instances(dataset: Dataset, modalities: Sequence[str]) -> dict[str, Ints]:
    """Instances where every modality knows them; an item without one is a thing of its own."""
    found: dict[str, Ints] = {}
    fresh = 1 + max(
        (int(c.instances.max(initial=-1)) for c in dataset.collections.values() if c.instances is not None),
        default=-1,
    )
    for modality in modalities:
        known = dataset.collection(modality).instances
        if known is None:
            return {}
        alone = known < 0
        found[modality] = np.where(alone, fresh + np.cumsum(alone), known)
        fresh += int(alone.sum()) + 1
    return found


@dataclass(frozen=True, eq=False)
class Batches:
    """The batches of an epoch, a function of data, batching, seed and epoch alone.

    Args:
        data: What to draw from.
        batching: How.
        seed: Of the run.

    Raises:
        TrainingError: A batch cannot be shared evenly by the processes, or nothing corresponds.
    """

    data: TrainingData
    batching: Batching
    seed: int

    def __post_init__(self) -> None:
        size, shares = self.batching.size, parallel.world()
        if size % shares:
            raise TrainingError(
                f"a batch of {size} cannot be divided among {shares} processes; choose a multiple of {shares}"
            )
        if not len(next(iter(self._groups.values())).starts):
            raise TrainingError("no thing or class has items to learn from in every modality")

    def __len__(self) -> int:
        """Batches in an epoch: one pass over the largest modality."""
        return max(1, max(len(rows) for rows in self.data.train.values()) // self.batching.size)

    def epoch(self, number: int) -> Iterator[dict[str, Ints]]:
        """Rows by modality of every batch of all processes, in order."""
        random = np.random.default_rng([self.seed, 2, number])
        draw = self._aligned if isinstance(self.batching, Aligned) else self._by_class
        for _, rows in zip(range(len(self)), draw(random), strict=False):
            yield rows

    @cached_property
    def _groups(self) -> dict[str, _Groups]:
        """By modality, the rows of every thing, or class, that all modalities have."""
        by_class = isinstance(self.batching, ByClass) or self.batching.by_class
        column = self.data.labels if by_class else self.data.instances
        keys = {m: column[m][rows] for m, rows in self.data.train.items()}
        common = reduce(np.intersect1d, keys.values())
        return {m: _group(rows, keys[m], common) for m, rows in self.data.train.items()}

    def _by_class(self, random: np.random.Generator) -> Iterator[dict[str, Ints]]:
        assert isinstance(self.batching, ByClass)
        classes, items = self.batching.classes, self.batching.items
        count = len(next(iter(self._groups.values())).starts)
        order = np.empty(0, np.int64)
        while True:
            if len(order) < classes:  # what is left over is dropped: no class comes twice without need
                order = np.concatenate([random.permutation(count) for _ in range(-(-classes // count))])
            chosen, order = order[:classes], order[classes:]
            yield {m: group.draw(chosen, items, random).ravel() for m, group in self._groups.items()}

    def _aligned(self, random: np.random.Generator) -> Iterator[dict[str, Ints]]:
        """Row i is of the same key everywhere; a key comes as often as its largest modality has items."""
        size = self.batching.size
        most = np.max([group.counts for group in self._groups.values()], axis=0)
        pool = np.repeat(np.arange(len(most)), most)
        order = np.empty(0, np.int64)
        while True:
            while len(order) < size:
                order = np.concatenate([order, random.permutation(pool)])
            chosen, order = order[:size], order[size:]
            yield {m: group.draw(chosen, 1, random)[:, 0] for m, group in self._groups.items()}


@dataclass(frozen=True, eq=False)
class _Groups:
    """Rows sorted by key: those of key k are `rows[starts[k] : starts[k] + counts[k]]`."""

    rows: Ints
    starts: Ints
    counts: Ints

    def draw(self, keys: Ints, count: int, random: np.random.Generator) -> Ints:
        """(len(keys), count) rows, without repetition in a row of it where there are enough.

        Floyd's algorithm (Bentley and Floyd 1987) for all keys at once: the i-th draw is from the first
        n - count + i + 1 rows, and the last of them where that one was drawn before.
        """
        have = self.counts[keys]
        drawn = np.empty((len(keys), count), np.int64)
        for i in range(count):
            last = np.where(have < count, have, have - count + i + 1) - 1
            place = random.integers(0, last + 1)
            again = (drawn[:, :i] == place[:, None]).any(axis=1) & (have >= count)
            drawn[:, i] = np.where(again, last, place)
        if count > 1:  # the last row comes in the last place only
            drawn = random.permuted(drawn, axis=1)
        found: Ints = self.rows[self.starts[keys][:, None] + drawn]
        return found


def _group(rows: Ints, keys: Ints, common: Ints) -> _Groups:
    """Group those rows whose key is among the `common` ones, which are sorted."""
    kept = np.isin(keys, common)
    order = np.argsort(keys[kept], kind="stable")
    starts = np.searchsorted(keys[kept][order], common)
    return _Groups(rows[kept][order], starts, np.diff(np.append(starts, kept.sum())))
