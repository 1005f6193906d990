"""A fusion over several spaces answers what it is asked, from inside the data and from outside."""

from dataclasses import replace

import numpy as np
import pytest

from tests.unit.session.workspaces import pairs, trained
from xview.data.protocol import Classes, Protocol
from xview.errors import QueryError
from xview.retrieval.fusion import FusionSettings
from xview.session.engine import Engine
from xview.session.resolve import resolve
from xview.session.state import ItemsQuery, TextQuery, ViewState

WORKSPACE = trained(pairs(items=40))
OTHER = next(name for name, s in WORKSPACE.spaces.items() if s.shared and name != "shared")
SETTINGS = FusionSettings(sources=f'knn + knn@"{OTHER}" + heterogeneous@"{OTHER}"(k=4)', mode="average")
STATE = ViewState(
    protocol=Protocol(query="sketches", gallery="photos"), ranker="fusion", settings=(("fusion", SETTINGS),)
)


def ask(query, **changes):
    return resolve(replace(STATE, query=query, **changes), WORKSPACE)


def test_every_space_a_fusion_reads_is_read():
    resolved = ask(ItemsQuery(("sketches-2",)))
    assert [choice.shared for choice in resolved.places] == ["shared", OTHER]
    assert {"shared", OTHER} <= set(resolved.read)
    assert [choice.shared for choice in ask(None, ranker="knn").places] == ["shared"]
    unreadable = FusionSettings(sources="knn@@")
    assert len(ask(None, settings=(("fusion", unreadable),)).places) == 1


def test_an_outside_query_ranks_like_the_item_it_equals():
    item = ask(ItemsQuery(("sketches-2",)))
    outside = {
        name: WORKSPACE.spaces[name].unit("sketches")[2]
        for choice in item.places
        for name in (choice.shared, choice.own_query)
    }
    engine = Engine(WORKSPACE)
    known = engine.answer(item).a.ranking
    placed = engine.answer(ask(TextQuery("words")), outside).a.ranking
    assert placed.sources == known.sources
    np.testing.assert_allclose(placed.scaled[:2], known.scaled[:2], atol=1e-6)  # the walk starts otherwise
    why = engine.explain(
        ask(TextQuery("words")), engine.answer(ask(TextQuery("words")), outside).a, 3, outside
    )
    assert why.score == pytest.approx(placed.scores[3], abs=1e-6)


def test_items_the_protocol_left_out_ask_from_outside_in_every_space():
    seen = str(WORKSPACE.dataset.collection("sketches").ids[0])
    assert WORKSPACE.dataset.collection("sketches").seen[0]
    engine = Engine(WORKSPACE)
    stranger = engine.answer(ask(ItemsQuery((seen,))))
    assert "from outside" in stranger.notes[0]
    direct = WORKSPACE.spaces[OTHER].unit("photos")[stranger.a.task.gallery_rows].astype(float)
    expected = direct @ WORKSPACE.spaces[OTHER].unit("sketches")[0].astype(float)
    np.testing.assert_allclose(stranger.a.ranking.scaled[1], expected / np.abs(expected).max(), atol=1e-6)


def test_a_query_without_a_place_in_one_of_them_is_told():
    classes = {"query_classes": Classes.ALL, "gallery_classes": Classes.ALL}
    asked = ask(TextQuery("words"), protocol=Protocol(query="sketches", gallery="photos", **classes))
    with pytest.raises(QueryError, match=f"no place in '{OTHER}'"):
        Engine(WORKSPACE).answer(asked, {"shared": WORKSPACE.spaces["shared"].unit("sketches")[2]})
