"""Shortest paths in the real window: chosen on maps and lists, drawn, played; thresholds, stones."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.qt.data_sets import write_data
from tests.qt.screen import Screen, wait_until
from xview.data.cci import folder as cci
from xview.data.cci.folder import read_world
from xview.data.protocol import Classes, Protocol
from xview.qt.panels.command_palette import ShortcutSheet
from xview.qt.panels.paths import PathsPanel
from xview.qt.path_infos import space_with_stones
from xview.qt.paths_desk import PathsDesk
from xview.retrieval.base import OnProgress
from xview.retrieval.field import SpaceChoice
from xview.retrieval.geodesic import GeodesicRanker
from xview.retrieval.geodesic_settings import RANKER, GeodesicSettings
from xview.retrieval.stepping_stones import Vertex
from xview.session.files import Session, save_session
from xview.session.paths import Found
from xview.session.scene_diff import scene_differences
from xview.session.state import ItemsQuery, ModifiedQuery, Overlay, ViewState

LEFT, CTRL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier
IMAGES = Protocol(query="images", gallery="images", query_classes=Classes.ALL, gallery_classes=Classes.ALL)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """111 scenes whose vectors are sums of codes of their things; texts lie near their pictures."""
    folder = tmp_path_factory.mktemp("paths") / "world"
    cci.make(folder, rounds=2, side=16)
    made = read_world(folder)
    assert made is not None
    things = sorted({thing for scene in made.scenes for thing in scene})
    codes = np.random.default_rng(0).normal(size=(len(things), 24))
    place = {thing: number for number, thing in enumerate(things)}
    vectors = np.stack([sum(codes[place[thing]] for thing in scene) for scene in made.scenes])
    near = vectors + 0.2 * np.random.default_rng(1).normal(size=vectors.shape)
    for name, array in (("images", vectors), ("texts", near)):
        np.save(folder / f"{name}.npy", array.astype(np.float32))
    np.save(folder / "map.npy", np.concatenate([vectors, near])[:, :2].astype(np.float32))
    np.save(folder / "own.npy", vectors[:, 2:4].astype(np.float32))
    with (folder / "dataset.toml").open("a", encoding="utf-8") as file:
        file.write(
            '\n[spaces.shared]\nimages = "images.npy"\ntexts = "texts.npy"\nmaps = {umap = "map.npy"}\n'
            '\n[spaces.pictures]\nimages = "images.npy"\nmaps = {umap = "own.npy"}\n'
        )
    return folder


@pytest.fixture
def screen(qtbot: QtBot, world: Path) -> Iterator[Screen]:
    made = Screen(qtbot, warm_up=False)
    made.open(world)
    spaces, beside = SpaceChoice(shared="shared"), frozenset({"pictures"})
    made.laboratory.store.ask(protocol=IMAGES, spaces=spaces, shown_spaces=beside, query=ItemsQuery(("3",)))
    made.settle()
    yield made
    made.leave()


def desk(screen: Screen) -> PathsDesk:
    return screen.laboratory.paths


def panel(screen: Screen) -> PathsPanel:
    return desk(screen).panel


def shown(screen: Screen) -> Found:
    """Wait until the way on screen is that of the present request."""
    lab = screen.laboratory

    def there() -> bool:
        way = desk(screen).finder.way
        return way is not None and way.resolved.why == lab.store.resolved.why and not desk(screen).busy

    wait_until(there, "a way")
    way = desk(screen).finder.way
    assert way is not None
    return way.found


def open_dock(screen: Screen) -> Found:
    screen.key(Qt.Key.Key_W, Qt.KeyboardModifier.ShiftModifier)
    wait_until(lambda: desk(screen).seen, "the dock")
    return shown(screen)


def point_of(screen: Screen, space: str, row: int, modality: str = "images") -> int:
    return int(screen.laboratory.maps.scenes[space].points(modality, [row])[0])


def aim(screen: Screen, space: str, row: int, modality: str = "images") -> None:
    """Ctrl+click an item on a map."""
    canvas = screen.canvas(space)
    at = canvas.place_of(point_of(screen, space, row, modality)).toPoint()
    assert canvas.pick(at.toPointF()) == point_of(screen, space, row, modality)
    QTest.mouseClick(canvas, LEFT, CTRL, at)


def is_free(screen: Screen, space: str, row: int, modality: str) -> bool:
    """Whether no other item covers this one on a map."""
    canvas, point = screen.canvas(space), point_of(screen, space, row, modality)
    place = canvas.place_of(point).toPoint()
    return canvas.rect().adjusted(9, 9, -9, -9).contains(place) and canvas.pick(place.toPointF()) == point


def free_rows(screen: Screen, space: str) -> list[int]:
    """Items of the gallery no other item covers on a map."""
    rows = screen.laboratory.store.resolved.task.gallery_rows.tolist()
    return [row for row in rows if is_free(screen, space, row, gallery(screen))]


def gallery(screen: Screen) -> str:
    return screen.laboratory.store.resolved.task.protocol.gallery


def stops(screen: Screen, space: str) -> list[tuple[int, int]]:
    """Point and number of each stop drawn on a map."""
    route = screen.canvas(space).overlay.route
    return [] if route is None else [(stop.index, stop.number) for stop in route.stops]


def settings(screen: Screen) -> GeodesicSettings:
    found = screen.laboratory.store.resolved.view.settings_of(RANKER)
    assert isinstance(found, GeodesicSettings)
    return found


def told(screen: Screen) -> Callable[[], str]:
    """What the window said last."""
    said: list[str] = []
    screen.laboratory.told.connect(lambda _level, words: said.append(words))
    return lambda: said[-1] if said else ""


def expected_stops(screen: Screen, space: str, found: Found) -> list[tuple[int, int]]:
    scene = screen.laboratory.maps.scenes[space]
    each = [(scene.points(s.item.modality, [s.item.row]), n) for n, s in enumerate(found.steps)]
    return [(int(points[0]), number) for points, number in each if len(points)]


def test_two_items_picked_on_a_map_make_a_strip_and_a_line_on_every_map(screen: Screen) -> None:
    lab = screen.laboratory
    nearest = open_dock(screen)
    assert lab.store.resolved.view.overlay is Overlay.PATH and lab.store.resolved.why is None
    assert nearest.target == nearest.geodesic[0].item

    screen.click_point("pictures", "images", free_rows(screen, "pictures")[0])
    (query,) = lab.store.resolved.query_rows.tolist()
    reached = {near.item.row for near in shown(screen).geodesic}
    target = next(row for row in free_rows(screen, "pictures") if row not in {query, *reached})
    lab.store.ask(settings=lab.store.state.with_settings(RANKER, GeodesicSettings(degree=30)))
    aim(screen, "pictures", target)
    assert lab.store.resolved.why == target
    screen.settle()
    found = shown(screen)

    frames = panel(screen).strip.frames.items
    assert [(item.key, item.row) for item in frames] == [(s.item.modality, s.item.row) for s in found.steps]
    assert (frames[0].row, frames[0].role) == (query, "query")
    assert (frames[-1].row, frames[-1].role) == (target, "target")
    assert all(item.changes for item in frames[1:] if not item.stone)
    assert found.length >= found.direct - 1e-6
    for space in ("shared", "pictures"):
        assert stops(screen, space) == expected_stops(screen, space, found)
    # whoever looks at a frame sees where it is
    panel(screen).strip.setFocus()
    QTest.keyClick(panel(screen).strip.frames, Qt.Key.Key_End)
    for space in ("shared", "pictures"):
        assert screen.canvas(space).overlay.route.current == point_of(screen, space, target)


def test_a_result_clicked_is_where_the_path_leads_and_the_nearest_again_on_request(screen: Screen) -> None:
    lab = screen.laboratory
    nearest = open_dock(screen)
    results = lab.results.results.list_of("A")
    results.setFocus()
    for _ in range(3):
        QTest.keyClick(results, Qt.Key.Key_Down)
    screen.settle()
    assert lab.store.resolved.why is not None
    assert shown(screen).target.row == lab.store.resolved.why
    QTest.mouseClick(panel(screen).nearest, LEFT)
    assert shown(screen).target == nearest.target and panel(screen).nearest.isHidden()
    # Fig. 3: a click on a neighbour leads there
    pair = panel(screen).neighbours
    assert [(i.key, i.row) for i in pair.direct.items] == [
        (near.item.modality, near.item.row) for near in nearest.euclidean
    ]
    pair.direct.setFocus()
    QTest.keyClick(pair.direct, Qt.Key.Key_Down)
    QTest.keyClick(pair.direct, Qt.Key.Key_Down)
    assert shown(screen).target in {near.item for near in nearest.euclidean}
    assert lab.store.resolved.why == shown(screen).target.row


def test_a_stepping_stone_is_a_destination_too_until_another_is_chosen(screen: Screen) -> None:
    lab = screen.laboratory
    open_dock(screen)
    lab.store.ask(settings=lab.store.state.with_settings(RANKER, GeodesicSettings(degree=30)))
    lab.store.ask(protocol=replace(IMAGES, query="texts"), query=ItemsQuery(("3",)))
    shown(screen)
    row = next(row for row in range(50, 111) if is_free(screen, "shared", row, "texts"))
    aim(screen, "shared", row, "texts")
    found = shown(screen)
    assert found.target == Vertex("texts", row) and lab.store.resolved.why is None
    last = panel(screen).strip.frames.items[-1]
    assert (last.key, last.row, last.stone, last.role) == ("texts", row, True, "target")
    assert stops(screen, "shared")[-1][0] == point_of(screen, "shared", row, "texts")
    QTest.mouseClick(panel(screen).nearest, LEFT)
    assert shown(screen).target.modality == "images"
    lab.maps.gestures.aimed.emit("texts", row)
    assert shown(screen).target == Vertex("texts", row)
    aim(screen, "pictures", free_rows(screen, "pictures")[2])
    assert shown(screen).target.row == lab.store.resolved.why


def test_what_cannot_be_a_destination_says_why(screen: Screen) -> None:
    lab, said = screen.laboratory, told(screen)
    open_dock(screen)
    lab.store.ask(settings=lab.store.state.with_settings(RANKER, GeodesicSettings(stones=False)))
    lab.maps.gestures.aimed.emit("texts", 5)
    assert "texts" in said() and "stepping stones" in said()
    lab.store.ask(spaces=SpaceChoice(shared="pictures"))
    lab.maps.gestures.aimed.emit("texts", 5)
    assert "does not hold" in said()
    unseen = Protocol(query="images", gallery="images")
    lab.store.ask(protocol=unseen)
    left_out = next(r for r in range(111) if r not in lab.store.resolved.task.gallery_rows.tolist())
    lab.maps.gestures.aimed.emit("images", left_out)
    assert "leave this one out" in said() and lab.store.resolved.why is None


def test_ctrl_click_asks_where_no_path_is_looked_at(screen: Screen) -> None:
    row = free_rows(screen, "pictures")[1]
    aim(screen, "pictures", row)
    assert screen.laboratory.store.resolved.query == ItemsQuery((str(row),))


def test_the_path_stands_beside_the_results_while_the_dock_is_open(screen: Screen) -> None:
    lab = screen.laboratory
    found = open_dock(screen)
    assert not screen.canvas("shared").overlay.hits
    QTest.mouseClick(panel(screen).draw, LEFT)
    assert lab.store.resolved.view.overlay is Overlay.HITS
    assert screen.canvas("shared").overlay.hits and stops(screen, "shared") == expected_stops(
        screen, "shared", found
    )
    screen.window.docks["log"].raise_()
    wait_until(lambda: not desk(screen).seen, "the dock to go")
    assert not stops(screen, "shared")


def test_the_threshold_tells_counts_at_once_and_the_path_follows(screen: Screen) -> None:
    lab = screen.laboratory
    first = open_dock(screen)
    QTest.mouseClick(panel(screen).parts.button("graph"), LEFT)
    graph = panel(screen).graph
    wait_until(lambda: desk(screen).finder.growth is not None, "counts")
    assert f"{first.edges:,}," in graph.counts["edges"].text()
    graph.slider.setFocus()
    for _ in range(12):
        QTest.keyClick(graph.slider, Qt.Key.Key_Right)
    counted = {name: label.text() for name, label in graph.counts.items()}  # before any graph is built
    wider = shown(screen)
    assert wider.threshold > first.threshold and wider.edges > first.edges
    assert counted["edges"].startswith(f"{wider.edges:,},")
    assert counted["components"].startswith(f"{wider.components:,}")
    assert counted["retrievable"].startswith(f"{wider.retrievable:,} of {wider.others:,}")
    assert settings(screen).threshold == wider.threshold == graph.threshold

    # back to the degree, and by hand again
    QTest.mouseClick(graph.by_degree, LEFT)
    assert settings(screen).threshold == 0 and not graph.by_degree.isEnabled()
    assert shown(screen).edges == first.edges
    lab.store.undo()
    assert shown(screen).threshold == wider.threshold and graph.by_degree.isEnabled()

    # the ranker and its parameters say the same
    lab.store.ask(ranker=RANKER)
    assert lab.bars.parameters.field("threshold").box.value() == pytest.approx(wider.threshold)
    lab.bars.parameters.field("threshold").box.setValue(0.05)
    wait_until(lambda: settings(screen).threshold == 0.05, "the setting")
    assert graph.threshold == 0.05
    assert not shown(screen).steps
    said = panel(screen).strip.frames.empty_text()
    assert "No way leads on from the query over steps below 0.05 rad" in said
    assert "Raise the threshold to " in said and "0 of 110" in said
    assert panel(screen).neighbours.direct.count == 5 and not panel(screen).neighbours.along.count
    assert not stops(screen, "shared")
    # one undo for each: the box's and the twelve of the slider
    lab.store.undo()
    assert settings(screen).threshold == pytest.approx(wider.threshold)
    lab.store.undo()
    lab.store.undo()
    assert settings(screen) == GeodesicSettings()


def test_a_destination_out_of_reach_says_what_would_help(screen: Screen) -> None:
    lab = screen.laboratory
    open_dock(screen)
    near = GeodesicSettings(threshold=0.3)
    lab.store.ask(settings=lab.store.state.with_settings(RANKER, near), why="77")
    found = shown(screen)
    assert not found.steps and found.target.row == 77
    said = panel(screen).strip.frames.empty_text()
    assert "No way leads to scene 77" in said
    assert f"{found.retrievable:,} of {found.others:,}" in said
    needed = float(said.partition("Raise the threshold to ")[2].partition(" rad under Graph")[0])
    for threshold, leads in ((needed, True), (needed - 0.002, False)):
        near = replace(near, threshold=threshold)
        lab.store.ask(settings=lab.store.state.with_settings(RANKER, near))
        assert bool(shown(screen).steps) == leads


def test_a_space_without_stepping_stones_offers_one_that_has_them(screen: Screen) -> None:
    """As the default of images with images does, which compares by the pictures' own features."""
    screen.laboratory.store.ask(spaces=SpaceChoice(shared="pictures"))
    screen.settle()
    alone = open_dock(screen)
    wider = panel(screen).wider
    assert alone.stones == 0 and wider.isVisible() and wider.text() == "Use shared"
    assert "holds texts as stepping stones" in wider.toolTip()
    bound = replace(screen.laboratory.store.resolved, query=ModifiedQuery("3", "make it red"))
    assert space_with_stones(bound) == ("", "")  # asked in the space of the system that modifies
    QTest.mouseClick(wider, LEFT)
    screen.settle()
    assert shown(screen).stones == 111 and not wider.isVisible()
    assert screen.laboratory.store.resolved.spaces.shared == "shared"


