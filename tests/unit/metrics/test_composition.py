"""Ranks of targets against a slow loop."""

import numpy as np
import pytest

from xview.metrics.composition import ranks, recall


def test_ranks_are_the_slow_loop_without_the_source():
    rng = np.random.default_rng(0)
    gallery, composed = (rng.integers(-1, 2, size=(n, 4)).astype(np.float32) for n in (40, 700))
    sources, targets = rng.integers(40, size=700), rng.integers(40, size=700)
    targets = np.where(targets == sources, (targets + 1) % 40, targets)
    found = ranks(composed, gallery, sources, targets)
    for query in range(700):
        scores = gallery @ composed[query]
        better = [
            item
            for item in range(40)
            if item not in (sources[query], targets[query]) and scores[item] >= scores[targets[query]]
        ]
        assert found[query] == 1 + len(better)


def test_a_vector_that_is_no_number_finds_nothing():
    gallery = np.eye(4, dtype=np.float32)
    composed = np.array([[np.nan] * 4, [0, 1, 0, 0]], dtype=np.float32)
    assert ranks(composed, gallery, np.array([0, 0]), np.array([1, 1])).tolist() == [5, 1]


def test_figures_of_known_ranks():
    figures = recall(np.array([1, 2, 6, 51]))
    assert figures["mAP"] == pytest.approx((1 + 1 / 2 + 1 / 6 + 1 / 51) / 4)
    assert [figures[f"R@{k}"] for k in (1, 5, 10, 50)] == [0.25, 0.5, 0.75, 0.75]
