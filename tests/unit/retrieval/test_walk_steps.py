"""The walk's frames: they begin at the links, draw near and end in the ranking."""

from dataclasses import replace

import numpy as np
import pytest

from tests.unit.retrieval.fields import make_field, one_modality
from xview.retrieval import nearby, ways
from xview.retrieval.base import Query, Side
from xview.retrieval.graphs import FieldGraphs, Manifold
from xview.retrieval.walk import WalkRanker
from xview.retrieval.walk_settings import Truncation, WalkSettings
from xview.retrieval.walk_steps import ENOUGH, walk_steps

FIELD = make_field()
QUERIES = {
    "item": Query.item(5),
    "set": Query(rows=np.array([3, 11]), weights=np.array([1.0, -0.7])),
    "outside": Query(shared=FIELD.x_shared[7], own=FIELD.x_own[7]),
    "outside, no own": Query(shared=FIELD.x_shared[7]),
    "marked": replace(Query.item(5), marked=np.array([12, 3]), amounts=np.array([0.75, -0.25])),
}


def walker(field=FIELD, manifold=Manifold.OWN, **settings):
    given = {"k": 8, "k_q": 5, "tol": 1e-10, "truncation": Truncation.NONE, **settings}
    return WalkRanker(WalkSettings(**given), manifold, FieldGraphs(field))


@pytest.mark.parametrize("lam", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("alpha", [0.0, 0.9, 0.99])
@pytest.mark.parametrize("manifold", list(Manifold))
@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_the_last_frame_is_the_ranking(query, manifold, alpha, lam):
    ranker = walker(manifold=manifold, alpha=alpha, lam=lam)
    steps, scores = walk_steps(ranker, query), ranker.rank(query).scores
    largest = np.abs(scores).max()
    np.testing.assert_allclose(steps.scores(len(steps) - 1), scores, atol=1e-9 * largest)
    np.testing.assert_allclose(steps.scores(len(steps) - 2), scores, atol=0.01 * largest)
    assert steps.distances[-1] == steps.residuals[-1] == 0.0
    assert steps.distances[-2] <= ENOUGH
    assert (np.diff(steps.residuals) <= 1e-12).all()
    assert steps.notes == ranker.sources(query)[2]


def test_frames_are_the_recurrence_on_both_sides():
    ranker = walker(lam=0.3)
    steps = walk_steps(ranker, Query.item(5))
    matrices = {side: ranker.ways.graph(side).steps.matrix.toarray() for side in Side}
    links = ranker.ways.links
    x, y = np.eye(50)[5], links.yx[:, [5]].toarray()[:, 0]
    begun, now = (x, y), 0
    for frame, step in enumerate(steps.steps):
        while now < step:
            x = 0.99 * matrices[Side.QUERY] @ x + begun[0]
            y = 0.99 * matrices[Side.GALLERY] @ y + begun[1]
            now += 1
        np.testing.assert_allclose(steps.x.mass(frame), x, rtol=1e-10)
        np.testing.assert_allclose(steps.y.mass(frame), y, rtol=1e-10, atol=1e-15)
        np.testing.assert_allclose(
            steps.scores(frame), 0.7 * y + 0.3 * links.xy.T @ x, rtol=1e-10, atol=1e-15
        )
        ends = steps.x.end, steps.y.end
        far = max(np.linalg.norm(f - e) / np.linalg.norm(e) for f, e in zip((x, y), ends, strict=True))
        assert steps.distances[frame] == pytest.approx(far)


def test_alpha_near_one_shows_hundreds_of_steps_in_some_forty_frames():
    steps = walk_steps(walker(), Query.item(5))
    assert steps.steps[0] == 0 and steps.steps[-1] > 200
    assert 30 <= len(steps) <= 60


def test_crossings_are_the_heaviest_flows_over_links():
    ranker = walker(lam=0.4)
    steps = walk_steps(ranker, Query.item(5))
    flows = 0.4 * steps.x.mass(6)[:, None] * ranker.ways.links.xy.toarray()
    rows, columns, carried = steps.crossings(6, 7)
    expected = np.sort(flows.ravel())[::-1][:7]
    np.testing.assert_allclose(carried, expected)
    np.testing.assert_allclose(flows[rows, columns], carried)
    assert [len(part) for part in walk_steps(walker(lam=0.0), Query.item(5)).crossings(3, 7)] == [0, 0, 0]


@pytest.mark.parametrize("truncation", [Truncation.SEED, Truncation.UNION])
def test_a_truncated_ranking_is_said_to_differ(truncation):
    ranker = walker(truncation=truncation, n_trunc=20)
    ranker.prepare()
    steps = walk_steps(ranker, Query.item(5))
    assert "20 items" in steps.notes[-1]
    whole = walker().rank(Query.item(5)).scores
    np.testing.assert_allclose(steps.scores(len(steps) - 1), whole, rtol=1e-8)
    assert not np.allclose(whole, ranker.rank(Query.item(5)).scores)


def test_an_item_of_the_gallery_never_scores_itself():
    ranker = walker(one_modality(), k=6)
    steps = walk_steps(ranker, Query.item(20))
    for frame in (0, len(steps) - 1):
        assert steps.scores(frame)[ranker.field.x_row_of_y == 20] == 0
    np.testing.assert_allclose(steps.scores(len(steps) - 1), ranker.rank(Query.item(20)).scores, atol=1e-9)


def test_on_a_large_side_it_walks_where_the_answer_walks(monkeypatch):
    monkeypatch.setattr(ways, "LOCAL_FROM", 40)
    monkeypatch.setattr(nearby, "SIZE", 16)
    monkeypatch.setattr(nearby, "LARGEST", 32)
    ranker = walker()
    steps = walk_steps(ranker, Query.item(5))
    assert len(steps.y.area) < 70
    scores = ranker.rank(Query.item(5)).scores
    np.testing.assert_allclose(steps.scores(len(steps) - 1), scores, atol=1e-8 * scores.max())
    assert steps.distances[-2] <= ENOUGH


def test_it_can_be_stopped():
    class StoppedError(Exception):
        pass

    def stop():
        raise StoppedError

    with pytest.raises(StoppedError):
        walk_steps(walker(), Query.item(5), stop)
