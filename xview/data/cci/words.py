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
    alterations,
)


def name(thing: Thing) -> str:
    """Such as "large red metal cube"; its place is left out."""
    words = SIZES[thing.size], COLOURS[thing.colour], MATERIALS[thing.material], SHAPES[thing.shape]
    return " ".join(words)


def caption(scene: Scene) -> str:
    """Every thing with its place, from the back left to the front right."""
    things = sorted(scene, key=lambda thing: thing.place)
    return ", ".join(" ".join(_words(thing).values()) for thing in things)


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
    single, gone, come = [], [], []
    for change in alterations(one, other):
        if len(change.attributes) == 1:
            single.append(change)
            continue
        if change.gone is not None:
            gone.append(Change(change.gone, None))
        if change.come is not None:
            come.append(Change(None, change.come))
    return tuple(instruction(change, one) for change in (*single, *gone, *come))


def spans(scene: Scene, change: Change) -> tuple[tuple[int, int], ...]:
    """Where the caption of `scene` tells what `change`, which led to it, did: first and past last character.

    The words of the attributes that changed, in order; all that is said of a thing that came; nothing of one
    that went, for the caption is silent on it.
    """
    if change.come is None:
        return ()
    words = _words(change.come)
    start = caption(scene).index(" ".join(words.values()))
    if change.gone is None:
        return ((start, start + len(" ".join(words.values()))),)
    found = []
    for attribute, word in words.items():
        if attribute in change.attributes:
            found.append((start, start + len(word)))
        start += len(word) + 1
    return tuple(found)


def _words(thing: Thing) -> dict[str, str]:
    """What a caption says of a thing, by attribute, in order; what it says of none is under other names."""
    return {
        "a": "a",
        "size": SIZES[thing.size],
        "colour": COLOURS[thing.colour],
        "material": MATERIALS[thing.material],
        "shape": SHAPES[thing.shape],
        "at": "at the",
        "place": PLACES[thing.place],
    }
