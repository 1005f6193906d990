import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xview.qt.maps.camera import Box
from xview.qt.maps.grid import PointGrid


def cloud(n, seed=0):
    random = np.random.default_rng(seed)
    centres = random.normal(size=(12, 2)) * 5
    return (centres[random.integers(0, 12, n)] + random.normal(size=(n, 2)) * 0.5).astype(np.float32)


def inside_slowly(x, y, corners):
    """Even-odd rule, one point and one edge at a time."""
    inside = False
    for (x1, y1), (x2, y2) in zip(corners, [*corners[1:], corners[0]], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


@pytest.mark.parametrize("n", [1, 2, 40, 5000])
def test_the_nearest_point_is_that_of_brute_force(n):
    points = cloud(n)
    grid = PointGrid(points)
    random = np.random.default_rng(1)
    for x, y in random.normal(size=(200, 2)) * 6:
        radius = random.uniform(0.05, 3)
        distance = np.hypot(*(points.astype(float) - (x, y)).T)
        expected = int(np.argmin(distance)) if distance.min() <= radius else -1
        assert grid.nearest(x, y, radius) == expected


def test_hidden_points_are_not_picked():
    points = cloud(500)
    shown = np.arange(500) % 2 == 1
    grid = PointGrid(points)
    for row in range(0, 500, 7):
        x, y = points[row].astype(float)
        distance = np.where(shown, np.hypot(*(points.astype(float) - (x, y)).T), np.inf)
        assert grid.nearest(x, y, 1e3, shown) == int(np.argmin(distance))


def test_a_map_without_points_has_nothing_to_pick():
    grid = PointGrid(np.empty((0, 2), np.float32))
    assert grid.nearest(0, 0, 10) == -1
    assert grid.in_box(Box(-1, -1, 1, 1)).size == 0
    assert grid.in_polygon(np.array([[0, 0], [1, 0], [0, 1.0]])).size == 0


@given(st.lists(st.floats(-12, 12), min_size=4, max_size=4))
@settings(max_examples=60, deadline=None)
def test_a_box_holds_what_brute_force_finds(edges):
    points = cloud(3000)
    left, right = sorted(edges[:2])
    bottom, top = sorted(edges[2:])
    x, y = points.astype(float).T
    expected = np.flatnonzero((x >= left) & (x <= right) & (y >= bottom) & (y <= top))
    np.testing.assert_array_equal(PointGrid(points).in_box(Box(left, bottom, right, top)), expected)


@given(st.integers(0, 10_000), st.integers(3, 40))
@settings(max_examples=40, deadline=None)
def test_a_lasso_holds_what_a_slow_loop_finds(seed, corners):
    """Self-crossing polygons included: corners are drawn in random order."""
    points = cloud(300, seed)
    polygon = np.random.default_rng(seed).normal(size=(corners, 2)) * 6
    expected = [row for row, (x, y) in enumerate(points.tolist()) if inside_slowly(x, y, polygon.tolist())]
    np.testing.assert_array_equal(PointGrid(points).in_polygon(polygon), expected)


def test_a_lasso_through_points_agrees_with_the_slow_loop():
    """Corners on points and level edges, where careless comparisons differ."""
    points = np.stack(np.meshgrid(np.arange(6.0), np.arange(6.0)), -1).reshape(-1, 2).astype(np.float32)
    polygon = np.array([[1, 1], [4, 1], [4, 3], [2, 3], [2, 5], [1, 5]], float)
    expected = [row for row, (x, y) in enumerate(points.tolist()) if inside_slowly(x, y, polygon.tolist())]
    np.testing.assert_array_equal(PointGrid(points).in_polygon(polygon), expected)