def test_the_space_offered_is_bs_where_b_alone_follows_ways(screen: Screen) -> None:
    screen.laboratory.store.ask(ranker="knn", other=RANKER, other_spaces=SpaceChoice(shared="pictures"))
    screen.settle()
    assert open_dock(screen).stones == 0
    QTest.mouseClick(panel(screen).wider, LEFT)
    screen.settle()
    resolved = screen.laboratory.store.resolved
    assert shown(screen).stones == 111 and resolved.ranker.name == "knn"
    assert resolved.spaces.shared == resolved.other_spaces.shared == "shared"


def test_ways_do_without_stepping_stones_once_they_are_off(screen: Screen) -> None:
    lab = screen.laboratory
    found = open_dock(screen)
    assert found.stones == 111 and found.vertices == 222
    row = next(
        row for row in range(111) if any(s.item.modality == "texts" for s in way_to(screen, row).steps)
    )
    assert [item.stone for item in panel(screen).strip.frames.items].count(True)
    drawn = dict(stops(screen, "pictures"))
    assert set(drawn.values()) == {
        n for n, s in enumerate(desk(screen).finder.way.found.steps) if s.item.modality == "images"
    }
    QTest.mouseClick(panel(screen).parts.button("graph"), LEFT)
    QTest.mouseClick(panel(screen).graph.stones, LEFT, pos=QPoint(10, 8))
    assert not settings(screen).stones
    bare = shown(screen)
    assert bare.stones == 0 and bare.vertices == 111 and bare.target.row == row
    assert not any(item.stone for item in panel(screen).strip.frames.items)
    assert lab.store.resolved.view.overlay is Overlay.PATH


