"""The ranker against all-pairs shortest ways over a dense matrix, with stones, alignment and islands."""

from dataclasses import replace

import numpy as np
import pytest

from tests.unit.retrieval.fields import make_field, one_modality
from xview.errors import QueryError, SettingError
from xview.retrieval.base import Field, Query, Share, Side, Stones, Surroundings
from xview.retrieval.geodesic import NO_WAY, WAY, GeodesicRanker
from xview.retrieval.geodesic_settings import GeodesicSettings
from xview.retrieval.graphs import FieldGraphs
from xview.retrieval.stepping_stones import Vertex, vertices_of
from xview.spaces.align import procrustes


def unit(x):
    return (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)


def circle(*degrees):
    at = np.radians(degrees)
    return np.stack([np.cos(at), np.sin(at)], axis=1).astype(np.float32)


def rank(field, query=None, **settings):
    return ranker_of(field, **settings).rank(query or Query.item(0))


def ranker_of(field, **settings):
    return GeodesicRanker(GeodesicSettings(**settings), FieldGraphs(field))


def ring(gallery, asks, stones=(), pairs=None, of_x=(0,)):
    """Texts ask images on a circle; the first texts are those that ask."""
    texts = circle(*stones) if len(stones) else circle(*asks)
    none = np.empty((0, 2), dtype=np.float32)
    x_rows = np.array(of_x)
    around = Surroundings(
        x_modality="texts",
        y_modality="images",
        x_rows=x_rows,
        y_rows=np.arange(len(gallery)) + 100,
        stones=(Stones(modality="texts", vectors=texts, x_rows=x_rows, pairs=pairs or (none, none)),),
    )
    return Field(x_shared=circle(*asks), y_shared=circle(*gallery), surroundings=lambda: around)


def floyd_warshall(vectors, threshold):
    """Every pair's shortest way, the slow way, in float64."""
    x = vectors.astype(np.float64)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    apart = np.arccos(np.clip(x @ x.T, -1, 1))
    d = np.where(apart < threshold, apart, np.inf)
    np.fill_diagonal(d, 0)
    for k in range(len(d)):
        d = np.minimum(d, d[:, [k]] + d[[k], :])
    return d, apart


def seen_through(n=60, t=45, seed=0, others=30):
    """Images, texts of a turned, reflected and shifted copy of the same things, and a third modality."""
    rng = np.random.default_rng(seed)
    turn, _ = np.linalg.qr(rng.normal(size=(5, 5)))
    turn[:, 0] *= -np.sign(np.linalg.det(turn))
    things = rng.normal(size=(n, 5))
    images = unit(things)
    texts = unit(unit(things[:t] + 0.2 * rng.normal(size=(t, 5))) @ turn.T + 0.3)
    third = unit(rng.normal(size=(others, 5)))
    asking = np.arange(5, 25)
    pairs = (texts[25:40], images[25:40])
    none = np.empty((0, 5), dtype=np.float32)
    around = Surroundings(
        x_modality="texts",
        y_modality="images",
        x_rows=asking,
        y_rows=np.arange(n),
        stones=(
            Stones(modality="texts", vectors=texts, x_rows=asking, pairs=pairs),
            Stones(modality="sounds", vectors=third, x_rows=None, pairs=(none, none)),
        ),
    )
    return Field(x_shared=texts[asking], y_shared=images, surroundings=lambda: around)


