import numpy as np
import pytest
from scipy import sparse

from tests.unit.graph.test_knn import cloud
from xview.graph.affinity import mutual_affinity, normalised
from xview.graph.compiled import CompiledSteps


@pytest.mark.parametrize("k", [1, 2, 9])
def test_the_order_holds_every_vertex_once_whatever_the_components(k):
    steps = normalised(mutual_affinity(cloud(120, d=4), k, 3.0))
    compiled = CompiledSteps(steps)
    np.testing.assert_array_equal(np.sort(compiled.order), np.arange(120))
    np.testing.assert_array_equal(compiled.order[compiled.rank], np.arange(120))
    restored = np.zeros((120, 120))
    restored[np.ix_(compiled.order, compiled.order)] = compiled.ordered.toarray()
    np.testing.assert_array_equal(restored, steps.toarray())


def test_clusters_come_out_in_one_piece():
    sizes = [30, 50, 20]
    blocks = sparse.csr_array(sparse.block_diag([np.ones((size, size)) - np.eye(size) for size in sizes]))
    weak = sparse.csr_array(([0.01] * 4, ([0, 40, 40, 90], [40, 0, 90, 40])), shape=(100, 100))
    shuffled = np.random.default_rng(0).permutation(100)
    steps = normalised(sparse.csr_array((blocks + weak)[shuffled][:, shuffled]))
    cluster = np.repeat([0, 1, 2], sizes)[shuffled][CompiledSteps(steps).order]
    changes = np.count_nonzero(np.diff(cluster))
    assert changes <= 4


def test_rows_are_filled_up_to_even_lengths_with_nothing():
    steps = normalised(mutual_affinity(cloud(40, d=4), 6, 3.0))
    compiled = CompiledSteps(steps)
    starts, columns, values = compiled.pairs
    assert (np.diff(starts) % 2 == 0).all()
    again = sparse.csr_array((values, columns.astype(np.int32), starts.astype(np.int32)), shape=(40, 40))
    np.testing.assert_allclose(again.toarray(), compiled.ordered.toarray(), rtol=1e-6)
