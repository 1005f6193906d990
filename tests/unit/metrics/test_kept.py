"""Neighbours kept, held against the measures of neighbourhoods and against counting."""

import numpy as np
import pytest

from xview.errors import SettingError
from xview.metrics.kept import kept_neighbours
from xview.metrics.neighbourhoods import compare
from xview.spaces.space import unit_rows


def vectors(seed, count=60, dimension=5):
    return unit_rows(np.random.default_rng(seed).normal(size=(count, dimension)), "test")


def test_it_is_the_overlap_of_neighbourhoods():
    a, b = vectors(0), vectors(1, dimension=7)
    for k in (1, 4, 10):
        expected = compare(a, b, [k]).overlap[:, 0]
        np.testing.assert_allclose(kept_neighbours(a, b, k), expected)


def test_it_is_what_counting_says():
    a, b = vectors(2, 20), vectors(3, 20)
    for item, share in enumerate(kept_neighbours(a, b, 3)):
        near = []
        for space in (a, b):
            order = sorted((i for i in range(20) if i != item), key=lambda i: -float(space[i] @ space[item]))
            near.append(set(order[:3]))
        assert share == pytest.approx(len(near[0] & near[1]) / 3)


def test_a_turned_space_keeps_all_and_copies_are_no_neighbours_of_themselves():
    a = vectors(4)
    turn = np.linalg.qr(np.random.default_rng(5).normal(size=(5, 5)))[0]
    assert (kept_neighbours(a, unit_rows(a @ turn, "test"), 5) == 1).all()
    twice = np.concatenate([a[:10], a[:10]])
    assert (kept_neighbours(twice, twice, 1) == 1).all()


def test_impossible_requests_are_told():
    with pytest.raises(SettingError, match="21 neighbours of 20 items"):
        kept_neighbours(vectors(0, 20), vectors(1, 20), 20)
    with pytest.raises(ValueError, match="20 and 30 items"):
        kept_neighbours(vectors(0, 20), vectors(1, 30), 3)