@pytest.mark.parametrize("align", [True, False])
@pytest.mark.parametrize("stones", [True, False])
@pytest.mark.parametrize("threshold", [0.45, 0.8])
def test_scores_are_all_pairs_shortest_ways_over_the_same_vertices(stones, align, threshold):
    field = seen_through()
    around = field.surroundings()
    texts, third = (stone.vectors for stone in around.stones)
    if align:
        turn = procrustes(*around.stones[0].pairs, scaling=False)
        texts = unit(turn(texts))
    asks = texts[around.x_rows]
    everything = np.concatenate([field.y_shared, *([texts, third] if stones else []), asks])
    d, apart = floyd_warshall(everything, threshold)
    n, q = len(field.y_shared), len(asks)
    if not stones:  # queries are no stepping stones of each other
        d = np.stack([floyd_warshall(everything[[*range(n), n + i]], threshold)[0][n] for i in range(q)])
        d = np.concatenate([np.zeros((n, n + 1)), d])
    ways, direct = d[-q:, :n], apart[-q:, :n]
    ranker = ranker_of(field, threshold=threshold, stones=stones, align=align)
    found = ranker.score_matrix(np.arange(q))
    for i in range(q):
        reached = np.isfinite(ways[i])
        np.testing.assert_allclose(-found[i][reached], ways[i][reached], atol=2e-6)
        farthest = ways[i][reached].max(initial=0)
        np.testing.assert_allclose(-found[i][~reached], farthest + direct[i][~reached], atol=5e-6)
        ranking = ranker.rank(Query.item(i))
        np.testing.assert_allclose(ranking.scores, found[i], atol=1e-9)
        assert (ranking.reached == reached).all()
    out = np.isinf(ways)
    assert (out.any() and not out.all()) or (threshold == 0.8 and stones)


def test_an_image_no_image_leads_to_is_reached_over_a_text():
    gallery, texts = (0, 20, 60), (0, 40)
    field = ring(gallery, asks=(0,), stones=texts)
    with_texts = rank(field, threshold=np.radians(25), align=False)
    alone = rank(field, threshold=np.radians(25), align=False, stones=False)
    np.testing.assert_allclose(np.degrees(-with_texts.scores), [0, 20, 60], atol=1e-4)
    assert with_texts.reached.all() and not with_texts.notes
    assert alone.reached.tolist() == [True, True, False]
    np.testing.assert_allclose(np.degrees(-alone.scores), [0, 20, 20 + 60], atol=1e-4)
    assert alone.notes[0].startswith("1 of 3 gallery items are out of reach")
    assert set(alone.parts) == {WAY, NO_WAY} and set(with_texts.parts) == {WAY}


def test_what_is_out_of_reach_ranks_behind_what_is_reached_however_far_that_is():
    field = ring((10, 40, 70, 100, 130, -50), asks=(0,))
    ranking = rank(field, threshold=np.radians(35), stones=False, align=False)
    assert ranking.order.tolist() == [0, 1, 2, 3, 4, 5]
    assert not ranking.reached[5] and ranking.reached[:5].all()


def test_a_query_without_a_neighbour_falls_back_on_direct_distance():
    field = ring((90, 50, 70), asks=(0,))
    ranking = rank(field, threshold=np.radians(5), stones=False, align=False)
    assert ranking.order.tolist() == [1, 2, 0] and not ranking.reached.any()
    assert "3 of 3" in ranking.notes[0]


def test_the_way_names_modalities_and_rows_and_its_steps_sum_to_the_score():
    field = ring((0, 20, 60), asks=(40,), stones=(0, 40), of_x=(1,))
    ranker = ranker_of(field, threshold=np.radians(25), align=False)
    way = ranker.path(Query.item(0), 0)
    assert way.vertices == (Vertex("texts", 1), Vertex("images", 101), Vertex("images", 100))
    np.testing.assert_allclose(np.degrees(way.lengths), [20, 20], atol=1e-4)
    far = ranker_of(field, threshold=np.radians(5), align=False)
    assert far.path(Query.item(0), 0) is None


def test_shares_lie_on_the_way_and_sum_to_the_score():
    # from text 0 at 0 over text 1 (asks, too), text 2 (does not) to the image at 60
    field = ring((60, 180), asks=(0, 20), stones=(0, 20, 40), of_x=(0, 1))
    ranker = ranker_of(field, threshold=np.radians(25), align=False)
    told = ranker.explain(Query.item(0), 0)
    assert [(s.side, s.position, s.part) for s in told.shares] == [
        (Side.GALLERY, 0, WAY),
        (Side.QUERY, 1, WAY),
    ]
    np.testing.assert_allclose(np.degrees([s.amount for s in told.shares]), [-40, -20], atol=1e-4)
    assert told.score == pytest.approx(ranker.rank(Query.item(0)).scores[0])
    out = ranker.explain(Query.item(0), 1)
    assert out.shares == (Share(Side.GALLERY, 1, NO_WAY, ranker.rank(Query.item(0)).scores[1]),)


