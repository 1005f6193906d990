import numpy as np
import pytest
from scipy.stats import norm, spearmanr

from xview.metrics.failure import correlate

NONE = np.zeros(50, dtype=np.int64)


def test_a_monotone_relation_is_one():
    x = np.random.default_rng(0).normal(size=50)
    rising, falling = correlate(x, np.exp(x), NONE), correlate(x, -(x**3), NONE)
    assert rising.rho == rising.within == 1 and falling.rho == falling.within == -1
    assert rising.n == 50 and rising.low > 0.99 and rising.high == pytest.approx(1)


def test_rho_is_scipys_with_ties_and_gaps():
    rng = np.random.default_rng(1)
    x, y = rng.integers(0, 6, size=(2, 50)).astype(float)
    y += x
    x[[3, 8]], y[[8, 20]] = np.nan, np.nan
    found = correlate(x, y, NONE)
    kept = np.isfinite(x) & np.isfinite(y)
    assert found.n == 47 and found.rho == pytest.approx(spearmanr(x[kept], y[kept]).statistic)
    half = norm.ppf(0.975) * np.sqrt((1 + found.rho**2 / 2) / 44)
    assert found.low == pytest.approx(np.tanh(np.arctanh(found.rho) - half), rel=1e-6)
    assert found.high == pytest.approx(np.tanh(np.arctanh(found.rho) + half), rel=1e-6)


def test_the_interval_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(2)
    r = 0.6
    truth = 6 / np.pi * np.arcsin(r / 2)  # Spearman's rho of a bivariate normal
    hits = 0
    for _ in range(500):
        x, noise = rng.normal(size=(2, 50))
        found = correlate(x, r * x + np.sqrt(1 - r**2) * noise, NONE)
        hits += found.low <= truth <= found.high
    assert 0.92 < hits / 500 < 0.98


def test_classes_that_are_hard_and_distorted_alike_explain_nothing_within():
    rng = np.random.default_rng(3)
    labels = np.repeat(np.arange(4), 100)
    x, y = labels + 0.3 * rng.normal(size=(2, 400))
    found = correlate(x, y, labels)
    assert found.rho > 0.8 and abs(found.within) < 0.15
    # and a relation inside the classes that their means hide
    inside = rng.normal(size=400)
    hidden = correlate(inside + 5 * labels, inside - 5 * labels, labels)
    assert hidden.rho < -0.8 and hidden.within > 0.8


@pytest.mark.parametrize("y", [np.full(50, 2.0), np.full(50, np.nan)])
def test_what_does_not_vary_correlates_with_nothing(y):
    found = correlate(np.arange(50.0), y, NONE)
    assert np.isnan([found.rho, found.low, found.high, found.within]).all()


def test_three_pairs_are_too_few():
    assert np.isnan(correlate(np.arange(3.0), np.arange(3.0), NONE[:3]).rho)
