"""The heaviest ways against all ways that visit no vertex twice."""

from itertools import pairwise, permutations

import numpy as np
import pytest
from scipy import sparse

from xview.graph.paths import heaviest_ways

N = 7


def all_ways(steps, alpha, start, end):
    """Every simple way and its weight, one by one."""
    dense = alpha * steps.toarray()
    for length in range(1, N + 1):
        for vertices in permutations(range(N), length):
            weight = start[vertices[0]] * end[vertices[-1]]
            for one, other in pairwise(vertices):
                weight *= dense[one, other]
            if weight:
                yield vertices, weight


def graph(seed):
    rng = np.random.default_rng(seed)
    some = np.triu(rng.random((N, N)) * (rng.random((N, N)) < 0.5), 1)
    return sparse.csr_array(some + some.T), rng


@pytest.mark.parametrize("alpha", [0.0, 0.6, 0.99])
@pytest.mark.parametrize("seed", range(6))
def test_the_heaviest_way_to_each_end(seed, alpha):
    steps, rng = graph(seed)
    start, end = rng.normal(size=N), rng.normal(size=N)
    start[rng.random(N) < 0.5], end[rng.random(N) < 0.4] = 0.0, 0.0
    best: dict[int, tuple[tuple[int, ...], float]] = {}
    for vertices, weight in all_ways(steps, alpha, start, end):
        if abs(weight) > abs(best.get(vertices[-1], ((), 0.0))[1]):
            best[vertices[-1]] = (vertices, weight)
    expected = sorted(best.values(), key=lambda way: -abs(way[1]))
    got = heaviest_ways(steps, alpha, start, end, N)
    assert [way.vertices for way in got] == [vertices for vertices, _ in expected]
    np.testing.assert_allclose([way.weight for way in got], [weight for _, weight in expected])
    assert heaviest_ways(steps, alpha, start, end, 2) == got[:2]


def test_ways_are_terms_of_the_series():
    """Their weights together never exceed the sum, and make up most of it where alpha is small."""
    steps, _ = graph(1)
    steps /= np.abs(np.linalg.eigvalsh(steps.toarray())).max()
    start, end = np.eye(N)[0], np.eye(N)[3]
    for alpha in (0.05, 0.5):
        total = float(end @ np.linalg.solve(np.eye(N) - alpha * steps.toarray(), start))
        simple = sum(weight for _, weight in all_ways(steps, alpha, start, end))
        (best,) = heaviest_ways(steps, alpha, start, end, 5)
        assert 0 < best.weight <= simple <= total
    assert simple < total  # ways with loops are terms, too


def test_nothing_reached_is_no_way():
    steps, _ = graph(0)
    one = np.eye(N)[0]
    assert heaviest_ways(steps, 0.5, np.zeros(N), one, 3) == ()
    assert heaviest_ways(steps, 0.5, one, np.zeros(N), 3) == ()
    alone = sparse.csr_array((N, N))
    assert heaviest_ways(alone, 0.5, one, np.eye(N)[1], 3) == ()
    (stays,) = heaviest_ways(alone, 0.5, one, 2 * one, 3)
    assert stays.vertices == (0,) and stays.weight == pytest.approx(2.0)
