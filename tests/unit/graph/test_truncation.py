import numpy as np
import pytest
from scipy import sparse

from tests.unit.graph.test_knn import by_sorting, cloud
from xview.errors import ConvergenceError
from xview.graph import truncation
from xview.graph.affinity import mutual_affinity, normalised
from xview.graph.truncation import all_seed_areas, seed_areas, seed_solutions, solve_inside, union_areas

VECTORS = cloud(60, d=5)
STEPS = normalised(mutual_affinity(VECTORS, 8, 3.0))
AREAS = all_seed_areas(VECTORS, 15)


@pytest.fixture(params=["scipy", "compiled"])
def route(request, monkeypatch):
    if request.param == "compiled":
        monkeypatch.setattr(truncation, "FEW", 0)


def inside(rows, source, alpha=0.99):
    """Slice the normalised Laplacian, solve, put back."""
    laplacian = np.eye(60) - alpha * STEPS.toarray()
    out = np.zeros(60)
    out[rows] = np.linalg.solve(laplacian[np.ix_(rows, rows)], source[rows])
    return out


def test_areas_are_the_nearest_with_the_seed():
    areas = seed_areas(VECTORS, 12, np.array([7, 3])).toarray()
    for row, seed in zip(areas, (7, 3), strict=True):
        assert set(np.flatnonzero(row)) == set(by_sorting(VECTORS[seed : seed + 1], VECTORS, 12)[0][0])


def test_a_seed_with_many_copies_stays_in_its_own_area():
    copies = np.repeat(VECTORS[:3], 10, axis=0)
    areas = seed_areas(copies, 4, np.arange(30)).toarray()
    assert (areas.sum(axis=1) == 4).all() and areas.diagonal().all()


def test_every_seed_alone(route):
    told = []
    solutions = seed_solutions(STEPS, AREAS, 0.99, 1e-12, told.append).toarray()
    for seed in range(60):
        rows = by_sorting(VECTORS[seed : seed + 1], VECTORS, 15)[0][0]
        one = np.zeros(60)
        one[seed] = 1
        np.testing.assert_allclose(solutions[seed], inside(rows, one), atol=1e-9)
    assert told == [0.0]


def test_unions(route):
    seeds = sparse.random_array((60, 5), density=0.08, rng=np.random.default_rng(0), format="csc")
    areas = seed_areas(VECTORS, 10, np.arange(60))
    unions = union_areas(areas, seeds)
    solved = solve_inside(STEPS, unions, sparse.csr_array(seeds.T), 0.99, 1e-12).toarray()
    for q in range(5):
        source = seeds.toarray()[:, q]
        rows = sorted({row for s in np.flatnonzero(source) for row in areas[[s]].indices})
        np.testing.assert_allclose(solved[q], inside(rows, source), atol=1e-9)


def test_mass_outside_the_area_is_lost_and_an_empty_area_is_empty(route):
    areas = sparse.csr_array(([1.0, 1.0], ([0, 0], [2, 5])), shape=(2, 60))
    source = np.zeros((2, 60))
    source[:, [2, 9]] = 1.0
    solved = solve_inside(STEPS, areas, sparse.csr_array(source), 0.9, 1e-12).toarray()
    np.testing.assert_allclose(solved[0], inside([2, 5], source[0], 0.9), atol=1e-10)
    assert not solved[1].any()


def test_cancelling_stops_the_offline_stage():
    class CancelledError(Exception):
        pass

    def cancel(share):
        raise CancelledError

    with pytest.raises(CancelledError):
        seed_solutions(STEPS, AREAS, 0.99, 1e-6, cancel)


def test_an_unreachable_residual_is_told(route):
    with pytest.raises(ConvergenceError):
        seed_solutions(STEPS, AREAS, 0.99, 1e-18, lambda share: None)


def test_millions_of_values_are_kept_in_half_the_memory(monkeypatch):
    full = seed_solutions(STEPS, AREAS, 0.99, 1e-9, lambda share: None)
    monkeypatch.setattr(truncation, "EXACT", 0)
    half = seed_solutions(STEPS, AREAS, 0.99, 1e-9, lambda share: None)
    assert full.dtype == np.float64 and half.dtype == np.float32
    np.testing.assert_allclose(half.toarray(), full.toarray(), rtol=1e-6)
