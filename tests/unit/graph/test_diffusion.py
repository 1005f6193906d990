import subprocess
import sys

import numpy as np
import pytest
from scipy import sparse

from tests.unit.graph.test_knn import cloud
from xview.errors import ConvergenceError
from xview.graph import compiled, diffusion
from xview.graph.affinity import mutual_affinity, normalised
from xview.graph.diffusion import Diffuser, Steps, conjugate_gradients


@pytest.fixture(scope="module")
def steps():
    vectors = np.vstack([cloud(150, d=6), -np.ones((1, 6), np.float32) / np.sqrt(6).astype(np.float32)])
    affinity = mutual_affinity(vectors, 9, 2.0)
    assert affinity.sum(axis=1)[-1] >= 0
    return normalised(affinity)


@pytest.fixture(params=["factor", "scipy", "compiled", "blocks", "blocks and the rest"])
def route(request, monkeypatch):
    """Small graphs stand for large ones: each test takes every route an answer can take."""
    if request.param != "factor":
        monkeypatch.setattr(diffusion, "FACTOR_LIMIT", 0)
    if request.param in ("compiled", "blocks", "blocks and the rest"):
        monkeypatch.setattr(diffusion, "COMPILED_FROM", 0)
        monkeypatch.setattr(diffusion, "COMPILED_VALUES", 0)
    if request.param in ("blocks", "blocks and the rest"):
        monkeypatch.setattr(compiled, "MANY", 0)
    if request.param == "blocks and the rest":
        monkeypatch.setattr(compiled, "ROUNDS", 1)
    return request.param


def closed_form(steps, alpha, b):
    return np.linalg.solve(np.eye(steps.shape[0]) - alpha * steps.toarray(), b)


@pytest.mark.parametrize("alpha", [0.0, 0.5, 0.99, 0.999])
def test_matches_the_closed_form(steps, route, alpha):
    b = np.random.default_rng(1).normal(size=151)
    np.testing.assert_allclose(
        Diffuser(Steps(steps), alpha, 1e-11).solve(b), closed_form(steps, alpha, b), atol=1e-8
    )


def test_many_columns_at_once(steps, route):
    b = np.random.default_rng(2).normal(size=(151, 70)) * (np.random.default_rng(3).random((151, 70)) < 0.1)
    b[:, 5] = 0
    b[:, 6] *= 1e-30
    got = Diffuser(Steps(steps), 0.99, 1e-11).solve_many(sparse.csc_array(b))
    expected = closed_form(steps, 0.99, b)
    got = got.T
    np.testing.assert_allclose(got, expected, atol=1e-8)
    np.testing.assert_allclose(got[:, 6] * 1e30, expected[:, 6] * 1e30, atol=1e-8)
    assert not got[:, 5].any()


@pytest.mark.parametrize("tol", [1e-3, 1e-6, 1e-10])
def test_every_column_reaches_the_residual_asked_for(steps, route, tol):
    b = sparse.random_array((151, 66), density=0.05, rng=np.random.default_rng(4), format="csc")
    f = Diffuser(Steps(steps), 0.99, tol).solve_many(b).T
    left = np.linalg.norm(b.toarray() - (f - 0.99 * (steps @ f)), axis=0)
    assert (left <= 2.0001 * tol * np.linalg.norm(b.toarray(), axis=0)).all()


def test_no_columns_are_no_scores(steps, route):
    assert Diffuser(Steps(steps), 0.99, 1e-6).solve_many(sparse.csc_array((151, 0))).shape == (0, 151)


def test_a_source_of_zeros_stays_zero(steps, route):
    assert not Diffuser(Steps(steps), 0.99, 1e-6).solve(np.zeros(151)).any()


