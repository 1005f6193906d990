"""Pictures: deterministic, and every change of a scene is seen."""

import numpy as np
import pytest

from xview.data.cci.pictures import Camera, box, draw, shaken
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


@pytest.mark.parametrize("side", [48, 64, 200])
def test_pictures_of_one_camera_differ_only_in_the_boxes_of_what_changed(side):
    world = make_world(5, rounds=2)
    for n in range(1, len(world)):
        camera, change = shaken(1, n), world.changes[n]
        one, other = (
            pixels(scene, camera, side) for scene in (world.scenes[world.sources[n]], world.scenes[n])
        )
        outside = np.ones((side, side), dtype=bool)
        for thing in (change.gone, change.come):
            if thing is not None:
                left, top, width, height = (round(share * side) for share in box(thing, camera, side))
                outside[top : top + height, left : left + width] = False
        different = (one != other).any(axis=2)
        assert different.any() and not (different & outside).any()


def test_a_box_is_no_larger_than_what_it_holds():
    side = 96
    for place in range(len(PLACES)):
        for size in (0, 1):
            thing = Thing(place % 3, 3, size, 0, place)
            y, x = np.nonzero((pixels([thing], side=side) != pixels([], side=side)).any(axis=2))
            left, top, width, height = (share * side for share in box(thing, STILL, side))
            seen = x.min(), y.min(), np.ptp(x) + 1, np.ptp(y) + 1
            assert np.allclose((left, top, width, height), seen, atol=3)
            assert left >= 0 and left + width <= side and top >= 0 and top + height <= side
