"""Comparisons held against slow loops, closed forms and scipy."""

import itertools

import numpy as np
import pytest
from scipy import stats

from tests.unit.metrics.problems import task_of
from xview.metrics.compare import (
    BROKEN,
    CHANGED,
    FIXED,
    SAME,
    Comparison,
    Reading,
    by_class,
    compare,
    mean_change,
)
from xview.metrics.retrieval import evaluate


def comparison(ap_a, ap_b, first_a=None, first_b=None):
    return Comparison(
        ap_a=np.array(ap_a, dtype=float),
        ap_b=np.array(ap_b, dtype=float),
        first_a=np.array(first_a if first_a is not None else np.ones(len(ap_a)), dtype=np.int64),
        first_b=np.array(first_b if first_b is not None else np.ones(len(ap_b)), dtype=np.int64),
    )


@pytest.fixture
def judged():
    """Two random rankings of 60 queries, some without a match, as the evaluation judges them."""
    random = np.random.default_rng(1)
    task = task_of(random.integers(0, 6, 60), random.integers(0, 5, 40))
    scores = [random.normal(size=(60, 40)) for _ in range(2)]
    return task, scores, [evaluate([(slice(0, 60), s)], task) for s in scores]


def slow_figures(scores, task):
    """Average precision and rank of the first match of each query, by sorting; None without a match."""
    told = []
    for query in range(len(scores)):
        order = sorted(range(scores.shape[1]), key=lambda item: (-scores[query, item], item))
        ranks = [place for place, item in enumerate(order, start=1) if task.relevant(query)[item]]
        precisions = [(n + 1) / rank for n, rank in enumerate(ranks)]
        told.append((sum(precisions) / len(precisions), ranks[0]) if ranks else None)
    return told


def test_verdicts_counts_and_classes_match_a_slow_loop(judged):
    task, scores, (a, b) = judged
    found = compare(a, b)
    slow_a, slow_b = (slow_figures(s, task) for s in scores)
    expected = {reading: [] for reading in Reading}
    classes = {}
    for query, (one, two) in enumerate(zip(slow_a, slow_b, strict=True)):
        if one is None or two is None:
            assert not found.counted[query] and np.isnan(found.change[query])
            expected[Reading.AP].append(SAME)
            expected[Reading.FIRST].append(SAME)
            continue
        change = two[0] - one[0]
        assert found.change[query] == pytest.approx(change)
        verdict = FIXED if change >= CHANGED else BROKEN if change <= -CHANGED else SAME
        first = {(True, False): BROKEN, (False, True): FIXED}.get((one[1] == 1, two[1] == 1), SAME)
        expected[Reading.AP].append(verdict)
        expected[Reading.FIRST].append(first)
        classes.setdefault(int(task.query_labels[query]), []).append((one[0], two[0], verdict))
    assert not found.counted.all()
    for reading, verdicts in expected.items():
        assert found.verdicts(reading).tolist() == verdicts
        counted = [v for v, real in zip(verdicts, found.counted, strict=True) if real]
        assert found.counts(reading) == {v: counted.count(v) for v in (FIXED, BROKEN, SAME)}
        assert sum(found.counts(reading).values()) == found.counted.sum()

    told = by_class(found, task.query_labels)
    assert [one.change for one in told] == sorted(one.change for one in told)
    assert {one.label for one in told} == set(classes)
    for one in told:
        pairs = classes[one.label]
        assert (one.queries, one.fixed, one.broken) == (
            len(pairs),
            sum(v == FIXED for *_, v in pairs),
            sum(v == BROKEN for *_, v in pairs),
        )
        assert one.a == pytest.approx(np.mean([p[0] for p in pairs]))
        assert one.change == pytest.approx(np.mean([p[1] - p[0] for p in pairs]))


def test_the_threshold_counts_whatever_the_last_bit_says():
    found = comparison([0.3, 0.35, 0.3, 0.3], [0.35, 0.3, 0.3499, 0.3])
    assert found.verdicts().tolist() == [FIXED, BROKEN, SAME, SAME]


def test_b_against_a_is_a_against_b_turned_around(judged):
    _, _, (a, b) = judged
    there, back = compare(a, b), compare(b, a)
    for reading in Reading:
        assert (there.verdicts(reading) == -back.verdicts(reading)).all()
        assert there.ranked(FIXED, reading).tolist() == back.ranked(BROKEN, reading).tolist()
    assert there.ranked(FIXED).tolist() == sorted(
        np.flatnonzero(there.verdicts() == FIXED), key=lambda q: -there.change[q]
    )
    assert (
        np.abs(there.change[there.ranked(SAME)]).tolist()
        == sorted(np.abs(there.change[there.ranked(SAME)]))[::-1]
    )


def test_rankings_of_other_queries_are_refused():
    with pytest.raises(ValueError, match="A has 2 queries and B 3"):
        comparison([0.1, 0.2], [0.1, 0.2, 0.3], [1, 1], [1, 1, 1])
    with pytest.raises(ValueError, match="galleries differ"):
        comparison([0.1, np.nan], [0.1, 0.2])


def test_p_is_the_share_of_all_sign_flips():
    values = np.array([0.3, -0.1, 0.2, 0.05, 0.15, -0.02, 0.0, 0.11, 0.07, np.nan])
    moved = values[np.isfinite(values) & (values != 0)]
    flips = np.array(list(itertools.product((1, -1), repeat=len(moved)))) @ moved
    exact = np.mean(np.abs(flips) >= abs(moved.sum()) - 1e-12)
    found = mean_change(values)
    assert found.n == 9 and found.mean == pytest.approx(np.nanmean(values))
    assert found.p == pytest.approx(exact, abs=4 * np.sqrt(exact / 10_000))  # four standard errors
    assert mean_change(-values).p == pytest.approx(found.p, abs=4 * np.sqrt(2 * exact / 10_000))


def test_the_interval_is_scipys():
    values = np.random.default_rng(3).normal(0.02, 0.1, 200)
    found = mean_change(values)
    theirs = stats.bootstrap(
        (values,), np.mean, n_resamples=20_000, method="percentile", rng=np.random.default_rng(5)
    ).confidence_interval
    error = values.std() / np.sqrt(200) / 10  # a tenth of the standard error: that of 2,000 resamples
    assert found.low == pytest.approx(theirs.low, abs=error)
    assert found.high == pytest.approx(theirs.high, abs=error)
    assert found == mean_change(values)  # seeded


def test_nothing_changed_and_nothing_to_compare():
    same = mean_change(np.zeros(5))
    assert (same.mean, same.low, same.high, same.p) == (0, 0, 0, 1)
    empty = mean_change(np.array([np.nan]))
    assert np.isnan(empty.mean) and empty.n == 0
    none = comparison([np.nan], [np.nan], [0], [0])
    assert none.counts() == {FIXED: 0, BROKEN: 0, SAME: 0}
    assert by_class(none, np.array([0])) == []
