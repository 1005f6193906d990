"""What a shared space holds beside a field's items: the other modalities, and pairs to align them by."""

from __future__ import annotations

import numpy as np

from xview.arrays import Floats, Ints
from xview.data.protocol import Task
from xview.data.records import Collection
from xview.retrieval.base import Stones, Surroundings
from xview.spaces.space import EmbeddingSpace


def surroundings(task: Task, space: EmbeddingSpace) -> Surroundings:
    """Names and rows of a task's items, and all items of the space's other modalities.

    Raises:
        SpaceError: A vector among them is zero or not finite.
    """
    query, gallery = task.protocol.query, task.protocol.gallery
    others = (m for m in space.modalities if m != gallery and m in task.collections)
    return Surroundings(
        x_modality=query,
        y_modality=gallery,
        x_rows=task.query_rows,
        y_rows=task.gallery_rows,
        stones=tuple(
            Stones(
                modality=m,
                vectors=space.unit(m),
                x_rows=task.query_rows if m == query else None,
                pairs=_pairs(task.collections[m], space.unit(m), task.gallery, space.unit(gallery)),
            )
            for m in others
        ),
    )


def _pairs(one: Collection, vectors: Floats, other: Collection, others: Floats) -> tuple[Floats, Floats]:
    """Items training may look at, and for each the mean of the other modality's that show the same thing."""
    if one.instances is None or other.instances is None:
        return vectors[:0], others[:0]
    ours, theirs = _known(one), _known(other)
    things, which = np.unique(other.instances[theirs], return_inverse=True)
    if not len(things):
        return vectors[:0], others[:0]
    means = np.zeros((len(things), others.shape[1]), dtype=np.float64)
    np.add.at(means, which, others[theirs])
    means /= np.bincount(which)[:, None]
    at = np.minimum(np.searchsorted(things, one.instances[ours]), len(things) - 1)
    paired = things[at] == one.instances[ours]
    return vectors[ours[paired]], means[at[paired]].astype(np.float32)


def _known(collection: Collection) -> Ints:
    """Rows that show a known thing and that training may look at."""
    assert collection.instances is not None
    known = collection.instances >= 0
    return np.flatnonzero(known if collection.seen is None else known & collection.seen)
