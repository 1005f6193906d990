"""Answers against slow loops over the definitions."""

import math
from dataclasses import replace

import numpy as np
import pytest

from tests.unit.session.workspaces import asked, pairs, trained
from xview.data.protocol import Classes, Protocol
from xview.errors import QueryError, SettingError, SpaceError
from xview.retrieval.base import Query
from xview.retrieval.field import SpaceChoice, build_field
from xview.retrieval.geodesic_settings import GeodesicSettings
from xview.retrieval.registry import RANKERS, build
from xview.session.engine import Engine
from xview.session.resolve import resolve
from xview.session.state import RankerChoice, TextQuery, ViewState

ACROSS = Protocol(query="sketches", gallery="photos")
ALL = replace(ACROSS, query_classes=Classes.ALL, gallery_classes=Classes.ALL)
WALK = RANKERS["heterogeneous"].settings


def unseen_ids(workspace, modality="sketches"):
    collection = workspace.dataset.collection(modality)
    return [str(collection.ids[row]) for row in np.flatnonzero(~collection.seen)]


def unit(rows):
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


def slow_average_precision(scores, relevant, ignored):
    """Mean of the precision at each relevant item, walking down the list; ties keep gallery order."""
    order = sorted((k for k in range(len(scores)) if not ignored[k]), key=lambda k: -scores[k])
    found, total = 0, 0.0
    for rank, k in enumerate(order, start=1):
        if relevant[k]:
            found += 1
            total += found / rank
    return total / found if found else math.nan


@pytest.fixture
def workspace():
    return pairs()


def test_nearest_neighbours_are_cosines_of_the_chosen_items(workspace):
    for name in unseen_ids(workspace)[:3]:
        resolved = asked(workspace, name, protocol=ACROSS, ranker="knn")
        ranked = Engine(workspace).answer(resolved).a
        sketches, photos = (workspace.dataset.collection(m) for m in ("sketches", "photos"))
        parts, row = workspace.spaces["shared"].parts, sketches.row_of[name]
        rows = [r for r in range(len(photos)) if not photos.seen[r]]
        expected = [float(unit(parts["sketches"][row]) @ unit(parts["photos"][r])) for r in rows]
        np.testing.assert_allclose(ranked.ranking.scores, expected, rtol=1e-5)
        assert ranked.task.gallery_rows.tolist() == rows


@pytest.mark.parametrize("ranker", RANKERS)
def test_hits_ignored_ranks_and_precision_follow_the_protocol(workspace, ranker):
    engine = Engine(workspace)
    sketches, photos = (workspace.dataset.collection(m) for m in ("sketches", "photos"))
    some_ignored = 0
    for name in unseen_ids(workspace):
        ranked = engine.answer(asked(workspace, name, protocol=ACROSS, ranker=ranker)).a
        row = sketches.row_of[name]
        for position, other in enumerate(ranked.task.gallery_rows.tolist()):
            group = sketches.groups[row]
            own = group >= 0 and group == photos.groups[other]
            assert ranked.ignored[position] == own
            assert ranked.relevant[position] == (photos.labels[other] == sketches.labels[row])
        some_ignored += int(ranked.ignored.sum())
        counted = [k for k in ranked.ranking.order.tolist() if not ranked.ignored[k]]
        for position in range(len(ranked.ignored)):
            rank = 0 if ranked.ignored[position] else counted.index(position) + 1
            assert ranked.rank_of[position] == rank
        expected = slow_average_precision(ranked.ranking.scores, ranked.relevant, ranked.ignored)
        assert ranked.average_precision == pytest.approx(expected, nan_ok=True)
    assert some_ignored


def test_several_items_ask_with_their_weights_and_skip_the_groups_of_all(workspace):
    first, second = unseen_ids(workspace)[:2]
    engine = Engine(workspace)
    both = engine.answer(asked(workspace, first, second, weights=(1.0, -0.5), protocol=ACROSS, ranker="knn"))
    one, two = (
        engine.answer(asked(workspace, name, protocol=ACROSS, ranker="knn")) for name in (first, second)
    )
    np.testing.assert_array_equal(both.a.ignored, one.a.ignored | two.a.ignored)
    task = both.resolved.task
    ranker = build("knn", build_field(task, workspace.spaces, both.resolved.spaces))
    rows = np.searchsorted(task.query_rows, both.resolved.query_rows)
    alone = ranker.rank(Query(rows=rows, weights=np.array([1.0, -0.5])))
    np.testing.assert_allclose(both.a.ranking.scores, alone.scores)
    labels = workspace.dataset.collection("sketches").labels[both.resolved.query_rows]
    assert (both.a.label >= 0) == (labels[0] == labels[1])


