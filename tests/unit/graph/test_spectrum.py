import numpy as np
import pytest
from scipy import sparse

from tests.unit.graph.test_knn import cloud
from xview.graph.affinity import mutual_affinity, normalised
from xview.graph.spectrum import leading
from xview.spaces.space import unit_rows


def clusters(count=12, size=40):
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(count, 16))
    points = np.repeat(centres, size, axis=0) + 0.35 * rng.normal(size=(count * size, 16))
    return normalised(mutual_affinity(unit_rows(points, "clusters"), 12, 3.0))


def test_finds_the_largest_eigenvalues_and_their_vectors():
    steps = clusters()
    found = leading(sparse.csr_array(steps.astype(np.float32)))
    values, vectors = np.linalg.eigh(steps.toarray())
    kept = len(found.values)
    assert found.vectors.shape == (480, 120) and kept == 120
    np.testing.assert_allclose(found.values[-60:], values[-60:], atol=0.02)
    np.testing.assert_allclose(found.vectors.T @ found.vectors, np.eye(kept), atol=1e-4)
    held = np.linalg.norm(found.vectors.T @ vectors[:, -40:], axis=0)
    assert held.min() > 0.99


@pytest.mark.parametrize("alpha", [0.5, 0.99, 0.999])
def test_start_and_smoothing_shrink_the_error_as_promised(alpha):
    """One correction in exact arithmetic: the leading directions apart, Chebyshev steps on the rest."""
    steps = clusters()
    found = leading(sparse.csr_array(steps.astype(np.float32)))
    laplacian = np.eye(480) - alpha * steps.toarray()
    b = np.random.default_rng(1).normal(size=(480, 3)).astype(np.float32)
    before = found.start(b, alpha).astype(np.float64)
    left = b - laplacian @ before
    low, high = found.rest(alpha)
    passes = found.passes(alpha, 1e-3)
    values, vectors = np.linalg.eigh(laplacian)
    scaled = (high + low - 2 * values) / (high - low)
    degree = np.polynomial.chebyshev.Chebyshev.basis(passes)
    damped = vectors @ ((degree(scaled) / degree((high + low) / (high - low)))[:, None] * (vectors.T @ left))
    assert np.linalg.norm(damped) <= 2e-3 * np.linalg.norm(b) * np.sqrt((1 + alpha) / (1 - alpha))


def test_graphs_smaller_than_the_block_and_isolated_vertices():
    steps = normalised(mutual_affinity(cloud(9, d=4), 4, 3.0))
    found = leading(sparse.csr_array(steps.astype(np.float32)))
    assert found.vectors.shape == (9, 2) and np.isfinite(found.vectors).all()
    nothing = leading(sparse.csr_array((20, 20), dtype=np.float32))
    assert np.abs(nothing.values).max() < 1e-6
