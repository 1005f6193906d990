"""A | B between checkpoints: found, clicked, seen in lists, maps and figures, undone, saved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.qt.data_sets import write_data
from tests.qt.screen import Screen, pause, wait_until
from tests.unit.spaces.runs import write_run
from xview.data.open import open_dataset
from xview.metrics.table import fill
from xview.qt.panels.ranker_bar import SAME
from xview.retrieval.field import SpaceChoice
from xview.retrieval.registry import RANKERS
from xview.session.engine import Engine
from xview.session.files import load_session, save_session
from xview.session.resolve import resolve
from xview.spaces.library import open_data
from xview.spaces.trained import runs_folder

TWO = {"photos": "vector", "notes": "vector"}
GIVEN = SpaceChoice(shared="shared", own_query="photos alone", own_gallery="notes alone")
LEARNED = SpaceChoice(shared="run 1", own_query="run 1 · photos", own_gallery="run 1 · notes")


@pytest.fixture
def screen(qtbot: QtBot, tmp_path: Path, user_folders: Path) -> Iterator[Screen]:
    source = write_data(tmp_path / "pairs", TWO, items=40, classes=5)
    write_run(runs_folder() / "run 1", open_dataset(source))
    made = Screen(qtbot, warm_up=False)
    made.open(source)
    yield made
    made.leave()


def choose_space(screen: Screen, name: str) -> None:
    """Choose a space for B by keyboard."""
    box = screen.laboratory.bars.rankers.space
    assert box.isVisible()
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Home)
    for _ in range(box.findText(name)):
        QTest.keyClick(box, Qt.Key.Key_Down)
    screen.settle()
    assert box.currentText() == name


def test_b_ranks_in_another_checkpoint_beside_a(screen: Screen) -> None:
    lab, store = screen.laboratory, screen.laboratory.store
    bars = lab.bars.rankers
    assert not bars.space.isVisible()
    assert set(lab.maps.views) == {"photos alone", "notes alone", "shared"}
    QTest.mouseClick(bars.compare, Qt.MouseButton.LeftButton)
    screen.settle()
    assert [bars.space.itemText(i) for i in range(bars.space.count())] == [SAME, "run 1"]
    assert bars.space.currentText() == SAME
    choose_space(screen, "run 1")
    assert (store.resolved.spaces, store.resolved.other_spaces) == (GIVEN, LEARNED)

    # both lists show what the engine answers, each under the name of its space, B with places gained
    reply = lab.rankings.reply
    assert reply is not None and reply.answer.b is not None
    expected = Engine(store.workspace).answer(resolve(store.state, store.workspace))
    assert expected.b is not None
    np.testing.assert_allclose(reply.answer.b.ranking.scores, expected.b.ranking.scores)
    columns = lab.results.results._columns
    assert columns["A"]._name.text() == "Heterogeneous · shared"
    assert columns["B"]._name.text() == "k-NN · run 1"
    shown = screen.titles("B")
    order = [p for p in expected.b.ranking.order if not expected.b.ignored[p]][:5]
    titles = expected.b.task.gallery.titles[expected.b.task.gallery_rows[order]]
    assert [title in line for title, line in zip(titles, shown, strict=True)] == [True] * 5
    assert set(lab.maps.views) == {"photos alone", "notes alone", "shared", "run 1"}
    wait_until(lambda: lab.spaces.list.rows["run 1"]._use.text() == "✓ B: shared", "the map and its role")

    # a step back and forth, and to the same space again
    store.undo()
    screen.settle()
    assert bars.space.currentText() == SAME
    assert "run 1" not in lab.maps.views
    store.redo()
    screen.settle()
    assert bars.space.currentText() == "run 1"
    choose_space(screen, SAME)
    assert store.resolved.other_spaces == GIVEN
    assert columns["B"]._name.text() == "k-NN"


def test_the_spaces_list_compares_and_uses_with_one_click(screen: Screen) -> None:
    lab, store = screen.laboratory, screen.laboratory.store
    rows = lab.spaces.list.rows
    assert rows["run 1"].compare.isVisible()
    assert not rows["shared"].compare.isVisible()  # it is what A reads
    assert not rows["run 1 · photos"].compare.isVisible()  # compares nothing across modalities
    rows["run 1"].compare.trigger()
    screen.settle()
    assert store.resolved.other is not None
    assert store.resolved.other.name == store.resolved.ranker.name
    assert store.resolved.other_spaces == LEARNED
    assert not rows["run 1"].compare.isVisible()
    store.ask(other=None)
    use = next(action for action in rows["run 1"].method.menu().actions() if "Use this" in action.text())
    use.trigger()
    screen.settle()
    assert store.resolved.spaces == LEARNED
    own = next(a for a in rows["photos alone"].method.menu().actions() if "Use this" in a.text())
    own.trigger()  # the user overrides
    assert store.resolved.spaces == SpaceChoice(
        shared="run 1", own_query="photos alone", own_gallery="run 1 · notes"
    )
    lab.bars.swap()
    assert store.resolved.spaces == SpaceChoice(
        shared="run 1", own_query="run 1 · notes", own_gallery="photos alone"
    )


def test_explanations_evaluation_and_sessions_know_both_spaces(screen: Screen, tmp_path: Path) -> None:
    lab, store = screen.laboratory, screen.laboratory.store
    store.ask(ranker="knn")
    lab.spaces.compare_with("run 1")
    screen.settle()
    row = int(store.resolved.task.gallery_rows[3])
    lab.results.results.chosen.emit(row, "B")
    screen.settle()
    reply = lab.rankings.reply
    assert reply is not None and reply.explained is reply.answer.b and reply.explanation is not None
    position = int(store.resolved.task.gallery_rows.searchsorted(row))
    assert reply.answer.b is not None
    assert reply.explanation.score == pytest.approx(reply.answer.b.ranking.scores[position])

    lab.evaluation.panel.run.click()
    count = 4 * len(RANKERS)  # two directions in two spaces
    wait_until(lambda: len(lab.evaluations.judgements()) >= count and not lab.work.runs, "all rows")
    table = lab.evaluation.panel.table
    names = {table.item(place, 0).text() for place in range(table.rowCount())}
    assert names == {f"{kind.title} · {s}" for kind in RANKERS.values() for s in ("shared", "run 1")}
    requests = [request for request, _ in lab.evaluations.judgements()]
    expected = fill(open_data(store.workspace.dataset.source), requests)
    for (_, told), true in zip(lab.evaluations.judgements(), expected, strict=True):
        assert told["measures"]["mAP"] == pytest.approx(true.measures["mAP"])

    path = tmp_path / "both.xview"
    save_session(path, lab.session_now())
    state = store.state
    store.ask(other=None, other_spaces=None)
    screen.window.start(str(path), fresh=True)
    wait_until(lambda: lab.store.state == state, "the session")
    screen.settle()
    assert lab.store.resolved.other_spaces == LEARNED
    assert load_session(path).state == state


def test_judgements_outlive_a_run_that_ends(screen: Screen) -> None:
    from xview.session.workspace import with_runs

    lab, store = screen.laboratory, screen.laboratory.store
    lab.evaluation.panel.run.click()
    wait_until(lambda: len(lab.evaluations.judgements()) >= 2 * len(RANKERS) and not lab.work.runs, "rows")
    before, reply = lab.evaluations.judgements(), lab.rankings.reply
    write_run(runs_folder() / "run 2", store.workspace.dataset, own=False, seed=3)
    store.extend(with_runs(store.workspace))
    screen.settle()
    assert "run 2" in lab.spaces.list.rows
    assert lab.evaluations.judgements() == before
    assert lab.rankings.reply is reply
    assert "run 2" not in lab.maps.views  # until it is ticked or read
    lab.spaces.list.rows["run 2"].box.click()
    assert "run 2" in lab.maps.views
    lab.spaces.list.rows["run 2"].box.click()
    assert "run 2" not in lab.maps.views


@pytest.mark.parametrize("width", [1280, 1440])
def test_lambda_stays_in_reach_while_spaces_are_compared(screen: Screen, width: int) -> None:
    screen.window.resize(width, 720)
    bars = screen.laboratory.bars
    QTest.mouseClick(bars.rankers.compare, Qt.MouseButton.LeftButton)
    choose_space(screen, "run 1")
    pause(20)
    field = bars.parameters.field("lambda")
    assert bars.parameters.in_bar("lambda") and field.isVisible()
    for widget in (field, bars.rankers.space):
        assert widget.mapTo(bars, QPoint(widget.width(), 0)).x() <= bars.width()
    assert screen.window.width() == width
