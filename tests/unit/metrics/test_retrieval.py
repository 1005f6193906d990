from math import ceil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.metrics.problems import task_of
from xview.metrics import kernels, retrieval
from xview.metrics.retrieval import evaluate, evaluate_versions, per_query
from xview.metrics.roles import relevant_ranks

CONFORMANCE = Path(__file__).parents[2] / "conformance"


def judge(scores, task, block=7):
    m = len(scores)
    return evaluate(((slice(a, min(a + block, m)), scores[a : a + block]) for a in range(0, m, block)), task)


def by_hand(scores, relevant, ignored):
    """One query, in plain Python and from the words of the definitions."""
    kept = [j for j in range(len(scores)) if not ignored[j]]
    order = sorted(kept, key=lambda j: (-scores[j], j))
    hits = [relevant[j] for j in order]
    total = sum(hits)
    if not total:
        return None
    precisions = [sum(hits[:r]) / r for r in range(1, len(hits) + 1)]
    recalls = [sum(hits[:r]) / total for r in range(1, len(hits) + 1)]
    curve = [
        max(p for p, r in zip(precisions, recalls, strict=True) if r >= level / 100 - 1e-12)
        for level in range(101)
    ]
    last = max(r for r, hit in enumerate(hits, 1) if hit)
    return {
        "ap": sum(p for p, hit in zip(precisions, hits, strict=True) if hit) / total,
        "first": 1 + hits.index(True),
        "P@100": sum(hits[:100]) / len(hits[:100]),
        "N-S": sum(hits[:4]),
        "mINP": total / last,
        "curve": curve,
    }


def noisy_problem(rng, m=30, n=150):
    """Many ties, unlabelled items, groups, junk, and queries nothing matches."""
    task = task_of(
        rng.integers(-1, 6, m),
        rng.integers(-1, 5, n),
        query_groups=rng.integers(0, 3, m),
        gallery_groups=rng.integers(0, 4, n),
        junk={q: rng.choice(n, 5, replace=False) for q in range(0, m, 3)},
    )
    return task, np.round(rng.normal(size=(m, n)), 1)


@pytest.mark.parametrize("compiled_from", [0, 10**9], ids=["compiled", "numpy"])
def test_every_figure_matches_plain_loops(compiled_from, monkeypatch):
    monkeypatch.setattr(retrieval, "_COMPILED_FROM", compiled_from)
    task, scores = noisy_problem(np.random.default_rng(1))
    got = judge(scores, task)
    expected = [by_hand(row, task.relevant(q), task.ignored(q)) for q, row in enumerate(scores)]
    scored = [e for e in expected if e]
    assert 0 < len(scored) < len(expected)
    assert got.queries == len(expected)
    assert got.queries_without_match == len(expected) - len(scored)
    np.testing.assert_allclose(got.ap, [e["ap"] if e else np.nan for e in expected], rtol=1e-12)
    assert got.first_hit.tolist() == [e["first"] if e else 0 for e in expected]
    mean = {name: np.mean([e[name] for e in scored]) for name in ("P@100", "N-S", "mINP")}
    mean["mAP"] = np.mean([e["ap"] for e in scored])
    for k in (1, 5, 10, 20):
        mean[f"rank{k}"] = np.mean([e["first"] <= k for e in scored])
    assert got.measures == pytest.approx(mean, rel=1e-12)
    assert set(got.measures) == set(retrieval.MEASURES)
    np.testing.assert_allclose(got.precision, np.mean([e["curve"] for e in scored], axis=0), rtol=1e-12)
    np.testing.assert_allclose(
        got.cmc, [np.mean([e["first"] <= k for e in scored]) for k in range(1, 101)], rtol=1e-12
    )


def test_one_query_is_judged_as_in_the_table():
    task, scores = noisy_problem(np.random.default_rng(2))
    table = judge(scores, task)
    for q, row in enumerate(scores):
        one = per_query(row, task.relevant(q), task.ignored(q))
        assert one.first_hit == table.first_hit[q] and one.matches == table.matches[q]
        assert one.returned == 150 - np.count_nonzero(task.ignored(q))
        np.testing.assert_equal(one.ap, table.ap[q])


def test_versions_are_judged_as_if_each_were_alone():
    task, scores = noisy_problem(np.random.default_rng(3), m=70)
    versions = [scores, -scores, np.abs(scores)]
    blocks = ((slice(a, min(a + 66, 70)), (v[a : a + 66] for v in versions)) for a in range(0, 70, 66))
    for got, version in zip(evaluate_versions(blocks, task, 3), versions, strict=True):
        alone = judge(version, task)
        np.testing.assert_equal(got.ap, alone.ap)
        np.testing.assert_equal(got.precision, alone.precision)
        assert got.measures == alone.measures
    with pytest.raises(ValueError, match="70 queries x 150 items"):
        evaluate_versions([(slice(0, 70), (scores, scores[1:]))], task, 2)