def way_to(screen: Screen, row: int) -> Found:
    screen.laboratory.store.ask(why=str(row))
    return shown(screen)


def look_at_smooth(screen: Screen) -> None:
    open_dock(screen)
    QTest.mouseClick(panel(screen).parts.button("smooth"), LEFT)
    wait_until(lambda: desk(screen).smooth.scenes is not None and not desk(screen).busy, "smooth paths")


def click_row(screen: Screen, row: int) -> None:
    table = panel(screen).smooth.table
    place = table.visualRect(table.model().index(row, 1)).center()
    QTest.mouseClick(table.viewport(), LEFT, pos=place)


def test_a_smooth_path_is_listed_shown_on_the_maps_and_played(screen: Screen, world: Path) -> None:
    look_at_smooth(screen)
    listed, strip = desk(screen).smooth.here, panel(screen).strip
    assert listed is not None and listed.ways[0].changes == max(way.changes for way in listed.ways) >= 2
    assert f"{sum(listed.counts):,} smooth paths" in panel(screen).smooth.told.text()
    strip.player.speed.setCurrentText("4×")
    click_row(screen, 0)
    items = [step.item for step in listed.ways[0].steps]
    assert [(item.key, item.row) for item in strip.frames.items] == [(i.modality, i.row) for i in items]
    assert strip.player.playing and strip.frame == 0
    made = read_world(world)
    assert made is not None
    for one, other in pairwise(items):  # every step changes one thing at most
        assert len(made.scenes[one.row] ^ made.scenes[other.row]) <= 2
    followed: list[int] = []
    strip.frame_moved.connect(lambda _frame: followed.append(screen.canvas("shared").overlay.route.current))
    wait_until(lambda: not strip.player.playing, "the last frame")
    assert followed == [point_of(screen, "shared", i.row, i.modality) for i in items[1:]]
    ends = scene_differences(screen.laboratory.store.workspace.dataset, items[0], items[-1])
    assert ends is not None
    assert panel(screen).differences.told.text() == f"{len(ends.rows)} changes apart"

    QTest.mouseClick(panel(screen).back, LEFT)
    assert panel(screen).back.isHidden()
    found = shown(screen)
    assert [item.row for item in strip.frames.items] == [step.item.row for step in found.steps]
    assert stops(screen, "shared") == expected_stops(screen, "shared", found)

    # it is of the dock: without that, maps show the query's path
    click_row(screen, 0)
    assert len(stops(screen, "shared")) == len(items)
    screen.window.docks["log"].raise_()
    wait_until(lambda: not desk(screen).seen, "the dock to go")
    assert stops(screen, "shared") == expected_stops(screen, "shared", found)
    screen.laboratory.store.ask(query=ItemsQuery(("7",)))
    found = shown(screen)
    assert stops(screen, "shared") == expected_stops(screen, "shared", found)


