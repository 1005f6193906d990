"""A data set of very many flat vectors, opened and driven in the real window."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.qt.screen import Screen
from xview.qt import opening
from xview.qt.maps import compiled
from xview.session.files import load_session, save_session
from xview.session.state import ColourBy

COUNT = 60_000
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def screen(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Screen]:
    compiled.load()  # no thread of it is left to end
    monkeypatch.setattr(opening, "WALKED", COUNT - 1)
    monkeypatch.setattr(opening, "_SCORES", 4 * COUNT)
    random = np.random.default_rng(0)
    labels = random.integers(0, 3, COUNT)
    centres = np.array([[-6.0, 0.0], [6.0, 0.0], [0.0, 7.0]])
    points = centres[labels] + random.normal(size=(COUNT, 2))
    np.savez(tmp_path / "cells.npz", vectors=points.astype(np.float32), labels=labels)
    screen = Screen(qtbot, warm_up=False)
    screen.open(tmp_path / "cells.npz")
    yield screen
    screen.leave()


def test_a_map_too_large_for_marks_is_hidden_selected_and_kept_as_any(screen: Screen, tmp_path: Path) -> None:
    lab, store = screen.laboratory, screen.laboratory.store
    view = lab.maps.views["cells"]
    canvas = view.canvas
    assert store.resolved.ranker.name == "knn"  # linking so many would keep the first answer for minutes
    assert view.count.text() == "60,000 of 60,000 · density"

    # a class goes, and no other
    labels = store.workspace.dataset.collection("cells").labels
    classes = store.workspace.dataset.classes
    QTest.mouseClick(lab.maps.legend.entries[1], LEFT)
    left = int((labels != 1).sum())
    assert store.state.hidden == frozenset({classes[1]})
    assert view.count.text() == f"{left:,} of 60,000"  # few enough for a mark each
    QTest.mouseClick(lab.maps.legend.entries[1], LEFT)

    # a lasso around one cluster holds exactly it
    place = canvas.camera.to_screen(np.array([[0.0, 7.0]]))[0]
    reach = 4.5 * canvas.camera.scale
    turns = np.linspace(0, 2 * np.pi, 40)
    around = [QPoint(round(place[0] + reach * np.cos(t)), round(place[1] - reach * np.sin(t))) for t in turns]
    held = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier
    QTest.mousePress(canvas, LEFT, held, around[0])
    for pixel in around:
        QTest.mouseMove(canvas, pixel)
    QTest.mouseRelease(canvas, LEFT, held, around[-1])
    rows = dict(store.resolved.view.selection)["cells"]
    points = store.workspace.spaces["cells"].parts["cells"]
    near = np.hypot(*(points - [0.0, 7.0]).T)
    assert set(np.flatnonzero(near < 4.3)) <= set(rows)
    assert (near[rows.array] < 4.7).all()
    assert view.count.text().startswith(f"{len(rows):,} selected")
    assert lab.maps.selection.count.text() == f"{len(rows):,} selected"

    # taken away, undone, kept in a file
    QTest.mouseClick(lab.maps.selection.clear, LEFT)
    assert store.resolved.view.selection == ()
    screen.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert dict(store.resolved.view.selection)["cells"] == rows
    save_session(tmp_path / "kept.xview", lab.session_now())
    assert load_session(tmp_path / "kept.xview").state.selection == store.state.selection

    # the selected alone
    QTest.mouseClick(lab.maps.selection.isolate, LEFT)
    np.testing.assert_array_equal(np.flatnonzero(canvas.points.shown), rows)


def test_scores_colour_a_large_map_and_its_points_answer(screen: Screen) -> None:
    lab, store = screen.laboratory, screen.laboratory.store
    canvas = lab.maps.views["cells"].canvas
    store.ask(colour_by=ColourBy.SCORE)
    reply = lab.rankings.reply
    assert reply is not None
    rank = reply.answer.a.ranking.scores.argsort()
    colours = canvas.points.colours[reply.answer.a.task.gallery_rows[rank]]
    coloured = colours[colours < 64]  # but for the query itself, which has no score
    assert (np.diff(coloured.astype(int)) >= 0).all() and len(set(coloured.tolist())) > 30
    row = int(np.argmin(canvas.points.positions[:, 0]))  # the leftmost: alone
    QTest.mouseClick(canvas, LEFT, pos=canvas.place_of(row).toPoint())
    screen.settle()
    assert store.resolved.query_rows.tolist() == [row]


def test_titles_are_listed_when_somebody_is_about_to_type(screen: Screen) -> None:
    search = screen.laboratory.bars.search
    assert search.completer().model().rowCount() == 0
    screen.key(Qt.Key.Key_Slash)
    assert search.hasFocus() and search.completer().model().rowCount() == COUNT
