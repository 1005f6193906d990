import numpy as np

from tests.unit.graph.test_knn import by_sorting, cloud
from xview.graph.knn import nearest
from xview.graph.links import link_weights, paper_links, released_links

X, Y = cloud(9, d=4, seed=5), cloud(13, d=4, seed=6)


def test_released_links_by_loops():
    links = released_links(*nearest(X, Y, 4), len(Y), 3.0).toarray()
    expected = np.zeros((len(Y), len(X)))
    for i in range(len(X)):
        rows, similarities = by_sorting(X[i : i + 1], Y, 4)
        clipped = [max(0.0, s) for s in similarities[0]]
        for row, weight in zip(rows[0], clipped, strict=True):
            expected[row, i] = (weight / sum(clipped)) ** 3
    np.testing.assert_allclose(links, expected, atol=1e-14)


def test_paper_links_by_loops():
    xy, yx = (s.toarray() for s in paper_links(*nearest(X, Y, 5), *nearest(Y, X, 5)))
    mutual = np.zeros((len(X), len(Y)))
    for i in range(len(X)):
        for j, similarity in zip(*(a[0] for a in by_sorting(X[i : i + 1], Y, 5)), strict=True):
            if i in by_sorting(Y[j : j + 1], X, 5)[0][0]:
                mutual[i, j] = max(0.0, similarity)
    for got, weights in ((xy, mutual), (yx, mutual.T)):
        for row, weight in zip(got, weights, strict=True):
            np.testing.assert_allclose(row, weight / (weight.sum() or 1.0), atol=1e-14)


def test_no_positive_similarity_is_no_link_rather_than_a_nan():
    weights = link_weights(np.array([[-0.2, -0.3], [0.5, -0.1]]), 3.0)
    np.testing.assert_array_equal(weights, [[0, 0], [1, 0]])
    links = released_links(np.array([[0, 1]]), np.array([[-0.2, -0.3]]), 3, 2.0)
    assert links.nnz == 0
    none = np.array([[0], [0]])
    xy, yx = paper_links(none, -np.ones((2, 1)), none, -np.ones((2, 1)))
    assert not xy.toarray().any() and not yx.toarray().any()
