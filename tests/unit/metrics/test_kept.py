"""Neighbours kept, held against counting."""

import numpy as np
import pytest

from xview.errors import SettingError, SpaceError
from xview.metrics.kept import kept_between, kept_neighbours
from xview.spaces.space import EmbeddingSpace, unit_rows


def vectors(seed, count=60, dimension=5):
    return unit_rows(np.random.default_rng(seed).normal(size=(count, dimension)), "test")


@pytest.mark.parametrize("k", [1, 3, 10])
def test_it_is_what_counting_says(k):
    a, b = vectors(2, 40), vectors(3, 40, dimension=7)
    for item, share in enumerate(kept_neighbours(a, b, k)):
        near = []
        for space in (a, b):
            order = sorted((i for i in range(40) if i != item), key=lambda i: -float(space[i] @ space[item]))
            near.append(set(order[:k]))
        assert share == pytest.approx(len(near[0] & near[1]) / k)


def test_a_turned_space_keeps_all_and_copies_are_no_neighbours_of_themselves():
    a = vectors(4)
    turn = np.linalg.qr(np.random.default_rng(5).normal(size=(5, 5)))[0]
    assert (kept_neighbours(a, unit_rows(a @ turn, "test"), 5) == 1).all()
    twice = np.concatenate([a[:10], a[:10]])
    assert (kept_neighbours(twice, twice, 1) == 1).all()


def test_spaces_meet_in_the_modalities_both_hold():
    photos, notes, sounds = (np.random.default_rng(i).normal(size=(20, 4)) for i in range(3))
    one = EmbeddingSpace(name="one", parts={"photos": photos, "notes": notes, "sounds": sounds})
    other = EmbeddingSpace(name="other", parts={"notes": 2 * notes, "photos": photos})
    assert (kept_between(one, other, 5) == 1).all() and len(kept_between(one, other, 5)) == 40
    with pytest.raises(SpaceError, match="no modality in common"):
        kept_between(EmbeddingSpace(name="x", parts={"sounds": sounds}), other, 5)


def test_impossible_requests_are_told():
    with pytest.raises(SettingError, match="21 neighbours of 20 items"):
        kept_neighbours(vectors(0, 20), vectors(1, 20), 20)
    with pytest.raises(ValueError, match="20 and 30 items"):
        kept_neighbours(vectors(0, 20), vectors(1, 30), 3)
