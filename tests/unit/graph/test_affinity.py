import numpy as np
import pytest

from tests.unit.graph.test_knn import by_sorting, cloud
from xview.graph.affinity import attach, mutual_affinity, normalised
from xview.spaces.space import unit_rows


def by_loops(vectors, k, gamma):
    n = len(vectors)
    wide = vectors.astype(np.float64)
    others = []
    for i in range(n):
        ranked, _ = by_sorting(vectors[i : i + 1], vectors, n)
        others.append([j for j in ranked[0] if j != i][: k - 1])
    affinity = np.zeros((n, n))
    for i in range(n):
        for j in others[i]:
            if i in others[j]:
                affinity[i, j] = max(0.0, float(wide[i] @ wide[j])) ** gamma
    return affinity


@pytest.mark.parametrize(("k", "gamma"), [(1, 3.0), (2, 3.0), (6, 1.0), (30, 0.5)])
def test_matches_loops(k, gamma):
    vectors = cloud(30, d=5)
    affinity = mutual_affinity(vectors, k, gamma)
    np.testing.assert_allclose(affinity.toarray(), by_loops(vectors, k, gamma), atol=1e-14)
    assert (affinity.toarray() == affinity.toarray().T).all()
    assert (affinity.data > 0).all()


def test_copies_do_not_crowd_an_item_out_of_its_own_list():
    vectors = np.repeat(cloud(4, d=5), 3, axis=0)
    np.testing.assert_allclose(
        mutual_affinity(vectors, 3, 2.0).toarray(), by_loops(vectors, 3, 2.0), atol=1e-14
    )
    assert (mutual_affinity(vectors, 3, 2.0).sum(axis=1) > 1.9).all()


def test_steps_are_symmetrically_normalised_and_isolated_vertices_stay_put():
    vectors = unit_rows(np.vstack([np.eye(3) + 0.1, [[-1, -1, -1]]]), "three and an outlier")
    affinity = mutual_affinity(vectors, 3, 3.0)
    steps = normalised(affinity).toarray()
    degree = affinity.toarray().sum(axis=1)
    assert degree[3] == 0
    for i in range(3):
        for j in range(3):
            assert steps[i, j] == pytest.approx(affinity[i, j] / np.sqrt(degree[i] * degree[j]))
    assert not steps[3].any() and not steps[:, 3].any()


def test_a_new_vertex_steps_as_if_the_graph_had_grown_by_it():
    vectors = cloud(12, d=3)
    affinity = mutual_affinity(vectors, 5, 3.0).toarray()
    similarities = np.array([0.9, 0.5, -0.2])
    rows = [4, 7, 9]
    grown = np.zeros((13, 13))
    grown[:12, :12] = affinity
    for row, similarity in zip(rows, similarities, strict=True):
        grown[12, row] = grown[row, 12] = max(0.0, similarity) ** 3
    degree = grown.sum(axis=1)
    expected = [grown[12, row] / np.sqrt(degree[12] * degree[row]) for row in rows]
    got = attach(similarities, affinity.sum(axis=1)[rows], 3.0)
    np.testing.assert_allclose(got, expected)
    assert got[2] == 0
    assert not attach(np.array([-0.5, 0.0]), np.zeros(2), 3.0).any()
