import numpy as np
import pytest
from scipy.stats import skew

from xview.metrics.hubness import Hubs, occurrences


def hubs_of(counts):
    counts = np.asarray(counts)
    return Hubs(space="s", asked="x", found="y", k=2, rows=np.arange(len(counts)), occurrences=counts)


def test_occurrences_are_counted():
    lists = np.array([[0, 2], [2, 3], [2, 0]])
    np.testing.assert_array_equal(occurrences(lists, 5), [2, 0, 3, 1, 0])


def test_skewness_is_scipys():
    counts = np.random.default_rng(0).poisson(3, size=200)
    assert hubs_of(counts).skewness == pytest.approx(skew(counts))


def test_a_hub_by_construction():
    """Everybody's two nearest are the centre and one other: the centre is the hub, the outermost antihubs."""
    counts = [50] + [1] * 40 + [0] * 10
    found = hubs_of(counts)
    np.testing.assert_array_equal(found.hubs, [0])
    assert found.antihubs == pytest.approx(10 / 51)
    assert found.held_by_hubs == pytest.approx(50 / 90)
    assert found.skewness > 5


def test_hubs_come_most_frequent_first_and_ties_by_position():
    counts = np.ones(100, dtype=np.int64)
    counts[[70, 20, 40]] = [30, 30, 60]
    np.testing.assert_array_equal(hubs_of(counts).hubs, [40, 20, 70])


def test_where_all_are_found_alike_there_is_no_skew():
    found = hubs_of([3] * 10)
    assert np.isnan(found.skewness) and found.hubs.size == 0 and found.antihubs == 0
