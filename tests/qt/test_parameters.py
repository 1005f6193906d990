"""The parameter lab: a sweep by the real worker, a click that sets the ranker, a mark that follows."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.qt.data_sets import write_data
from tests.qt.screen import Screen, wait_until
from xview.data.protocol import Classes
from xview.errors import DataError
from xview.metrics.retrieval import MEASURES
from xview.metrics.sweep import sweep
from xview.qt.panels.parameters import ParametersPanel
from xview.qt.panels.parameters_figure import SweepFigure
from xview.qt.panels.parameters_list import SweepList
from xview.retrieval.walk_settings import WalkSettings
from xview.spaces.library import open_data

TWO = {"photos": "vector", "notes": "vector"}


@pytest.fixture
def screen(qtbot: QtBot, tmp_path: Path) -> Iterator[Screen]:
    made = Screen(qtbot, warm_up=False)
    made.open(write_data(tmp_path / "pairs", TWO, items=40, classes=8, unseen=("class-6", "class-7")))
    made.window.resize(1280, 800)
    shown(made)
    yield made
    made.leave()


def shown(screen: Screen) -> ParametersPanel:
    """The dock, in front."""
    dock = next(d for d in screen.window.docks.values() if d.windowTitle() == "Parameters")
    dock.show()
    dock.raise_()
    wait_until(lambda: screen.laboratory.parameters.panel.isVisible(), "the dock")
    return screen.laboratory.parameters.panel


def run(screen: Screen, first: int, second: int = 0, key: str = "alpha") -> None:
    panel, work = screen.laboratory.parameters.panel, screen.laboratory.work
    panel.first.count.setValue(first)
    if second:
        choose(panel.second.setting, key)
        panel.second.count.setValue(second)
    before = len(screen.laboratory.sweeps.kept)
    panel.run.click()
    assert panel.cancel.isVisible() and not panel.run.isVisible()  # progress and a way out
    wait_until(lambda: screen.laboratory.sweeps.run_in_hand is None and not work.runs, "the sweep")
    assert len(screen.laboratory.sweeps.kept) == before + 1 and panel.run.isVisible()


def choose(box, key: str) -> None:
    """As a person picks an entry of a list."""
    place = next(i for i in range(box.count()) if getattr(box.itemData(i), "key", "") == key)
    box.setCurrentIndex(place)
    box.activated.emit(place)


def click(figure: SweepFigure, first: int, second: int = -1) -> None:
    if second < 0:
        at = figure.curves.place(figure.curves.drawn - 1, first)
        QTest.mouseClick(figure.curves.canvas, Qt.MouseButton.LeftButton, pos=at)
    else:
        rows = figure.drawn[0].request.shape[1]
        at = figure.map.place(rows - 1 - second, first)
        QTest.mouseClick(figure.map.canvas, Qt.MouseButton.LeftButton, pos=at)


def test_a_curve_is_what_the_library_finds_and_a_point_sets_the_setting(screen: Screen) -> None:
    lab, panel = screen.laboratory, screen.laboratory.parameters.panel
    run(screen, 5)
    (found,) = lab.sweeps.kept.values()
    expected = sweep(open_data(lab.store.workspace.dataset.source), found.request)
    for name in MEASURES:
        np.testing.assert_array_equal(found.measures[name], expected.measures[name])
    assert panel.figure.curves.drawn == 2  # the curve, and k-NN's level
    assert "best" in panel.summary.text() and "k-NN" in panel.summary.text()

    assert lab.store.resolved.ranker.settings.lam == 0.5
    click(panel.figure, 1)
    assert lab.store.resolved.ranker.settings.lam == 0.25
    assert panel.figure.curves._marked == 0.25
    screen.settle()
    assert lab.rankings.reply.answer.resolved.ranker.settings.lam == 0.25  # the ranking followed
    assert lab.bars.parameters.field("lambda").box.value() == 0.25

    # the mark follows a slider moved elsewhere, and undo
    lab.bars.parameters.field("lambda").slider.setValue(160)
    wait_until(lambda: lab.store.resolved.ranker.settings.lam == 0.8, "the slider")
    assert panel.figure.curves._marked == pytest.approx(0.8)
    lab.store.undo()
    assert panel.figure.curves._marked == 0.25
    screen.settle()


def test_a_map_fills_and_a_cell_sets_both_settings(screen: Screen) -> None:
    lab, panel = screen.laboratory, screen.laboratory.parameters.panel
    run(screen, 3, 4)
    (found,) = lab.sweeps.kept.values()
    assert panel.figure.map.drawn == 12 and found.request.shape == (3, 4)
    lambdas, alphas = (axis.values for axis in found.request.axes)
    click(panel.figure, 2, 1)
    settings = lab.store.resolved.ranker.settings
    assert (settings.lam, settings.alpha) == (lambdas[2], alphas[1]) == (1.0, pytest.approx(0.937, abs=0.001))
    assert panel.figure.map._marked == (2, 2)  # row 0 is on top, the last alpha there
    # hovering tells the same cell
    told = panel.figure._tell(2, 2)
    assert f"{found.measures['mAP'][2, 1]:.3f}".lstrip("0") in told and "λ 1" in told
    # beyond the map there is no mark
    lab.store.ask(settings=lab.store.state.with_settings("heterogeneous", replace(settings, alpha=0.1)))
    assert panel.figure.map._marked is None
    # another measure is another map
    panel.measure.setCurrentText("rank1")
    panel.measure.activated.emit(panel.measure.currentIndex())
    np.testing.assert_array_equal(panel.figure.map._values, found.measures["rank1"].T[::-1])
    screen.settle()


def test_curves_of_several_rankers_lie_over_each_other(screen: Screen) -> None:
    lab, panel = screen.laboratory, screen.laboratory.parameters.panel
    run(screen, 3)
    lab.bars.rankers.switch.button("homogeneous").click()
    assert panel.ranker.currentData() == "homogeneous"  # follows A
    run(screen, 5)
    assert [panel.sweeps.list.item(i).text() for i in range(2)] == ["Heterogeneous · λ", "Homogeneous · λ"]
    assert panel.figure.curves.drawn == 3
    panel.sweeps.list.item(0).setCheckState(Qt.CheckState.Unchecked)
    assert panel.figure.curves.drawn == 2
    panel.sweeps.list.item(0).setCheckState(Qt.CheckState.Checked)
    panel.sweeps.remove.click()  # the one chosen: the newest
    assert [request.request.ranker for request in lab.sweeps.kept] == ["heterogeneous"]
    assert panel.sweeps.list.count() == 1 and panel.figure.curves.drawn == 2
    # a ranker with nothing to sweep over leaves the choice as it is
    lab.bars.rankers.switch.button("knn").click()
    assert panel.ranker.currentData() == "homogeneous"
    screen.settle()


def test_unseen_classes_are_said_to_be_no_ground_to_choose_on(screen: Screen) -> None:
    lab, panel = screen.laboratory, screen.laboratory.parameters.panel
    assert "not for choosing" in panel.told.text()
    panel.parts.button(Classes.SEEN).click()
    assert "choosing" not in panel.told.text()
    run(screen, 2)
    (request,) = lab.sweeps.kept
    protocol = request.request.protocol
    assert protocol.query_classes is Classes.SEEN and protocol.gallery_classes is Classes.SEEN
    assert lab.store.resolved.task.protocol.query_classes is Classes.UNSEEN  # the window's own stays


def test_what_is_no_range_cannot_be_run(screen: Screen) -> None:
    panel = screen.laboratory.parameters.panel
    panel.first.ends[0].setValue(1.0)
    assert not panel.run.isEnabled() and "smaller number" in panel.told.text()
    panel.first.ends[0].setValue(0.25)
    assert panel.run.isEnabled()
    choose(panel.second.setting, "lambda")
    assert not panel.run.isEnabled() and "twice" in panel.told.text()
    choose(panel.second.setting, "k")
    assert panel.run.isEnabled() and "121 cells" in panel.told.text()
    assert all(isinstance(value, int) for value in panel.axes()[1].values)


def test_a_cancelled_sweep_keeps_its_cells_and_other_data_drops_them(screen: Screen, tmp_path: Path) -> None:
    lab, panel = screen.laboratory, screen.laboratory.parameters.panel
    choose(panel.first.setting, "gamma")
    choose(panel.second.setting, "k")
    panel.first.count.setValue(101)
    panel.second.count.setValue(101)
    panel.run.click()
    wait_until(lambda: lab.sweeps.kept, "the first cells")
    assert panel.figure.map.drawn > 0
    panel.cancel.click()
    wait_until(panel.run.isVisible, "the end")
    (part,) = lab.sweeps.kept.values()
    assert 0 < np.isfinite(part.measures["mAP"]).sum() < 101 * 39
    panel.run.click()
    screen.open(write_data(tmp_path / "others", TWO, items=24))
    assert not lab.sweeps.kept and panel.sweeps.list.count() == 0 and panel.run.isVisible()
    assert panel.parts.isHidden()  # without a split there is nothing to part
    wait_until(lambda: not lab.work.runs, "the worker")
    assert not lab.sweeps.kept


def test_figures_and_pictures_are_saved(screen: Screen, tmp_path: Path) -> None:
    lab, panel = screen.laboratory, screen.laboratory.parameters.panel
    run(screen, 3)
    (found,) = lab.sweeps.kept.values()
    panel.save(tmp_path / "sweep.csv")
    with (tmp_path / "sweep.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["ranker"], row["lambda"]) for row in rows] == [
        *(("heterogeneous", value) for value in ("0.0", "0.5", "1.0")),
        ("knn", ""),
    ]
    assert [float(row["mAP"]) for row in rows[:3]] == found.measures["mAP"].tolist()
    assert float(rows[3]["rank1"]) == found.level["rank1"]
    panel.save(tmp_path / "sweep.png")
    panel.save(tmp_path / "sweep.svg")
    assert not QImage(str(tmp_path / "sweep.png")).isNull()
    assert "<svg" in (tmp_path / "sweep.svg").read_text("utf-8")
    with pytest.raises(DataError, match=r"\.csv, \.png or \.svg"):
        panel.save(tmp_path / "sweep.pdf")
    with pytest.raises(DataError, match="cannot write"):
        panel.save(tmp_path / "nowhere" / "sweep.csv")


def test_settings_changed_since_are_told(screen: Screen) -> None:
    lab, panel = screen.laboratory, screen.laboratory.parameters.panel
    run(screen, 3)
    assert "measured with" not in panel.summary.text()
    lab.store.ask(settings=lab.store.state.with_settings("heterogeneous", WalkSettings(k=7)))
    assert "measured with k 30" in panel.summary.text()
    click(panel.figure, 0)  # a point means all of its settings
    assert lab.store.resolved.ranker.settings == WalkSettings(lam=0)
    screen.settle()


def test_a_list_without_sweeps_says_what_will_stand_there(qtbot: QtBot) -> None:
    sweeps = SweepList()
    qtbot.addWidget(sweeps)
    sweeps.show()
    sweeps.show_sweeps(())
    assert sweeps.empty.isVisible() and "sweep" in sweeps.empty.text()
    assert not sweeps.list.isVisible() and not sweeps.remove.isVisible()