def test_smooth_paths_are_found_everywhere_by_a_worker_that_can_be_cancelled(screen: Screen) -> None:
    look_at_smooth(screen)
    smooth = panel(screen).smooth
    QTest.mouseClick(smooth.where.button("everywhere"), LEFT)
    assert smooth.table.isHidden() and "Find" in smooth.empty
    QTest.mouseClick(smooth.search, LEFT)
    assert desk(screen).smooth.run is not None and smooth.cancel.isVisible()
    QTest.mouseClick(smooth.cancel, LEFT)
    wait_until(lambda: desk(screen).smooth.run is None, "the end")
    assert desk(screen).smooth.survey is None and smooth.search.isVisible()
    QTest.mouseClick(smooth.search, LEFT)
    wait_until(lambda: desk(screen).smooth.survey is not None, "all smooth paths")
    survey = desk(screen).smooth.survey
    assert survey is not None and survey.sources == 111
    click_row(screen, 0)
    assert [(i.key, i.row) for i in panel(screen).strip.frames.items] == [
        (item.modality, item.row) for item in survey.longest[0].items
    ]
    # of another graph nothing is known
    screen.laboratory.store.ask(
        settings=screen.laboratory.store.state.with_settings(RANKER, GeodesicSettings(degree=5))
    )
    shown(screen)
    assert desk(screen).smooth.survey is None and "Find" in smooth.empty


