"""What a run learns from and is measured by: items of several modalities, or pairs with instructions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import torch

from xview.arrays import AnyArray, Floats, Ints
from xview.data.records import Collection, Dataset, Kind
from xview.errors import TrainingError
from xview.jobs.measures import measures
from xview.jobs.reporter import Reporter
from xview.metrics.composition import ranks, recall
from xview.models import parallel
from xview.models.composer import Composer
from xview.models.configs.composer import ComposerConfig
from xview.models.registry import System
from xview.models.trainable import OWN, Facts, Trainable
from xview.settings import Settings
from xview.spaces.cache import cache_file
from xview.spaces.library import OpenData, single_modal
from xview.spaces.space import EmbeddingSpace
from xview.spaces.trained import embed_all
from xview.training.availability import usable
from xview.training.data import TrainingData, as_input, training_data
from xview.training.names import SELECT, UNSEEN
from xview.training.pairs import PairData, pair_data
from xview.training.pictures import digest, read_pictures
from xview.training.settings import TrainSettings

TESTED, AMONG = 200, 500
"""Pairs a composition is measured on while it learns, at most, and pictures they are found among besides
their own; both evenly spaced, as embedding 11,111 pictures takes longer than an epoch over 1,110 pairs."""

Measure: TypeAlias = Callable[[Trainable, torch.device], Mapping[str, float]]


@dataclass(frozen=True, eq=False, kw_only=True)
class Learning:
    """All a run needs of the data.

    Attributes:
        data: What batches are drawn from.
        facts: What the system is built from.
        inputs: By modality, every item, to be embedded when training is over.
        sources: The spaces among them; pictures are of none.
        measure: Figures of the system in evaluation mode, `SELECT` among them where anything is held out.
    """

    data: TrainingData
    facts: Facts
    inputs: Mapping[str, AnyArray]
    sources: Mapping[str, EmbeddingSpace]
    measure: Measure


def from_items(
    row: System,
    settings: Settings,
    training: TrainSettings,
    opened: OpenData,
    config: Mapping[str, Any],
    reporter: Reporter,
) -> Learning:
    """Items of several modalities, under the config of `xview.jobs.train`.

    Raises:
        TrainingError: Too few modalities, classes or features.
    """
    modalities = _modalities(row, opened, config.get("modalities"))
    inputs, sources = _inputs(row, settings, opened, modalities, config.get("features") or {}, reporter)
    data = training_data(opened.dataset, inputs, training)
    facts = data.facts(*_class_vectors(row, opened.dataset, data))

    def measure(system: Trainable, device: torch.device) -> Mapping[str, float]:
        return measures(opened.dataset, data, lambda m, x: embedded(system, m, x, device))

    return Learning(data=data, facts=facts, inputs=inputs, sources=sources, measure=measure)


def from_pairs(
    row: System, settings: Settings, training: TrainSettings, opened: OpenData, reporter: Reporter
) -> Learning:
    """Pairs of pictures with instructions, of the modality the data set modifies.

    Raises:
        TrainingError: As `pair_data`.
    """
    named = opened.dataset.modifications
    if named is None:
        raise TrainingError(
            f"{opened.dataset.name}: no pairs of pictures with instructions; name them under [modifications]"
        )
    shape = row.load().picture_shape(settings)
    pictures = pictures_of(opened.dataset.collection(named.modality), shape, reporter)
    assert isinstance(settings, ComposerConfig)
    pairs = pair_data(opened.dataset, pictures, training, in_joint=settings.in_joint)
    facts = replace(pairs.data.facts(), vocabulary=pairs.vocabulary)

    def measure(system: Trainable, device: torch.device) -> Mapping[str, float]:
        assert isinstance(system, Composer)
        return _found(system, pairs, pictures, device)

    inputs = {named.modality: pictures}
    return Learning(data=pairs.data, facts=facts, inputs=inputs, sources={}, measure=measure)


def _found(system: Composer, pairs: PairData, pictures: AnyArray, device: torch.device) -> dict[str, float]:
    """Mean reciprocal ranks of targets among some pictures: `SELECT` of held-out pairs, `UNSEEN` of tests."""
    modality = pairs.pairs.modality
    figures: dict[str, float] = {}
    asked = {
        name: chosen[_spaced(len(chosen), TESTED)]
        for name, chosen in ((SELECT, pairs.validation), (UNSEEN, pairs.test))
        if len(chosen)
    }
    if not asked:
        return figures
    both = np.concatenate(list(asked.values()))
    own = np.union1d(pairs.pairs.sources[both], pairs.pairs.targets[both])
    rows = np.union1d(own, _spaced(len(pictures), AMONG))
    inputs = {modality: pictures[rows]}
    gallery = embed_all(lambda m, x: embedded(system, m, x, device), inputs)[OWN][modality]
    for name, chosen in asked.items():
        sources, targets = pairs.pairs.sources[chosen], pairs.pairs.targets[chosen]
        composed = compose_all(system, pictures[sources], pairs.instructions[chosen], device)
        places = (rows.searchsorted(sources), rows.searchsorted(targets))
        figures[name] = recall(ranks(composed, gallery, *places))["mAP"]
    return figures


def _spaced(count: int, most: int) -> Ints:
    """Evenly spaced numbers below `count`, at most `most`."""
    return np.linspace(0, count - 1, min(count, most)).astype(np.int64)


def _modalities(row: System, opened: OpenData, named: Sequence[str] | None) -> tuple[str, ...]:
    """Those named, or as many of those with something to learn from as the system can take.

    Raises:
        TrainingError: The system cannot take as many.
    """
    fewest, most = row.modalities
    chosen = tuple(named or usable(row, opened.dataset, opened.spaces) or opened.dataset.collections)
    if row.texts_last:
        chosen = tuple(sorted(chosen, key=lambda m: opened.dataset.collection(m).kind is Kind.TEXT))
    if not named and most and len(chosen) > most:
        chosen = (*chosen[: most - 1], chosen[-1]) if row.texts_last else chosen[:most]
    if len(chosen) < fewest or (most and len(chosen) > most):
        takes = f"{fewest}" if fewest == most else f"{fewest} or more"
        raise TrainingError(
            f"{row.title} learns from {takes} modalities, not from {len(chosen)} ({', '.join(chosen)}); "
            "choose others"
        )
    return chosen


def _inputs(
    row: System,
    settings: Settings,
    opened: OpenData,
    modalities: tuple[str, ...],
    named: Mapping[str, str],
    reporter: Reporter,
) -> tuple[dict[str, AnyArray], dict[str, EmbeddingSpace]]:
    """What each modality is learnt from, and the space it is of; pictures are of none."""
    shape_of = getattr(row.load(), "picture_shape", None)
    shape = None if shape_of is None else shape_of(settings)
    if shape is None:
        sources = _sources(opened, modalities, named)
        return {m: space.unit(m) for m, space in sources.items()}, sources
    drawn = [m for m in modalities if opened.dataset.collection(m).kind is Kind.IMAGE]
    sources = _sources(opened, tuple(m for m in modalities if m not in drawn), named)
    found: dict[str, AnyArray] = {}
    for modality in modalities:
        if modality in sources:
            found[modality] = sources[modality].unit(modality)
            continue
        found[modality] = pictures_of(opened.dataset.collection(modality), shape, reporter)
    return found, sources


def pictures_of(collection: Collection, shape: tuple[int, int, int], reporter: Reporter) -> AnyArray:
    """(m, c, h, w) uint8, read once and kept."""

    def step(done: int, total: int) -> None:
        reporter.tell(done, total, f"reading the pictures of {collection.modality}")
        if parallel.world() == 1:  # several read at their own pace, and cannot agree on when to stop
            reporter.check()

    path = cache_file(f"pictures {shape} {digest(collection)}").with_suffix(".npy")
    return read_pictures(collection, shape, path, step)


def _sources(
    opened: OpenData, modalities: tuple[str, ...], named: Mapping[str, str]
) -> dict[str, EmbeddingSpace]:
    """The single-modal space that feeds each modality."""
    first = single_modal(opened.spaces)
    found = {}
    for modality in modalities:
        opened.dataset.collection(modality)  # a misspelt modality is told with the known ones
        space = opened.spaces.get(named[modality]) if modality in named else first.get(modality)
        if space is None:
            raise TrainingError(
                f"{modality} has no features to learn from; encode it first "
                f"(`xview encode --modality {modality}`)"
            )
        found[modality] = space
    return found


def _class_vectors(
    row: System, dataset: Dataset, data: TrainingData
) -> tuple[AnyArray | None, AnyArray | None]:
    """Embeddings of the classes trained on and of all others, where the system needs them.

    Classes held out to validate by count among the others: what a system does for classes without items
    can only be validated if it does it for them, too.
    """
    if not row.needs_class_vectors:
        return None, None
    if dataset.class_vectors is None:
        raise TrainingError(
            f"{row.name} needs an embedding of every class; "
            "name a file under [classes] vectors in dataset.toml"
        )
    others = np.setdiff1d(np.arange(len(dataset.classes)), data.classes)
    return dataset.class_vectors[data.classes], dataset.class_vectors[others] if len(others) else None


@torch.inference_mode()
def embedded(system: Trainable, modality: str, items: AnyArray, device: torch.device) -> dict[str, Floats]:
    """(b, d) float32 by name of space, of (b, ...) inputs."""
    found = system.embed(modality, as_input(np.asarray(items), device))
    return {name: vectors.float().cpu().numpy() for name, vectors in found.items()}


@torch.inference_mode()
def compose_all(
    system: Composer, pictures: AnyArray, instructions: AnyArray, device: torch.device, block: int = 256
) -> Floats:
    """(p, d) float32 unit rows of (p, c, h, w) uint8 pictures with (p, words) tokens, a block at a time."""
    found = []
    for start in range(0, len(pictures), block):
        part = slice(start, start + block)
        words = torch.from_numpy(np.ascontiguousarray(instructions[part])).to(device)
        found.append(system.compose(as_input(pictures[part], device), words).float().cpu().numpy())
    return np.concatenate(found)