def test_items_of_several_classes_are_neither_right_nor_wrong(workspace):
    sketches = workspace.dataset.collection("sketches")
    names = unseen_ids(workspace)
    other = next(
        n for n in names if sketches.labels[sketches.row_of[n]] != sketches.labels[sketches.row_of[names[0]]]
    )
    ranked = Engine(workspace).answer(asked(workspace, names[0], other, protocol=ACROSS)).a
    assert ranked.label == -1
    assert not ranked.relevant.any()
    assert math.isnan(ranked.average_precision)


@pytest.mark.parametrize("ranker", RANKERS)
def test_an_item_the_protocol_did_not_choose_asks_from_outside(workspace, ranker):
    sketches = workspace.dataset.collection("sketches")
    rows = np.flatnonzero(sketches.seen & (sketches.groups >= 0))[:2]
    names, weights = [str(sketches.ids[row]) for row in rows], np.array([2.0, 1.0])
    engine = Engine(workspace)
    answer = engine.answer(asked(workspace, *names, weights=tuple(weights), protocol=ACROSS, ranker=ranker))
    mean = {
        space: unit(weights @ unit(workspace.spaces[space].parts["sketches"][rows]))
        for space in ("shared", "sketches")
    }
    outside = {space: vector.astype(np.float32) for space, vector in mean.items()}
    words = replace(answer.resolved, query=TextQuery("the same"), query_rows=np.empty(0, np.int64))
    same = engine.answer(words, outside)
    np.testing.assert_allclose(answer.a.ranking.scores, same.a.ranking.scores, rtol=1e-4, atol=1e-9)
    assert any("asks from outside" in note for note in answer.notes)
    assert same.notes == ()
    own = np.isin(
        workspace.dataset.collection("photos").groups[answer.a.task.gallery_rows], sketches.groups[rows]
    )
    np.testing.assert_array_equal(answer.a.ignored, own)
    assert not same.a.ignored.any()


def test_a_and_b_and_nearest_neighbours_to_hold_them_against(workspace):
    name, engine = unseen_ids(workspace)[0], Engine(workspace)
    answer = engine.answer(asked(workspace, name, ranker="heterogeneous", other="homogeneous"))
    assert (answer.a.choice.name, answer.b.choice.name, answer.baseline.choice.name) == (
        "heterogeneous",
        "homogeneous",
        "knn",
    )
    plain = engine.answer(asked(workspace, name, ranker="heterogeneous", other="knn"))
    assert plain.baseline is plain.b
    alone = engine.answer(asked(workspace, name, ranker="knn"))
    assert alone.baseline is alone.a
    assert alone.b is None


def test_b_answers_in_a_space_of_its_own_what_a_would_there(workspace):
    several = trained(workspace)
    name, engine = unseen_ids(several)[0], Engine(several)
    there = SpaceChoice(shared="run")
    for ranker in ("knn", "heterogeneous"):
        both = engine.answer(asked(several, name, ranker="knn", other=ranker, other_spaces=there))
        alone = engine.answer(asked(several, name, ranker=ranker, spaces=there))
        assert both.b.spaces == SpaceChoice(
            shared="run", own_query="run · sketches", own_gallery="run · photos"
        )
        np.testing.assert_array_equal(both.b.ranking.scores, alone.a.ranking.scores)
        assert both.b.average_precision == pytest.approx(alone.a.average_precision, nan_ok=True)
        why = engine.explain(both.resolved, both.b, 2)
        assert why.score == pytest.approx(both.b.ranking.scores[2], rel=1e-5, abs=1e-9)
        # nearest neighbours in another space are nothing to hold A against
        assert both.baseline is both.a
        assert both.a.title == "k-NN · shared"
        assert both.b.title.endswith(" · run")
    walk = engine.answer(asked(several, name, ranker="heterogeneous", other="knn", other_spaces=there))
    assert walk.baseline is not walk.b
    assert walk.baseline.spaces.shared == "shared"
    assert engine.answer(asked(several, name, other="knn")).b.title == "k-NN"


def test_a_query_from_outside_asks_in_both_spaces_with_its_place_in_each(workspace):
    several = trained(workspace)
    rng = np.random.default_rng(3)
    places = {
        space: unit(rng.normal(size=several.spaces[space].dimension)).astype(np.float32)
        for space in ("shared", "sketches", "run", "run · sketches")
    }
    engine = Engine(several)
    state = ViewState(query=TextQuery("x"), other="heterogeneous", other_spaces=SpaceChoice(shared="run"))
    both = engine.answer(resolve(state, several), places)
    for ranked, spaces in ((both.a, SpaceChoice(shared="shared")), (both.b, SpaceChoice(shared="run"))):
        alone = engine.answer(resolve(ViewState(query=TextQuery("x"), spaces=spaces), several), places)
        np.testing.assert_array_equal(ranked.ranking.scores, alone.a.ranking.scores)
    assert not np.allclose(both.a.ranking.scores, both.b.ranking.scores)


