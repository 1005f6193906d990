import numpy as np
import pytest
from scipy.spatial.distance import cdist

from xview.metrics import neighbour_ranks as module
from xview.metrics.neighbour_ranks import neighbour_ranks
from xview.retrieval.base import unwatched


def by_sorting(reference, measured, items, k):
    """The whole of both rank tables, in float64."""
    tables = []
    for space in (reference, measured):
        distances = cdist(space[items].astype(float), space.astype(float), "sqeuclidean")
        distances[np.arange(len(items)), items] = -1
        order = np.argsort(distances, axis=1, kind="stable")
        ranks = np.empty_like(order)
        np.put_along_axis(ranks, order, np.arange(len(space))[None, :], axis=1)
        tables.append((order[:, 1 : k + 1], ranks))
    (near_there, there), (near_here, here) = tables
    return np.take_along_axis(there, near_here, 1), np.take_along_axis(here, near_there, 1)


def check(reference, measured, k=40):
    items = np.arange(len(reference))
    found = neighbour_ranks(reference, measured, items, k, unwatched)
    for ours, theirs in zip(found, by_sorting(reference, measured, items, k), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def gaussian(n=700, d=64, seed=0):
    return np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)


def unit(vectors):
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def test_unit_vectors_in_many_dimensions():
    space = unit(gaussian(d=512))
    check(space, unit(gaussian(d=512, seed=1) + 5 * space))


def test_a_narrow_cone_where_rounding_hides_the_order():
    """All cosines above 0.9999: float32 products alone would rank by rounding."""
    check(unit(gaussian() + 1_000), unit(gaussian(d=512, seed=1) + 1_000))


def test_tight_clusters_far_apart():
    centres = np.random.default_rng(1).integers(0, 3, 700)
    check(
        (gaussian(d=2) * 1e-3 + 100 * centres[:, None]).astype(np.float32),
        (gaussian(d=8, seed=2) + centres[:, None]).astype(np.float32),
    )


def test_outliers_that_stretch_the_scale():
    space = gaussian()
    space[:5] *= 1e4
    check(space, gaussian(d=2, seed=1) * 1e18)
    check(space * np.float32(1e-30), space[:, :2])


def test_repeated_vectors_are_ranked_by_position():
    few = unit(gaussian(n=12, d=512))
    check(few[np.random.default_rng(1).integers(0, 12, 700)], gaussian(d=2))


def test_a_lattice_full_of_ties():
    grid = np.stack(np.meshgrid(np.arange(20), np.arange(20)), axis=-1).reshape(-1, 2).astype(np.float32)
    check(grid, grid[::-1] // 3)


def test_a_collapsed_space():
    check(gaussian(n=300), np.ones((300, 5), dtype=np.float32))


def test_three_items():
    check(gaussian(n=3), gaussian(n=3, d=1), k=1)


def test_some_items_among_all_in_blocks_of_few(monkeypatch):
    monkeypatch.setattr(module, "_BLOCK_ROWS", (7, 7))
    reference, measured, items = gaussian(), gaussian(d=2, seed=1), np.array([3, 4, 80, 699] * 5)
    found = neighbour_ranks(reference, measured, items, 20, unwatched)
    np.testing.assert_array_equal(found, by_sorting(reference, measured, items, 20))


def test_the_bound_on_rounding_holds():
    """Three quarters of it are used: ranks are settled 3 bounds apart, where 2 would do."""
    for d in (2, 64, 512, 2048):
        space = unit(gaussian(n=500, d=d) + 0.2)
        distances = module._Distances(space)
        rows = np.arange(40)
        block = distances.of(rows, np.empty((40, 500), dtype=np.float32))
        centred = space - space.mean(axis=0, dtype=float)
        centred /= np.linalg.norm(centred, axis=1).max()
        exact = (centred**2).sum(axis=1) - 2 * centred[rows] @ centred.T
        off = np.isfinite(block.distances)
        error = np.where(off, np.abs(np.where(off, block.distances, 0) - exact), 0).max(axis=1)
        assert (error < 0.75 * block.slack).all()


@pytest.mark.parametrize("when", [0, 2])
def test_cancelling_stops_the_threads(when, monkeypatch):
    monkeypatch.setattr(module, "_BLOCK_ROWS", (5, 5))

    class StoppedError(BaseException):
        pass

    told = []

    def stop(share):
        told.append(share)
        if len(told) > when:
            raise StoppedError

    with pytest.raises(StoppedError):
        neighbour_ranks(gaussian(), gaussian(d=2), np.arange(700), 5, stop)
    assert len(told) == when + 1
