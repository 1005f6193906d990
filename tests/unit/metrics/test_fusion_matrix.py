import numpy as np
import pytest

from tests.unit.metrics.problems import task_of
from tests.unit.retrieval.fields import make_field
from xview.metrics import fusion_matrix
from xview.metrics.fusion_matrix import score_matrix, seeded_subset, selected_subset
from xview.retrieval.fusion import FusionSettings
from xview.retrieval.registry import build

RNG = np.random.default_rng(0)
TASK = task_of(RNG.integers(0, 4, 50), [*RNG.integers(0, 3, 69), 5])
FIELD = make_field()


def test_scores_are_the_rankers_own():
    ranker = build("fusion", FIELD, FusionSettings(sources="knn + heterogeneous(k=8, k_q=5)"))
    queries, gallery = np.array([7, 3, 40]), np.array([60, 2])
    made = score_matrix(ranker, queries, gallery)
    adaptive = ranker.score_matrix(queries)[:, gallery]
    np.testing.assert_allclose(made.fused(None), adaptive, rtol=1e-5, atol=1e-6)
    even = build("fusion", FIELD, FusionSettings(sources="knn + heterogeneous(k=8, k_q=5)", mode="average"))
    np.testing.assert_allclose(
        made.fused(np.array([0.5, 0.5])), even.score_matrix(queries)[:, gallery], rtol=1e-5, atol=1e-6
    )
    for source, scores in enumerate(made.scores):
        raw = ranker._sources[made.names[source]].score_matrix(queries)
        np.testing.assert_allclose(
            scores, (raw / np.abs(raw).max(axis=1, keepdims=True))[:, gallery], rtol=1e-5
        )


def test_items_of_every_class_are_drawn_by_the_seed():
    made = seeded_subset(TASK, 5, 0)
    assert TASK.query_labels[made.queries].tolist() == [0] * 5 + [1] * 5 + [2] * 5
    assert TASK.gallery_labels[made.gallery].tolist() == [0] * 5 + [1] * 5 + [2] * 5
    assert len(np.unique(made.queries)) == 15
    assert (made.of_queries, made.of_gallery) == (50, 70)
    np.testing.assert_array_equal(seeded_subset(TASK, 5, 0).queries, made.queries)
    assert seeded_subset(TASK, 5, 1).queries.tolist() != made.queries.tolist()
    whole = seeded_subset(TASK, 100, 0)  # more than there are
    assert len(whole.queries) == np.isin(TASK.query_labels, [0, 1, 2]).sum()


def test_too_many_classes_are_drawn_from(monkeypatch):
    monkeypatch.setattr(fusion_matrix, "MOST", 10)
    assert len(np.unique(TASK.query_labels[seeded_subset(TASK, 5, 0).queries])) == 2


def test_a_selection_is_ordered_by_class_and_completed_by_its_classes():
    rows = np.array([30, 4, 17, 9])
    made = selected_subset(TASK, {"query": rows})
    assert sorted(made.queries.tolist()) == sorted(rows.tolist())
    labels = TASK.query_labels[made.queries]
    assert (np.diff(labels) >= 0).all()
    expected = np.flatnonzero(np.isin(TASK.gallery_labels, labels))
    assert sorted(made.gallery.tolist()) == expected.tolist()
    both = selected_subset(TASK, {"query": rows, "gallery": np.array([1, 2])})
    assert sorted(both.gallery.tolist()) == [1, 2]
    assert len(selected_subset(TASK, {}).queries) == 0


@pytest.mark.parametrize("most", [3, 7])
def test_a_large_selection_is_cut_and_told(monkeypatch, most):
    monkeypatch.setattr(fusion_matrix, "MOST", most)
    made = selected_subset(TASK, {"query": np.arange(40)})
    assert len(made.queries) == len(made.gallery) == most
    assert made.of_queries == 40 and made.of_gallery > most
