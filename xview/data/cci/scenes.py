"""Scenes as sets of things, the changes that lead from one to another, and which scenes are neighbours."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Sequence, Set
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
    def attributes(self) -> tuple[str, ...]:
        """Names of the attributes that change; empty where a thing comes or goes."""
        if self.gone is None or self.come is None:
            return ()
        return tuple(n for n, a, b in zip(Thing._fields, self.gone, self.come, strict=True) if a != b)

    @property
    def attribute(self) -> str:
        """The first of them; empty where there is none."""
        return next(iter(self.attributes), "")

    def apply(self, scene: Scene) -> Scene:
        """The scene after the change."""
        gone = frozenset() if self.gone is None else frozenset({self.gone})
        come = frozenset() if self.come is None else frozenset({self.come})
        return (scene - gone) | come


@dataclass(frozen=True, eq=False, kw_only=True)
class World:
    """All scenes of one seed, each after the scene it was made from.

    Attributes:
        scenes: n different scenes; in CCI the first is the source of all.
        sources: (n,) int64 position of the scene each was made from, -1 for one that was made from none.
        changes: What made each, None where it was made from none.
        rounds: (n,) int64 changes since a scene that was made from none.
    """

    scenes: tuple[Scene, ...]
    sources: Ints
    changes: tuple[Change | None, ...]
    rounds: Ints

    def __len__(self) -> int:
        return len(self.scenes)


def make_world(seed: int = 0, rounds: int = ROUNDS, changes: int = CHANGES) -> World:
    """One source, `changes` scenes made from each scene of the round before, for `rounds` rounds.

    11,111 scenes by default.
    """
    draw = random.Random(seed)
    scenes = [random_scene(FIRST, draw)]
    sources, round_of = [-1], [0]
    made: list[Change | None] = [None]
    there = {scenes[0]}
    start = 0
    for number in range(1, rounds + 1):
        end = len(scenes)
        for source in range(start, end):
            for _ in range(changes):
                change = new_change(scenes[source], there, draw)
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


def alterations(a: Scene, b: Scene) -> tuple[Change, ...]:
    """What leads from `a` to `b`, thing by thing.

    A thing that goes and one that comes are told as one change where a single attribute tells them apart,
    then where they stand at one place; several attributes may differ then. What comes or goes alone is last.
    """
    gone, come = (list(things) for things in difference(a, b))
    paired = []

    def pair(alike: Callable[[Change], bool]) -> None:
        for thing in tuple(gone):
            change = next((c for c in (Change(thing, other) for other in come) if alike(c)), None)
            if change is not None and change.come is not None:
                gone.remove(thing)
                come.remove(change.come)
                paired.append(change)

    pair(lambda change: len(change.attributes) == 1)
    pair(lambda change: "place" not in change.attributes)
    return (*paired, *(Change(thing, None) for thing in gone), *(Change(None, thing) for thing in come))


def reachable(a: Scene, b: Scene) -> bool:
    """Whether both are reachable neighbours, as `neighbours` finds them."""
    changes = alterations(a, b)
    return len(changes) == 1 and len(changes[0].attributes) <= 1


def random_scene(count: int, draw: random.Random) -> Scene:
    """So many things, each at random, at places of their own."""
    places = draw.sample(range(len(PLACES)), count)
    return frozenset(_thing(place, draw) for place in places)


def new_change(
    scene: Scene, there: Set[Scene], draw: random.Random, allowed: Callable[[Change], bool] | None = None
) -> Change:
    """A change at random that is `allowed` and leads to a scene that is not there yet.

    What kind of change it is is drawn first, all kinds and attributes alike, then the change itself.
    """
    while True:
        change = _change(scene, draw)
        if change is None or (allowed is not None and not allowed(change)):
            continue
        if change.apply(scene) not in there:
            return change


def _thing(place: int, draw: random.Random) -> Thing:
    drawn = [draw.randrange(len(words)) for name, words in WORDS.items() if name != "place"]
    shape, colour, size, material = drawn
    return Thing(shape, colour, size, material, place)


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
