"""The fusion dock at the real window, with real workers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.qt.data_sets import write_data
from tests.qt.screen import Screen, pause, wait_until
from xview.metrics.fusion import judge_fusion
from xview.metrics.fusion_search import find_weights
from xview.qt.evaluations import CALM_MS
from xview.qt.panels.fusion import CURVES, GAINS, MATRIX, SCATTER
from xview.retrieval.fusion import FusedRanking
from xview.spaces.library import open_data

TWO = {"photos": "vector", "notes": "vector"}
NOWHERE = (lambda _done, _total: None,)


@pytest.fixture
def screen(qtbot: QtBot, tmp_path: Path) -> Iterator[Screen]:
    made = Screen(qtbot, warm_up=False)
    folder = write_data(tmp_path / "pairs", TWO, items=48, classes=6, unseen=("class-4", "class-5"))
    made.open(folder)
    show_dock(made)
    yield made
    made.leave()


def show_dock(screen: Screen) -> None:
    dock = screen.window.docks["fusion"]
    dock.show()
    dock.raise_()
    desk = screen.laboratory.fusion
    wait_until(lambda: desk._panel is not None and desk.panel.form.rows.rows, "the dock")


def judged(screen: Screen) -> None:
    wait_until(lambda: screen.laboratory.fusions.fused is not None, "the fusion to be judged")


def turn_to(screen: Screen, figure: str) -> None:
    screen.laboratory.fusion.panel.figures.button(figure).click()
    pause(30)


def settings(screen: Screen):
    return screen.laboratory.store.resolved.view.settings_of("fusion")


def test_nothing_is_built_or_judged_while_nobody_looks(qtbot: QtBot, tmp_path: Path) -> None:
    screen = Screen(qtbot, warm_up=False)
    screen.open(write_data(tmp_path / "pairs", TWO, items=24))
    lab = screen.laboratory
    pause(2 * CALM_MS)
    assert lab.fusion._panel is None
    assert lab.fusions.mixture is None and not [run for run in lab.work.runs if "fusion" in run.title]
    lab.store.ask(ranker="fusion")
    screen.settle()
    show_dock(screen)
    judged(screen)
    assert len(lab.fusion.panel.form.rows.rows) == 3
    screen.leave()


def test_dragging_a_weight_ranks_anew_and_the_weights_sum_to_one(screen: Screen) -> None:
    lab = screen.laboratory
    rows = lab.fusion.panel.form.rows.rows
    assert len(rows) == 3  # every ranker the spaces allow
    rows[0].slider.setValue(1000)
    screen.settle()
    assert lab.store.resolved.ranker.name == "fusion"
    assert settings(screen).mode == "weighted"
    assert settings(screen).weights == "1, 0, 0"
    alone = lab.rankings.reply.answer.a.ranking.scores.copy()
    rows[0].slider.setValue(200)
    screen.settle()
    shown = [row.box.value() for row in rows]
    assert shown == [0.2, 0.4, 0.4]
    assert sum(float(part) for part in settings(screen).weights.split(",")) == pytest.approx(1, abs=1e-12)
    ranking = lab.rankings.reply.answer.a.ranking
    assert isinstance(ranking, FusedRanking)
    assert not np.allclose(ranking.scores, alone)
    np.testing.assert_allclose(ranking.weights, [0.2, 0.4, 0.4])
    np.testing.assert_allclose(alone, ranking.scaled[0])
    # a locked weight stays, and one undo takes the whole drag back
    rows[1].lock.click()
    rows[0].slider.setValue(500)
    rows[0].slider.setValue(400)
    screen.settle()
    assert [row.box.value() for row in rows] == [0.4, 0.4, 0.2]
    lab.store.undo()
    assert (settings(screen).mode, settings(screen).weights) == ("adaptive", "")


def test_sources_are_added_changed_and_removed(screen: Screen) -> None:
    lab = screen.laboratory
    form = lab.fusion.panel.form
    rows = form.rows
    rows.rows[1].remove.click()
    screen.settle()
    assert settings(screen).sources == "knn + heterogeneous"
    assert len(rows.rows) == 2
    QTest.keyClicks(rows.rows[1].settings, "k=9, lambda=0.3")
    QTest.keyClick(rows.rows[1].settings, Qt.Key.Key_Return)
    screen.settle()
    assert settings(screen).sources == "knn + heterogeneous(k=9, lambda=0.3)"
    form.add.click()
    screen.settle()
    assert settings(screen).sources.endswith("+ homogeneous")
    assert len(lab.rankings.reply.answer.a.ranking.sources) == 3
    # what cannot be is told and undone on screen
    before = settings(screen)
    combo = rows.rows[2].ranker
    combo.setCurrentIndex(combo.findData("knn"))
    combo.activated.emit(combo.currentIndex())
    assert "named twice" in form.told.text()
    assert settings(screen) == before
    assert combo.currentData() == "homogeneous"
    rows.rows[0].settings.setText("k=")
    rows.rows[0].settings.editingFinished.emit()
    assert settings(screen) == before
    assert rows.rows[0].settings.text() == ""


def test_modes_are_switches_and_adaptive_weights_are_the_querys(screen: Screen) -> None:
    lab = screen.laboratory
    form = lab.fusion.panel.form
    form.modes.button("average").click()
    screen.settle()
    assert [row.box.value() for row in form.rows.rows] == pytest.approx([0.333] * 3, abs=1e-3)
    form.modes.button("adaptive").click()
    screen.settle()
    pause(30)
    ranking = lab.rankings.reply.answer.a.ranking
    assert [row.box.value() for row in form.rows.rows] == pytest.approx(ranking.adaptive.tolist(), abs=1e-3)


def test_a_point_of_a_curve_explains_its_item(screen: Screen) -> None:
    lab = screen.laboratory
    turn_to(screen, CURVES)
    lab.fusion.panel.form.modes.button("adaptive").click()
    screen.settle()
    pause(50)
    plot = lab.fusion.panel.curves.plot
    assert plot.drawn == 3
    ranking, task = lab.rankings.reply.answer.a.ranking, lab.store.resolved.task
    QTest.mouseClick(plot.canvas, Qt.MouseButton.LeftButton, pos=plot.place(1, 3))
    screen.settle()
    place = int(np.argsort(-ranking.scaled[1], kind="stable")[3])
    nearest = {int(task.gallery_rows[np.argsort(-s, kind="stable")[3]]) for s in ranking.scaled}
    assert lab.store.resolved.why in nearest | {int(task.gallery_rows[place])}
    assert lab.rankings.reply.explanation is not None


def test_a_point_of_the_scatter_asks_its_query(screen: Screen) -> None:
    lab = screen.laboratory
    turn_to(screen, SCATTER)
    judged(screen)
    pause(50)
    scatter = lab.fusion.panel.scatter
    task = lab.store.resolved.task
    assert scatter.plot.drawn == len(task.query_rows) == 16
    mixture = lab.fusions.mixture
    _, made = judge_fusion(
        open_data(task.queries and lab.store.workspace.dataset.source), lab.fusions.request, *NOWHERE
    )
    np.testing.assert_allclose(mixture.weights, made.weights)
    np.testing.assert_allclose(mixture.weights.sum(axis=0), 1)
    # a point that no other covers
    places = [scatter.plot.place(row) for row in range(16)]
    free = next(
        row for row, place in enumerate(places)
        if all((place - other).manhattanLength() > 12 for k, other in enumerate(places) if k != row)
    )  # fmt: skip
    QTest.mouseClick(scatter.plot.canvas, Qt.MouseButton.LeftButton, pos=places[free])
    screen.settle()
    assert lab.store.resolved.query_rows.tolist() == [int(task.query_rows[free])]
    scatter.on_maps.click()
    assert lab.store.resolved.view.colour_by == "figure"


def test_a_cell_of_the_matrix_asks_its_query_and_explains_its_item(screen: Screen) -> None:
    lab = screen.laboratory
    turn_to(screen, MATRIX)
    wait_until(lambda: lab.fusions.drawn is not None, "the matrix")
    pause(50)
    page, task = lab.fusion.panel.matrix, lab.store.resolved.task
    drawn = lab.fusions.drawn
    assert page.plot.drawn == 100  # five of two classes, on both sides
    assert (np.diff(task.query_labels[drawn.subset.queries]) >= 0).all()
    QTest.mouseClick(page.plot.canvas, Qt.MouseButton.LeftButton, pos=page.plot.place(7, 2))
    screen.settle()
    assert lab.store.resolved.query_rows.tolist() == [int(task.query_rows[drawn.subset.queries[7]])]
    assert lab.store.resolved.why == int(task.gallery_rows[drawn.subset.gallery[2]])
    ranking = lab.rankings.reply.answer.a.ranking
    shown = drawn.matrix.fused(None)[7, 2]
    assert shown == pytest.approx(ranking.scores[drawn.subset.gallery[2]], rel=1e-4)
    page.subset.button("selected").click()
    assert page.plot._pages.currentIndex() == 0  # nothing selected yet, and it says so


def test_a_source_lists_its_queries_and_opens_the_worst(screen: Screen) -> None:
    lab = screen.laboratory
    turn_to(screen, GAINS)
    judged(screen)
    gains = lab.fusion.panel.gains
    wait_until(lambda: gains.table.rowCount() == 6, "the lines")
    mixture, fused, task = lab.fusions.mixture, lab.fusions.fused, lab.store.resolved.task
    assert gains.table.item(2, 1).text() == f"{np.nanmean(mixture.ap[1]):.3f}"
    gains.table.cellClicked.emit(2, 0)
    screen.settle()
    worst = int(np.nanargmin(fused - mixture.ap[1]))
    assert lab.store.resolved.query_rows.tolist() == [int(task.query_rows[worst])]
    gains.queries.sort_by(1, descending=True)
    assert int(np.nanargmax(np.round(fused - mixture.ap[1], 12))) in gains.queries.numbers[:3]


def test_one_click_finds_weights_on_seen_classes_and_applies_them(screen: Screen) -> None:
    lab = screen.laboratory
    request = lab.fusions.request
    lab.fusion.panel.form.find_weights.click()
    assert lab.fusion.panel.cancel.isVisible()
    wait_until(lambda: settings(screen).mode == "weighted", "the weights")
    screen.settle()
    found = find_weights(open_data(lab.store.workspace.dataset.source), request, *NOWHERE)
    shown = [row.box.value() for row in lab.fusion.panel.form.rows.rows]
    assert shown == pytest.approx(list(found.weights), abs=2e-3)
    assert sum(shown) == pytest.approx(1)
    assert f"{found.before:.3f} → {found.after:.3f}" in lab.fusion.panel.form.told.text()
    lab.fusion.panel.form.rows.rows[0].slider.setValue(500)
    pause(30)
    assert lab.fusion.panel.form.told.text() == ""  # no longer in force


def test_no_weights_are_found_on_what_is_tested(screen: Screen) -> None:
    lab = screen.laboratory
    lab.bars.query_bar.classes_asked.emit("all", "all")
    screen.settle()
    lab.fusion.panel.form.find_weights.click()
    assert "ask with unseen classes" in lab.fusion.panel.form.told.text()
    assert not [run for run in lab.work.runs if "seen" in run.title]


def test_other_data_forgets_the_fusion(screen: Screen, tmp_path: Path) -> None:
    lab = screen.laboratory
    judged(screen)
    screen.open(write_data(tmp_path / "other", {"drawings": "vector", "words": "vector"}))
    show_dock(screen)
    assert lab is screen.laboratory
    judged(screen)
    assert lab.fusions.mixture.ap.shape == (3, 24)
    lab.fusion.panel.form.find_weights.click()
    assert "no seen and unseen classes" in lab.fusion.panel.form.told.text()


def test_a_source_of_another_space_is_chosen_and_pinned(qtbot: QtBot, tmp_path: Path) -> None:
    screen = Screen(qtbot, warm_up=False)
    screen.open(write_data(tmp_path / "pairs", TWO, items=24))
    lab = screen.laboratory
    space = lab.store.workspace.spaces["shared"]
    lab.store.extend(lab.store.workspace.with_space(replace(space, name="another")))
    show_dock(screen)
    rows = lab.fusion.panel.form.rows.rows
    combo = rows[0].space
    assert [combo.itemData(i) for i in range(combo.count())] == ["", "shared", "another"]
    combo.setCurrentIndex(2)
    combo.activated.emit(2)
    screen.settle()
    assert settings(screen).sources.startswith('knn@"another" + ')
    # pinned to a space by name, a source stays there when ranker A goes there, too
    lab.store.ask(spaces=replace(lab.store.state.spaces, shared="another"))
    screen.settle()
    assert lab.rankings.reply.answer.a.ranking.sources[0] == 'knn@"another"'
    assert lab.fusion.panel.form.rows.rows[0].space.currentText() == "another"
    screen.leave()


def test_data_without_classes_can_be_fused_and_says_what_it_cannot_tell(qtbot: QtBot, tmp_path: Path) -> None:
    screen = Screen(qtbot, warm_up=False)
    screen.open(write_data(tmp_path / "pairs", TWO, items=24, classes=0))
    lab = screen.laboratory
    show_dock(screen)
    lab.fusion.panel.form.rows.rows[0].slider.setValue(700)
    screen.settle()
    judged(screen)
    for figure in (SCATTER, GAINS, MATRIX, CURVES):
        turn_to(screen, figure)
    assert lab.fusion.panel.gains.table.item(0, 1).text() == "–"
    lab.fusion.panel.form.find_weights.click()
    assert "no seen and unseen classes" in lab.fusion.panel.form.told.text()
    screen.leave()
