"""History, log, spaces, running work."""

from __future__ import annotations

from datetime import datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from xview.qt.panels.history import HistoryEntry, HistoryPanel
from xview.qt.panels.log import KEPT, LogPanel
from xview.qt.panels.parts import Choice
from xview.qt.panels.progress import ProgressStrip, WorkInfo, duration
from xview.qt.panels.spaces_list import SpaceInfo, SpacesList

ENTRIES = tuple(HistoryEntry(title=f"query {i}", key="images", row=i) for i in range(3))


@pytest.fixture
def history(qtbot, thumbnails):
    made = HistoryPanel(thumbnails)
    made.resize(200, 300)
    qtbot.addWidget(made)
    made.show()
    made.show_history(ENTRIES, 2)
    return made


def test_the_newest_query_stands_first_and_a_click_asks_again(qtbot, history):
    assert history.describe(0) == "query 2"
    assert history.current == 0
    with qtbot.waitSignal(history.asked) as asked:
        QTest.mouseClick(history.viewport(), Qt.MouseButton.LeftButton, pos=history.box(2).center())
    assert asked.args == [0]


def test_walking_the_history_by_keyboard_asks_only_with_enter(qtbot, history):
    history.setFocus()
    with qtbot.assertNotEmitted(history.asked, wait=20):
        QTest.keyClick(history, Qt.Key.Key_Down)
    with qtbot.waitSignal(history.asked) as asked:
        QTest.keyClick(history, Qt.Key.Key_Return)
    assert asked.args == [1]


@pytest.fixture
def log(qtbot):
    made = LogPanel()
    qtbot.addWidget(made)
    made.show()
    return made


def shown(log):
    items = [log.lines.topLevelItem(i) for i in range(log.lines.topLevelItemCount())]
    return [item.text(2) for item in items if not item.isHidden()]


def test_messages_are_filtered_by_level_also_those_that_come_later(qtbot, log):
    log.add("info", "opened")
    log.add("warning", "cancelled")
    log.add("error", "unreadable")
    qtbot.mouseClick(log.levels.button("warning"), Qt.MouseButton.LeftButton)
    log.add("info", "saved")
    assert shown(log) == ["cancelled", "unreadable"]
    qtbot.mouseClick(log.levels.button("info"), Qt.MouseButton.LeftButton)
    assert shown(log) == ["opened", "cancelled", "unreadable", "saved"]


def test_messages_are_copied_with_time_and_all_their_lines(qtbot, log):
    log.add("error", "first line\nsecond line", datetime(2024, 5, 6, 7, 8, 9))
    assert shown(log) == ["first line second line"]
    qtbot.mouseClick(log.copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "07:08:09 error first line\nsecond line"


def test_only_the_newest_messages_are_kept(log):
    for i in range(KEPT + 3):
        log.add("info", f"message {i}")
    assert log.lines.topLevelItemCount() == KEPT
    assert shown(log)[0] == "message 3"
    log.clear.click()
    assert shown(log) == []


SPACES = (
    SpaceInfo(name="sketches", modalities=("sketches",), count=3084, dimension=1280, method="umap"),
    SpaceInfo(
        name="shared (cca)",
        modalities=("sketches", "images"),
        count=6168,
        dimension=64,
        shown=False,
        method="pca",
        used_as="shared",
    ),
)


@pytest.fixture
def spaces(qtbot):
    made = SpacesList([Choice("umap", "UMAP"), Choice("pca", "PCA")])
    qtbot.addWidget(made)
    made.resize(180, 400)
    made.show()
    made.show_spaces(SPACES)
    return made


def test_a_space_is_shown_hidden_projected_and_used(qtbot, spaces):
    row = spaces.rows["shared (cca)"]
    assert not row.box.isChecked()
    with qtbot.waitSignal(spaces.shown_asked) as asked:
        qtbot.mouseClick(row.box, Qt.MouseButton.LeftButton)
    assert asked.args == ["shared (cca)", True]
    actions = {action.text(): action for action in row.method.menu().actions()}
    with qtbot.waitSignal(spaces.method_asked) as asked:
        actions["UMAP"].trigger()
    assert asked.args == ["shared (cca)", "umap"]
    with qtbot.waitSignal(spaces.use_asked) as asked:
        actions["Use this space for ranking"].trigger()
    assert asked.args == ["shared (cca)"]


@pytest.mark.parametrize("width", [250, 140])
def test_the_size_of_a_space_is_told_whole_in_a_narrow_dock(qtbot, spaces, width):
    spaces.resize(width, 400)
    qtbot.wait(20)
    row = spaces.rows["sketches"]
    assert not row._size.elided and row.rect().contains(row.method.geometry())
    assert (row.method.y() > row._size.geometry().bottom()) == (width < 200)


def test_a_refused_tick_goes_back(spaces):
    spaces.shown_asked.connect(lambda *_: spaces.show_spaces(SPACES))
    spaces.rows["sketches"].box.click()
    assert spaces.rows["sketches"].box.isChecked()


def test_spaces_come_and_go_and_known_rows_stay(spaces):
    row = spaces.rows["sketches"]
    spaces.show_spaces(SPACES[:1])
    assert list(spaces.rows) == ["sketches"]
    assert spaces.rows["sketches"] is row
    told = " ".join(w.text() for w in row.findChildren(QLabel))
    assert "3,084 × 1280" in told
    spaces.show_spaces(())
    assert any("No spaces" in w.text() and w.isVisible() for w in spaces.findChildren(QLabel))


def test_running_work_is_named_and_cancelled_by_name(qtbot):
    strip = ProgressStrip()
    qtbot.addWidget(strip)
    strip.show_work([WorkInfo("a", "UMAP", 0.5, 70), WorkInfo("b", "PCA"), WorkInfo("c", "t-SNE")])
    strip.show()
    told = [w.text() for w in strip.findChildren(QLabel) if w.isVisible()]
    assert "UMAP" in told and "1 min 10 s left" in told and "+ 1 more" in told
    cancel = next(w for w in strip.findChildren(object) if getattr(w, "name", "") == "b").cancel
    with qtbot.waitSignal(strip.cancel_asked) as asked:
        qtbot.mouseClick(cancel, Qt.MouseButton.LeftButton)
    assert asked.args == ["b"]
    strip.show_work([])
    assert not [w for w in strip.findChildren(QLabel) if w.isVisible()]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 s"), (59.4, "59 s"), (130, "2 min 10 s"), (1500, "25 min"), (3900, "1 h 5 min")],
)
def test_times_are_told_as_people_do(seconds, words):
    assert duration(seconds) == words
