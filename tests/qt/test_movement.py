"""Two checkpoints' maps, one laid over the other: seen, listed, coloured, drawn, selected."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.qt.data_sets import write_data
from tests.qt.screen import Screen, pause, wait_until
from tests.unit.spaces.runs import write_run
from xview.data.open import open_dataset
from xview.metrics.kept import kept_neighbours
from xview.qt.movement_desk import FIGURES, LINES
from xview.qt.panels.compare_movement import MovementPanel
from xview.retrieval.field import SpaceChoice
from xview.session.placement import NEIGHBOURS, movement_of
from xview.session.resolve import resolve
from xview.session.state import ColourBy, Overlay
from xview.session.workspace import MapKey
from xview.spaces.trained import runs_folder

TWO = {"photos": "image", "notes": "vector"}


@pytest.fixture
def screen(qtbot: QtBot, tmp_path: Path, user_folders: Path) -> Iterator[Screen]:
    source = write_data(tmp_path / "pairs", TWO, items=40, classes=5)
    write_run(runs_folder() / "run 1", open_dataset(source), own=False)
    made = Screen(qtbot, warm_up=False)
    made.open(source)
    yield made
    made.leave()


def turned(points: np.ndarray) -> np.ndarray:
    return (0.5 * points[:, ::-1] * [1, -1] + [20, -3]).astype(np.float32)


def draw_run(screen: Screen) -> np.ndarray:
    """Give the run a map: that of the data's space, turned, but for photo 3; returns it."""
    store = screen.laboratory.store
    places = np.array(store.workspace.maps[MapKey("shared", "umap")])
    places[3] += [6, 6]
    store.extend(store.workspace.with_map(MapKey("run 1", "umap"), turned(places)))
    return places


def click(button: object) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)  # type: ignore[call-overload]
    pause(20)


def look(screen: Screen) -> MovementPanel:
    """Open the dock, turn B on in the run's space, and show what moved."""
    screen.window.resize(1440, 900)
    dock = screen.window.docks["compare"]
    dock.show()
    dock.raise_()
    pause(20)
    lab = screen.laboratory
    click(lab.compare.panel.offers[1])
    screen.settle()
    wait_until(lambda: lab.comparisons.mean is not None, "a comparison")
    click(lab.compare.panel.kinds._buttons["movement"])
    wait_until(lambda: lab.movements.movement is not None and lab.movements.kept is not None, "movement")
    return lab.compare.movement.panel


def test_b_s_map_is_drawn_over_a_s_and_as_it_was_without_a(screen: Screen) -> None:
    lab, store = screen.laboratory, screen.laboratory.store
    places = draw_run(screen)
    store.ask(shown_spaces=frozenset({"run 1"}))
    drawn = lab.maps.views["run 1"].canvas
    np.testing.assert_allclose(drawn.points.positions, turned(places))
    store.ask(other="knn", other_spaces=SpaceChoice(shared="run 1"))
    aligned = np.array(drawn.points.positions)
    away = np.linalg.norm(aligned - lab.maps.views["shared"].canvas.points.positions, axis=1)
    assert away.argmax() == 3 and np.median(away) < 0.5 < away[3]

    # the overlay is there for whoever asks for it, the dock open or not
    overlays = lab.maps.strip.overlay
    overlays.setCurrentText(Overlay.MOVEMENT)
    overlays.textActivated.emit(Overlay.MOVEMENT)
    shared = lab.maps.views["shared"].canvas
    wait_until(lambda: shared.overlay.arrows is not None, "lines")
    assert len(shared.overlay.arrows) == LINES
    store.undo()
    store.undo()
    np.testing.assert_allclose(drawn.points.positions, turned(places))


def test_what_moved_is_listed_coloured_and_drawn(screen: Screen) -> None:
    lab, store = screen.laboratory, screen.laboratory.store
    draw_run(screen)
    panel = look(screen)
    expected = movement_of(resolve(store.state, store.workspace))
    assert expected is not None
    spaces = [store.workspace.spaces[name] for name in ("shared", "run 1")]
    both = [np.concatenate([space.unit(m) for m in TWO]) for space in spaces]
    kept = kept_neighbours(both[0], both[1], NEIGHBOURS)
    model = panel.table.model()
    assert model.rowCount() == 80
    assert panel.table.numbers.tolist()[0] == 3  # moved most stands first
    assert (np.diff(expected.moved[panel.table.numbers]) <= 0).all()
    cells = [model.index(0, column).data() for column in range(5)]
    assert cells == ["photos 3", "photos", "class-3", f"{expected.moved[3]:.1f}", f"{kept[3]:.0%}"]
    assert f"{kept.mean():.0%} kept" in panel.told.text()

    for tool, values in ((panel.moved, expected.moved), (panel.kept, kept)):
        click(tool)
        assert store.resolved.view.colour_by is ColourBy.FIGURE
        numbers = lab.maps._colours._numbers[ColourBy.FIGURE]
        np.testing.assert_allclose(np.concatenate([numbers[m] for m in TWO]), values)
    assert lab.maps.figure == FIGURES["kept"]

    # lines of what moved most, then of what is selected, on both maps and on no other
    click(panel.lines)
    assert store.resolved.view.overlay is Overlay.MOVEMENT
    most = panel.table.numbers[:LINES]
    for name in ("shared", "run 1"):
        arrows = lab.maps.views[name].canvas.overlay.arrows
        np.testing.assert_allclose(arrows[:, :2], expected.starts[most])
        np.testing.assert_allclose(arrows[:, 2:], expected.ends[most])
    assert lab.maps.views["photos alone"].canvas.overlay.arrows is None
    place = panel.table.visualRect(model.index(1, 0)).center()
    QTest.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    pause(20)
    number = int(panel.table.numbers[1])
    modality, row = ("photos", number) if number < 40 else ("notes", number - 40)
    assert [(m, list(rows)) for m, rows in store.resolved.view.selection] == [(modality, [row])]
    arrows = lab.maps.views["shared"].canvas.overlay.arrows
    np.testing.assert_allclose(arrows, [[*expected.starts[number], *expected.ends[number]]])

    # Enter asks with it; the same space again, and nothing moves
    QTest.keyClick(panel.table, Qt.Key.Key_Return)
    screen.settle()
    assert store.resolved.query_rows.tolist() == [row]
    assert store.resolved.task.protocol.query == modality
    store.ask(other="knn", other_spaces=None)
    wait_until(lambda: "Nothing moves" in panel.why, "the words")
    assert lab.maps.views["shared"].canvas.overlay.arrows is None
    assert lab.maps._colours._numbers[ColourBy.FIGURE] == {}
