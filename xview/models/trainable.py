"""What a trainable system is: built from its `Config` and the facts of the data, learning by `step`, giving
spaces by `embed`. The training loop knows nothing else of it.

A module of `xview.models.systems` defines `build(config, facts)`; its `Config` and `TINY`, a Config for
tests, stand in the module of the same name in `xview.models.configs`.

Decisions
    2026-11-22  `step` does its own backward passes and owns its optimisers, so that adversarial systems and
                alternating updates need nothing of the loop.
    2026-11-22  Several processes: a batch holds this process's rows; whatever compares items goes through
                `parallel.gather` first, so a loss over the batch is the same however many share the work.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self, TypeAlias

import torch
from torch import Tensor, nn

from xview.models import parallel

OWN = "own"
"""Name, in what `embed` returns, of a modality's single-modal space; every other name is a shared space's."""


@dataclass(frozen=True, slots=True)
class ByClass:
    """Batches of `items` items of each of `classes` classes, in every modality (the P x K sampler).

    Rows run class by class and classes are the same in all modalities, so labels are equal, too.
    """

    classes: int
    items: int

    @property
    def size(self) -> int:
        """Rows of one modality in a batch of all processes."""
        return self.classes * self.items


@dataclass(frozen=True, slots=True)
class Aligned:
    """Batches whose row i shows the same thing in every modality.

    Attributes:
        size: Rows of one modality in a batch of all processes.
        by_class: The same class is enough; else the same instance, where the data knows instances.
    """

    size: int
    by_class: bool = False


Batching: TypeAlias = ByClass | Aligned


@dataclass(frozen=True, eq=False)
class Batch:
    """This process's rows of a batch, on the system's device.

    Attributes:
        inputs: By modality, (b, d) float32 features, or (b, c, h, w) float32 pictures from 0 to 1.
        labels: By modality, (b,) int64 among the classes trained on.
        instances: By modality, (b,) int64; equal numbers are the same thing, in any modality, and none of
            them is a negative of another. Classes stand in where the data knows no instances.
    """

    inputs: Mapping[str, Tensor]
    labels: Mapping[str, Tensor]
    instances: Mapping[str, Tensor]


@dataclass(frozen=True, eq=False, kw_only=True)
class Facts:
    """What a system must know of the data to be built.

    Attributes:
        inputs: By modality, the shape of an item: (d,) features or (c, h, w) pictures.
        classes: Number of classes trained on.
        means: By modality with features, (d,) float32 mean over the items trained on.
        scales: By modality with features, () float32: root mean square of their centred entries.
        class_vectors: (classes, e) float32 embeddings of the classes trained on, where the system needs any.
        unseen_class_vectors: (u, e) float32 of the classes held out, of whose items nothing is known.
        vocabulary: Words of the texts trained on, where inputs are their tokens.
    """

    inputs: Mapping[str, tuple[int, ...]]
    classes: int
    means: Mapping[str, Tensor] = field(default_factory=dict)
    scales: Mapping[str, Tensor] = field(default_factory=dict)
    class_vectors: Tensor | None = None
    unseen_class_vectors: Tensor | None = None
    vocabulary: tuple[str, ...] = ()

    @property
    def modalities(self) -> tuple[str, ...]:
        """In the data set's order."""
        return tuple(self.inputs)

    def to_json(self) -> dict[str, Any]:
        """Shapes only: a built system keeps the values it needs as buffers."""
        return {
            "inputs": {m: list(shape) for m, shape in self.inputs.items()},
            "classes": self.classes,
            "class_vectors": _shape(self.class_vectors),
            "unseen_class_vectors": _shape(self.unseen_class_vectors),
            "vocabulary": list(self.vocabulary),
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """Facts that build the same system, with zeros where a checkpoint will fill in."""
        inputs = {m: tuple(shape) for m, shape in told["inputs"].items()}
        features = {m: shape for m, shape in inputs.items() if len(shape) == 1}
        return cls(
            inputs=inputs,
            classes=told["classes"],
            means={m: torch.zeros(shape) for m, shape in features.items()},
            scales={m: torch.ones(()) for m in features},
            class_vectors=_zeros(told["class_vectors"]),
            unseen_class_vectors=_zeros(told["unseen_class_vectors"]),
            vocabulary=tuple(told.get("vocabulary", ())),  # absent in checkpoints of before 2026-11-22
        )


def _shape(vectors: Tensor | None) -> list[int] | None:
    return None if vectors is None else list(vectors.shape)


def _zeros(shape: list[int] | None) -> Tensor | None:
    return None if shape is None else torch.zeros(shape)


class Trainable(nn.Module, ABC):
    """A system of a paper under training.

    Attributes:
        batching: The batches it learns from.
        optimisers: By name; created once, in `__init__`, after every parameter.
        schedulers: By name, where a learning rate follows what was measured; kept in checkpoints.
        ready: Whether every part learns by now; an epoch before is the best only until one after it.
    """

    batching: Batching
    optimisers: Mapping[str, torch.optim.Optimizer]
    schedulers: Mapping[str, torch.optim.lr_scheduler.ReduceLROnPlateau] = {}
    ready: bool = True

    @abstractmethod
    def step(self, batch: Batch) -> dict[str, Tensor]:
        """One update of every part that learns; training mode is on.

        Returns:
            Scalars by name: the terms of the loss, and their weighted sum under "loss".
        """

    @abstractmethod
    def embed(self, modality: str, inputs: Tensor) -> dict[str, Tensor]:
        """(b, ...) inputs -> (b, d) by name of space: shared ones under names of their own, and `OWN`.

        The first shared space is the one retrieval and model selection use. Rows need not be unit;
        evaluation mode is on.
        """

    def begin_epoch(self, epoch: int, epochs: int) -> None:
        """Set what depends on the epoch (0, 1 ...) and on nothing that was seen, such as decay or a stage."""

    def end_epoch(self, measures: Mapping[str, float]) -> None:
        """Take what was measured after an epoch; "loss" is always there."""

    def update(self, name: str, loss: Tensor) -> None:
        """One step of the optimiser `name` along the gradient of `loss`, which no other parameter feels."""
        optimiser = self.optimisers[name]
        parameters = [p for group in optimiser.param_groups for p in group["params"] if p.requires_grad]
        optimiser.zero_grad(set_to_none=True)
        loss.backward(inputs=parameters)  # type: ignore[no-untyped-call]
        parallel.average_gradients(parameters)
        optimiser.step()


def sgd_on_plateau(
    parameters: Iterable[nn.Parameter], rate: float, weight_decay: float, patience: int
) -> tuple[torch.optim.SGD, torch.optim.lr_scheduler.ReduceLROnPlateau]:
    """The thesis' way to learn: momentum .9, and a tenth of the rate after `patience` epochs without gain."""
    optimiser = torch.optim.SGD(parameters, rate, momentum=0.9, weight_decay=weight_decay)
    return optimiser, torch.optim.lr_scheduler.ReduceLROnPlateau(optimiser, patience=patience)


def detached(terms: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The terms of a loss as `step` returns them: without their graph."""
    return {name: value.detach() for name, value in terms.items()}
