"""The walk behind a request: the right ranker's, ending in what is on screen."""

import math

import numpy as np
import pytest

from tests.unit.session.workspaces import asked, pairs
from xview.data.protocol import Protocol
from xview.errors import QueryError
from xview.retrieval.base import Side
from xview.retrieval.registry import RANKERS
from xview.session.engine import Engine
from xview.session.resolve import resolve
from xview.session.state import Feedback, RankerChoice, ViewState
from xview.session.walking import paths_to, walk, walker_of

ACROSS = Protocol(query="sketches", gallery="photos")
WALK = RANKERS["homogeneous"].settings


@pytest.fixture
def workspace():
    return pairs()


@pytest.mark.parametrize("feedback", [Feedback(), Feedback(("photos-1",), ("photos-2",))])
@pytest.mark.parametrize("ranker", ["homogeneous", "heterogeneous"])
def test_the_last_frame_is_what_is_on_screen(workspace, ranker, feedback):
    engine = Engine(workspace)
    resolved = asked(workspace, "sketches-2", protocol=ACROSS, ranker=ranker, feedback=feedback)
    ranked, walking = engine.answer(resolved).a, walk(engine, resolved, *walker_of(resolved))
    assert walking.choice == ranked.choice
    np.testing.assert_allclose(walking.steps.scores(len(walking.steps) - 1), ranked.ranking.scores, atol=1e-9)
    assert walking.precision[-1] == pytest.approx(ranked.average_precision)
    assert walking.precision.shape == (len(walking.steps),)


def test_which_walk_is_shown(workspace):
    settings = (("heterogeneous", WALK(lam=0.2)), ("homogeneous", WALK(lam=0.9)))

    def shown(workspace=workspace, **view):
        return walker_of(asked(workspace, "sketches-2", protocol=ACROSS, settings=settings, **view))[0]

    hetero, homo = (RankerChoice(name, values) for name, values in settings)
    assert shown(ranker="homogeneous", other="heterogeneous") == homo
    assert shown(ranker="knn", other="homogeneous") == homo
    assert shown(ranker="knn") == shown(ranker="fusion") == hetero
    assert shown(pairs(own=False), ranker="knn") == homo
    with pytest.raises(QueryError, match="no space"):
        shown(pairs(shared=False))


def test_what_does_not_walk_and_what_asks_nothing_are_told(workspace):
    engine, resolved = Engine(workspace), asked(workspace, "sketches-2", protocol=ACROSS)
    with pytest.raises(QueryError, match="k-NN does not walk"):
        walk(engine, resolved, RankerChoice("knn", RANKERS["knn"].settings()), resolved.spaces)
    nothing = resolve(ViewState(protocol=ACROSS), workspace)
    with pytest.raises(QueryError, match="choose a query"):
        walk(engine, nothing, *walker_of(nothing))


def test_precision_is_unknown_where_nothing_can_match(workspace):
    resolved = asked(workspace, "sketches-2", "sketches-3", protocol=ACROSS)
    walking = walk(Engine(workspace), resolved, *walker_of(resolved))
    assert all(math.isnan(value) for value in walking.precision)


def test_paths_lead_from_the_query_to_the_result(workspace):
    engine, resolved = Engine(workspace), asked(workspace, "sketches-2", protocol=ACROSS)
    ranked = engine.answer(resolved).a
    best = int(ranked.ranking.order[0])
    paths = paths_to(engine, resolved, *walker_of(resolved), best)
    assert paths
    asks = int(np.searchsorted(resolved.task.query_rows, resolved.query_rows[0]))
    for path in paths:
        assert (path.stops[0].side, path.stops[0].position) == (Side.QUERY, asks)
        assert (path.stops[-1].side, path.stops[-1].position) == (Side.GALLERY, best)
        assert 0 < path.share <= 1
