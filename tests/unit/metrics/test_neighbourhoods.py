import numpy as np
import pytest
from sklearn.manifold import trustworthiness

from xview.errors import SettingError
from xview.metrics import neighbourhoods
from xview.metrics.neighbourhoods import MEASURES, compare, group_means


def folded(n=120, d=9, seed=0):
    """Points, and a map of them that loses most directions."""
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(n, d)).astype(np.float32)
    return points, np.abs(points[:, :2]) + 0.1 * rng.normal(size=(n, 2)).astype(np.float32)


def lattice(side=5):
    """Points full of ties, and a map with ties and coincident points."""
    x, y = np.meshgrid(np.arange(side), np.arange(side))
    grid = np.stack([x.ravel(), y.ravel()], axis=1).astype(np.float32)
    return grid, grid // 2


def rank_table(points):
    """rank[i, j] of j seen from i, by sorting in plain Python: by distance, then position; 0 for itself."""
    n = len(points)
    wide = points.astype(np.float64)
    table = np.zeros((n, n), dtype=int)
    for i in range(n):
        others = sorted((float(((wide[i] - wide[j]) ** 2).sum()), j) for j in range(n) if j != i)
        for rank, (_, j) in enumerate(others, 1):
            table[i, j] = rank
    return table


def by_hand(reference, measured, k):
    """The measures from the words of their definitions, each item apart, and the co-ranking matrix."""
    there, here = rank_table(reference), rank_table(measured)
    n = len(reference)
    worst = sum(abs(n - 2 * r + 1) / r for r in range(1, k + 1))
    found = {name: np.empty(n) for name in MEASURES}
    for i in range(n):
        near_there = {j for j in range(n) if 1 <= there[i, j] <= k}
        near_here = {j for j in range(n) if 1 <= here[i, j] <= k}
        scale = 2 / (k * (2 * n - 3 * k - 1))
        found["trustworthiness"][i] = 1 - scale * sum(there[i, j] - k for j in near_here - near_there)
        found["continuity"][i] = 1 - scale * sum(here[i, j] - k for j in near_there - near_here)
        found["overlap"][i] = len(near_there & near_here) / k
        differences = abs(there[i] - here[i])
        found["rank_error_low"][i] = sum(differences[j] / here[i, j] for j in near_here) / worst
        found["rank_error_high"][i] = sum(differences[j] / there[i, j] for j in near_there) / worst
    coranking = np.zeros((n, n), dtype=int)
    for i in range(n):
        for j in range(n):
            if i != j:
                coranking[there[i, j] - 1, here[i, j] - 1] += 1
    return found, coranking


