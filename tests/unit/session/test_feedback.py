"""Marks: kept with their query, forgotten with it, and answered by every ranker on the residual ranking."""

import math
from dataclasses import replace

import numpy as np
import pytest

from tests.unit.session.test_engine import slow_average_precision
from tests.unit.session.workspaces import asked, pairs
from xview.data.protocol import Classes, Protocol
from xview.retrieval.base import Query
from xview.retrieval.feedback import FeedbackSettings
from xview.retrieval.field import build_field
from xview.retrieval.registry import RANKERS, build
from xview.session.engine import Engine
from xview.session.resolve import resolve
from xview.session.state import Feedback, ItemsQuery, TextQuery, ViewState

ACROSS = Protocol(query="sketches", gallery="photos")
QUERY = "sketches-2"


@pytest.fixture
def workspace():
    return pairs(groups=False)


def gallery_ids(workspace):
    task = workspace.task(ACROSS)
    return [str(name) for name in task.gallery.ids[task.gallery_rows]]


def test_marking_again_takes_the_mark_off_and_the_other_mark_replaces_it():
    once = Feedback().marked("a", right=True).marked("b", right=False)
    assert once == Feedback(("a",), ("b",)) and once
    assert once.marked("a", right=True) == Feedback((), ("b",))
    assert once.marked("a", right=False) == Feedback((), ("b", "a"))
    assert not Feedback()


def test_marks_do_not_outlive_their_query_or_gallery():
    marked = ViewState(protocol=ACROSS, query=ItemsQuery((QUERY,)), feedback=Feedback(("photos-1",)))
    assert not marked.changed(query=TextQuery("a cat")).feedback
    assert not marked.changed(query=None).feedback
    assert not marked.changed(protocol=ACROSS.swapped()).feedback
    kept = ({"ranker": "knn"}, {"query": ItemsQuery((QUERY,))}, {"why": "photos-1"})
    kept += ({"protocol": replace(ACROSS, gallery_classes=Classes.ALL)},)
    for changes in kept:
        assert marked.changed(**changes).feedback == marked.feedback
    other = Feedback(wrong=("photos-3",))
    assert marked.changed(query=ItemsQuery(("sketches-3",)), feedback=other).feedback == other


def test_marks_on_what_is_not_in_the_gallery_have_no_effect(workspace):
    here = gallery_ids(workspace)[0]
    seen = str(
        workspace.dataset.collection("photos").ids[
            np.flatnonzero(workspace.dataset.collection("photos").seen)[0]
        ]
    )
    feedback = Feedback((seen, here), ("gone",))
    resolved = asked(workspace, QUERY, protocol=ACROSS, feedback=feedback)
    assert resolved.feedback == Feedback((here,))
    assert resolved.view.feedback == feedback
    assert not resolve(ViewState(protocol=ACROSS, feedback=feedback), workspace).feedback


def test_an_answer_holds_while_marks_and_what_they_weigh_do(workspace):
    first, second = gallery_ids(workspace)[:2]
    plain, marked, other = (
        asked(workspace, QUERY, protocol=ACROSS, feedback=f)
        for f in (Feedback(), Feedback((first,)), Feedback((second,)))
    )
    heavier = FeedbackSettings(right=2.0)
    assert not plain.same_answer(marked) and not marked.same_answer(other)
    assert not marked.same_answer(
        asked(workspace, QUERY, protocol=ACROSS, feedback=Feedback((first,)), feedback_settings=heavier)
    )
    assert plain.same_answer(asked(workspace, QUERY, protocol=ACROSS, feedback_settings=heavier))


@pytest.mark.parametrize("ranker", RANKERS)
def test_the_answer_is_the_rankers_with_the_marks_as_sources(workspace, ranker):
    names = gallery_ids(workspace)
    feedback, settings = Feedback((names[1], names[4]), (names[2],)), FeedbackSettings(right=0.8, wrong=0.3)
    resolved = asked(
        workspace, QUERY, protocol=ACROSS, ranker=ranker, feedback=feedback, feedback_settings=settings
    )
    ranked = Engine(workspace).answer(resolved).a
    alone = build(ranker, build_field(resolved.task, workspace.spaces, resolved.spaces))
    row = int(np.searchsorted(resolved.task.query_rows, resolved.query_rows[0]))
    query = replace(Query.item(row), marked=np.array([1, 4, 2]), amounts=np.array([0.4, 0.4, -0.3]))
    np.testing.assert_allclose(ranked.ranking.scores, alone.rank(query).scores)
    assert ranked.marked.tolist() == [{1: 1, 4: 1, 2: -1}.get(k, 0) for k in range(len(names))]
    assert ranked.unmarked is not None
    np.testing.assert_allclose(ranked.unmarked.scores, alone.rank(Query.item(row)).scores)


def test_precision_is_the_residual_rankings_before_and_after(workspace):
    names = gallery_ids(workspace)
    resolved = asked(workspace, QUERY, protocol=ACROSS, feedback=Feedback((names[1],), (names[2],)))
    ranked = Engine(workspace).answer(resolved).a
    rest = [k for k in range(len(names)) if k not in (1, 2)]
    for ranking, told in (
        (ranked.ranking, ranked.average_precision),
        (ranked.unmarked, ranked.precision_before),
    ):
        kept = ranking.scores[rest], ranked.relevant[rest], ranked.ignored[rest]
        assert told == pytest.approx(slow_average_precision(*kept))
    plain = Engine(workspace).answer(asked(workspace, QUERY, protocol=ACROSS)).a
    assert plain.unmarked is None and math.isnan(plain.precision_before) and not plain.marked.any()


def test_a_query_from_outside_takes_marks(workspace):
    names = gallery_ids(workspace)
    outside = {name: workspace.spaces[name].unit("sketches")[2] for name in ("shared", "sketches")}
    view = ViewState(protocol=ACROSS, query=TextQuery("x"), feedback=Feedback((names[3],)))
    resolved = resolve(view, workspace)
    ranked = Engine(workspace).answer(resolved, outside).a
    assert ranked.ranking.scores[3] > ranked.unmarked.scores[3]
