"""Two scenes of a made world held against each other, attribute by attribute."""

from __future__ import annotations

from dataclasses import dataclass

from xview.data.cci.pictures import Box
from xview.data.cci.scenes import PLACES, WORDS, Change, alterations, reachable
from xview.data.cci.words import name
from xview.data.cci.worlds import KnownWorld, world_of
from xview.data.records import Dataset
from xview.retrieval.stepping_stones import Vertex

ADDED, REMOVED = "added", "removed"


@dataclass(frozen=True, slots=True)
class Difference:
    """One line: an attribute of a thing, or a whole thing.

    Attributes:
        thing: What people call it in the first scene, its place included; in the other where it came.
        attribute: Which differs; `ADDED` or `REMOVED` where the whole thing came or went.
        before, after: Its value in either scene; the thing itself where it went or came, empty on the other
            side.
        box_before, box_after: Where the thing shows in either scene's picture; None where it is not there,
            or the data does not tell.
    """

    thing: str
    attribute: str
    before: str
    after: str
    box_before: Box | None
    box_after: Box | None


@dataclass(frozen=True, slots=True)
class SceneDifferences:
    """Two scenes held against each other.

    Attributes:
        rows: Things that both have with other attributes, then what went, then what came.
        neighbours: Whether each can be reached from the other by one change (paper 002, section 4.2).
    """

    rows: tuple[Difference, ...]
    neighbours: bool


def scene_differences(dataset: Dataset, one: Vertex, other: Vertex) -> SceneDifferences | None:
    """What tells the scene of `other` from that of `one`; None in data without scenes.

    Raises:
        DataError: The world's file is damaged.
    """
    world = world_of(dataset)
    if world is None:
        return None
    a, b = world.scenes[one.row], world.scenes[other.row]
    rows = tuple(row for change in alterations(a, b) for row in _rows(world, change, one.row, other.row))
    return SceneDifferences(rows, reachable(a, b))


def _rows(world: KnownWorld, change: Change, one: int, other: int) -> tuple[Difference, ...]:
    thing = change.come if change.gone is None else change.gone
    assert thing is not None
    called = f"{name(thing)} at the {PLACES[thing.place]}"
    boxes = world.box(one, change.gone), world.box(other, change.come)
    if change.gone is None:
        return (Difference(called, ADDED, "", called, *boxes),)
    if change.come is None:
        return (Difference(called, REMOVED, called, "", *boxes),)
    return tuple(
        Difference(
            called,
            attribute,
            WORDS[attribute][getattr(change.gone, attribute)],
            WORDS[attribute][getattr(change.come, attribute)],
            *boxes,
        )
        for attribute in change.attributes
    )
