"""The store answers what came of a request, and tells everyone."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from tests.unit.session.workspaces import pairs
from xview.data.protocol import Classes, Protocol
from xview.qt.store import Store
from xview.session.state import ItemsQuery, TextQuery, ViewState


@pytest.fixture
def store(qtbot: QtBot) -> Store:
    return Store(pairs(), ViewState(ranker="knn"))


def test_a_refused_value_never_stays(store: Store) -> None:
    for _ in range(2):
        assert store.ask(ranker="oracle").ranker.name == "knn"
        assert store.ask(query=ItemsQuery(("gone",))).query is None


def test_everyone_hears_old_and_new(store: Store) -> None:
    heard = []
    store.changed.connect(lambda old, new: heard.append((old.ranker.name, new.ranker.name)))
    store.ask(ranker="homogeneous")
    store.undo()
    store.redo()
    assert heard == [("knn", "homogeneous"), ("homogeneous", "knn"), ("knn", "homogeneous")]


def test_an_item_of_the_gallery_turns_the_direction_and_a_third_modality_asks(store: Store) -> None:
    assert store.resolved.task.protocol.query == "sketches"
    store.ask_item("photos", 3)
    protocol = store.resolved.task.protocol
    assert (protocol.query, protocol.gallery) == ("photos", "sketches")
    assert store.resolved.query_rows.tolist() == [3]
    store.ask_items("photos", ("photos-1", "photos-2"))
    assert store.resolved.task.protocol == protocol
    assert store.resolved.query_rows.tolist() == [1, 2]


def test_within_one_modality_the_classes_keep_their_sides(store: Store) -> None:
    protocol = Protocol(query="photos", gallery="photos", gallery_classes=Classes.ALL)
    store.ask(protocol=protocol)
    store.ask_item("photos", 2)
    assert store.resolved.task.protocol == protocol


def test_a_dragged_slider_is_one_step_back(store: Store) -> None:
    settings = store.resolved.ranker.settings
    before = store.state
    for ranker in ("homogeneous", "heterogeneous", "fusion"):
        store.ask(ranker=ranker, merge="slider")
    assert settings is not store.resolved.ranker.settings
    store.undo()
    assert store.state == before
    assert not store.can_undo
    assert store.can_redo


def test_history_keeps_each_query_once_newest_last(store: Store) -> None:
    for row in (1, 2, 1):
        store.ask_item("sketches", row)
    store.ask(query=TextQuery("a bee"))
    store.ask(query=None)
    assert [asked.query for asked in store.history] == [
        ItemsQuery(("sketches-2",)),
        ItemsQuery(("sketches-1",)),
        TextQuery("a bee"),
    ]


def test_other_data_has_no_past(store: Store) -> None:
    store.ask_item("sketches", 1)
    opened = []
    store.opened.connect(opened.append)
    other = pairs(seed=4)
    store.open(other, ViewState())
    assert opened == [other]
    assert not store.can_undo
    assert store.history == []
    assert store.workspace is other


def test_the_first_query_belongs_to_the_history(qtbot: QtBot) -> None:
    first = ItemsQuery(("sketches-2",))
    store = Store(pairs(), ViewState(query=first))
    store.ask_item("sketches", 3)
    assert [asked.query for asked in store.history] == [first, ItemsQuery(("sketches-3",))]
    store.open(pairs(seed=2), ViewState(query=first))
    assert [asked.query for asked in store.history] == [first]
