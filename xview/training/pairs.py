"""What a system that modifies pictures by words learns from: pairs of pictures with instructions, by role."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xview.arrays import AnyArray, Ints
from xview.data.records import Dataset, Modifications
from xview.errors import TrainingError
from xview.models.composer import CAPTION, INSTRUCTION, SOURCE, TARGET, TARGET_CAPTION
from xview.models.words import longest, tokens, vocabulary
from xview.training.availability import unpaired
from xview.training.captions import captions_of, learnt_pictures
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


def pair_data(
    dataset: Dataset, pictures: AnyArray, settings: TrainSettings, *, in_joint: bool = True
) -> PairData:
    """Divide the pairs training may look at into those to learn from and those to choose by.

    Args:
        dataset: With `modifications`; in Joint, texts whose instances are those of the pictures, too.
        pictures: (m, c, h, w) uint8 of the modality that is modified.
        settings: How much to hold out, and the seed that draws it.
        in_joint: Whether captions are learnt from; their roles are left out where they are not.

    Raises:
        TrainingError: What is `unpaired`.
    """
    if lacks := unpaired(dataset, in_joint):
        raise TrainingError(f"{dataset.name}: {lacks}")
    pairs = dataset.modifications
    assert pairs is not None
    seen = np.flatnonzero(pairs.seen)
    captions = captions_of(dataset, pairs.modality, learnt_pictures(pairs)) if in_joint else {}
    told = [str(words) for words in pairs.instructions]
    known = vocabulary([told[n] for n in seen.tolist()] + list(captions.values()))
    random = np.random.default_rng([settings.seed, 1])
    held = np.sort(random.permutation(seen)[: round(settings.validation * len(seen))])
    sources, targets = pairs.sources[seen], pairs.targets[seen]
    instructions = tokens(told, known, longest(told))
    spoken = {CAPTION: sources, TARGET_CAPTION: targets} if in_joint else {}
    words = longest(captions.values())
    roles = (SOURCE, INSTRUCTION, TARGET, *spoken)
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
            instances=dict.fromkeys(roles, numbers),
            train=dict.fromkeys(roles, learn),
            validation=dict.fromkeys(roles, np.empty(0, np.int64)),
            unseen=dict.fromkeys(roles, np.empty(0, np.int64)),
            classes=np.arange(len(dataset.classes)),
        ),
        vocabulary=known,
        pairs=pairs,
        instructions=instructions,
        validation=held,
        test=np.flatnonzero(~pairs.seen),
    )
