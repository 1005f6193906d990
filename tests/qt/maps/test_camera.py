import numpy as np
import pytest

from xview.qt.maps.camera import MARGIN, Box, Camera, full_box, robust_box

CAMERA = Camera(3.0, -2.0, 40.0, 300.0, 200.0)


def test_screen_and_map_are_inverse():
    points = np.random.default_rng(0).normal(size=(50, 2))
    for point, pixel in zip(points, CAMERA.to_screen(points), strict=True):
        assert CAMERA.to_map(*pixel) == pytest.approx(tuple(point))


def test_up_on_the_map_is_up_on_the_screen():
    low, high = CAMERA.to_screen(np.array([[0.0, 0.0], [0.0, 1.0]]))
    assert high[1] < low[1]


def test_a_zoom_keeps_the_place_under_the_pointer():
    assert CAMERA.zoomed(3.7, 20, 150).to_map(20, 150) == pytest.approx(CAMERA.to_map(20, 150))


def test_a_pan_moves_the_content_with_the_pointer():
    before = CAMERA.to_screen(np.array([[1.0, 1.0]]))
    after = CAMERA.panned(12, -7).to_screen(np.array([[1.0, 1.0]]))
    np.testing.assert_allclose(after - before, [[12, -7]])


@pytest.mark.parametrize("size", [(300, 200), (120, 500)])
def test_a_fitted_box_fills_the_screen_but_for_its_margin(size):
    box = Box(-3, 2, 8, 5)
    corners = Camera.fit(box, *size).to_screen(np.array([[-3, 2], [8, 5]]))
    assert (corners >= MARGIN - 1e-9).all() and (corners <= np.array(size) - MARGIN + 1e-9).all()
    spans = np.abs(corners[1] - corners[0])
    assert np.isclose(spans, np.array(size) - 2 * MARGIN).any()


@pytest.mark.parametrize("points", [np.zeros((0, 2)), np.full((1, 2), 7.0), np.zeros((9, 2))])
def test_maps_without_extent_can_be_looked_at(points):
    camera = Camera.fit(robust_box(points), 300, 200)
    assert np.isfinite(camera.scale) and camera.scale > 0
    assert np.isfinite(camera.to_screen(points)).all()


def test_outliers_do_not_squeeze_the_map():
    points = np.random.default_rng(1).normal(size=(1000, 2))
    points[:10] += 100
    box = robust_box(points)
    assert box.right < 10 and box.mask(points[10:]).mean() > 0.98


def test_an_island_that_holds_a_twentieth_stays_in_view():
    points = np.random.default_rng(2).normal(size=(1000, 2))
    points[:50] = points[:50] * 0.1 + (20, 0)
    assert robust_box(points).mask(points[:50]).all()


def test_without_outliers_every_point_is_in_view():
    points = np.random.default_rng(3).uniform(size=(1000, 2))
    assert robust_box(points) == full_box(points)


def test_the_edges_of_a_box_are_not_rounded():
    third = np.array([[1 / 3, 0.0]], np.float32)
    assert not Box(1 / 3 + 1e-8, -1, 1, 1).mask(third)[0] or third[0, 0] >= 1 / 3 + 1e-8
    assert Box(float(third[0, 0]), -1, 1, 1).mask(third)[0]
    assert not Box(np.nextafter(float(third[0, 0]), 1), -1, 1, 1).mask(third)[0]
