import numpy as np
import pytest

from xview.qt.maps.labels import place_labels
from xview.qt.maps.thumbnails import LARGEST, SMALLEST, thumbnail_side, without_overlap

BOUNDS = (300.0, 200.0)
NOTHING = (np.empty((0, 2)), np.empty(0))


def overlapping(centres, sizes):
    pairs = [(a, b) for a in range(len(centres)) for b in range(a)]
    return [
        (a, b) for a, b in pairs if (np.abs(centres[a] - centres[b]) < (sizes[a] + sizes[b]) / 2 - 1e-9).all()
    ]


@pytest.mark.parametrize("spread", [0.0, 3.0, 60.0])
def test_no_label_lies_on_another_or_outside(spread):
    random = np.random.default_rng(4)
    anchors = np.array([150.0, 100.0]) + random.normal(size=(10, 2)) * spread
    sizes = np.column_stack([random.uniform(18, 34, 10), np.full(10, 16.0)])
    centres = place_labels(anchors, sizes, BOUNDS, anchors, np.full(10, 4.0))
    assert np.isfinite(centres).all()
    assert not overlapping(centres, sizes)
    assert (centres - sizes / 2 >= 0).all() and (centres + sizes / 2 <= BOUNDS).all()


def test_a_lone_label_stands_above_and_off_its_anchor():
    ((x, y),) = place_labels(np.array([[150.0, 100.0]]), np.array([[24.0, 16.0]]), BOUNDS, *NOTHING)
    assert abs(x - 150) < 1 and 70 < y < 92


def test_a_label_keeps_off_what_it_should_avoid():
    above = np.array([[150.0, 79.0], [150.0, 100.0]])
    ((x, y),) = place_labels(
        np.array([[150.0, 100.0]]), np.array([[24.0, 16.0]]), BOUNDS, above, np.full(2, 2.0)
    )
    assert not (abs(x - 150) < 14 and abs(y - 79) < 10)


def test_a_label_without_room_is_left_out():
    centres = place_labels(np.full((2, 2), 10.0), np.full((2, 2), 19.0), (20.0, 20.0), *NOTHING)
    assert np.isnan(centres).any()


def test_pictures_do_not_overlap_and_none_is_dropped_without_need():
    places = np.random.default_rng(5).uniform(0, 400, (200, 2))
    side = 36.0
    kept = without_overlap(places, side)
    distance = np.abs(places[:, None] - places[None]).max(axis=2)
    for row in range(200):
        crowded = any(distance[row, other] < side for other in kept if other < row)
        assert (row in kept) != crowded


def test_pictures_grow_as_fewer_share_the_screen():
    sides = [thumbnail_side(n, 400, 300) for n in (200, 60, 10, 1)]
    assert sides == sorted(sides) and min(sides) >= SMALLEST and max(sides) <= LARGEST
