"""Scenes as sets of things, the changes that lead from one to another, and which scenes are neighbours."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence, Set
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from typing import NamedTuple, TypeAlias

import numpy as np

from xview.arrays import Ints

SHAPES = ("cube", "sphere", "cylinder")
COLOURS = ("gray", "red", "blue", "green", "brown", "purple", "cyan", "yellow")
SIZES = ("small", "large")
MATERIALS = ("rubber", "metal")
PLACES = tuple(
    f"{row}{column}" for row, column in product(("back ", "", "front "), ("left", "centre", "right"))
)
FEWEST, MOST = 3, 7  # things in a scene
FIRST = 5
CHANGES, ROUNDS = 10, 4


class Thing(NamedTuple):
    """One object by positions in `SHAPES`, `COLOURS`, `SIZES`, `MATERIALS` and `PLACES`."""

    shape: int
    colour: int
    size: int
    material: int
    place: int


WORDS: dict[str, tuple[str, ...]] = {
    "shape": SHAPES,
    "colour": COLOURS,
    "size": SIZES,
    "material": MATERIALS,
    "place": PLACES,
}
"""The values of each attribute of a `Thing`, in its order."""

Scene: TypeAlias = frozenset[Thing]
"""Things at places of their own."""


class Kind(StrEnum):
    """What a change does."""

    ATTRIBUTE = "attribute"  # of one thing, its place included
    ADD = "add"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Change:
    """From one scene to another: the thing that goes and the thing that comes, None where there is none."""

    gone: Thing | None
    come: Thing | None

    @property
    def kind(self) -> Kind:
        """Which of the three it is."""
        if self.gone is None:
            return Kind.ADD
        return Kind.REMOVE if self.come is None else Kind.ATTRIBUTE

    @property
    def attribute(self) -> str:
        """Name of the attribute that changes; empty where a thing comes or goes."""
        if self.gone is None or self.come is None:
            return ""
        return next(n for n, a, b in zip(Thing._fields, self.gone, self.come, strict=True) if a != b)

    def apply(self, scene: Scene) -> Scene:
        """The scene after the change."""
        gone = frozenset() if self.gone is None else frozenset({self.gone})
        come = frozenset() if self.come is None else frozenset({self.come})
        return (scene - gone) | come


@dataclass(frozen=True, eq=False, kw_only=True)
class World:
    """All scenes of one seed, each after the scene it was made from.

    Attributes:
        scenes: n different scenes; the first is the source of all.
        sources: (n,) int64 position of the scene each was made from, -1 for the first.
        changes: What made each, None for the first.
        rounds: (n,) int64, 0 for the first, then 1 to `ROUNDS`.
    """

    scenes: tuple[Scene, ...]
    sources: Ints
    changes: tuple[Change | None, ...]
    rounds: Ints

    def __len__(self) -> int:
        return len(self.scenes)


def make_world(seed: int = 0, rounds: int = ROUNDS, changes: int = CHANGES) -> World:
    """One source, `changes` scenes made from each scene of the round before, for `rounds` rounds.

    11,111 scenes by default. What kind of change is made is drawn first, all kinds and attributes alike,
    then the change; one that leads to a scene that is there already is drawn again.
    """
    draw = random.Random(seed)
    scenes = [_first(draw)]
    sources, round_of = [-1], [0]
    made: list[Change | None] = [None]
    there = {scenes[0]}
    start = 0
    for number in range(1, rounds + 1):
        end = len(scenes)
        for source in range(start, end):
            for _ in range(changes):
                change = _new_change(scenes[source], there, draw)
                scenes.append(change.apply(scenes[source]))
                there.add(scenes[-1])
                sources.append(source)
                made.append(change)
                round_of.append(number)
        start = end
    return World(
        scenes=tuple(scenes),
        sources=np.array(sources, dtype=np.int64),
        changes=tuple(made),
        rounds=np.array(round_of, dtype=np.int64),
    )


def neighbours(scenes: Sequence[Scene]) -> Ints:
    """Pairs of reachable neighbours, (p, 2) int64, the smaller position first, in ascending order.

    Two scenes are reachable from each other if they differ by one attribute of one thing, or by one having
    one more thing (paper 002, section 4.2). Found by what both share: a scene with one attribute left open
    or with one thing left out is a key, so time grows with the number of things, not of pairs.

    Args:
        scenes: All different.
    """
    position = {scene: number for number, scene in enumerate(scenes)}
    pairs: set[tuple[int, int]] = set()
    sharing: dict[tuple[Scene, int, tuple[int, ...]], list[int]] = defaultdict(list)
    for number, scene in enumerate(scenes):
        for thing in scene:
            rest = scene - {thing}
            if rest in position:
                pairs.add(_ordered(number, position[rest]))
            for attribute in range(len(thing)):
                sharing[rest, attribute, thing[:attribute] + thing[attribute + 1 :]].append(number)
    for alike in sharing.values():
        pairs.update(_ordered(a, b) for i, a in enumerate(alike) for b in alike[:i])
    return np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)


def difference(a: Scene, b: Scene) -> tuple[tuple[Thing, ...], tuple[Thing, ...]]:
    """Things only `a` has and things only `b` has, each in order; those of equal place face each other."""
    gone, come = sorted(a - b, key=_by_place), sorted(b - a, key=_by_place)
    return tuple(gone), tuple(come)


def _first(draw: random.Random) -> Scene:
    places = draw.sample(range(len(PLACES)), FIRST)
    return frozenset(_thing(place, draw) for place in places)


def _thing(place: int, draw: random.Random) -> Thing:
    drawn = [draw.randrange(len(words)) for name, words in WORDS.items() if name != "place"]
    shape, colour, size, material = drawn
    return Thing(shape, colour, size, material, place)


def _new_change(scene: Scene, there: Set[Scene], draw: random.Random) -> Change:
    while True:
        change = _change(scene, draw)
        if change is not None and change.apply(scene) not in there:
            return change


def _change(scene: Scene, draw: random.Random) -> Change | None:
    """A change at random; None where the scene is too full or too empty for what was drawn."""
    what = draw.choice((*WORDS, Kind.ADD, Kind.REMOVE))
    free = sorted(set(range(len(PLACES))) - {thing.place for thing in scene})
    if what == Kind.ADD:
        return Change(None, _thing(draw.choice(free), draw)) if len(scene) < MOST else None
    thing = draw.choice(sorted(scene))
    if what == Kind.REMOVE:
        return Change(thing, None) if len(scene) > FEWEST else None
    values = free if what == "place" else range(len(WORDS[what]))
    other = draw.choice([value for value in values if value != getattr(thing, what)])
    return Change(thing, thing._replace(**{what: other}))


def _ordered(a: int, b: int) -> tuple[int, int]:
    return (a, b) if a < b else (b, a)


def _by_place(thing: Thing) -> tuple[int, ...]:
    return thing.place, *thing
