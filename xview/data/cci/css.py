"""Pairs as in CSS (Vo et al. 2019: colour, shape and size): many scenes, each with some changes of it.

A change adds a thing, removes one, or gives one another colour or size. Some combinations of shape and colour
occur only in the scenes for training, others only in those for testing: conditions A and B of CLEVR's test of
generalisation by composition (Johnson et al. 2017, section 4.7), which Vo et al. follow.

Readings
    Every change concerns one thing, which its instruction names in full; CSS also has "remove object", which
    concerns all, or any, things that match. All things are of rubber, as CSS speaks of no material.
"""

from __future__ import annotations

import random
from functools import partial

import numpy as np

from xview.arrays import Bools
from xview.data.cci.scenes import (
    COLOURS,
    FEWEST,
    MATERIALS,
    MOST,
    SHAPES,
    Change,
    Scene,
    Thing,
    World,
    new_change,
    random_scene,
)

SCENES, CHANGES = 500, 10  # for training and as many for testing; changes of each
CHANGED = ("", "colour", "size")  # attributes; none where a thing comes or goes
_FEW, _OTHER = ("gray", "blue", "brown", "yellow"), ("red", "green", "purple", "cyan")
ALLOWED: dict[bool, dict[str, tuple[str, ...]]] = {
    False: {"cube": _FEW, "cylinder": _OTHER, "sphere": COLOURS},
    True: {"cube": _OTHER, "cylinder": _FEW, "sphere": COLOURS},
}
"""Colours by shape, in scenes for training (False) and for testing (True)."""


def make_pairs(seed: int = 0, scenes: int = SCENES, changes: int = CHANGES) -> tuple[World, Bools]:
    """Scenes for training, then as many for testing, each followed by the scenes made from it.

    Returns:
        The world, and (n,) whether a scene is for testing.
    """
    draw = random.Random(seed)
    made: list[Scene] = []
    how: list[Change | None] = []
    sources: list[int] = []
    there: set[Scene] = set()
    for test in (False, True):
        for _ in range(scenes):
            source = len(made)
            made.append(_new_scene(there, test, draw))
            how.append(None)
            sources.append(-1)
            there.add(made[source])
            for _ in range(changes):
                change = new_change(made[source], there, draw, partial(_fits, test=test))
                made.append(change.apply(made[source]))
                how.append(change)
                sources.append(source)
                there.add(made[-1])
    world = World(
        scenes=tuple(made),
        sources=np.array(sources, dtype=np.int64),
        changes=tuple(how),
        rounds=np.array([int(source >= 0) for source in sources], dtype=np.int64),
    )
    return world, np.arange(len(world)) >= len(world) // 2


def allowed(thing: Thing, test: bool) -> bool:
    """Whether a scene for training, or for testing, may hold the thing."""
    return (
        COLOURS[thing.colour] in ALLOWED[test][SHAPES[thing.shape]] and MATERIALS[thing.material] == "rubber"
    )


def _new_scene(there: set[Scene], test: bool, draw: random.Random) -> Scene:
    while True:
        scene = _recoloured(random_scene(draw.randint(FEWEST, MOST), draw), test, draw)
        if scene not in there:
            return scene


def _recoloured(scene: Scene, test: bool, draw: random.Random) -> Scene:
    """The same things in rubber, those of no allowed colour in one at random."""
    return frozenset(
        thing._replace(
            colour=COLOURS.index(draw.choice(ALLOWED[test][SHAPES[thing.shape]])),
            material=MATERIALS.index("rubber"),
        )
        for thing in sorted(scene)
    )


def _fits(change: Change, test: bool) -> bool:
    return change.attribute in CHANGED and (change.come is None or allowed(change.come, test))
