import numpy as np
import pytest

from xview.metrics.tearing import Fragment, fragment, mutual_graph


def lists_of(points, k):
    """Neighbour lists by comparing everybody with everybody."""
    away = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(away, np.inf)
    return np.argsort(away, axis=1, kind="stable")[:, :k]


def pieces_by_union_find(lists, labels, k):
    """Sets of items, by following every mutual in-class edge."""
    n = len(labels)
    parent = list(range(n))

    def root(i):
        while parent[i] != i:
            i = parent[i]
        return i

    for i in range(n):
        for j in lists[i][:k]:
            if i in lists[j][:k] and labels[i] == labels[j] >= 0:
                parent[root(i)] = root(int(j))
    found = {}
    for i in range(n):
        if labels[i] >= 0:
            found.setdefault(int(labels[i]), {}).setdefault(root(i), set()).add(i)
    return {label: sorted(map(frozenset, groups.values()), key=len) for label, groups in found.items()}


@pytest.mark.parametrize(("seed", "k"), [(0, 1), (1, 3), (2, 6)])
def test_pieces_are_those_of_a_union_find(seed, k):
    rng = np.random.default_rng(seed)
    labels = rng.integers(-1, 4, size=90)
    lists = lists_of(rng.normal(size=(90, 3)) + 1.2 * labels[:, None], 8)
    found = fragment(lists, labels, k)
    expected = pieces_by_union_find(lists, labels, k)
    assert [c.label for c in found.classes] == sorted(expected)
    for one in found.classes:
        groups = expected[one.label]
        items = int((labels == one.label).sum())
        assert one == Fragment(
            label=one.label,
            items=items,
            components=len(groups),
            pieces=sum(len(g) > 1 for g in groups),
            alone=sum(len(g) == 1 for g in groups) / items,
            largest=max(map(len, groups)) / items,
        )
        rows = np.flatnonzero(labels == one.label)
        assert {frozenset(rows[found.parts[rows] == p].tolist()) for p in range(len(groups))} == set(groups)
        sizes = np.bincount(found.parts[rows])
        assert (np.diff(sizes) <= 0).all()  # number 0 is the largest
    assert (found.parts[labels < 0] == -1).all()


def blobs(places, each, seed=0):
    rng = np.random.default_rng(seed)
    return np.concatenate([place + 0.01 * rng.normal(size=(each, 2)) for place in places])


def test_two_blobs_torn_in_four():
    labels = np.repeat([0, 1], 40)
    whole = fragment(lists_of(blobs([(0, 0), (0, 0), (9, 9), (9, 9)], 20), 10), labels, 10)
    torn = fragment(lists_of(blobs([(0, 0), (5, 5), (9, 9), (0, 9)], 20), 10), labels, 10)
    assert [(c.largest, c.pieces, c.components, c.alone) for c in whole.classes] == [(1, 1, 1, 0)] * 2
    assert [(c.largest, c.pieces, c.components, c.alone) for c in torn.classes] == [(0.5, 2, 2, 0)] * 2
    assert (whole.largest, torn.largest) == (1, 0.5) and (torn.pieces, torn.components, torn.alone) == (
        2,
        2,
        0,
    )
    np.testing.assert_array_equal(whole.cut_off(labels), np.zeros(80))
    np.testing.assert_array_equal(torn.cut_off(labels), np.full(80, 0.5))


def test_a_class_is_not_held_together_by_another():
    points = np.arange(12.0)[:, None]  # a chain; the middle belongs to somebody else
    labels = np.array([0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, -1])
    found = fragment(lists_of(points, 4), labels, 2)
    assert [(c.label, c.pieces, c.largest) for c in found.classes] == [(0, 2, 4 / 7), (1, 1, 1.0)]
    away = found.cut_off(labels)
    np.testing.assert_allclose(away[:4], 3 / 7)
    np.testing.assert_allclose(away[8:11], 4 / 7)
    assert np.isnan(away[11])


def test_an_item_nobody_returns_to_stands_alone():
    points = np.concatenate([blobs([(0, 0)], 10), [[50.0, 50.0]]])
    (one,) = fragment(lists_of(points, 5), np.zeros(11, dtype=np.int64), 5).classes
    assert (one.components, one.pieces) == (2, 1)
    assert one.alone == pytest.approx(1 / 11) and one.largest == pytest.approx(10 / 11)


def test_without_classes_there_is_nothing_to_tear():
    found = fragment(lists_of(blobs([(0, 0)], 6), 3), np.full(6, -1), 3)
    assert found.classes == () and np.isnan(found.largest) and np.isnan(found.cut_off(np.full(6, -1))).all()


def test_the_graph_is_mutual_and_has_no_loops():
    lists = lists_of(np.random.default_rng(0).normal(size=(30, 2)), 5)
    graph = mutual_graph(lists, 4).toarray()
    for i in range(30):
        for j in range(30):
            assert graph[i, j] == (j in lists[i][:4] and i in lists[j][:4])
