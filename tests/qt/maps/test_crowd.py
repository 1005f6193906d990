from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xview.qt.maps import compiled
from xview.qt.maps import crowd as crowds
from xview.qt.maps.camera import Box
from xview.qt.maps.crowd import Crowd
from xview.qt.maps.scene import Points

PALETTE = ("#ff0000", "#00ff00", "#ff0000", "#0000ff")


def points(n=4000, seed=0):
    random = np.random.default_rng(seed)
    plain = Points.plain(random.normal(size=(n, 2)) * 3, random.integers(0, 3, n))
    return replace(
        plain,
        colours=random.integers(0, 4, n),
        palette=PALETTE,
        shown=random.random(n) < 0.8,
        selected=random.random(n) < 0.3,
    )


@given(st.lists(st.floats(-9, 9), min_size=4, max_size=4))
@settings(max_examples=60, deadline=None)
def test_what_is_seen_is_counted_exactly(edges):
    left, right = sorted(edges[:2])
    bottom, top = sorted(edges[2:])
    box, given_points = Box(left, bottom, right, top), points()
    crowd = Crowd(given_points)
    inside = box.mask(given_points.positions.astype(float)) & given_points.shown
    faded, plain = inside & ~given_points.selected, inside & given_points.selected
    assert crowd.seen(box) == (faded.sum(), plain.sum())
    np.testing.assert_array_equal(crowd.rows(box), np.flatnonzero(inside))
    for part, rows in zip(crowd.parts, (faded, plain), strict=True):
        places = part.places(box)
        found = crowd.grid.order[places[box.holds(crowd.grid.x[places], crowd.grid.y[places])]]
        np.testing.assert_array_equal(np.sort(found), np.flatnonzero(rows))


def test_a_look_says_colour_and_fading():
    given_points = points()
    crowd = Crowd(given_points)
    rows = crowd.grid.order
    hidden = crowd.looks == 0
    np.testing.assert_array_equal(hidden, ~given_points.shown[rows])
    faded, colour = np.divmod(crowd.looks[~hidden].astype(int) - 1, len(crowd.palette))
    np.testing.assert_array_equal(faded, ~given_points.selected[rows][~hidden])
    assert [crowd.palette[c] for c in colour] == [PALETTE[c] for c in given_points.colours[rows][~hidden]]
    assert len(set(crowd.palette)) == len(crowd.palette) == 3


def test_nothing_selected_fades_nothing():
    given_points = points()
    crowd = Crowd(replace(given_points, selected=np.zeros(4000, bool)))
    assert len(crowd.faded) == 0 and len(crowd.plain) == len(crowd) == given_points.shown.sum()


def test_a_hidden_selection_still_fades_the_others():
    given_points = points()
    crowd = Crowd(replace(given_points, shown=given_points.shown & ~given_points.selected))
    assert crowd.fading and len(crowd.plain) == 0 and len(crowd.faded) == len(crowd) > 0


@pytest.mark.parametrize("colours", [np.full(4000, 4), np.full(4000, -1)])
def test_a_colour_beyond_the_palette_is_refused(colours):
    with pytest.raises(ValueError, match="colours must be"):
        Crowd(replace(points(), colours=colours))


def test_what_is_in_view_decides_how_it_is_painted(monkeypatch):
    monkeypatch.setattr(crowds, "DENSE", 500)
    monkeypatch.setattr(compiled, "warm_up", lambda: None)
    given_points = replace(points(), selected=np.arange(4000) < 100)
    crowd = Crowd(given_points)
    assert crowd.dense(crowd.grid.box) == (True, False)
    assert crowd.dense(Box(0, 0, 0.3, 0.3)) == (False, False)
    assert Crowd(replace(given_points, selected=np.zeros(4000, bool))).dense(crowd.grid.box) == (False, True)


def test_an_empty_map_has_nothing():
    crowd = Crowd(Points.plain(np.empty((0, 2))))
    assert len(crowd) == 0 and crowd.seen(Box(-1, -1, 1, 1)) == (0, 0)
    assert crowd.rows(Box(-1, -1, 1, 1)).size == 0