@pytest.mark.parametrize("problem", [folded, lattice])
def test_every_measure_is_what_its_words_say(problem):
    reference, measured = problem()
    ks = [1, 4, (len(reference) - 1) // 2]
    found = compare(reference, measured, ks)
    for column, k in enumerate(ks):
        expected, coranking = by_hand(reference, measured, k)
        for name in MEASURES:
            np.testing.assert_allclose(found.values(name)[:, column], expected[name], atol=1e-12)
        overlap = coranking[:k, :k].sum() / (k * len(reference))
        assert found.lcmc[column] == pytest.approx(overlap - k / (len(reference) - 1))
    np.testing.assert_array_equal(found.coranking, coranking[: ks[-1], : ks[-1]])
    for there in range(ks[-1]):  # the table behind the counts
        counted = np.bincount(found.ranks[:, there], minlength=len(reference) + 1)[1 : ks[-1] + 1]
        np.testing.assert_array_equal(counted, found.coranking[there])


@pytest.mark.parametrize("k", [1, 12, 99])
def test_means_are_those_of_scikit_learn(k):
    reference, measured = folded(n=300, d=40)
    found = compare(reference, measured, [k])
    wide = reference.astype(float), measured.astype(float)
    assert found.mean("trustworthiness")[0] == pytest.approx(trustworthiness(*wide, n_neighbors=k), abs=1e-9)
    assert found.mean("continuity")[0] == pytest.approx(trustworthiness(*wide[::-1], n_neighbors=k), abs=1e-9)


def test_a_moved_turned_and_scaled_copy_is_perfect():
    reference, _ = folded()
    rng = np.random.default_rng(1)
    turn, _ = np.linalg.qr(rng.normal(size=(9, 9)))
    found = compare(reference, (3 * reference @ turn + 7).astype(np.float32), [3, 10])
    for name in MEASURES:
        best = 0.0 if name.startswith("rank_error") else 1.0
        np.testing.assert_array_equal(found.values(name), best)
    np.testing.assert_array_equal(found.coranking, len(reference) * np.eye(10))


def test_a_map_drawn_by_chance_keeps_as_much_as_chance():
    rng = np.random.default_rng(0)
    found = compare(rng.normal(size=(800, 5)), rng.normal(size=(800, 2)), [5, 50, 200])
    np.testing.assert_allclose(found.lcmc, 0, atol=0.01)


def test_sizes_are_put_in_order():
    reference, measured = folded()
    assert compare(reference, measured, [7, 2, 7]).ks.tolist() == [2, 7]


def test_a_sample_measures_its_items_against_all():
    reference, measured = folded()
    whole = compare(reference, measured, [5, 20])
    part = compare(reference, measured, [5, 20], sample=30, seed=3)
    assert len(part.items) == 30 and part.n == 120 and not part.exact and whole.exact
    for name in MEASURES:
        np.testing.assert_array_equal(part.values(name), whole.values(name)[part.items])
    np.testing.assert_array_equal(part.items, compare(reference, measured, [5], sample=30, seed=3).items)
    assert (part.items != compare(reference, measured, [5], sample=30, seed=4).items).any()


def test_the_standard_error_tells_how_far_samples_stray():
    reference, measured = folded(n=200)
    whole = compare(reference, measured, [10])
    assert (whole.error("overlap") == 0).all()
    parts = [compare(reference, measured, [10], sample=60, seed=seed) for seed in range(60)]
    for name in MEASURES:
        strayed = np.sqrt(np.mean([(part.mean(name) - whole.mean(name)) ** 2 for part in parts]))
        assert np.mean([part.error(name) for part in parts]) == pytest.approx(strayed, rel=0.25)


def test_many_items_are_sampled_unless_asked_otherwise(monkeypatch):
    monkeypatch.setattr(neighbourhoods, "EXACT_UP_TO", 100)
    monkeypatch.setattr(neighbourhoods, "SAMPLE", 40)
    reference, measured = folded()
    assert len(compare(reference, measured, [5]).items) == 40
    assert compare(reference, measured, [5], sample=120).exact
    assert compare(reference[:100], measured[:100], [5]).exact


@pytest.mark.parametrize("k", [0, -1, 60])
def test_a_size_out_of_range_is_refused_with_the_range(k):
    with pytest.raises(SettingError, match=f"{k} neighbours of 120 items; choose 1 to 59"):
        compare(*folded(), [5, k])


def test_nothing_to_measure_is_refused():
    reference, measured = folded()
    with pytest.raises(SettingError, match="at least one k"):
        compare(reference, measured, [])
    with pytest.raises(SettingError, match="at least 3 items, there are 2"):
        compare(reference[:2], measured[:2], [1])
    with pytest.raises(SettingError, match="sample of 0 items"):
        compare(reference, measured, [5], sample=0)
    with pytest.raises(SettingError, match="no neighbourhood measure 'trust'"):
        compare(reference, measured, [5]).mean("trust")


def test_arrays_that_do_not_pair_up_are_refused():
    reference, measured = folded()
    with pytest.raises(ValueError, match="120 and 119 items"):
        compare(reference, measured[1:], [5])
    measured[3, 1] = np.nan
    with pytest.raises(ValueError, match="measured must be finite"):
        compare(reference, measured, [5])
    with pytest.raises(ValueError, match="shape"):
        compare(reference[:, 0], measured, [5])


def test_progress_rises_to_one_and_may_cancel():
    told = []
    compare(*folded(), [5], on_progress=told.append)
    assert told == sorted(told) and told[-1] == 1

    class StoppedError(Exception):
        pass

    def stop(share):
        raise StoppedError

    with pytest.raises(StoppedError):
        compare(*folded(), [5], on_progress=stop)


def test_group_means_leave_out_the_unlabelled_and_the_missing():
    values, codes = np.array([1.0, 3.0, np.nan, 8.0, 9.0]), np.array([0, 0, 0, 3, -1])
    np.testing.assert_array_equal(group_means(values, codes), [2.0, np.nan, np.nan, 8.0])
    assert group_means(np.array([]), np.array([], dtype=np.int64)).size == 0
