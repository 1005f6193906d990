"""Captions and instructions say what is there and what is to be done."""

from xview.data.cci.scenes import Change, Thing, make_world
from xview.data.cci.words import caption, instruction, name

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
