import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from xview.metrics.gap import direction, measure_gap


def unit(vectors):
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def test_two_arcs_on_a_circle():
    """Vectors at angle +-a about +e1 and about +e2: means cos(a) long, sqrt(2) cos(a) apart."""
    a = 0.3
    turn = np.array([[0.0, 1.0], [-1.0, 0.0]])
    x = np.array([[np.cos(a), np.sin(a)], [np.cos(a), -np.sin(a)]])
    gap, px, py = measure_gap("s", "x", unit(x), "y", unit(x @ turn))
    assert gap.distance == pytest.approx(np.sqrt(2) * np.cos(a), rel=1e-6)
    assert gap.separation == 1
    np.testing.assert_allclose(direction(unit(x), unit(x @ turn)), np.array([1, -1]) / np.sqrt(2), rtol=1e-6)
    along = np.array([np.cos(a) - np.sin(a), np.cos(a) + np.sin(a)]) / np.sqrt(2)
    np.testing.assert_allclose(np.sort(px), np.sort(along), rtol=1e-6)
    np.testing.assert_allclose(np.sort(py), -np.sort(along)[::-1], rtol=1e-6)
    # all variance is along the two axes of the plane; along the gap it is the mean square of the projections
    everything = np.concatenate([x, x @ turn])
    assert gap.share == pytest.approx(np.mean(along**2) / everything.var(axis=0).sum(), rel=1e-6)


def test_a_shifted_cloud_opens_a_gap():
    rng = np.random.default_rng(0)
    cloud = rng.normal(size=(300, 6))
    before = None
    for shift in (0.0, 1.0, 3.0):
        moved = cloud[:150] + shift * np.eye(6)[0]
        gap, px, py = measure_gap("s", "x", unit(moved), "y", unit(cloud[150:]))
        if before is not None:
            assert gap.distance > before.distance and gap.separation > before.separation
            assert gap.share > before.share
        before = gap
        labels = np.repeat([1, 0], 150)
        assert gap.separation == pytest.approx(roc_auc_score(labels, np.concatenate([px, py])))
    assert before.separation > 0.95


def test_one_cloud_twice_has_no_gap():
    cloud = unit(np.random.default_rng(1).normal(size=(50, 4)))
    gap, px, _ = measure_gap("s", "x", cloud, "y", cloud)
    assert gap.distance == 0 and gap.share == 0 and gap.separation == 0.5 and not px.any()
