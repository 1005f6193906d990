"""Pictures modified by words in the real window: typed, answered, walked on from, kept in the history."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.qt.screen import Screen, wait_until
from tests.unit.worlds import live_at, taught
from xview.data.protocol import Classes, Protocol
from xview.retrieval.geodesic_settings import GeodesicSettings
from xview.session.files import Session, load_session, save_session
from xview.session.state import ItemsQuery, ModifiedQuery


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A world of 111 scenes and a run that learnt, a little, to modify them."""
    place = tmp_path_factory.mktemp("modify")
    taught(place)
    return place


IMAGES = Protocol(query="images", gallery="images", query_classes=Classes.ALL, gallery_classes=Classes.ALL)


@pytest.fixture
def screen(qtbot: QtBot, place: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Screen]:
    live_at(place, monkeypatch)
    made = Screen(qtbot, warm_up=False)
    made.open(place / "data")
    made.laboratory.store.ask(protocol=IMAGES, query=ItemsQuery(("3",)), method="pca")
    made.settle()
    yield made
    made.leave()


def say(screen: Screen, text: str) -> None:
    """Type into the field under the query's picture."""
    field = screen.laboratory.results.card.but
    assert field.isVisible() and field.isEnabled()
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def test_a_user_walks_by_instructions(screen: Screen, tmp_path: Path) -> None:
    lab = screen.laboratory
    refusals: list[str] = []
    lab.rankings.cleared.connect(refusals.append)
    say(screen, "remove the small hat")
    screen.settle()
    assert lab.store.resolved.query == ModifiedQuery("3", "remove the small hat")
    reply, card = lab.rankings.reply, lab.results.card
    space = lab.store.resolved.spaces.shared
    assert lab.store.workspace.spaces[space].made_by["system"] == "tirg"

    # the picture itself is left out, and its system says what it did
    ranked = reply.answer.a
    assert np.flatnonzero(ranked.ignored).tolist() == [3] and ranked.rank_of[3] == 0
    assert dict(reply.change.told).keys() == {"gate", "residual"}
    assert "gate" in card.told.text() and "hat" in card.note.text() and "small" not in card.note.text()
    assert card.but.text() == "remove the small hat"

    # an arrow leads from the picture to where it belongs
    canvas = screen.canvas(space)
    wait_until(lambda: canvas.overlay.arrows is not None, "the map's arrow")
    (arrow,), (star,) = canvas.overlay.arrows, canvas.overlay.outside
    (point,) = lab.maps.scenes[space].points("images", [3])
    np.testing.assert_allclose(arrow, [*canvas.points.positions[point], *star], rtol=1e-5)

    # from a result on, by other words
    row = int(lab.store.resolved.task.gallery_rows[ranked.ranking.order[0]])
    lab.results.results.asked.emit(row)
    screen.settle()
    assert lab.store.resolved.query == ItemsQuery((str(row),)) and card.but.text() == ""
    say(screen, "make the large sphere red")
    screen.settle()
    chain = [
        ModifiedQuery("3", "remove the small hat"),
        ItemsQuery((str(row),)),
        ModifiedQuery(str(row), "make the large sphere red"),
    ]
    assert [asked.query for asked in lab.store.history][-3:] == chain
    kept = Session(source="x", unseen=None, state=lab.store.state, history=tuple(lab.store.history))
    save_session(tmp_path / "a.xview", kept)
    assert load_session(tmp_path / "a.xview") == kept
    lab.store.undo()
    lab.store.undo()
    screen.settle()
    assert lab.store.resolved.query == chain[0] and card.but.text() == "remove the small hat"

    # words nobody taught
    say(screen, "xyzzy")
    wait_until(lambda: lab.rankings.reply is None and not lab.rankings.busy, "the refusal")
    wait_until(lambda: "none of these words" in "".join(refusals), "the reason")


def test_a_shortest_path_leads_on_from_a_modified_picture(screen: Screen) -> None:
    lab = screen.laboratory
    say(screen, "remove the small hat")
    screen.settle()
    lab.store.ask(settings=lab.store.state.with_settings("geodesic", GeodesicSettings(threshold=3.0)))
    screen.window.actions_by_name["path"].trigger()
    wait_until(lambda: lab.paths.seen and not lab.paths.busy, "the dock")
    found, frames = lab.paths.finder.way.found, lab.paths.panel.strip.frames.items
    assert found.outside and found.steps[0].length > 0
    assert (frames[0].key, frames[0].role) == ("", "query") and "remove the small hat" in frames[0].title
    assert [item.row for item in frames[1:]] == [step.item.row for step in found.steps]
    canvas = screen.canvas(lab.store.resolved.spaces.shared)
    wait_until(lambda: canvas.overlay.route is not None, "the line")
    assert (canvas.overlay.route.start,) == canvas.overlay.outside
    assert [stop.number for stop in canvas.overlay.route.stops] == list(range(1, len(found.steps) + 1))


@pytest.fixture
def untaught(qtbot: QtBot, place: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Screen]:
    """The same data without the run."""
    monkeypatch.setenv("XVIEW_RUNS", str(tmp_path))
    monkeypatch.setenv("XVIEW_CACHE", str(place / "cache"))
    made = Screen(qtbot, warm_up=False)
    made.open(place / "data")
    yield made
    made.leave()


def test_it_is_said_what_modifying_takes_where_nothing_has_learnt_it(untaught: Screen) -> None:
    lab = untaught.laboratory
    lab.store.ask(protocol=IMAGES, query=ItemsQuery(("3",)))
    field = lab.results.card.but
    wait_until(field.isVisible, "the field")
    assert not field.isEnabled()
    assert "TIRG" in field.placeholderText() and "Training" in field.placeholderText()
    lab.store.ask(query=ModifiedQuery("3", "make it red"))
    assert "TIRG" in lab.store.resolved.problem
