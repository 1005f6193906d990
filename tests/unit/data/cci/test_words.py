"""Captions and instructions say what is there and what is to be done."""

from xview.data.cci.scenes import Change, Thing, alterations, make_world
from xview.data.cci.words import caption, differences, instruction, name, spans

CUBE = Thing(shape=0, colour=1, size=1, material=1, place=0)
TWIN = CUBE._replace(place=8)
BALL = Thing(shape=1, colour=2, size=0, material=0, place=4)


def test_a_caption_names_every_thing_and_its_place():
    assert (
        caption(frozenset({TWIN, BALL, CUBE})) == "a large red metal cube at the back left, "
        "a small blue rubber sphere at the centre, a large red metal cube at the front right"
    )


def test_every_change_has_its_instruction():
    scene = frozenset({CUBE, BALL})
    changed = {
        "make the large red metal cube blue": CUBE._replace(colour=2),
        "make the large red metal cube small": CUBE._replace(size=0),
        "make the large red metal cube of rubber": CUBE._replace(material=0),
        "turn the large red metal cube into a cylinder": CUBE._replace(shape=2),
        "move the large red metal cube to the right": CUBE._replace(place=5),
    }
    for words, come in changed.items():
        assert instruction(Change(CUBE, come), scene) == words
    assert instruction(Change(BALL, None), scene) == "remove the small blue rubber sphere"
    assert instruction(Change(None, TWIN), scene) == "add a large red metal cube at the front right"


def test_twins_are_told_apart_by_their_place():
    words = instruction(Change(TWIN, None), frozenset({CUBE, TWIN}))
    assert words == "remove the large red metal cube at the front right"


def test_captions_tell_all_scenes_apart():
    world = make_world(1, rounds=3)
    assert len({caption(scene) for scene in world.scenes}) == len(world)


def test_a_name_leaves_the_place_out():
    assert name(CUBE) == name(TWIN)


def test_spans_are_the_words_that_changed():
    scene = frozenset({CUBE, BALL, TWIN})
    before = {
        ("red",): CUBE._replace(colour=2),
        ("large",): CUBE._replace(size=0),
        ("metal",): CUBE._replace(material=0),
        ("cube",): CUBE._replace(shape=2),
        ("back left",): CUBE._replace(place=5),
        ("large", "red", "cube"): CUBE._replace(size=0, colour=2, shape=1),
    }
    for words, gone in before.items():
        found = spans(scene, Change(gone, CUBE))
        assert tuple(caption(scene)[a:b] for a, b in found) == words
        assert found[0][1] <= caption(scene).index(", ")  # of the cube at the back left, not of its twin
    ((a, b),) = spans(scene, Change(None, TWIN))
    assert caption(scene)[a:b] == "a large red metal cube at the front right"
    assert spans(scene, Change(CUBE._replace(place=1), None)) == ()


def test_without_what_the_spans_mark_both_captions_are_one():
    world = make_world(3, rounds=2)
    for n in range(1, len(world)):
        (change,) = alterations(world.scenes[world.sources[n]], world.scenes[n])
        if change.gone is not None and change.come is not None and "place" not in change.attributes:
            back = Change(change.come, change.gone)
            one = cut(world.scenes[world.sources[n]], back)
            assert one == cut(world.scenes[n], change) != caption(world.scenes[n])


def cut(scene, change):
    """The caption without the marked words."""
    words = caption(scene)
    for a, b in reversed(spans(scene, change)):
        words = words[:a] + words[b:]
    return words


def test_differences_of_far_scenes_tell_every_thing():
    assert differences(frozenset({CUBE, BALL}), frozenset({CUBE._replace(colour=2, size=0), TWIN})) == (
        "move the large red metal cube to the front right",
        "remove the small blue rubber sphere",
        "add a small blue metal cube at the back left",
    )
    assert differences(frozenset({CUBE, BALL}), frozenset({CUBE._replace(colour=2, size=0)})) == (
        "remove the large red metal cube",
        "remove the small blue rubber sphere",
        "add a small blue metal cube at the back left",
    )
