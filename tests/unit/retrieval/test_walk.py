import numpy as np
import pytest

from tests.unit.retrieval.fields import make_field, one_modality
from xview.errors import QueryError, SettingError, SpaceError
from xview.graph import truncation
from xview.retrieval import nearby, ways
from xview.retrieval.base import Field, Query, Side
from xview.retrieval.graphs import FieldGraphs, Manifold
from xview.retrieval.walk import HOP_THEN_WALK, NOT_PREPARED, WALK_THEN_HOP, WalkRanker
from xview.retrieval.walk_settings import Truncation, WalkSettings

FIELD = make_field()
EXACT = {"k": 8, "k_q": 5, "tol": 1e-12, "truncation": Truncation.NONE}


def walk(field=FIELD, manifold=Manifold.OWN, graphs=None, **settings):
    return WalkRanker(WalkSettings(**{**EXACT, **settings}), manifold, graphs or FieldGraphs(field))


TRUNCATIONS = list(Truncation)
MULTI_HOT = Query(rows=np.array([3, 11, 3, 40]), weights=np.array([1.0, -0.7, 0.5, 2.0]))
OUTSIDE = Query(shared=FIELD.x_shared[7], own=FIELD.x_own[7])


@pytest.mark.parametrize("truncation", TRUNCATIONS)
@pytest.mark.parametrize("manifold", list(Manifold))
def test_all_queries_at_once_score_as_one_by_one(manifold, truncation):
    ranker = walk(manifold=manifold, truncation=truncation, n_trunc=20, lam=0.3)
    ranker.prepare()
    rows = np.array([4, 0, 33, 4])
    expected = np.array([ranker.rank(Query.item(row)).scores for row in rows])
    np.testing.assert_allclose(ranker.score_matrix(rows), expected, rtol=1e-8, atol=1e-12)
    places = [(place, len(scores)) for place, scores in ranker.score_blocks(rows, block=3)]
    assert places == [(slice(0, 3), 3), (slice(3, 4), 1)]
    assert ranker.score_matrix(np.empty(0, dtype=np.int64)).shape == (0, 70)


