import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xview.qt.maps import compiled
from xview.qt.maps import grid as grids
from xview.qt.maps.camera import Box
from xview.qt.maps.grid import PointGrid, grid_of, keep_grid


@pytest.fixture(params=["numpy", "compiled"], autouse=True)
def kernels(request, monkeypatch):
    """Every promise is kept before the compiled loops are there, and after."""
    monkeypatch.setattr(compiled, "_ready", compiled.load() if request.param == "compiled" else None)


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
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_box_holds_what_brute_force_finds(edges):
    points = cloud(3000)
    left, right = sorted(edges[:2])
    bottom, top = sorted(edges[2:])
    x, y = points.astype(float).T
    expected = np.flatnonzero((x >= left) & (x <= right) & (y >= bottom) & (y <= top))
    np.testing.assert_array_equal(PointGrid(points).in_box(Box(left, bottom, right, top)), expected)


@given(st.integers(0, 10_000), st.integers(3, 40))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
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


@given(st.lists(st.floats(-12, 12), min_size=4, max_size=4), st.integers(0, 3))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_box_is_counted_without_looking_into_cells_inside_it(edges, seed):
    points = cloud(3000, seed)
    left, right = sorted(edges[:2])
    bottom, top = sorted(edges[2:])
    box, grid = Box(left, bottom, right, top), PointGrid(points)
    mask = np.random.default_rng(seed).random(3000) < 0.3
    inner, rim = grid.inner_and_rim(grid.by_cell(mask[grid.order]), box)
    rows = grid.order[rim]
    inside = box.mask(points[rows].astype(float)) & mask[rows]
    assert inner + np.count_nonzero(inside) == np.count_nonzero(box.mask(points.astype(float)) & mask)
    assert len(set(rim.tolist())) == len(rim)


def test_both_ways_sort_alike(monkeypatch):
    points = cloud(40_000)
    points[5000:6000] = points[0]  # many in one place
    grids = []
    for ready in (None, compiled.load()):
        monkeypatch.setattr(compiled, "_ready", ready)
        grids.append(PointGrid(points))
    for name in ("order", "x", "y", "_start"):
        np.testing.assert_array_equal(getattr(grids[0], name), getattr(grids[1], name))


def test_a_read_only_map_is_sorted_too():
    points = cloud(100)
    points.flags.writeable = False
    assert sorted(PointGrid(points).order.tolist()) == list(range(100))


def test_a_lasso_of_many_corners_agrees_with_matplotlib():
    from matplotlib.path import Path

    points = cloud(100_000)
    turns = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    radius = 5 * (1 + 0.2 * np.sin(5 * turns))
    corners = np.column_stack([radius * np.cos(turns), radius * np.sin(turns)])
    expected = np.flatnonzero(Path(corners).contains_points(points))
    assert len(expected) > 20_000
    np.testing.assert_array_equal(PointGrid(points).in_polygon(corners), expected)


@pytest.mark.parametrize("place", [(0.0, 0.0), (1e6, -1e6)])
def test_points_in_one_place_or_on_a_line_are_found(place):
    heap = np.tile(np.float32(place), (1000, 1))
    line = heap + np.stack([np.arange(1000), np.zeros(1000)], axis=1).astype(np.float32)
    for points in (heap, line):
        grid = PointGrid(points)
        x, y = points[0].astype(float)
        assert grid.nearest(x, y, 0.25) == 0
        assert len(grid.in_box(Box(x - 1e4, y - 1, x + 1e4, y + 1))) == 1000
        around = np.array([[x - 9, y - 9], [x + 2e3, y - 9], [x + 2e3, y + 9], [x - 9, y + 9]])
        assert len(grid.in_polygon(around)) == 1000


def test_a_kept_grid_serves_its_points_alone_and_goes_with_them():
    points, same = cloud(500), cloud(500)
    keep_grid(points)
    kept = grid_of(points)
    assert grid_of(points) is kept
    assert grid_of(same) is not kept  # equal, but another array
    np.testing.assert_array_equal(kept.order, PointGrid(points).order)
    del points
    assert not grids._kept
