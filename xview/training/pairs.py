"""What a system that modifies pictures by words learns from: pairs of pictures with instructions, by role."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xview.arrays import AnyArray, Ints
from xview.data.records import Dataset, Kind, Modifications
from xview.errors import TrainingError
from xview.models.composer import CAPTION, INSTRUCTION, ROLES, SOURCE, TARGET, TARGET_CAPTION
from xview.models.words import longest, tokens, vocabulary
from xview.training.data import TrainingData
from xview.training.settings import TrainSettings


@dataclass(frozen=True, eq=False, kw_only=True)
class PairData:
    """Pairs to learn from, to choose by and to test on.

    Attributes:
        data: Inputs by role: row i of every role is one pair to look at.
        vocabulary: Words of their instructions and captions.
        pairs: All pairs of the data set.
        instructions: (p, words) int64 tokens of every pair's instruction.
        validation: (v,) pairs to choose a checkpoint by.
        test: (t,) pairs training may not look at.
    """

    data: TrainingData
    vocabulary: tuple[str, ...]
    pairs: Modifications
    instructions: Ints
    validation: Ints
    test: Ints


def pair_data(dataset: Dataset, pictures: AnyArray, settings: TrainSettings) -> PairData:
    """Divide the pairs training may look at into those to learn from and those to choose by.

    Args:
        dataset: With `modifications`, and a text modality whose instances are the pictures' captions.
        pictures: (m, c, h, w) uint8 of the modality that is modified.
        settings: How much to hold out, and the seed that draws it.

    Raises:
        TrainingError: There are no pairs, or pictures without a caption.
    """
    pairs = dataset.modifications
    if pairs is None:
        raise TrainingError(
            f"{dataset.name}: no pairs of pictures with instructions; name them under [modifications]"
        )
    seen = np.flatnonzero(pairs.seen)
    if len(seen) < 4:
        raise TrainingError(f"{dataset.name}: {len(seen)} pairs to learn from; four are needed")
    captions = _captions(dataset, pairs.modality)
    told = [str(words) for words in pairs.instructions]
    shown = np.unique(np.concatenate([pairs.sources[seen], pairs.targets[seen]])).tolist()
    known = vocabulary([told[n] for n in seen.tolist()] + [captions[row] for row in shown])
    random = np.random.default_rng([settings.seed, 1])
    held = np.sort(random.permutation(seen)[: round(settings.validation * len(seen))])
    sources, targets = pairs.sources[seen], pairs.targets[seen]
    length = longest(told)
    instructions = tokens(told, known, length)
    spoken = {CAPTION: sources, TARGET_CAPTION: targets}
    words = longest(captions[row] for row in shown)
    numbers = np.arange(len(seen))
    learn = np.flatnonzero(~np.isin(seen, held))
    return PairData(
        data=TrainingData(
            inputs={
                SOURCE: pictures[sources],
                INSTRUCTION: instructions[seen],
                TARGET: pictures[targets],
                **{
                    role: tokens([captions[r] for r in rows.tolist()], known, words)
                    for role, rows in spoken.items()
                },
            },
            labels={SOURCE: sources, INSTRUCTION: numbers, TARGET: targets, **spoken},
            instances=dict.fromkeys(ROLES, numbers),
            train=dict.fromkeys(ROLES, learn),
            validation=dict.fromkeys(ROLES, np.empty(0, np.int64)),
            unseen=dict.fromkeys(ROLES, np.empty(0, np.int64)),
            classes=np.arange(len(dataset.classes)),
        ),
        vocabulary=known,
        pairs=pairs,
        instructions=instructions,
        validation=held,
        test=np.flatnonzero(~pairs.seen),
    )


def _captions(dataset: Dataset, modality: str) -> dict[int, str]:
    """The text of each picture, by row: of the first text modality, the item of the same instance."""
    instances = dataset.collection(modality).instances
    texts = [c for c in dataset.collections.values() if c.kind is Kind.TEXT and c.instances is not None]
    if instances is None or not texts:
        raise TrainingError(
            f"{dataset.name}: no texts that correspond to {modality}; give both a column `instance`"
        )
    told = texts[0]
    assert told.instances is not None
    row_of = {thing: row for row, thing in reversed(list(enumerate(told.instances.tolist())))}
    found = {
        row: told.payloads.text(row_of[thing]) or ""
        for row, thing in enumerate(instances.tolist())
        if thing in row_of
    }
    if len(found) < len(instances):
        lacking = next(row for row in range(len(instances)) if row not in found)
        raise TrainingError(
            f"{dataset.name}: {modality} {dataset.collection(modality).ids[lacking]} has no caption"
        )
    return found
