import numpy as np
import pytest

from xview.errors import SettingError
from xview.graph import knn
from xview.spaces.space import unit_rows


def cloud(n, d=16, seed=0):
    return unit_rows(np.random.default_rng(seed).normal(size=(n, d)), "cloud")


def by_sorting(queries, base, k):
    """One query after the other in float64, ties by row."""
    rows, similarities = [], []
    for query in queries.astype(np.float64):
        scores = base.astype(np.float64) @ query
        best = sorted(range(len(base)), key=lambda row: (-scores[row], row))[:k]
        rows.append(best)
        similarities.append([scores[row] for row in best])
    return np.array(rows), np.array(similarities)


@pytest.mark.parametrize("k", [1, 7, 90, 100])
def test_matches_sorting(k):
    queries, base = cloud(40, seed=1), cloud(100, seed=2)
    rows, similarities = knn.nearest(queries, base, k)
    expected = by_sorting(queries, base, k)
    np.testing.assert_array_equal(rows, expected[0])
    np.testing.assert_allclose(similarities, expected[1], atol=1e-14)
    assert rows.dtype == np.int64 and similarities.dtype == np.float64


def test_ties_follow_the_row_even_when_they_fill_the_shortlist():
    base = np.repeat(cloud(3, seed=3), 50, axis=0)[np.random.default_rng(0).permutation(150)]
    rows, _ = knn.nearest(base[:20], base, 5)
    np.testing.assert_array_equal(rows, by_sorting(base[:20], base, 5)[0])


def test_neighbours_closer_than_float32_tells_apart():
    rng = np.random.default_rng(4)
    base = unit_rows(np.ones(512) + 1e-6 * rng.normal(size=(200, 512)), "near copies")
    rows, _ = knn.nearest(base[:10], base, 8)
    exact = np.argsort(-(base[:10].astype(np.float64) @ base.astype(np.float64).T), axis=1, kind="stable")
    np.testing.assert_array_equal(rows, exact[:, :8])


@pytest.mark.parametrize("k", [0, 6])
def test_more_neighbours_than_items_is_refused(k):
    with pytest.raises(SettingError, match="of 5 items"):
        knn.nearest(cloud(3), cloud(5), k)


def test_large_bases_are_searched_approximately_with_known_recall(monkeypatch):
    monkeypatch.setattr(knn, "FLAT_LIMIT", 500)
    monkeypatch.setattr(knn, "FEW_QUERIES", 500)
    base = cloud(2_000)
    rows, similarities = knn.nearest(base, base, 10)
    truth, _ = by_sorting(base[::20], base, 10)
    recall = np.mean([len(set(a) & set(b)) / 10 for a, b in zip(truth, rows[::20], strict=True)])
    assert recall >= knn.ENOUGH_RECALL - 0.02
    assert knn.sampled_recall(base, base, rows, sample=100) == pytest.approx(recall, abs=0.03)
    found = np.einsum("qd,qkd->qk", base.astype(np.float64), base[rows].astype(np.float64))
    np.testing.assert_allclose(similarities, found, atol=1e-14)


def test_an_index_that_misses_neighbours_is_not_used(monkeypatch):
    monkeypatch.setattr(knn, "FLAT_LIMIT", 500)
    monkeypatch.setattr(knn, "FEW_QUERIES", 500)
    monkeypatch.setattr(knn, "EFFORTS", (1,))
    monkeypatch.setattr(knn, "ENOUGH_RECALL", 1.0)
    base = cloud(2_000, d=64)
    rows, _ = knn.nearest(base, base, 10)
    np.testing.assert_array_equal(rows[::100], by_sorting(base[::100], base, 10)[0])


def test_recall_counts_what_is_missing():
    base = cloud(50)
    rows, _ = knn.nearest(base, base, 4)
    assert knn.sampled_recall(base, base, rows) == 1
    rows[:, 0] = rows[:, 1]
    assert knn.sampled_recall(base, base, rows) == pytest.approx(0.75)


def test_without_drops_the_named_row_or_the_last():
    rows = np.array([[3, 1, 2], [0, 4, 5], [1, 2, 0]])
    values = np.array([[0.9, 0.8, 0.7], [0.6, 0.5, 0.4], [0.3, 0.2, 0.1]])
    kept, scores = knn.without(rows, values, np.array([1, 9, -1]))
    np.testing.assert_array_equal(kept, [[3, 2], [0, 4], [1, 2]])
    np.testing.assert_array_equal(scores, [[0.9, 0.7], [0.6, 0.5], [0.3, 0.2]])
