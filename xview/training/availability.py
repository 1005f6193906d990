"""What a data set must have for a system, and what it lacks, in one plain sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np

from xview.data.records import Dataset, Kind
from xview.models.configs.composer import ComposerConfig
from xview.models.registry import Role, System
from xview.settings import Settings
from xview.training.captions import uncaptioned

_FEWEST_PAIRS = 4  # of pictures with instructions


class HasModalities(Protocol):
    """What is asked of a space."""

    @property
    def modalities(self) -> tuple[str, ...]:
        """Modalities with vectors there."""

    @property
    def shared(self) -> bool:
        """Whether there are several."""


def usable(system: System, dataset: Dataset, spaces: Mapping[str, HasModalities]) -> tuple[str, ...]:
    """The modalities the system can learn from: with features of their own, or pictures if it takes them.

    Of one that composes, the modality whose pictures are modified.
    """
    if system.role is Role.COMPOSER:
        return () if dataset.modifications is None else (dataset.modifications.modality,)
    featured = {m for space in spaces.values() if not space.shared for m in space.modalities}
    return tuple(
        m
        for m, c in dataset.collections.items()
        if m in featured or (system.pictures and c.kind is Kind.IMAGE)
    )


def unavailable(
    system: System,
    dataset: Dataset,
    spaces: Mapping[str, HasModalities],
    settings: Settings | None = None,
) -> str | None:
    """Why this data does not allow the system, or None where it does.

    Args:
        system: Row of the registry.
        dataset: Items with their class split.
        spaces: By name; the single-modal ones are features to learn from.
        settings: Of the system, if they are chosen; without them, what the data allows with some settings.
    """
    if system.role is Role.COMPOSER:
        return unpaired(dataset, isinstance(settings, ComposerConfig) and settings.in_joint)
    fewest, _ = system.modalities
    has = len(dataset.collections)
    if has < fewest:
        return f"It learns from {fewest} modalities or more; {dataset.name} has {has}."
    found = usable(system, dataset, spaces)
    if len(found) < fewest:
        lacking = [m for m in dataset.collections if m not in found]
        return (
            f"{_list(lacking)} {'has' if len(lacking) == 1 else 'have'} no features of their own to learn "
            "from; encode them first."
        )
    if system.needs_class_vectors and dataset.class_vectors is None:
        return "It learns from embeddings of the classes; name their file under [classes] in dataset.toml."
    common = set.intersection(*(_seen_classes(dataset, m) for m in found))
    if len(common) < 2:
        return (
            f"It needs two seen classes that {_list(found)} all have; here {_count(len(common))}. "
            "Give the items a column `label`, or the same `instance` where they show the same thing."
        )
    return None


def unpaired(dataset: Dataset, in_joint: bool) -> str | None:
    """Why this data does not allow a system that modifies pictures, in Joint or plain; None where it does."""
    pairs = dataset.modifications
    if pairs is None:
        return "It learns from pairs of pictures with instructions; name them under [modifications]."
    if (seen := int(pairs.seen.sum())) < _FEWEST_PAIRS:
        return f"It learns from {_FEWEST_PAIRS} pairs or more; training may look at {seen} of {len(pairs)}."
    return uncaptioned(dataset, pairs) if in_joint else None


def _seen_classes(dataset: Dataset, modality: str) -> set[int]:
    collection = dataset.collection(modality)
    kept = collection.labels >= 0
    if collection.seen is not None:
        kept = kept & collection.seen
    return set(np.unique(collection.labels[kept]).tolist())


def _list(names: list[str] | tuple[str, ...]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _count(classes: int) -> str:
    return "there is one" if classes == 1 else "there is none"
