import numpy as np
import pytest

from tests.unit.retrieval.fields import make_field, one_modality
from xview.errors import QueryError
from xview.retrieval.base import Query, Side
from xview.retrieval.knn import KnnRanker

FIELD = make_field()
COSINES = FIELD.x_shared.astype(np.float64) @ FIELD.y_shared.astype(np.float64).T


def test_scores_are_cosines_in_float64():
    ranker = KnnRanker(FIELD)
    np.testing.assert_allclose(ranker.rank(Query.item(3)).scores, COSINES[3], atol=1e-15)
    np.testing.assert_allclose(ranker.score_matrix(np.array([3, 1])), COSINES[[3, 1]], atol=1e-15)
    np.testing.assert_allclose(ranker.rank(Query(shared=FIELD.x_shared[3])).scores, COSINES[3], atol=1e-15)
    assert ranker.score_matrix(np.empty(0, dtype=np.int64)).shape == (0, 70)


def test_a_set_adds_up_and_is_explained_by_its_items():
    query = Query(rows=np.array([3, 9]), weights=np.array([2.0, -1.0]))
    ranking = KnnRanker(FIELD).rank(query)
    np.testing.assert_allclose(ranking.scores, 2 * COSINES[3] - COSINES[9], atol=1e-15)
    why = KnnRanker(FIELD).explain(query, 8)
    assert why.score == pytest.approx(ranking.scores[8])
    assert {(s.side, s.position): s.amount for s in why.shares} == pytest.approx(
        {(Side.QUERY, 3): 2 * COSINES[3, 8], (Side.QUERY, 9): -COSINES[9, 8]}
    )


def test_a_stranger_is_explained_by_the_answer_itself():
    why = KnnRanker(FIELD).explain(Query(shared=FIELD.x_shared[3]), 8)
    assert [(s.side, s.position) for s in why.shares] == [(Side.GALLERY, 8)]
    assert why.score == pytest.approx(COSINES[3, 8])


def test_an_item_is_not_its_own_answer():
    field = one_modality()
    ranker = KnnRanker(field)
    matrix = ranker.score_matrix(np.arange(40))
    for position, row in enumerate(field.x_row_of_y):
        assert matrix[row, position] == 0 == ranker.rank(Query.item(row)).scores[position]
        assert ranker.explain(Query.item(row), position).shares == ()
    assert np.count_nonzero(matrix == 0) == 37


def test_a_query_without_a_feature_is_refused():
    with pytest.raises(QueryError, match="names no item"):
        KnnRanker(FIELD).rank(Query())
