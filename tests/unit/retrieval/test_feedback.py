"""Marks against dense solves and Rocchio's formula written out, in every ranker."""

from dataclasses import replace

import numpy as np
import pytest

from tests.unit.retrieval.fields import make_field
from xview.errors import QueryError, SettingError
from xview.retrieval.base import Query, Side
from xview.retrieval.feedback import FeedbackSettings, amounts
from xview.retrieval.graphs import FieldGraphs, Manifold
from xview.retrieval.knn import FEEDBACK
from xview.retrieval.registry import RANKERS, build
from xview.retrieval.walk import WalkRanker
from xview.retrieval.walk_settings import Truncation, WalkSettings

FIELD = make_field()
MARKED, AMOUNTS = np.array([12, 30, 3]), np.array([0.4, 0.35, -0.25])
ASKED = {
    "item": Query.item(5),
    "set": Query(rows=np.array([3, 11]), weights=np.array([1.0, -0.7])),
    "outside": Query(shared=FIELD.x_shared[7], own=FIELD.x_own[7]),
}


def marked(query):
    return replace(query, marked=MARKED, amounts=AMOUNTS)


def walk(**settings):
    given = {"k": 8, "k_q": 5, "tol": 1e-12, "truncation": Truncation.NONE, "lam": 0.3, **settings}
    return WalkRanker(WalkSettings(**given), Manifold.OWN, FieldGraphs(FIELD))


def dense(ranker, query):
    """L^-1 of the multi-hot signed source on both sides, with inverses of full matrices."""
    s, ways = ranker.settings, ranker.ways
    inverse = {
        side: np.linalg.inv(np.eye(n) - s.alpha * ways.graph(side).steps.matrix.toarray())
        for side, n in ((Side.QUERY, 50), (Side.GALLERY, 70))
    }
    xy = ways.links.xy.toarray()
    hop, start, _ = ranker.sources(query)  # without marks
    y, x = hop.copy(), start.copy()
    for position, amount in zip(MARKED, AMOUNTS, strict=True):
        y[position] += amount * np.abs(hop).sum()
        column = xy[:, position]
        if column.sum():
            x += amount * np.abs(start).sum() * column / column.sum()
    return (1 - s.lam) * inverse[Side.GALLERY] @ y + s.lam * xy.T @ inverse[Side.QUERY] @ x


@pytest.mark.parametrize("links", ["released", "paper"])
@pytest.mark.parametrize("lam", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("query", ASKED.values(), ids=ASKED)
def test_a_walk_from_marks_is_the_dense_solve_of_the_signed_multi_hot_source(query, lam, links):
    ranker = walk(lam=lam, links=links)
    got = ranker.rank(marked(query)).scores
    np.testing.assert_allclose(got, dense(ranker, query), rtol=1e-8, atol=1e-12)
    assert not np.allclose(got, ranker.rank(query).scores)


def test_an_entered_query_is_linear_in_its_marks():
    """Half the marks' amounts lie half way between no marks and all of them."""
    ranker, query = walk(), ASKED["item"]
    half = replace(query, marked=MARKED, amounts=AMOUNTS / 2)
    ends = [ranker.rank(asked).scores for asked in (query, marked(query))]
    np.testing.assert_allclose(ranker.rank(half).scores, np.mean(ends, axis=0), rtol=1e-8)


@pytest.mark.parametrize("query", ASKED.values(), ids=ASKED)
def test_nearest_neighbours_ask_with_rocchios_query(query):
    ranker = build("knn", FIELD)
    if query.outside:
        asked = query.shared.astype(float)
    else:
        asked = sum(
            w * FIELD.x_shared[r].astype(float) for r, w in zip(query.rows, query.weights, strict=True)
        )
    rocchio = asked + np.linalg.norm(asked) * sum(
        a * FIELD.y_shared[p].astype(float) for p, a in zip(MARKED, AMOUNTS, strict=True)
    )
    ranking = ranker.rank(marked(query))
    np.testing.assert_allclose(ranking.scores, [rocchio @ y for y in FIELD.y_shared.astype(float)], rtol=1e-6)
    assert set(ranking.parts) == {"similarity", FEEDBACK}
    np.testing.assert_allclose(ranking.parts["similarity"], ranker.rank(query).scores)


@pytest.mark.parametrize("truncation", list(Truncation))
@pytest.mark.parametrize("name", RANKERS)
def test_marks_re_rank_and_are_explained_under_every_ranker(name, truncation):
    settings = RANKERS[name].settings()
    if isinstance(settings, WalkSettings):
        settings = replace(settings, k=8, k_q=5, tol=1e-12, truncation=truncation, n_trunc=20)
    ranker = build(name, FIELD, settings)
    ranker.prepare()
    query = marked(ASKED["item"])
    before, after = ranker.rank(ASKED["item"]), ranker.rank(query)
    np.testing.assert_allclose(sum(after.parts.values()), after.scores, atol=1e-12)
    ranks = [np.argsort(ranking.order) for ranking in (before, after)]
    assert ranks[1][12] <= ranks[0][12] and ranks[1][30] <= ranks[0][30]
    assert ranks[1][3] >= ranks[0][3]
    assert (ranks[0] != ranks[1]).any()
    for position in (*after.order[:4], 3):
        why = ranker.explain(query, int(position))
        assert why.score == pytest.approx(after.scores[position], abs=1e-8 * np.abs(after.scores).max())


def test_what_is_right_together_weighs_as_set_whatever_its_number():
    settings = FeedbackSettings(right=0.6, wrong=0.3)
    np.testing.assert_allclose(amounts(3, 2, settings), [0.2, 0.2, 0.2, -0.15, -0.15])
    np.testing.assert_allclose(amounts(0, 1, settings), [-0.3])
    assert amounts(0, 0, settings).shape == (0,)
    with pytest.raises(SettingError, match="right"):
        FeedbackSettings(right=-1.0)


@pytest.mark.parametrize("name", RANKERS)
@pytest.mark.parametrize("positions", [[70], [-1], [1, 2]])
def test_marks_out_of_place_are_refused(name, positions):
    query = replace(ASKED["item"], marked=np.array(positions), amounts=np.ones(1))
    with pytest.raises(QueryError, match="mark"):
        build(name, FIELD).rank(query)
