"""Texts that say what pictures show, for systems that learn pictures and their captions together."""

from __future__ import annotations

import numpy as np

from xview.arrays import Ints
from xview.data.records import Dataset, Kind, Modifications


def learnt_pictures(pairs: Modifications) -> Ints:
    """Rows of the pictures in pairs that training may look at, ascending."""
    return np.unique(np.concatenate([pairs.sources[pairs.seen], pairs.targets[pairs.seen]]))


def captions_of(dataset: Dataset, modality: str, rows: Ints) -> dict[int, str]:
    """By row, the text of each of these pictures that has one.

    It is the first item with words, of the first modality of texts with instances, of the picture's instance.
    """
    instances = dataset.collection(modality).instances
    texts = [c for c in dataset.collections.values() if c.kind is Kind.TEXT and c.instances is not None]
    if instances is None or not texts:
        return {}
    told = texts[0]
    assert told.instances is not None
    wanted = instances[rows]
    words: dict[int, str] = {}
    for row in np.flatnonzero((told.instances >= 0) & np.isin(told.instances, wanted)).tolist():
        if text := told.payloads.text(row):
            words.setdefault(int(told.instances[row]), text)
    pairs = zip(rows.tolist(), wanted.tolist(), strict=True)
    return {row: words[thing] for row, thing in pairs if thing in words}


def uncaptioned(dataset: Dataset, pairs: Modifications) -> str | None:
    """Which picture that training looks at has no caption, and what to do; None where all have one."""
    rows = learnt_pictures(pairs)
    found = captions_of(dataset, pairs.modality, rows)
    lacking = next((row for row in rows.tolist() if row not in found), None)
    if lacking is None:
        return None
    name = dataset.collection(pairs.modality).ids[lacking]
    return (
        f"{pairs.modality} {str(name)!r} has no caption to be learnt beside it: give it and a text the same "
        "`instance`, or learn without captions (in_joint=false)."
    )