@pytest.mark.parametrize("truncation", TRUNCATIONS[:2])
def test_a_set_of_items_scores_as_the_weighted_sum_of_its_items(truncation):
    """The union truncation is left out: its area depends on all items of the set."""
    ranker = walk(truncation=truncation, n_trunc=20)
    ranker.prepare()
    expected = sum(
        weight * ranker.rank(Query.item(row)).scores
        for row, weight in zip(MULTI_HOT.rows, MULTI_HOT.weights, strict=True)
    )
    np.testing.assert_allclose(ranker.rank(MULTI_HOT).scores, expected, rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize("query", [Query.item(5), MULTI_HOT, OUTSIDE], ids=["item", "set", "outside"])
@pytest.mark.parametrize("truncation", TRUNCATIONS)
def test_parts_and_shares_sum_to_the_score(truncation, query):
    ranker = walk(truncation=truncation, n_trunc=20, lam=0.4)
    ranker.prepare()
    ranking = ranker.rank(query)
    np.testing.assert_allclose(sum(ranking.parts.values()), ranking.scores, atol=1e-15)
    for position in (*ranking.order[:5], *ranking.order[-5:]):
        why = ranker.explain(query, int(position))
        scale = np.abs(ranking.scores).max()
        assert why.score == pytest.approx(ranking.scores[position], abs=1e-9 * scale)
        assert why.score == pytest.approx(sum(share.amount for share in why.shares), abs=1e-12 * scale)
        for part, scores in ranking.parts.items():
            carried = sum(share.amount for share in why.shares if share.part == part)
            assert carried == pytest.approx(scores[position], abs=1e-9 * scale)
        sizes = [abs(share.amount) for share in why.shares]
        assert sizes == sorted(sizes, reverse=True)


def test_shares_name_the_links_that_carried_them():
    ranker = walk()
    links = FieldGraphs(FIELD).links(ranker.settings.links, 5, 3.0)
    why = ranker.explain(Query.item(5), 12)
    anchors = {share.position for share in why.shares if share.side is Side.GALLERY}
    bridges = {share.position for share in why.shares if share.side is Side.QUERY}
    assert anchors <= set(np.flatnonzero(links.yx[:, [5]].toarray()[:, 0])) and anchors
    assert bridges <= set(np.flatnonzero(links.xy[:, [12]].toarray()[:, 0])) and bridges
    assert {share.part for share in why.shares} == {HOP_THEN_WALK, WALK_THEN_HOP}


def test_an_unprepared_truncation_answers_whole_and_says_so():
    plain, seed = walk(), walk(truncation=Truncation.SEED, n_trunc=20)
    before = seed.rank(Query.item(2))
    assert NOT_PREPARED in before.notes
    np.testing.assert_allclose(before.scores, plain.rank(Query.item(2)).scores)
    shares = []
    seed.prepare(shares.append)
    after = seed.rank(Query.item(2))
    assert NOT_PREPARED not in after.notes
    assert np.abs(after.scores - before.scores).max() > 1e-3 * before.scores.max()
    assert shares == sorted(shares) and shares[0] == 0 and shares[-1] == 1


@pytest.mark.parametrize("truncation", TRUNCATIONS)
def test_lists_as_long_as_the_data_truncate_nothing(truncation):
    ranker = walk(truncation=truncation, n_trunc=70)
    ranking = ranker.rank(Query.item(2))
    assert ranking.notes == ()
    np.testing.assert_array_equal(ranking.scores, walk().rank(Query.item(2)).scores)


def test_a_union_too_large_for_memory_is_refused(monkeypatch):
    monkeypatch.setattr(ways, "UNION_LIMIT", 1000)
    with pytest.raises(SettingError, match="choose truncation seed or none"):
        walk(truncation=Truncation.UNION, n_trunc=20).prepare()


def test_another_alpha_k_or_gamma_walks_in_the_areas_found_before(monkeypatch):
    graphs, seeds = FieldGraphs(FIELD), {"truncation": Truncation.SEED, "n_trunc": 20}
    walk(graphs=graphs, **seeds).prepare()
    changes = ({"alpha": 0.8}, {"k": 6}, {"gamma": 2.0})
    alone = [walk(**seeds, **change).score_matrix(np.arange(5)) for change in changes]

    def searched(*_arguments):
        raise AssertionError("lists were searched again")

    monkeypatch.setattr(truncation, "shortlist", searched)
    for change, expected in zip(changes, alone, strict=True):
        ranker = walk(graphs=graphs, **seeds, **change)
        np.testing.assert_array_equal(ranker.score_matrix(np.arange(5)), expected)
    with pytest.raises(AssertionError, match="searched again"):  # other lengths are other areas
        walk(graphs=graphs, **{**seeds, "n_trunc": 21}).prepare()


def test_preparing_can_be_cancelled_and_leaves_a_ranker_that_answers(monkeypatch):
    monkeypatch.setattr(truncation, "CHUNK", 10)
    ranker = walk(truncation=Truncation.SEED, n_trunc=20)

    class CancelledError(Exception):
        pass

    def cancel(share):
        if share > 0.7:
            raise CancelledError

    with pytest.raises(CancelledError):
        ranker.prepare(cancel)
    assert NOT_PREPARED in ranker.rank(Query.item(0)).notes


@pytest.mark.parametrize("manifold", list(Manifold))
def test_a_stranger_with_an_items_features_ranks_much_like_the_item(manifold):
    ranker = walk(manifold=manifold)
    inside, outside = ranker.rank(Query.item(7)), ranker.rank(OUTSIDE)
    for part in (HOP_THEN_WALK, WALK_THEN_HOP):
        assert np.corrcoef(inside.parts[part], outside.parts[part])[0, 1] > 0.8
    np.testing.assert_allclose(inside.parts[HOP_THEN_WALK], outside.parts[HOP_THEN_WALK], atol=1e-9)


def test_a_stranger_walks_as_if_it_had_joined_the_graph():
    """The own-side term by hand: a vertex tied to its k - 1 nearest; mass that returns to it is dropped."""
    graphs = FieldGraphs(FIELD)
    ranker = walk(graphs=graphs, lam=1.0, alpha=0.9)
    query = Query(shared=FIELD.x_shared[7], own=make_field(seed=9).x_own[0])
    affinity = graphs.graph(Side.QUERY, Manifold.OWN, 8, 3.0).affinity.toarray()
    similarity = FIELD.x_own.astype(np.float64) @ query.own
    nearest = np.argsort(-similarity)[:7]
    ties = np.zeros(50)
    ties[nearest] = np.clip(similarity[nearest], 0, None) ** 3
    degree = affinity.sum(axis=1)
    entering = ties / np.sqrt(ties.sum() * np.where(ties > 0, degree + ties, 1))
    with np.errstate(divide="ignore"):
        scale = np.where(degree > 0, 1 / np.sqrt(degree), 0)
    laplacian = np.eye(50) - 0.9 * scale[:, None] * affinity * scale
    carried = np.linalg.solve(laplacian, 0.9 * entering)
    links = graphs.links(ranker.settings.links, 5, 3.0).xy
    np.testing.assert_allclose(ranker.rank(query).scores, links.T @ carried, atol=1e-10)


def test_a_stranger_without_an_own_feature_walks_on_the_gallery_side_only():
    ranking = walk().rank(Query(shared=FIELD.x_shared[7]))
    assert any("gallery side only" in note for note in ranking.notes)
    assert not ranking.parts[WALK_THEN_HOP].any() and ranking.parts[HOP_THEN_WALK].any()
    assert walk(manifold=Manifold.SHARED).rank(Query(shared=FIELD.x_shared[7])).parts[WALK_THEN_HOP].any()


def test_a_query_without_positive_links_scores_zero_and_says_so():
    lonely = -np.abs(FIELD.y_shared).mean(axis=0)
    y = np.abs(FIELD.y_shared)
    field = make_field(y_shared=y / np.linalg.norm(y, axis=1, keepdims=True))
    stranger = Query(shared=(lonely / np.linalg.norm(lonely)).astype(np.float32))
    ranking = walk(field).rank(stranger)
    assert not ranking.scores.any() and np.isfinite(ranking.scores).all()
    assert any("every score is 0" in note for note in ranking.notes)


@pytest.mark.parametrize("truncation", TRUNCATIONS)
def test_an_item_is_neither_its_own_answer_nor_its_own_link(truncation):
    field = one_modality()
    ranker = walk(field, truncation=truncation, n_trunc=15)
    ranker.prepare()
    links = ranker.ways.links
    matrix = ranker.score_matrix(np.arange(40))
    for position, row in enumerate(field.x_row_of_y):
        assert links.yx[position, row] == 0 and links.xy[row, position] == 0
        assert matrix[row, position] == 0
        assert ranker.rank(Query.item(row)).scores[position] == 0
        assert ranker.explain(Query.item(row), position).shares == ()
    assert (np.diff(links.yx.indptr) == 5).all()
    assert np.count_nonzero(matrix) > 0.7 * matrix.size


def test_alpha_zero_scores_the_links_alone():
    graphs = FieldGraphs(FIELD)
    ranker = walk(graphs=graphs, alpha=0.0, lam=0.25)
    links = graphs.links(ranker.settings.links, 5, 3.0)
    expected = 0.25 * links.xy.toarray() + 0.75 * links.yx.toarray().T
    np.testing.assert_allclose(ranker.score_matrix(np.arange(50)), expected, atol=1e-15)


def test_copies_rank_alike():
    field = make_field(20, 30)
    twice = Field(
        x_shared=np.repeat(field.x_shared, 2, axis=0),
        y_shared=np.repeat(field.y_shared, 2, axis=0),
        x_own=np.repeat(field.x_own, 2, axis=0),
        y_own=np.repeat(field.y_own, 2, axis=0),
    )
    ranker = walk(twice, k=40, k_q=60)
    scores = ranker.rank(Query.item(0)).scores
    np.testing.assert_allclose(scores[::2], scores[1::2], rtol=1e-6)
    np.testing.assert_allclose(scores, ranker.rank(Query.item(1)).scores, rtol=1e-6)


def test_a_large_graph_is_answered_from_the_neighbourhood(monkeypatch):
    monkeypatch.setattr(nearby, "SIZE", 40)
    monkeypatch.setattr(nearby, "LARGEST", 40)
    monkeypatch.setattr(ways, "LOCAL_FROM", 45)
    ranker = walk()
    whole = walk(local=False).rank(Query.item(5))
    local = ranker.rank(Query.item(5))
    np.testing.assert_array_equal(whole.scores, walk(local=False).score_matrix(np.array([5]))[0])
    assert whole.notes == ()
    assert "of the best 100" in local.notes[-1] and "set local off" in local.notes[-1]
    assert len(set(local.order[:10]) & set(whole.order[:10])) >= 8
    assert np.count_nonzero(local.parts[HOP_THEN_WALK]) == 40
    why = ranker.explain(Query.item(5), int(local.order[0]))
    assert why.score == pytest.approx(local.scores.max(), rel=1e-9)
    np.testing.assert_allclose(ranker.score_matrix(np.array([5]))[0], whole.scores, atol=1e-12)


def test_a_neighbourhood_grows_until_its_best_settle(monkeypatch):
    diffuser = FieldGraphs(make_field(600, 800)).diffuser(Side.GALLERY, Manifold.OWN, 8, 3.0, 0.99, 1e-9)
    source = np.zeros(800)
    source[[3, 90]] = 1.0
    whole = diffuser.solve(source)
    for size, largest, settled in ((20, 40, False), (110, 880, True)):
        monkeypatch.setattr(nearby, "SIZE", size)
        monkeypatch.setattr(nearby, "LARGEST", largest)
        local = nearby.solve_nearby(diffuser, source)
        assert (nearby.overlap(local.fine, whole) >= 0.97) == settled
        assert (nearby.overlap(local.fine, local.rough) >= nearby.STABLE) == settled
        assert set(np.flatnonzero(local.fine)) <= set(local.area)
    monkeypatch.setattr(nearby, "SIZE", 5_000)
    np.testing.assert_allclose(nearby.solve_nearby(diffuser, source).fine, whole, atol=1e-6)


@pytest.mark.parametrize(("m", "n"), [(1, 1), (1, 6), (6, 1), (2, 2)])
@pytest.mark.parametrize("truncation", TRUNCATIONS)
def test_tiny_collections_and_settings_larger_than_they_are(m, n, truncation):
    ranker = walk(make_field(m, n), truncation=truncation, n_trunc=1, k=30, k_q=15)
    ranker.prepare()
    ranking = ranker.rank(Query.item(0))
    assert ranking.scores.shape == (n,) and np.isfinite(ranking.scores).all()
    assert any("k = 30 is more than" in note for note in ranking.notes)
    assert any("k_q = 15 is more than" in note for note in ranking.notes)
    np.testing.assert_allclose(ranker.score_matrix(np.array([0]))[0], ranking.scores)


def test_a_missing_single_modal_space_is_named():
    graphs = FieldGraphs(make_field(y_own=None))
    with pytest.raises(SpaceError, match="no single-modal space on the gallery side"):
        walk(graphs=graphs)
    walk(manifold=Manifold.SHARED, graphs=graphs)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (Query(), "names no item"),
        (Query.item(50), "outside 0 to 49"),
        (Query.item(-1), "outside 0 to 49"),
        (Query(rows=np.array([1, 2]), weights=np.ones(1)), "2 items but 1 weights"),
        (Query(shared=np.ones(3, np.float32)), "shared feature has 3 values, the space has 12"),
        (
            Query(shared=FIELD.x_shared[0], own=np.ones(4, np.float32)),
            "single-modal feature has 4 values, the space has 10",
        ),
    ],
)
def test_a_query_the_field_cannot_place_is_refused(query, message):
    with pytest.raises(QueryError, match=message):
        walk().rank(query)
