"""Judging all queries: started, seen, opened, cancelled, and never of other data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.qt.data_sets import write_data
from tests.qt.screen import Screen, pause, wait_until
from xview.metrics.table import fill
from xview.qt.evaluations import CALM_MS
from xview.retrieval.registry import RANKERS
from xview.session.state import ColourBy
from xview.spaces.library import open_data

TWO = {"photos": "vector", "notes": "vector"}


@pytest.fixture
def screen(qtbot: QtBot, tmp_path: Path) -> Iterator[Screen]:
    made = Screen(qtbot, warm_up=False)
    made.open(write_data(tmp_path / "pairs", TWO, items=40, classes=5, groups=("a", "b", "c")))
    yield made
    made.leave()


def judged(screen: Screen, rows: int) -> None:
    lab = screen.laboratory
    wait_until(lambda: len(lab.evaluations.judgements()) >= rows and not lab.work.runs, f"{rows} rows")


def test_evaluate_fills_the_table_and_a_cell_opens_its_worst_query(screen: Screen) -> None:
    lab, store = screen.laboratory, screen.laboratory.store
    lab.evaluation.panel.run.click()
    assert lab.evaluation.panel.cancel.isVisible()  # progress and a way out
    judged(screen, 2 * len(RANKERS))
    assert lab.evaluation.panel.run.isVisible()
    table = lab.evaluation.panel.table
    assert table.rowCount() == 2 * len(RANKERS)

    # the figures are those of the command line's table
    requests = [request for request, _ in lab.evaluations.judgements()]
    expected = fill(open_data(store.workspace.dataset.source), requests)
    for (request, row), true in zip(lab.evaluations.judgements(), expected, strict=True):
        assert row["measures"]["mAP"] == pytest.approx(true.measures["mAP"])
        np.testing.assert_allclose(lab.evaluations.ap(request), true.evaluations[0].ap)

    # a cell opens its ranker, its direction and the query it answers worst, the maps coloured by it
    place = next(
        k for k, r in enumerate(requests) if r.ranker == "homogeneous" and r.protocol.query == "notes"
    )
    table.cellActivated.emit(place, 2)
    screen.settle()
    assert store.resolved.ranker.name == "homogeneous"
    assert store.resolved.task.protocol.query == "notes"
    assert store.resolved.view.colour_by is ColourBy.AP
    ap = np.asarray(expected[place].evaluations[0].ap)
    worst = int(np.nanargmin(ap))
    assert store.resolved.query_rows.tolist() == [int(store.resolved.task.query_rows[worst])]
    colouring = lab.maps.scenes["notes alone"].colouring(ColourBy.AP, lab.maps._colours._numbers[ColourBy.AP])
    assert colouring.values is not None
    np.testing.assert_allclose(colouring.values[store.resolved.task.query_rows], ap)

    # N and P walk from the worst up and back
    order = [int(store.resolved.task.query_rows[k]) for k in np.argsort(ap, kind="stable")]
    walked = [int(store.resolved.query_rows[0])]
    for key in (Qt.Key.Key_N, Qt.Key.Key_N, Qt.Key.Key_P):
        screen.key(key)
        walked.append(int(store.resolved.query_rows[0]))
    screen.settle()
    assert walked == [order[0], order[1], order[2], order[1]]
    assert lab.results._place.startswith("2 of 40")


def test_a_slider_in_motion_starts_nothing_and_at_rest_one_run(screen: Screen) -> None:
    lab = screen.laboratory
    lab.evaluations.judge_unasked()
    judged(screen, 2 * len(RANKERS))
    started: list[str] = []
    work_start = lab.work.start

    def counting(title, *arguments):
        started.append(title)
        return work_start(title, *arguments)

    lab.work.start = counting  # type: ignore[method-assign]
    slider = lab.bars.parameters.field("lambda").slider
    assert slider is not None
    for tick in range(100, 140):
        slider.setValue(tick)
        pause(20)
    assert started == []
    assert lab.evaluations.ap() is None  # not known for this setting, and not another one's
    judged(screen, 2 * len(RANKERS) + 1)
    pause(2 * CALM_MS)
    assert len(started) == 1
    assert lab.evaluations.ap() is not None
    names = [lab.evaluation.panel.table.item(r, 0).text() for r in range(2 * len(RANKERS) + 1)]
    assert sum("λ" in name for name in names) == 1


def test_cancelled_means_cancelled_and_evaluate_asks_again(screen: Screen) -> None:
    lab = screen.laboratory
    lab.evaluation.panel.run.click()
    lab.evaluation.panel.cancel.click()
    wait_until(lambda: not lab.work.runs, "the cancel")
    pause(2 * CALM_MS)
    assert not lab.work.runs
    assert lab.evaluations.judgements() == []
    lab.evaluation.panel.run.click()
    judged(screen, 2 * len(RANKERS))


def test_judgements_of_other_data_are_dropped(screen: Screen, tmp_path: Path) -> None:
    lab = screen.laboratory
    lab.evaluation.panel.run.click()
    other = write_data(tmp_path / "other", TWO, items=30, classes=3)  # spaces of the same names
    screen.open(other)
    assert lab.evaluations.ap() is None
    judged(screen, 2 * len(RANKERS))
    for _, row in lab.evaluations.judgements():
        assert row["queries"] == 30
    ap = lab.evaluations.ap()
    assert ap is not None
    assert len(ap) == 30


def test_other_rules_have_judgements_of_their_own(screen: Screen) -> None:
    lab, store = screen.laboratory, screen.laboratory.store
    lab.evaluations.judge_unasked()
    judged(screen, 2 * len(RANKERS))
    before = store.resolved.task.protocol
    store.ask(protocol=replace(before, across_groups=False))
    judged(screen, 1)
    assert {request.protocol.across_groups for request, _ in lab.evaluations.judgements()} == {False}
    store.ask(protocol=before)
    assert len(lab.evaluations.judgements()) == 2 * len(RANKERS)
