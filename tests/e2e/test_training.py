"""Training as a user meets it: bundled data, a system, a learned space to ask in, and the next morning."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.qt.screen import Screen, wait_until
from xview.jobs.runs import Status, find_runs
from xview.training.names import SELECT

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def runs_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    where, scratch = tmp_path / "runs", tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("XVIEW_RUNS", str(where))
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    yield where
    for run in find_runs(where):
        run.kill()
    assert list(scratch.iterdir()) == []


def test_a_learned_space_of_the_bundled_data_is_there_the_next_morning(qtbot: QtBot, runs_at: Path) -> None:
    screen = Screen(qtbot, keep_session=True, warm_up=False)
    screen.open("emoji")
    lab, store, panel = screen.laboratory, screen.laboratory.store, screen.laboratory.training.panel
    screen.key(Qt.Key.Key_T, CONTROL)
    systems = panel.systems.list
    (item,) = systems.findItems("CCA", Qt.MatchFlag.MatchExactly)
    systems.scrollToItem(item)
    place = systems.visualItemRect(item).center()
    QTest.mouseClick(systems.viewport(), Qt.MouseButton.LeftButton, pos=place)
    QTest.keyClicks(panel.form.name, "evening")
    QTest.mouseClick(panel.form.start, Qt.MouseButton.LeftButton)
    (run,) = lab.runs.runs
    wait_until(lambda: run.status is Status.FINISHED, f"the run to finish, not {run.status}: {run.message}")
    wait_until(lab.training.finished.notice.isVisible, "the notice")
    QTest.mouseClick(lab.training.finished.notice.show_button, Qt.MouseButton.LeftButton)
    screen.settle()
    assert store.resolved.spaces is not None
    assert store.resolved.spaces.shared == "evening"
    assert store.workspace.spaces["evening"].dimension == 64
    assert 0 < run.best[SELECT] < 1
    titles = screen.titles()
    screen.leave()  # nothing trains: nothing is asked

    again = Screen(qtbot, warm_up=False)
    again.open(fresh=False)
    resolved = again.laboratory.store.resolved
    assert resolved.spaces is not None
    assert resolved.spaces.shared == "evening"
    assert again.titles() == titles
    wait_until(lambda: [r.name for r in again.laboratory.runs.runs] == ["evening"], "yesterday's run")
    (kept,) = again.laboratory.runs.runs
    assert kept.status is Status.FINISHED
    np.testing.assert_allclose(kept.best[SELECT], run.best[SELECT])
    again.leave()


LOOK_AROUND = """
import sys
from PySide6.QtCore import QEventLoop, QTimer
from xview.models.registry import SYSTEMS
from xview.qt.window import MainWindow, make_application

app = make_application()
window = MainWindow(keep_session=False, warm_up=False)
window.show()
window.start("emoji", fresh=True)
while window.laboratory is None or not window.laboratory.idle:
    app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)
window.actions_by_name["train"].trigger()
for name in SYSTEMS:
    window.laboratory.training.show_form(name)
    app.processEvents()
window.close()
print(sorted({"torch", "umap"} & set(sys.modules)))
"""


def test_every_form_is_made_without_torch() -> None:
    done = subprocess.run([sys.executable, "-c", LOOK_AROUND], capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["[]"]
