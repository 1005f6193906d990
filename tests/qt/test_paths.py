"""Shortest paths in the real window: chosen on maps and lists, drawn, played; thresholds, stones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.qt.screen import Screen, wait_until
from xview.data.cci import folder as cci
from xview.data.cci.folder import read_world
from xview.data.protocol import Classes, Protocol
from xview.qt.panels.paths import PathsPanel
from xview.qt.paths_desk import PathsDesk
from xview.retrieval.field import SpaceChoice
from xview.retrieval.geodesic_settings import GeodesicSettings
from xview.session.paths import RANKER, Found
from xview.session.state import ItemsQuery, Overlay

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


def free_rows(screen: Screen, space: str) -> list[int]:
    """Items of the gallery no other item covers on a map."""
    canvas, rows = screen.canvas(space), screen.laboratory.store.resolved.task.gallery_rows.tolist()
    places = {row: canvas.place_of(point_of(screen, space, row, gallery(screen))) for row in rows}
    return [
        row
        for row, place in places.items()
        if canvas.rect().adjusted(9, 9, -9, -9).contains(place.toPoint())
        and canvas.pick(place.toPoint().toPointF()) == point_of(screen, space, row, gallery(screen))
    ]


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
    each = [(scene.points(s.item.modality, [s.item.row]), n) for n, s in enumerate(found.steps, 1)]
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
    assert shown(screen).target == nearest.target and not panel(screen).nearest.isEnabled()
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


def test_what_cannot_be_a_destination_says_why(screen: Screen) -> None:
    lab, said = screen.laboratory, told(screen)
    open_dock(screen)
    lab.store.ask(all_items=True)
    lab.maps.gestures.aimed.emit("texts", 5)
    assert "texts" in said() and "images" in said() and lab.store.resolved.why is None
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

    # the ranker and its parameters say the same
    lab.store.ask(ranker=RANKER)
    assert lab.bars.parameters.field("threshold").box.value() == pytest.approx(wider.threshold)
    lab.bars.parameters.field("threshold").box.setValue(0.05)
    wait_until(lambda: settings(screen).threshold == 0.05, "the setting")
    assert graph.threshold == 0.05
    wait_until(lambda: desk(screen).finder.way is None and not desk(screen).busy, "no way")
    assert "raise the degree or the threshold" in panel(screen).strip.frames.empty_text()
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
    assert "No way leads to scene 77" in said and "Raise the threshold under Graph" in said
    assert f"{found.retrievable:,} of {found.others:,}" in said


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
        n for n, s in enumerate(desk(screen).finder.way.found.steps, 1) if s.item.modality == "images"
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
