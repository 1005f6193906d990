"""Training in the real window, with real processes: none of them may outlive a test."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.qt.data_sets import write_data
from tests.qt.screen import Screen, pause, wait_until
from xview.jobs.runs import Status, TrainingRun, find_runs
from xview.qt.panels.training_panel import TrainingPanel
from xview.qt.runs import Runs
from xview.training.names import SELECT

TWO = {"photos": "vector", "notes": "vector"}
LONG = 100_000  # epochs


@pytest.fixture
def runs_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of runs; whatever still trains at the end is killed, and nothing of it may be left."""
    where = tmp_path / "runs"
    monkeypatch.setenv("XVIEW_RUNS", str(where))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    yield where
    for run in find_runs(where):
        run.kill()
    wait_until(lambda: not processes_of(where), "the last run to end")


def processes_of(where: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        words = process.info["cmdline"] or []
        if process.info["status"] != psutil.STATUS_ZOMBIE and any(str(where) in word for word in words):
            found.append(process)
    return found


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_data(tmp_path / "pairs", TWO, items=60, classes=6, unseen=("class-4", "class-5"))


@pytest.fixture
def screen(qtbot: QtBot, runs_at: Path, data: Path) -> Iterator[Screen]:
    made = Screen(qtbot, warm_up=False)
    made.open(data)
    yield made
    for run in made.laboratory.runs.runs:
        run.kill()
    made.leave()


def panel(screen: Screen) -> TrainingPanel:
    return screen.laboratory.training.panel


def runs(screen: Screen) -> Runs:
    return screen.laboratory.runs


def choose_system(screen: Screen, title: str) -> None:
    """Open the dock and click a system."""
    screen.key(Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    wait_until(panel(screen).isVisible, "the dock")
    systems = panel(screen).systems.list
    (item,) = systems.findItems(title, Qt.MatchFlag.MatchExactly)
    systems.scrollToItem(item)
    place = systems.visualItemRect(item).center()
    QTest.mouseClick(systems.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert panel(screen).form.isVisible()


def start(screen: Screen, title: str = "RRF-Net", epochs: int = LONG, name: str = "") -> TrainingRun:
    choose_system(screen, title)
    form = panel(screen).form
    box = form.training.rows["epochs"].field.box
    assert box is not None
    box.setValue(epochs)
    if name:
        form.name.setFocus()
        QTest.keyClicks(form.name, name)
    before = list(runs(screen).runs)
    QTest.mouseClick(form.start, Qt.MouseButton.LeftButton)
    (run,) = [run for run in runs(screen).runs if run not in before]
    return run


def click(screen: Screen, action: str) -> None:
    button = panel(screen).buttons[action]
    wait_until(button.isEnabled, f"{action} to be allowed")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def points(run: TrainingRun) -> int:
    return len(run.curves.get(SELECT, ([], []))[0])


def status(run: TrainingRun, wanted: Status) -> None:
    wait_until(lambda: run.status is wanted, f"{run.name} to be {wanted}, not {run.status}: {run.message}")


def pid_of(run: TrainingRun) -> int:
    return next(p.pid for p in processes_of(run.folder))


def test_from_a_form_to_a_map_a_clone_and_a_comparison(screen: Screen) -> None:
    lab, store = screen.laboratory, screen.laboratory.store
    run = start(screen, epochs=6, name="first try")
    assert run.config["training"]["epochs"] == 6
    wait_until(lambda: points(run) > 0, "the first figures")
    curves = panel(screen).view.curves
    wait_until(lambda: panel(screen).view.curves is not None, "curves on screen")
    status(run, Status.FINISHED)

    # what is drawn is what the run said
    wait_until(lambda: len(runs(screen).alive) == 0, "the end")
    curves = panel(screen).view.curves
    assert curves is not None
    steps, values = run.curves[SELECT]
    drawn = curves.drawn[str(run.folder), SELECT]
    assert drawn[0].tolist() == steps
    assert drawn[1].tolist() == pytest.approx(values)
    (row,) = panel(screen).table.shown()
    assert row.status == "finished"
    assert row.validation == pytest.approx(max(values))

    # its space is there, and on the maps without being asked for
    wait_until(lambda: "first try" in store.workspace.spaces, "the trained space")
    wait_until(lambda: "first try" in lab.maps.views, "its map")
    notice = lab.training.finished.notice
    wait_until(notice.isVisible, "the notice")
    assert "first try" in notice.words.text()
    before = store.resolved.spaces
    assert before is not None
    assert before.shared != "first try"  # nobody asked to rank in it yet
    QTest.mouseClick(notice.show_button, Qt.MouseButton.LeftButton)
    screen.settle()
    assert store.resolved.spaces is not None
    assert store.resolved.spaces.shared == "first try"

    # beside another one
    lab.training.finished.fill_comparisons(notice.compare_menu, run)
    (action,) = [a for a in notice.compare_menu.actions() if a.text() == f"with {before.shared}"]
    action.trigger()
    screen.settle()
    assert store.resolved.spaces.shared == "first try"
    assert store.resolved.other_spaces is not None
    assert store.resolved.other_spaces.shared == before.shared
    assert screen.titles("B")

    # a clone differs by what was changed, and by its name
    click(screen, "clone")
    form = panel(screen).form
    box = form.training.rows["seed"].field.box
    assert box is not None
    box.setValue(7)
    assert [key for key, row in form.training.rows.items() if row.edited] == ["seed"]
    assert not any(row.edited for row in form.settings.rows.values())
    QTest.mouseClick(form.start, Qt.MouseButton.LeftButton)
    (other,) = [r for r in runs(screen).runs if r is not run]
    changed = {key for key in run.config if run.config[key] != other.config[key]}
    assert changed == {"training", "name"}
    assert {k for k, v in run.config["training"].items() if other.config["training"][k] != v} == {"seed"}
    status(other, Status.FINISHED)

    # two at once
    panel(screen).table.choose([str(r.folder) for r in (run, other)])
    assert {key for key, _ in curves.drawn} == {str(run.folder), str(other.folder)}


def test_pause_resume_kill_resume_stop(screen: Screen) -> None:
    lab = screen.laboratory
    run = start(screen)
    wait_until(lambda: points(run) > 2, "figures")
    assert run.alive

    click(screen, "pause")
    status(run, Status.PAUSED)
    paused_at = points(run)
    pause(600)
    assert points(run) == paused_at
    assert not processes_of(run.folder)

    click(screen, "resume")
    status(run, Status.RUNNING)
    wait_until(lambda: points(run) > paused_at + 2, "more figures")
    steps, _ = run.curves[SELECT]
    assert steps == sorted(set(steps))  # one curve, without a seam

    os.kill(pid_of(run), signal.SIGKILL)
    status(run, Status.CRASHED)
    assert "killed" in run.message
    assert "Traceback" not in run.message
    wait_until(lambda: run.name in screen.notice, "the message on screen")
    assert panel(screen).view.head.message.text().startswith("crashed")
    lab.ask_random()
    screen.settle()  # the window goes on

    click(screen, "resume")
    killed_at = points(run)
    wait_until(lambda: points(run) > killed_at, "figures after the crash")
    click(screen, "stop")
    status(run, Status.STOPPED)
    wait_until(lambda: run.name in lab.store.workspace.spaces, "the best epoch's space")


def test_waiting_for_a_turn_and_taken_out_again(screen: Screen) -> None:
    panel(screen).at_once.setValue(1)
    first = start(screen, name="one")
    second = start(screen, name="two")
    assert second.status is Status.WAITING
    assert "turn" in second.message
    wait_until(lambda: first.alive, "the first")
    panel(screen).table.choose([str(first.folder)])
    click(screen, "stop")
    status(second, Status.RUNNING)
    third = start(screen, name="three")
    panel(screen).table.choose([str(third.folder)])
    click(screen, "pause")
    assert not third.queued
    second.kill()
    pause(600)
    assert not runs(screen).alive


def test_runs_from_elsewhere_appear_fail_vanish_and_are_deleted(
    screen: Screen, runs_at: Path, data: Path
) -> None:
    screen.key(Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    assert "No runs yet" in panel(screen)._empty.text()
    config = {"data": str(data), "unseen": None, "system": "rrf_net", "modalities": None, "features": {}}
    bad = TrainingRun.create({**config, "settings": {"dim": -1}, "training": {}, "name": "bad"})
    bad.start()
    wait_until(lambda: [r.name for r in runs(screen).runs] == ["bad"], "the run of somebody else")
    (seen,) = runs(screen).runs
    status(seen, Status.FAILED)
    panel(screen).table.choose([str(bad.folder)])
    wait_until(lambda: "dim" in panel(screen).view.head.message.text(), "why")
    QTest.mouseClick(panel(screen).view.head.details, Qt.MouseButton.LeftButton)
    assert panel(screen).view.log.isVisible()

    # deleting asks first
    click(screen, "delete")
    question = screen.laboratory.training.question
    assert question is not None
    assert "bad" in question.text()
    question.reject()
    assert bad.folder.exists()
    click(screen, "delete")
    question = screen.laboratory.training.question
    assert question is not None
    QTest.mouseClick(question.button(question.StandardButton.Yes), Qt.MouseButton.LeftButton)
    wait_until(lambda: not bad.folder.exists(), "the folder to go")
    wait_until(lambda: not panel(screen).table.shown(), "the row to go")

    # a folder that vanishes under a living run takes nothing with it
    run = start(screen)
    wait_until(lambda: points(run) > 0, "figures")
    process = pid_of(run)
    shutil.rmtree(run.folder)
    wait_until(lambda: run not in runs(screen).runs, "the row to go")
    screen.laboratory.ask_random()
    screen.settle()
    if psutil.pid_exists(process):
        os.kill(process, signal.SIGKILL)
    assert screen.window.isVisible()


@pytest.mark.parametrize("answer", ["keep", "pause", "stop"])
def test_leaving_asks_what_runs_shall_do(
    screen: Screen, qtbot: QtBot, data: Path, runs_at: Path, answer: str
) -> None:
    run = start(screen)
    wait_until(lambda: points(run) > 0, "figures")
    screen.window.close()
    question = screen.window.leaving
    assert screen.window.isVisible()
    assert question is not None
    assert run.name in question.text()
    question.reject()  # Esc: the window stays, the run goes on
    assert screen.window.isVisible()
    assert run.alive

    screen.window.close()
    question = screen.window.leaving
    assert question is not None
    QTest.mouseClick(question.choices[answer], Qt.MouseButton.LeftButton)
    wait_until(lambda: not screen.window.isVisible(), "the window to close")

    def found() -> TrainingRun:
        (only,) = find_runs(runs_at)
        return only

    if answer == "keep":
        there = points(found())
        wait_until(lambda: points(found()) > there + 2, "the run to go on without a window")
        again = Screen(qtbot, warm_up=False)
        again.open(data)
        wait_until(lambda: bool(runs(again).alive), "the next window to find it")
        found().kill()
        wait_until(lambda: not runs(again).alive, "the window to notice")
        again.leave()
    else:
        wanted = Status.PAUSED if answer == "pause" else Status.STOPPED
        wait_until(lambda: found().status is wanted, f"the run to be {wanted}")


def test_what_can_be_done_with_a_finished_run_and_its_end(screen: Screen) -> None:
    lab, store = screen.laboratory, screen.laboratory.store
    run = start(screen, title="CCA", epochs=0) if False else None
    choose_system(screen, "CCA")
    QTest.mouseClick(panel(screen).form.start, Qt.MouseButton.LeftButton)
    (run,) = runs(screen).runs
    status(run, Status.FINISHED)
    wait_until(lambda: "compare" in panel(screen).chosen[0].actions, "its space")
    panel(screen).table.menu_asked.emit(QPoint(10, 10))
    assert [a.text() for a in panel(screen).menu.actions()] == ["Clone", "Compare", "Delete"]
    panel(screen).menu.hide()

    # deleted while it ranks: the window goes back to a space that is there
    lab.training.finished.show_space(run)
    screen.settle()
    assert store.resolved.spaces is not None
    assert store.resolved.spaces.shared == run.name
    click(screen, "delete")
    question = lab.training.question
    assert question is not None
    QTest.mouseClick(question.button(question.StandardButton.Yes), Qt.MouseButton.LeftButton)
    wait_until(lambda: run.name not in store.workspace.spaces, "its space to go")
    screen.settle()
    assert store.resolved.spaces is not None
    assert store.resolved.spaces.shared != run.name
    assert screen.titles()
