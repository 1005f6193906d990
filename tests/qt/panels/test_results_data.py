from __future__ import annotations

import numpy as np
import pytest

from tests.qt.panels.conftest import ranking
from xview.qt.panels.results_data import NEW, Show, Truth


def test_ignored_items_take_no_rank():
    data = ranking([5, 2, 8, 1], ignored=np.array([False, True, False, False]))
    assert data.ranks.tolist() == [1, 0, 2, 3]


def test_filters_know_hits_from_misses_and_count_no_ignored_item():
    data = ranking([4, 3, 2, 1, 6], ignored=np.array([False, False, True, False, False]))
    assert data.rows[data.kept(Show.HITS)].tolist() == [4, 6]
    assert data.rows[data.kept(Show.MISSES)].tolist() == [3, 1]
    assert len(data.kept(Show.ALL)) == 5


def test_without_labels_nothing_is_a_hit_or_a_miss():
    data = ranking([0, 1], correct=np.full(2, Truth.UNKNOWN, dtype=np.int8))
    assert data.truth_text(0) == data.truth_text(1) == ""
    assert data.kept(Show.HITS).size == data.kept(Show.MISSES).size == 0


@pytest.mark.parametrize(("delta", "shown"), [(4, "▲4"), (-3, "▼3"), (0, "="), (NEW, "new")])
def test_places_moved(delta, shown):
    data = ranking([0], deltas=np.array([delta]), deltas_against="k-NN")
    assert data.delta_text(0) == shown
    assert "k-NN" in data.describe(0)


@pytest.mark.parametrize(
    ("top", "shown"), [(0.83, "0.83"), (12.0, "12.00"), (0.0345, "0.035"), (3.4e-7, "3.4e-07"), (0.0, "0.00")]
)
def test_scores_keep_two_figures_whatever_their_size(top, shown):
    assert ranking([0, 1], scores=np.array([top, 0.0])).score_text(0) == shown


def test_a_result_tells_all_in_words():
    told = ranking([2], ap=0.5).describe(0)
    for part in ("rank 1", "item 2", "class even", "score 1", "a hit", "id-2"):
        assert part in told
    gone = ranking([2], ignored=np.array([True]), ignored_why=lambda row: "same artist").describe(0)
    assert "same artist" in gone and "not ranked" in gone


def test_what_no_way_leads_to_has_no_score():
    data = ranking([2, 3], reached=np.array([True, False]))
    assert data.score_text(0) != "no way" and data.score_text(1) == "no way"
    assert "out of reach" in data.describe(1) and "score" not in data.describe(1)
    assert "out of reach" not in data.describe(0)
