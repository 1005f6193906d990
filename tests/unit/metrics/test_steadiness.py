import sys

import numpy as np
import pytest

from xview.errors import MissingExtraError, SettingError
from xview.metrics import steadiness
from xview.metrics.steadiness import clusters_kept

COUNT = 400


def clusters(seed=0):
    """Eight groups of fifty, far apart."""
    rng = np.random.default_rng(seed)
    centres = 10 * rng.normal(size=(8, 6))
    return (np.repeat(centres, 50, axis=0) + rng.normal(size=(COUNT, 6))).astype(np.float32)


def measured(reference, other, **settings):
    pytest.importorskip("zadu")
    return clusters_kept(reference, other.astype(np.float32), k=15, **settings)


def test_a_moved_copy_keeps_every_cluster():
    found = measured(clusters(), 2 * clusters() + 1)
    assert (found.steadiness, found.cohesiveness) == (1, 1)


def test_merged_groups_are_not_steady_and_torn_groups_not_cohesive():
    """Laying groups in pairs over each other makes false groups; the reverse comparison sees them torn."""
    whole = clusters()
    merged = np.concatenate([whole[:200], whole[:200] + np.random.default_rng(1).normal(size=(200, 6)) / 9])
    over = measured(whole, merged)
    assert over.steadiness < over.cohesiveness - 0.1
    apart = measured(merged.astype(np.float32), whole)
    assert apart.cohesiveness < apart.steadiness - 0.1


def test_a_seed_gives_the_same_again():
    chance = np.random.default_rng(0).normal(size=(COUNT, 2))
    first = measured(clusters(), chance, seed=1)
    assert first == measured(clusters(), chance, seed=1) != measured(clusters(), chance, seed=2)
    assert max(first.steadiness, first.cohesiveness) < 0.9


def test_of_many_items_a_sample_is_measured(monkeypatch):
    monkeypatch.setattr(steadiness, "EXACT_UP_TO", 150)
    found = measured(clusters(), clusters())
    assert (found.measured, found.n) == (150, COUNT)
    assert clusters_kept(clusters(), clusters()).k == 12


def test_what_cannot_be_measured_is_refused(monkeypatch):
    with pytest.raises(SettingError, match="400 neighbours of 400 items; choose 1 to 399"):
        clusters_kept(clusters(), clusters(), k=400)
    with pytest.raises(ValueError, match="400 and 399"):
        clusters_kept(clusters(), clusters()[1:])
    monkeypatch.setitem(sys.modules, "zadu.measures", None)
    with pytest.raises(MissingExtraError, match=r'pip install "xview\[clusters\]"'):
        clusters_kept(clusters(), clusters())
