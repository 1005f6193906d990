"""A path item by item: what changes at each step, and where in its picture and text that shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xview.arrays import Bools
from xview.data.cci.pictures import Box
from xview.data.cci.scenes import alterations
from xview.data.cci.words import differences
from xview.data.cci.worlds import KnownWorld, world_of
from xview.data.records import Collection, Dataset, Kind
from xview.retrieval.stepping_stones import Vertex


@dataclass(frozen=True, slots=True)
class Step:
    """One item of a way.

    Attributes:
        item: Which.
        length: Radians from the item before. Of the first, from the query: 0 where that is this very item.
        changes: What to do to the scene before to see this one, in sentences; None where scenes are unknown.
        partner: The item of another modality that shows the same thing, a picture's text or a text's
            picture; None where the data knows none.
        boxes: Where what changed shows, or stood, in the picture that is the item or its partner, in shares
            of its side; empty where that is not known.
        spans: Which words of the text that is the item or its partner tell what changed: first and past last
            character; empty where that is not known, or where something went, which the text is silent on.
    """

    item: Vertex
    length: float
    changes: tuple[str, ...] | None = None
    partner: Vertex | None = None
    boxes: tuple[Box, ...] = ()
    spans: tuple[tuple[int, int], ...] = ()


def steps_of(dataset: Dataset, items: Sequence[Vertex], lengths: Sequence[float]) -> tuple[Step, ...]:
    """A way as steps with what changes at each.

    Args:
        dataset: Of the items.
        items: Of the way, in order.
        lengths: Radians of the steps, of the first to itself or from the query, then on.
    """
    world = world_of(dataset)
    before = (None, *items)
    return tuple(
        _step(dataset, world, last, item, length)
        for last, item, length in zip(before, items, lengths, strict=False)
    )


def _step(
    dataset: Dataset, world: KnownWorld | None, last: Vertex | None, item: Vertex, length: float
) -> Step:
    partner = partner_of(dataset, item)
    if world is None or last is None:
        return Step(item, length, None, partner)
    one, other = world.scenes[last.row], world.scenes[item.row]
    changes = alterations(one, other)
    return Step(
        item=item,
        length=length,
        changes=differences(one, other),
        partner=partner,
        boxes=tuple(box for change in changes for box in world.boxes(item.row, change)),
        spans=tuple(sorted(span for change in changes for span in world.spans(item.row, change))),
    )


def partner_of(dataset: Dataset, item: Vertex) -> Vertex | None:
    """The first item of another modality that shows the same thing, one of another kind before one alike."""
    own = dataset.collection(item.modality)
    if own.instances is None or own.instances[item.row] < 0:
        return None
    others = [c for c in dataset.collections.values() if c is not own and c.instances is not None]
    for other in sorted(others, key=lambda c: _unlike(own, c)):
        same = np.flatnonzero(_shows(other, int(own.instances[item.row])))
        if len(same):
            return Vertex(other.modality, int(same[0]))
    return None


def picture_of(dataset: Dataset, item: Vertex) -> Vertex:
    """A text's picture, where the data knows one."""
    text = dataset.collection(item.modality).kind is Kind.TEXT
    return (partner_of(dataset, item) or item) if text else item


def _unlike(own: Collection, other: Collection) -> bool:
    """Sorts a picture's texts, or the pictures of anything else, first."""
    wanted = Kind.TEXT if own.kind is Kind.IMAGE else Kind.IMAGE
    return other.kind is not wanted


def _shows(collection: Collection, thing: int) -> Bools:
    assert collection.instances is not None
    return np.asarray(collection.instances == thing)