def test_equal_scores_are_ranked_in_gallery_order():
    task = task_of([1], [0, 0, 1, 0])
    assert judge(np.zeros((1, 4)), task).first_hit.tolist() == [3]


def test_ignored_items_leave_no_gap():
    task = task_of([1], [0, 1, 0, 1], query_groups=["a"], gallery_groups=["a", "a", "b", "b"])
    got = judge(np.array([[4.0, 3.0, 2.0, 1.0]]), task)
    assert got.ap.tolist() == [0.5] and got.matches.tolist() == [1]


def test_without_any_match_there_is_no_figure():
    got = judge(np.zeros((2, 3)), task_of([1, 1], [0, 0, 0]))
    assert got.queries_without_match == got.queries == 2
    assert all(np.isnan(value) for value in got.measures.values())
    assert np.isnan(got.cmc).all() and np.isnan(got.precision).all()


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_compiled_ranks_equal_a_stable_sort(data):
    rows = data.draw(st.integers(1, 3))
    n = data.draw(st.sampled_from([1, 2, 5, 255, 256, 257, 600]))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    levels = data.draw(st.sampled_from([1, 2, 10, 10**9]))
    scores = rng.integers(0, levels, (rows, n)) / levels
    share = data.draw(st.sampled_from([0.0, 0.02, 0.5, 1.0]))
    roles = np.where(rng.random((rows, n)) < share, 1, rng.choice([0, 2], (rows, n))).astype(np.uint8)
    offsets = np.concatenate([[0], np.cumsum((roles == 1).sum(1))]).astype(np.int64)
    ranks = np.full(offsets[-1], -1, dtype=np.int64)
    kernels.relevant_ranks(scores, roles, offsets, ranks)
    expected = [relevant_ranks(row, role) for row, role in zip(scores, roles, strict=True)]
    np.testing.assert_array_equal(ranks, np.concatenate(expected))


def test_standard_average_precision_of_the_conformance_arrays():
    ref = np.load(CONFORMANCE / "map_conventions.npz")
    task = task_of(ref["q_labels"], ref["g_labels"])
    got = judge(ref["sim"], task)
    np.testing.assert_allclose(got.ap, ref["ap_standard"], rtol=1e-12)
    assert got.measures["mAP"] == pytest.approx(float(ref["map_standard"]), rel=1e-12)
    assert got.measures["P@100"] == pytest.approx(float(ref["precision_at_100_capped"]), rel=1e-12)
    assert [got.measures[f"rank{k}"] for k in (1, 5, 10)] == pytest.approx(ref["recall_any_at_1_5_10"])
    assert abs(got.measures["mAP"] - float(ref["map_oxford_trapezoid"])) > 0.01  # the other convention


@pytest.mark.parametrize("scores", [np.array([[0.0, np.nan]]), np.array([[np.inf, 0.0]])])
def test_scores_that_are_no_numbers_are_refused(scores):
    task = task_of([0], [0, 1])
    with pytest.raises(ValueError, match="finite"):
        judge(scores, task)
    with pytest.raises(ValueError, match="finite"):
        per_query(scores[0], task.relevant(0), task.ignored(0))


def test_blocks_must_hold_every_query_once():
    task = task_of([0, 1, 0], [0, 1])
    scores = np.zeros((3, 2))
    with pytest.raises(ValueError, match="query 2 0 times"):
        evaluate([(slice(0, 2), scores[:2])], task)
    with pytest.raises(ValueError, match="query 0 2 times"):
        evaluate([(slice(0, 3), scores), (slice(0, 1), scores[:1])], task)
    with pytest.raises(ValueError, match="got shape"):
        evaluate([(slice(0, 3), scores[:, :1])], task)


def test_arguments_are_left_alone():
    task, scores = noisy_problem(np.random.default_rng(3))
    before = scores.copy()
    judge(scores, task)
    np.testing.assert_array_equal(scores, before)


def test_percent_levels_are_reached_exactly():
    """With 100 matches recall 0.07 is 7 hits, not the 8 that 0.07 * 100 in floats would round up to."""
    task = task_of([0], [0] * 100 + [1] * 100)
    order = np.r_[0:7, 100:200, 7:100]  # 7 hits, 100 misses, 93 hits
    scores = np.empty((1, 200))
    scores[0, order] = np.arange(200, 0, -1)
    got = judge(scores, task)
    assert got.precision[7] == 1.0 and got.precision[8] == pytest.approx(100 / 200)
    assert ceil(0.07 * 100) == 8
