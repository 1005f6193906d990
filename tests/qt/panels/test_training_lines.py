"""Smoothing and thinning against slow loops."""

from __future__ import annotations

import numpy as np
import pytest

from xview.qt.panels.training_lines import Series, Smooth, decimate, nearest


def slow_smooth(values: np.ndarray, weight: float) -> list[float]:
    found, last, count = [], 0.0, 0
    for value in values:
        if not np.isfinite(value):
            found.append(value)
            continue
        last, count = weight * last + (1 - weight) * value, count + 1
        found.append(last / (1 - weight**count))
    return found


@pytest.mark.parametrize("weight", [0.0, 1e-3, 0.3, 0.6, 0.99, 0.999])
@pytest.mark.parametrize("count", [0, 1, 63, 64, 65, 1000])
def test_smoothing_is_the_moving_average_without_bias(weight: float, count: int) -> None:
    values = np.random.default_rng(0).normal(5, 2, count)
    np.testing.assert_allclose(Smooth(weight)(values), slow_smooth(values, weight), rtol=1e-9)


def test_smoothing_leaves_out_what_is_no_number() -> None:
    values = np.array([1.0, np.nan, 3.0, np.inf, 2.0])
    np.testing.assert_allclose(Smooth(0.6)(values), slow_smooth(values, 0.6))
    assert np.isnan(Smooth(0.6)(np.array([np.nan]))).all()


def test_a_constant_stays_one_however_strong_the_smoothing() -> None:
    np.testing.assert_allclose(Smooth(0.99)(np.full(500, 0.25)), 0.25)


def test_a_growing_curve_is_smoothed_as_if_it_came_at_once() -> None:
    values = np.random.default_rng(3).normal(size=700)
    values[[20, 300]] = np.nan
    smooth = Smooth(0.9)
    for count in (0, 1, 5, 70, 70, 300, 301, 700):
        np.testing.assert_allclose(smooth(values[:count]), slow_smooth(values[:count], 0.9), rtol=1e-9)
    other = values[::-1].copy()  # another past: nothing is left of the first one
    np.testing.assert_allclose(smooth(other), slow_smooth(other, 0.9), rtol=1e-9)
    np.testing.assert_allclose(smooth(other[:9]), slow_smooth(other[:9], 0.9), rtol=1e-9)


def test_a_series_takes_what_is_new_and_notices_another_past() -> None:
    rng = np.random.default_rng(4)
    steps, values = list(range(500)), rng.normal(size=500).tolist()
    series, given = Series(), []
    for count in (0, 1, 63, 64, 65, 200, 500, 120, 130):  # 120: a run went on from an older checkpoint
        if count == 120:
            values[119:] = rng.normal(size=381).tolist()
        series.take(steps[:count], values[:count])
        assert series.x.tolist() == steps[:count]
        assert series.y.tolist() == values[:count]
        given.append((series.y, values[:count]))
    for view, was in given:  # what was handed out is not written into
        assert view.tolist() == was


@pytest.mark.parametrize("count", [0, 1, 5, 600, 601, 5_000, 100_003])
@pytest.mark.parametrize("share", [1.0, 0.02])
def test_thinning_keeps_every_peak_and_the_order(count: int, share: float) -> None:
    """A curve over part of the axis gets as many points as that part has pixels, two each."""
    rng = np.random.default_rng(1)
    x, y = np.arange(count, dtype=float), rng.normal(size=count)
    if count > 2:
        y[rng.integers(0, count, count // 10)] = np.nan
        y[count // 2], y[count // 3] = 100, -100
    thin_x, thin_y = decimate(x, y, max(1.0, count / share), 300)
    assert len(thin_x) <= max(2 * 300 * share + 2, min(count, 4))
    assert (np.diff(thin_x) > 0).all()
    if count > 2:
        assert np.nanmax(thin_y) == 100 and np.nanmin(thin_y) == -100
    np.testing.assert_array_equal(thin_y, y[thin_x.astype(int)])  # real points, none made up


def test_the_nearest_point_is_the_nearest() -> None:
    rng = np.random.default_rng(2)
    x = np.sort(rng.uniform(0, 10, 40))
    for at in rng.uniform(-2, 12, 100):
        assert nearest(x, at) == int(np.argmin(np.abs(x - at)))
    assert nearest(np.array([3.0]), 9) == 0
    assert nearest(np.array([]), 9) == -1
