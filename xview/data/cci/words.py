"""Scenes and changes in English: captions, and instructions such as "make the large red metal cube blue"."""

from __future__ import annotations

from xview.data.cci.scenes import (
    COLOURS,
    MATERIALS,
    PLACES,
    SHAPES,
    SIZES,
    Change,
    Kind,
    Scene,
    Thing,
    difference,
)


def name(thing: Thing) -> str:
    """Such as "large red metal cube"; its place is left out."""
    words = SIZES[thing.size], COLOURS[thing.colour], MATERIALS[thing.material], SHAPES[thing.shape]
    return " ".join(words)


def caption(scene: Scene) -> str:
    """Every thing with its place, from the back left to the front right."""
    things = sorted(scene, key=lambda thing: thing.place)
    return ", ".join(f"a {name(thing)} at the {PLACES[thing.place]}" for thing in things)


def instruction(change: Change, scene: Scene) -> str:
    """What to do to `scene`; a thing whose name two things bear is told by its place as well."""
    if change.gone is None:
        assert change.come is not None
        return f"add a {name(change.come)} at the {PLACES[change.come.place]}"
    alike = [thing for thing in scene if name(thing) == name(change.gone)]
    told = f"the {name(change.gone)}" + (f" at the {PLACES[change.gone.place]}" if len(alike) > 1 else "")
    if change.kind is Kind.REMOVE:
        return f"remove {told}"
    assert change.come is not None
    come = change.come
    return {
        "shape": f"turn {told} into a {SHAPES[come.shape]}",
        "colour": f"make {told} {COLOURS[come.colour]}",
        "size": f"make {told} {SIZES[come.size]}",
        "material": f"make {told} of {MATERIALS[come.material]}",
        "place": f"move {told} to the {PLACES[come.place]}",
    }[change.attribute]


def differences(one: Scene, other: Scene) -> tuple[str, ...]:
    """What to do to `one` to make it `other`, an instruction a thing; empty where they are the same.

    A thing that goes and one that comes are told as one change where a single attribute tells them apart.
    """
    gone, come = (list(things) for things in difference(one, other))
    changes = []
    for thing in tuple(gone):
        alike = next((c for c in come if sum(a != b for a, b in zip(thing, c, strict=True)) == 1), None)
        if alike is not None:
            come.remove(alike)
            gone.remove(thing)
            changes.append(Change(thing, alike))
    changes += [Change(thing, None) for thing in gone] + [Change(None, thing) for thing in come]
    return tuple(instruction(change, one) for change in changes)