def test_other_data_takes_the_place_of_the_ways_on_screen(screen: Screen, tmp_path: Path) -> None:
    lab = screen.laboratory
    open_dock(screen)
    lab.store.ask(why="50")  # still on its way
    screen.open(write_data(tmp_path / "pairs", {"notes": "text", "photos": "image"}, items=30))
    lab.store.ask(overlay=Overlay.PATH)
    found = shown(screen)
    assert found.target.modality in ("notes", "photos")
    assert {item.key for item in panel(screen).strip.frames.items} <= {"notes", "photos"}
    QTest.mouseClick(panel(screen).parts.button("smooth"), LEFT)
    wait_until(lambda: desk(screen).smooth.scenes is False, "that there are no scenes")
    assert "scenes" in panel(screen).smooth.empty and "cci" in panel(screen).smooth.empty


def test_several_items_and_items_left_out_ask_for_ways(screen: Screen) -> None:
    lab = screen.laboratory
    open_dock(screen)
    lab.store.ask(query=ItemsQuery(("3", "50")))
    found = shown(screen)
    assert found.steps[0].item.row in (3, 50) and not found.outside
    # a query that the protocol left out stands first all the same
    lab.store.ask(protocol=Protocol(query="images", gallery="images"), why=None)
    task = lab.store.resolved.task
    stranger = next(row for row in range(111) if row not in task.query_rows.tolist())
    lab.store.ask(query=ItemsQuery((str(stranger),)))
    found = shown(screen)
    frames = panel(screen).strip.frames.items
    assert (frames[0].row, frames[0].role) == (stranger, "query") and len(frames) == len(found.steps)
    assert stops(screen, "shared")[0] == (point_of(screen, "shared", stranger), 0)


