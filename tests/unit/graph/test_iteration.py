"""The one-sided iteration against slow powers, the solver and the conformance arrays of Eq. 4."""

from itertools import islice, takewhile
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from xview.graph.affinity import mutual_affinity, normalised
from xview.graph.diffusion import Diffuser, Steps
from xview.graph.iteration import iterate, kept_steps
from xview.spaces.space import unit_rows

ARRAYS = Path(__file__).parents[2] / "conformance" / "bdrw_iteration_small4.npz"


@pytest.fixture
def steps():
    vectors = unit_rows(np.random.default_rng(0).normal(size=(40, 6)), "made up")
    return normalised(mutual_affinity(vectors, 8, 3.0))


@pytest.mark.parametrize("alpha", [0.0, 0.5, 0.99])
def test_each_state_is_the_recurrence_written_out(steps, alpha):
    source = np.random.default_rng(1).normal(size=40)
    expected, at = source.copy(), 0
    for state in islice(iterate(steps, source, alpha), 15):
        while at < state.step:
            expected, at = alpha * (steps.toarray() @ expected) + source, at + 1
        np.testing.assert_allclose(state.mass, expected, rtol=1e-12, atol=1e-12)
        left = source - expected + alpha * (steps.toarray() @ expected)
        assert state.residual == pytest.approx(np.linalg.norm(left) / np.linalg.norm(source), abs=1e-12)
        assert state.residual <= alpha ** (state.step + 1) + 1e-12


def test_it_ends_where_the_solver_says(steps):
    source = np.random.default_rng(2).normal(size=40)
    solved = Diffuser(Steps(steps), 0.9, 1e-12).solve(source)
    last = next(state for state in iterate(steps, source, 0.9) if state.residual < 1e-12)
    np.testing.assert_allclose(last.mass, solved, atol=1e-10)
    assert last.step < 400


def test_a_walk_from_nowhere_goes_nowhere(steps):
    state = next(iterate(steps, np.zeros(40), 0.9))
    assert not state.mass.any() and state.residual == 0.0


def test_every_early_step_is_kept_and_few_of_hundreds():
    kept = [*takewhile(lambda step: step < 700, kept_steps())]
    assert kept[:8] == [0, 1, 2, 3, 4, 5, 6, 7]
    assert kept == sorted(set(kept)) and 35 <= len(kept) <= 45


@pytest.mark.parametrize("after", [1, 5, 50])
def test_equation_4_one_sided(after):
    """Eq. 4 starts f_y at f^0 rather than (1 - alpha) f^0: its first hop is heavier than those that follow.

    On X it is the walk of the later hops b = alpha (1 - alpha) S_xy f_y, and what is left of the first one:
    the last term of the series that starts there.
    """
    with np.load(ARRAYS) as stored:
        block, begun, alpha = stored["S_block_x_side"], stored["f0"], float(stored["alpha"])
        expected = stored[f"f_after_{after}"]
    inside, links = sparse.csr_array(block[:60, :60]), block[:60, 60:]
    for column in range(begun.shape[1]):
        first = alpha * (links @ begun[60:, column])
        later = (1 - alpha) * first
        terms = np.diff([np.zeros(60), *masses(inside, first, alpha, after)], axis=0)
        summed = masses(inside, later, alpha, after)
        got = terms[after - 1] + (summed[after - 2] if after > 1 else 0)
        np.testing.assert_allclose(got, expected[:60, column], atol=1e-14)
        np.testing.assert_allclose((1 - alpha) * begun[60:, column], expected[60:, column], atol=1e-14)


def test_its_end_is_equation_6_but_for_the_constant():
    with np.load(ARRAYS) as stored:
        block, begun, alpha = stored["S_block_x_side"], stored["f0"], float(stored["alpha"])
        expected = stored["f_inf_x"]
    inside, links = sparse.csr_array(block[:60, :60]), block[:60, 60:]
    for column in range(begun.shape[1]):
        walk = iterate(inside, links @ begun[60:, column], alpha)
        last = next(state for state in walk if state.residual < 1e-14)
        np.testing.assert_allclose(alpha * (1 - alpha) * last.mass, expected[:, column], atol=1e-13)


def masses(inside, source, alpha, count):
    """f^0 to f^{count - 1}; steps the iteration does not keep are its last kept state walked on."""
    found: dict[int, np.ndarray] = {}
    walk = iterate(inside, source, alpha)
    while len(found) < count:
        state = next(walk)
        for step in range(max(found, default=-1) + 1, state.step):
            found[step] = alpha * (inside @ found[step - 1]) + source
        found[state.step] = state.mass
    return [found[step] for step in range(count)]