@pytest.mark.parametrize("ranker", RANKERS)
def test_shares_sum_to_the_score(workspace, ranker):
    engine, name = Engine(workspace), unseen_ids(workspace)[1]
    resolved = asked(workspace, name, protocol=ACROSS, ranker=ranker)
    answer = engine.answer(resolved)
    for position in range(len(answer.a.ignored)):
        why = engine.explain(resolved, answer.a, position)
        assert why.score == pytest.approx(answer.a.ranking.scores[position], rel=1e-5, abs=1e-9)
        assert sum(share.amount for share in why.shares) == pytest.approx(why.score, rel=1e-9, abs=1e-12)


def test_a_truncation_is_prepared_on_demand_and_then_truncates(workspace):
    settings = (("homogeneous", WALK(truncation="seed", n_trunc=3, k=4)),)
    resolved = asked(
        workspace, unseen_ids(workspace)[0], protocol=ACROSS, ranker="homogeneous", settings=settings
    )
    engine = Engine(workspace)
    before = engine.answer(resolved)
    assert not before.a.prepared
    steps = []
    engine.prepare(resolved, steps.append)
    assert steps[-1] == pytest.approx(1.0)
    after = engine.answer(resolved)
    assert after.a.prepared
    position = int(np.searchsorted(resolved.task.query_rows, resolved.query_rows[0]))
    exact = build(
        "homogeneous", build_field(resolved.task, workspace.spaces, resolved.spaces), resolved.ranker.settings
    ).score_matrix(np.array([position]))
    np.testing.assert_allclose(after.a.ranking.scores, exact[0], rtol=1e-6, atol=1e-12)
    assert not np.allclose(before.a.ranking.scores, after.a.ranking.scores)


def test_what_cannot_be_answered_is_told(workspace):
    engine = Engine(workspace)
    with pytest.raises(QueryError, match="choose a query"):
        engine.answer(resolve(ViewState(), workspace))
    with pytest.raises(QueryError, match="being encoded"):
        engine.answer(resolve(ViewState(query=TextQuery("x")), workspace))
    bare = pairs(own=False)
    name = unseen_ids(bare)[0]
    with pytest.raises(SpaceError, match="single-modal"):
        Engine(bare).answer(asked(bare, name, ranker="heterogeneous"))
    nothing = pairs(own=False, shared=False)
    with pytest.raises(QueryError, match="no space holds both"):
        Engine(nothing).answer(asked(nothing, unseen_ids(nothing)[0], ranker="knn"))
    sources = (("fusion", RANKERS["fusion"].settings(sources="fusion")),)
    with pytest.raises(SettingError, match="own source"):
        engine.answer(asked(workspace, unseen_ids(workspace)[0], ranker="fusion", settings=sources))


def test_one_modality_ranks_itself_but_never_the_item_that_asks(workspace):
    protocol = replace(ALL, gallery="sketches", across_groups=False)
    ranked = Engine(workspace).answer(asked(workspace, "sketches-5", protocol=protocol, ranker="knn")).a
    assert ranked.ignored.tolist() == [row == 5 for row in range(20)]
    assert ranked.rank_of[5] == 0


def test_whatever_asks_follows_ways_over_one_graph():
    workspace, geodesic = pairs(), RankerChoice("geodesic", GeodesicSettings(degree=4))
    engine = Engine(workspace)
    spaces = SpaceChoice(shared="shared")

    def graph(choice=geodesic, **protocol):
        resolved = resolve(ViewState(protocol=Protocol(**protocol)), workspace)
        return engine.ranker(resolved, choice, spaces).graph

    across, alike = ({"query": query, "gallery": "photos"} for query in ("sketches", "photos"))
    assert graph(**across) is graph(**alike)
    seen = {"gallery_classes": Classes.SEEN}
    narrow = RankerChoice("geodesic", GeodesicSettings(degree=4, stones=False))
    others = [graph(**across, **seen), graph(narrow, **across), graph(query="photos", gallery="sketches")]
    assert all(one is not graph(**across) for one in others)
    alone = Engine(workspace)
    for protocol in (across, alike, across | seen):
        fresh = alone.ranker(resolve(ViewState(protocol=Protocol(**protocol)), workspace), geodesic, spaces)
        assert (fresh.graph.lengths != graph(**protocol).lengths).nnz == 0
        alone = Engine(workspace)