def test_a_session_that_drew_the_path_draws_it_without_the_dock(
    qtbot: QtBot, world: Path, tmp_path: Path
) -> None:
    spaces = SpaceChoice(shared="shared")
    state = ViewState(protocol=IMAGES, spaces=spaces, query=ItemsQuery(("3",)), why="4", overlay=Overlay.PATH)
    kept = tmp_path / "a.xview"
    save_session(kept, Session(source=str(world), unseen=None, state=state))
    screen = Screen(qtbot, warm_up=False)
    try:
        screen.window.inspect(kept)
        wait_until(lambda: screen.window.laboratory is not None, "the session")
        screen.settle()
        found = shown(screen)
        assert found.target.row == 4 and not desk(screen).seen
        assert stops(screen, "shared") == expected_stops(screen, "shared", found)
        aim(screen, "shared", next(row for row in free_rows(screen, "shared") if row not in (3, 4)))
        assert screen.laboratory.store.resolved.why not in (3, 4)
    finally:
        screen.leave()


def test_the_dock_says_what_to_do_where_nothing_is_asked(screen: Screen) -> None:
    lab = screen.laboratory
    open_dock(screen)
    lab.store.ask(query=None)
    wait_until(lambda: desk(screen).finder.way is None, "nothing")
    said = panel(screen).strip.frames.empty_text()
    assert "Ask with an item" in said and "Ctrl+click" in said
    assert not stops(screen, "shared")


