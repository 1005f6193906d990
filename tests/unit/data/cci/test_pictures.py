"""Pictures: deterministic, and every change of a scene is seen."""

import numpy as np

from xview.data.cci.pictures import Camera, draw, shaken
from xview.data.cci.scenes import PLACES, WORDS, Thing, make_world

STILL = Camera(0.0, 0.0, 1.0)


def pixels(scene, camera=STILL, side=64):
    return np.asarray(draw(frozenset(scene), camera, side), dtype=int)


def test_a_picture_is_the_same_every_time_and_has_the_side_asked_for():
    scene = make_world(0, rounds=0).scenes[0]
    for side in (64, 100):
        assert pixels(scene, side=side).shape == (side, side, 3)
        assert (pixels(scene, side=side) == pixels(scene, side=side)).all()


def test_every_value_of_every_attribute_looks_different():
    for place in range(len(PLACES)):
        thing = Thing(0, 1, 1, 0, place)
        for name, words in WORDS.items():
            looks = [pixels([thing._replace(**{name: value})]) for value in range(len(words))]
            for a in range(len(looks)):
                for b in range(a):
                    assert (np.abs(looks[a] - looks[b]).max(axis=2) > 20).sum() >= 6, (name, a, b)


def test_a_thing_stands_where_its_place_says():
    bare = pixels([], side=96)
    assert bare.std() < 30
    for place in range(9):
        changed = np.abs(pixels([Thing(1, 1, 0, 0, place)], side=96) - bare).sum(axis=2) > 60
        y, x = (middle.mean() for middle in np.nonzero(changed))
        assert (y * 3 // 96, x * 3 // 96) == divmod(place, 3)


def test_the_camera_shakes_by_the_seed():
    assert shaken(0, 7) == shaken(0, 7) != shaken(0, 8)
    assert shaken(0, 7) != shaken(1, 7)
    scene = make_world(0, rounds=0).scenes[0]
    assert (pixels(scene, shaken(0, 7)) != pixels(scene, shaken(0, 8))).any()