def test_an_item_is_never_its_own_answer_but_ways_begin_there():
    field = one_modality()
    ranker = ranker_of(field, degree=6)
    for row in (0, 7):
        ranking = ranker.rank(Query.item(row))
        mine = np.flatnonzero(field.x_row_of_y == row)
        assert not len(mine) or ranking.order[-1] == mine[0]
        np.testing.assert_allclose(ranker.score_matrix(np.array([row]))[0], ranking.scores, atol=1e-6)
    d, _ = floyd_warshall(field.y_shared, ranker.graph.threshold + 1e-6)
    at = int(np.flatnonzero(field.x_row_of_y == 7)[0])
    others = np.flatnonzero(np.isfinite(d[at]) & (np.arange(len(d)) != at))
    np.testing.assert_allclose(-ranker.rank(Query.item(7)).scores[others], d[at][others], atol=1e-6)


def test_of_several_items_and_right_marks_the_nearest_asks():
    field = ring((0, 30, 90, 120, 200), asks=(5, 88))
    ranker = ranker_of(field, threshold=np.radians(40), stones=False, align=False)
    both = Query(rows=np.array([0, 1]), weights=np.ones(2))
    np.testing.assert_allclose(np.degrees(-ranker.rank(both).scores[:4]), [5, 25, 2, 32], atol=1e-4)
    one = Query(rows=np.array([0, 1]), weights=np.array([1.0, -1.0]))
    ranking = ranker.rank(one)
    assert ranking.reached.tolist() == [True, True, False, False, False]
    assert "do not ask" in " ".join(ranking.notes)
    marked = replace(one, marked=np.array([2, 0]), amounts=np.array([1.0, -1.0]))
    ranking = ranker.rank(marked)
    assert ranking.scores[2] == 0 and ranking.order[-1] == 0
    np.testing.assert_allclose(np.degrees(-ranking.scores[3]), 30, atol=1e-4)
    with pytest.raises(QueryError, match="weight above 0"):
        ranker.rank(Query(rows=np.array([0]), weights=np.array([-1.0])))


def test_a_query_from_outside_asks_with_its_feature_turned_as_the_texts_are():
    texts, images = circle(100, 130, 170), circle(10, 40, 80)  # the same things, a quarter turn apart
    field = ring((10, 40, 80), asks=(100,), stones=(100, 130, 170), pairs=(texts, images))
    ranker = ranker_of(field, threshold=np.radians(41), stones=False)
    ranking = ranker.rank(Query(shared=circle(95)[0]))
    np.testing.assert_allclose(np.degrees(-ranking.scores), [5, 35, 75], atol=1e-3)
    way = ranker.path(Query(shared=circle(95)[0]), 0)
    assert way.vertices == (Vertex("images", 100),)
    assert np.degrees(way.lengths[0]) == pytest.approx(5, abs=1e-3)
    turned = vertices_of(field, stones=True, align=True)
    np.testing.assert_allclose(turned.vectors[3:], images, atol=1e-6)
    assert not turned.notes


def test_modalities_without_known_pairs_are_told():
    (told,) = vertices_of(ring((0, 20), asks=(0,)), stones=True, align=True).notes
    assert told == "texts are not aligned with images: the data knows no seen pairs of them."


@pytest.mark.parametrize("degree", [3, 10, 40])
def test_the_degree_sets_how_many_edges_there_are(degree):
    field = make_field(n=300)
    graph = ranker_of(field, degree=degree).graph
    assert graph.edges == pytest.approx(degree * 300 / 2, abs=1)
    by_threshold = ranker_of(field, threshold=graph.threshold).graph
    assert by_threshold.edges == graph.edges


def test_a_threshold_that_joins_everything_is_refused_where_that_is_too_much(monkeypatch):
    monkeypatch.setattr("xview.graph.geodesic._MOST_EDGES", 1000)
    with pytest.raises(SettingError, match="million pairs of 70; choose a smaller one"):
        rank(make_field(), threshold=3.0)
