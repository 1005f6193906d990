import numpy as np
import pytest

from tests.unit.metrics.test_tearing import lists_of
from xview.metrics import edges
from xview.metrics.edges import FAR, lost_edges, pair_ranks


def rank(points, i, j):
    away = np.linalg.norm(points - points[i], axis=1)
    return 1 + sum(away[x] < away[j] for x in range(len(points)) if x not in (i, j))


def by_loops(lists, other, k):
    """Mutual pairs with the lower of their ranks in the other space."""
    n = len(lists)
    pairs = [(i, j) for i in range(n) for j in lists[i][:k] if i < j and i in lists[j][:k]]
    return {(i, int(j)): min(rank(other, i, j), rank(other, j, i)) for i, j in pairs}


@pytest.fixture
def spaces():
    rng = np.random.default_rng(3)
    here = rng.normal(size=(120, 3)).astype(np.float32)
    return lists_of(here, 6), (0.3 * here[:, :2] + rng.normal(size=(120, 2))).astype(np.float32)


@pytest.mark.parametrize("k", [1, 3, 6])
def test_lost_pairs_are_those_of_plain_loops(spaces, k):
    lists, other = spaces
    ranks = by_loops(lists, other, k)
    lost = {pair: r for pair, r in ranks.items() if r > FAR * k}
    found = lost_edges(lists, other, k)
    assert 0 < found.total == len(lost) < found.pairs == len(ranks)
    assert {tuple(pair): s for pair, s in zip(found.ends.tolist(), found.strength, strict=True)} == {
        pair: r / k for pair, r in lost.items()
    }
    assert (np.diff(found.strength) <= 0).all()
    assert found.share == pytest.approx(len(lost) / len(ranks)) and found.error == 0
    for i in range(120):
        mine = [pair for pair in ranks if i in pair]
        expected = sum(pair in lost for pair in mine) / len(mine) if mine else np.nan
        np.testing.assert_allclose(found.of_items[i], expected)


def test_ranks_are_seen_from_either_end(spaces):
    _, other = spaces
    pairs = np.array([[0, 5], [5, 7], [3, 119]])
    expected = [[rank(other, i, j), rank(other, j, i)] for i, j in pairs]
    np.testing.assert_array_equal(pair_ranks(pairs, other), expected)


def test_blocks_of_any_size_give_the_same(spaces, monkeypatch):
    lists, other = spaces
    before = lost_edges(lists, other, 3)
    monkeypatch.setattr(edges, "_BLOCK_VALUES", 7 * 120)
    shares = []
    after = lost_edges(lists, other, 3, on_progress=shares.append)
    np.testing.assert_array_equal(before.ends, after.ends)
    assert shares == sorted(shares) and shares[-1] == 1 and len(shares) > 10


def test_nothing_is_lost_where_nothing_moved():
    points = np.random.default_rng(0).normal(size=(80, 2)).astype(np.float32)
    found = lost_edges(lists_of(points, 4), points, 4)
    assert found.total == 0 and found.share == 0 and found.ends.shape == (0, 2) and found.pairs > 50


def test_a_blob_pulled_in_two_loses_its_pairs_across():
    line = np.zeros((60, 1), dtype=np.float32)
    line[:, 0] = np.arange(60)
    torn = line.copy()
    torn[30:] += 1000
    torn[:30] = torn[:30][::-1].copy()  # 29 and 30, neighbours before, are now the far ends of two pieces
    found = lost_edges(lists_of(line, 2), torn, 2)
    np.testing.assert_array_equal(found.ends, [[29, 30]])
    # from 29, now outermost, all of its own piece is nearer: 29 others; from 30 the same
    np.testing.assert_array_equal(found.strength, [(1 + 29) / 2])


def test_unrelated_spaces_lose_what_chance_says():
    rng = np.random.default_rng(1)
    lists = lists_of(rng.normal(size=(600, 3)), 5)
    found = lost_edges(lists, rng.normal(size=(600, 3)).astype(np.float32), 5)
    assert found.chance == pytest.approx((599 - 25) / 599)
    assert found.chance - 0.03 < found.share < found.chance + 0.01


def test_a_sample_estimates_the_whole_and_says_how_well():
    rng = np.random.default_rng(5)
    here = rng.normal(size=(400, 3))
    other = (here + 0.3 * rng.normal(size=(400, 3))).astype(np.float32)
    lists = lists_of(here, 4)
    whole = lost_edges(lists, other, 4)
    tried = [lost_edges(lists, other, 4, np.sort(rng.choice(400, 120, replace=False))) for _ in range(120)]
    off = np.array([(part.share - whole.share) / part.error for part in tried])
    assert 0.05 < whole.share < 0.6
    assert abs(off.mean()) < 0.3 and 0.75 < off.std() < 1.3  # errors are of the size they claim
    items = np.arange(0, 400, 7)
    part = lost_edges(lists, other, 4, items)
    np.testing.assert_array_equal(part.of_items[items], whole.of_items[items])
    assert np.isnan(np.delete(part.of_items, items)).all()


def test_the_strongest_are_listed_and_all_are_counted(spaces, monkeypatch):
    lists, other = spaces
    everything = lost_edges(lists, other, 3)
    monkeypatch.setattr(edges, "KEPT", 4)
    found = lost_edges(lists, other, 3)
    assert found.total == everything.total > 4
    np.testing.assert_array_equal(found.ends, everything.ends[:4])


def test_without_pairs_there_is_no_share():
    lists = np.array([[1], [2], [0]])  # a ring of one-way neighbours
    found = lost_edges(lists, np.eye(3, dtype=np.float32), 1)
    assert found.pairs == 0 and np.isnan(found.share) and np.isnan(found.of_items).all()