def test_the_shortcut_list_tells_what_clicks_on_maps_do(screen: Screen) -> None:
    screen.key(Qt.Key.Key_F1)
    sheet = screen.window.findChild(ShortcutSheet)
    assert sheet is not None
    model = sheet.table.model()
    rows = [[model.index(r, c).data() for c in (0, 1)] for r in range(model.rowCount())]
    assert ["Shortest path", "Shift+W"] in rows
    assert any("Ctrl+click" in keys and "path" in name for name, keys in rows)
    sheet.close()
    sheet.deleteLater()


@pytest.fixture
def emoji(qtbot: QtBot) -> Iterator[Screen]:
    made = Screen(qtbot, warm_up=False)
    made.open("emoji")
    yield made
    made.leave()


def test_the_bundled_emoji_have_ways_over_sketches_and_texts(emoji: Screen) -> None:
    lab = emoji.laboratory
    assert gallery(emoji) == "images"
    first = open_dock(emoji)
    query = int(lab.store.resolved.query_rows[0])
    aim(emoji, "images", next(row for row in free_rows(emoji, "images") if row != first.target.row))
    wide = GeodesicSettings(degree=60)
    lab.store.ask(settings=lab.store.state.with_settings(RANKER, wide))
    found = shown(emoji)
    frames = panel(emoji).strip.frames.items
    assert (frames[0].key, frames[0].row) == ("sketches", query)
    assert frames[-1].row == lab.store.resolved.why and not any(item.changes for item in frames)
    for space in ("sketches", "images", "shared"):
        assert stops(emoji, space) == expected_stops(emoji, space, found)

    QTest.mouseClick(panel(emoji).parts.button("graph"), LEFT)
    graph = panel(emoji).graph
    before = graph.counts["retrievable"].text()
    graph.slider.setFocus()
    QTest.keyClick(graph.slider, Qt.Key.Key_PageDown)
    assert graph.counts["retrievable"].text() != before
    narrower = shown(emoji)
    assert narrower.edges < found.edges
    assert graph.counts["retrievable"].text().startswith(f"{narrower.retrievable:,} of")
    QTest.mouseClick(graph.stones, LEFT, pos=QPoint(10, 8))
    assert shown(emoji).stones == 0

    QTest.mouseClick(panel(emoji).parts.button("smooth"), LEFT)
    wait_until(lambda: desk(emoji).smooth.scenes is False, "that there are no scenes")
    assert "made data" in panel(emoji).smooth.empty
    # nothing of emoji has been changed by words: the field says what it takes, or is not there
    field = lab.results.card.but
    assert not field.isVisible() or (not field.isEnabled() and "train" in field.placeholderText())


def test_a_graph_nobody_waits_for_any_more_is_given_up(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, given_up, quick = GeodesicRanker.prepare, threading.Event(), threading.Event()

    def slow(ranker: GeodesicRanker, on_progress: OnProgress) -> None:
        """As if there were very many items."""
        try:
            while not quick.is_set():
                on_progress(0.5)
                time.sleep(0.01)
        except Exception:
            given_up.set()
            raise
        real(ranker, on_progress)

    monkeypatch.setattr(GeodesicRanker, "prepare", slow)
    screen.laboratory.store.ask(query=None)
    screen.key(Qt.Key.Key_W, Qt.KeyboardModifier.ShiftModifier)
    wait_until(lambda: desk(screen).seen, "the dock")
    strip = panel(screen).strip
    assert "Ask with an item" in strip.frames.empty_text()
    screen.laboratory.store.ask(query=ItemsQuery(("3",)))
    wait_until(lambda: desk(screen).busy, "the search")
    assert "looking for a way" in strip.frames.empty_text() and not strip.progress.isVisible()
    wait_until(strip.progress.isVisible, "how far it is, once it takes long")
    assert strip.progress.value() == strip.progress.maximum() // 2
    screen.laboratory.store.ask(overlay=Overlay.HITS)
    screen.window.docks["log"].raise_()
    wait_until(given_up.is_set, "the end of the search")
    assert not desk(screen).busy and desk(screen).finder.way is None
    quick.set()
    screen.window.docks["paths"].raise_()
    wait_until(lambda: desk(screen).seen, "the dock")
    assert shown(screen).steps and not strip.progress.isVisible()