def test_an_unreachable_residual_is_told(steps, monkeypatch):
    b = np.ones(151)
    with pytest.raises(ConvergenceError, match=r"alpha 0\.99 missed residual 1e-18"):
        conjugate_gradients(steps, b, 0.99, 1e-18)
    monkeypatch.setattr(diffusion, "FACTOR_LIMIT", 0)
    monkeypatch.setattr(diffusion, "COMPILED_FROM", 0)
    monkeypatch.setattr(diffusion, "COMPILED_VALUES", 0)
    with pytest.raises(ConvergenceError):
        Diffuser(Steps(steps), 0.99, 1e-18).solve(b)
    with pytest.raises(ConvergenceError):
        Diffuser(Steps(steps), 0.99, 1e-18).solve_many(sparse.csc_array(b[:, None]))


def test_steps_within_the_limit_suffice_for_the_worst_graph():
    """A long path has the widest spectrum a walk can have."""
    n = 3_000
    path = sparse.diags_array([np.ones(n - 1), np.ones(n - 1)], offsets=[1, -1], format="csr")
    steps = normalised(sparse.csr_array(path))
    b = np.random.default_rng(5).normal(size=n)
    f = conjugate_gradients(steps, b, 0.9999, 1e-9)
    assert np.linalg.norm(b - (f - 0.9999 * (steps @ f))) <= 1e-8 * np.linalg.norm(b)


def test_a_neighbourhood_holds_the_heaviest_vertices(steps):
    b = np.zeros(151)
    b[3], b[40] = 1.0, -0.5
    mass = closed_form(steps, 0.9, np.abs(b))
    area = Diffuser(Steps(steps), 0.9, 1e-6).neighbourhood(b, 30)
    assert len(set(area)) == len(area) == 30
    assert area[0] == 3
    assert len(set(area) & set(np.argsort(-mass)[:20])) >= 19


def test_a_neighbourhood_ends_where_the_walk_does():
    two = normalised(sparse.csr_array(sparse.block_diag([np.ones((4, 4)), np.ones((5, 5))])))
    source = np.zeros(9)
    source[5] = 1
    diffuser = Diffuser(Steps(two), 0.99, 1e-10)
    area = diffuser.neighbourhood(source, 8)
    assert set(area) == {4, 5, 6, 7, 8} and area[0] == 5
    np.testing.assert_allclose(diffuser.solve_within(area, source), closed_form(two, 0.99, source), rtol=1e-8)
    nowhere = diffuser.neighbourhood(np.zeros(9), 8)
    assert len(nowhere) == 0
    assert not diffuser.solve_within(nowhere, source).any()


def test_a_solution_within_some_vertices_slices_the_steps(steps):
    rows = np.array([9, 3, 77, 4, 150, 20])
    b = np.random.default_rng(8).normal(size=151)
    laplacian = np.eye(151) - 0.99 * steps.toarray()
    expected = np.zeros(151)
    expected[rows] = np.linalg.solve(laplacian[np.ix_(rows, rows)], b[rows])
    np.testing.assert_allclose(
        Diffuser(Steps(steps), 0.99, 1e-12).solve_within(rows, b), expected, atol=1e-10
    )
    with pytest.raises(ConvergenceError):
        Diffuser(Steps(steps), 0.99, 1e-18).solve_within(np.arange(151), b)


def test_small_graphs_do_not_load_numba():
    code = (
        "import sys, numpy as np; from scipy import sparse\n"
        "from xview.graph.diffusion import Diffuser, Steps; import xview.retrieval.registry\n"
        "d = Diffuser(Steps(sparse.csr_array((3000, 3000))), .5, 1e-6)\n"
        "d.solve(np.ones(3000)); assert 'numba' not in sys.modules and 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_links_carry_mass_alike_on_either_route(monkeypatch):
    links = sparse.random_array((30, 40), density=0.2, rng=np.random.default_rng(6), format="csc")
    carried = np.random.default_rng(7).normal(size=(70, 30))
    expected = carried @ links.toarray()
    np.testing.assert_allclose(diffusion.hop(links, carried), expected, atol=1e-13)
    monkeypatch.setattr(diffusion, "FEW_PRODUCTS", 0)
    np.testing.assert_allclose(diffusion.hop(links, carried), expected, atol=1e-13)
