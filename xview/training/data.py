"""The items a system learns from, and those it is chosen by. Items of unseen classes are in neither."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

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
        labels: By modality, (m,) position among `classes`; -1 for items that are not trained on.
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
    held_things = np.empty(0, np.int64)
    if settings.validate_on is ValidateOn.INSTANCES and settings.validation > 0 and instances:
        things = np.unique(np.concatenate([instances[m][seen[m]] for m in inputs]))
        held_things = random.permutation(things)[: round(settings.validation * len(things))]
    train, validation, unseen = {}, {}, {}
    for m, c in collections.items():
        held = np.isin(c.labels[seen[m]], held_classes)
        if instances:
            held |= np.isin(instances[m][seen[m]], held_things)
        elif settings.validate_on is ValidateOn.INSTANCES:
            held[random.permutation(len(held))[: round(settings.validation * len(held))]] = True
        fitting = np.isin(c.labels[seen[m]], classes)
        train[m], validation[m] = seen[m][fitting & ~held], seen[m][fitting & held]
        outside = (c.labels >= 0) & ~(True if c.seen is None else c.seen)
        unseen[m] = np.flatnonzero(outside)
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
        if not self._keys():
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

    def _keys(self) -> dict[int, dict[str, Ints]]:
        """Rows by modality of every thing, or class, that all modalities have."""
        by_class = isinstance(self.batching, ByClass) or self.batching.by_class
        column = self.data.labels if by_class else self.data.instances
        found: dict[int, dict[str, Ints]] = {}
        for modality, rows in self.data.train.items():
            keys = column[modality][rows]
            order = np.argsort(keys, kind="stable")
            values, starts = np.unique(keys[order], return_index=True)
            for value, group in zip(values.tolist(), np.split(rows[order], starts[1:]), strict=True):
                found.setdefault(value, {})[modality] = group
        return {key: rows for key, rows in found.items() if len(rows) == len(self.data.train)}

    def _by_class(self, random: np.random.Generator) -> Iterator[dict[str, Ints]]:
        assert isinstance(self.batching, ByClass)
        keys = self._keys()
        names = np.array(sorted(keys))
        order: list[int] = []
        while True:
            chosen: list[int] = []
            while len(chosen) < self.batching.classes:
                if not order:
                    order = random.permutation(names).tolist()
                chosen.append(order.pop())
            yield {
                m: np.concatenate([_draw(keys[key][m], self.batching.items, random) for key in chosen])
                for m in self.data.train
            }

    def _aligned(self, random: np.random.Generator) -> Iterator[dict[str, Ints]]:
        """Row i is of the same key everywhere; a key comes as often as its largest modality has items."""
        assert isinstance(self.batching, Aligned)
        keys = self._keys()
        weights = {key: max(len(group) for group in rows.values()) for key, rows in keys.items()}
        pool = np.repeat(np.array(sorted(keys)), [weights[key] for key in sorted(keys)])
        order = random.permutation(pool)
        while True:
            while len(order) < self.batching.size:
                order = np.concatenate([order, random.permutation(pool)])
            chosen, order = order[: self.batching.size], order[self.batching.size :]
            yield {
                m: np.array([keys[key][m][random.integers(len(keys[key][m]))] for key in chosen.tolist()])
                for m in self.data.train
            }


def _draw(rows: Ints, count: int, random: np.random.Generator) -> Ints:
    """`count` rows, without repetition where there are enough."""
    return np.asarray(random.choice(rows, count, replace=len(rows) < count), dtype=np.int64)
