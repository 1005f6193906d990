"""The window's frame: what is in reach, what keys do, what happens when xview itself fails."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QMessageBox,
    QScrollBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.qt.data_sets import write_data
from tests.qt.screen import Screen, pause, wait_until
from xview.qt import theme
from xview.qt.actions import Command, make_actions
from xview.qt.application import scheme, set_scheme, settings
from xview.qt.maps.canvas import MapCanvas
from xview.qt.maps.scene import Tool
from xview.qt.panels.parts import ElidedLabel
from xview.qt.sideways import Sideways
from xview.qt.welcome import Welcome
from xview.session.places import state_folder
from xview.session.state import ItemsQuery

TWO = {"photos": "image", "notes": "text"}


@pytest.fixture
def screen(qtbot: QtBot, tmp_path: Path) -> Iterator[Screen]:
    made = Screen(qtbot, warm_up=False)
    made.open(write_data(tmp_path / "pairs", TWO, items=40, groups=("a", "b"), unseen=("class-0", "class-1")))
    yield made
    made.leave()


# what is in reach


@pytest.mark.parametrize("width", [1280, 1440])
def test_lambda_stays_in_reach_while_comparing(screen: Screen, width: int) -> None:
    screen.window.resize(width, 720)
    bars = screen.laboratory.bars
    for comparing in (False, True, False):
        bars.rankers.compare.setChecked(not comparing)
        bars.rankers.compare.click()
        screen.settle()
        pause(20)
        assert (screen.laboratory.store.resolved.other is not None) == comparing
        assert bars.parameters.in_bar("lambda")
        field = bars.parameters.field("lambda")
        assert field.isVisible()
        inside = field.mapTo(bars, QPoint(field.width(), 0)).x()
        assert inside <= bars.width()
        assert bars.rankers.switch.isVisible()
    assert screen.window.width() == width


def test_the_strip_of_things_to_try_is_whole_at_1280_and_stays_away_once_closed(screen: Screen) -> None:
    (welcome,) = screen.window.findChildren(Welcome)
    assert welcome.isVisible()
    (words,) = welcome.findChildren(ElidedLabel)
    assert not words.elided
    welcome.close_button.click()
    assert not welcome.isVisible()
    assert not screen.window.wants_welcome()


def test_selecting_moves_neither_window_nor_maps(screen: Screen) -> None:
    before = screen.canvas("shared").geometry(), screen.window.size()
    screen.lasso_all("shared")
    bar = screen.laboratory.maps.selection
    assert bar.isVisible()
    assert (screen.canvas("shared").geometry(), screen.window.size()) == before
    assert screen.laboratory.maps.rect().contains(bar.geometry())
    bar.isolate.click()
    assert screen.laboratory.store.resolved.view.isolated
    bar.clear.click()
    assert not bar.isVisible()
    assert not screen.laboratory.store.resolved.view.isolated


def test_the_window_can_be_small(screen: Screen) -> None:
    screen.window.resize(960, 540)  # full HD at 200 %
    pause(30)
    for dock in screen.window.docks.values():
        dock.raise_()
        pause(60)
        assert screen.window.width() <= 960, dock.windowTitle()
        if isinstance(scrolled := dock.widget(), Sideways):
            assert scrolled.widget().height() == scrolled.viewport().height()  # nothing is cut off below
    for dock in screen.window.docks.values():
        dock.close()
    pause(30)
    screen.window.resize(640, 480)
    pause(30)
    assert screen.window.width() == 640
    bars, maps = screen.laboratory.bars, screen.laboratory.maps
    for control in (maps.strip.colour, maps.strip.all_items, bars.search, bars.parameters.field("lambda")):
        place = control.mapTo(screen.window, QPoint(0, 0))
        assert control.isVisible()
        assert 0 <= place.x() <= 640 - min(control.width(), 100)


def test_every_control_has_a_name(screen: Screen) -> None:
    screen.lasso_all("shared")
    kinds = (QAbstractButton, QComboBox, QLineEdit, QAbstractSlider, QAbstractSpinBox, MapCanvas)
    nameless = []
    for control in screen.window.findChildren(QWidget):
        if not isinstance(control, kinds) or isinstance(control, QScrollBar):
            continue
        if not control.isVisible() or control.focusPolicy() == Qt.FocusPolicy.NoFocus:
            continue
        text = control.text() if isinstance(control, QAbstractButton) else ""
        labelled = any(label.buddy() is control for label in screen.window.findChildren(QLabel))
        if not (control.accessibleName() or text or labelled or control.parent().accessibleName()):
            nameless.append(control)
    assert nameless == []


def test_tab_goes_round_the_whole_window(screen: Screen) -> None:
    screen.laboratory.bars.search.setFocus()
    seen: list[QWidget] = []
    for _ in range(300):
        now = QApplication.focusWidget()
        assert now is not None
        if seen and now is seen[0]:
            break
        seen.append(now)
        QTest.keyClick(now, Qt.Key.Key_Tab)
    assert seen[0] is QApplication.focusWidget(), "Tab is caught somewhere"
    for control in (
        screen.canvas("shared"),
        screen.laboratory.maps.strip.colour,
        screen.laboratory.results.results.list_of("A"),
    ):
        assert control in seen


# keys


def test_letters_typed_into_fields_are_letters(screen: Screen) -> None:
    store, search = screen.laboratory.store, screen.laboratory.bars.search
    before = store.state
    screen.key(Qt.Key.Key_Slash)
    assert QApplication.focusWidget() is search
    QTest.keyClicks(search, "n p 1 2 c g s x r q ?0")
    assert search.text() == "n p 1 2 c g s x r q ?0"
    QTest.keyClick(search, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)  # undoes typing, not the view
    box = screen.laboratory.bars.parameters.field("lambda").box
    box.setFocus()
    box.selectAll()
    QTest.keyClicks(box, "0.2")
    assert store.state == before
    QTest.keyClick(box, Qt.Key.Key_Return)
    pause(20)
    assert store.resolved.ranker.settings.to_mapping()["lambda"] == 0.2


def test_after_a_question_in_words_keys_are_commands_again(screen: Screen) -> None:
    lab = screen.laboratory
    lab.bars.search.setFocus()
    QTest.keyClicks(lab.bars.search, "notes 7")
    QTest.keyClick(lab.bars.search, Qt.Key.Key_Return)
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, Qt.Key.Key_1)
    assert lab.store.resolved.ranker.name == "knn"
    assert lab.bars.search.text() == "notes 7"


def test_every_key_is_told_and_no_two_commands_share_one(screen: Screen) -> None:
    actions = screen.window.actions_by_name
    keys = [key.toString() for action in actions.values() for key in action.shortcuts()]
    assert len(keys) == len(set(keys))
    assert len(keys) >= 25
    for action in actions.values():
        assert action.toolTip()
        for key in action.shortcuts():
            assert not key.isEmpty(), action.text()
    with pytest.raises(ValueError, match="share Ctrl"):
        make_actions(
            tuple(Command(name, "File", name, lambda: None, ("Ctrl+K",)) for name in "ab"), screen.window
        )


def test_tools_are_shared_by_all_maps_and_escape_clears_in_steps(screen: Screen) -> None:
    lab = screen.laboratory
    screen.key(Qt.Key.Key_S)
    assert {view.canvas.tool for view in lab.maps.views.values()} == {Tool.LASSO}
    screen.key(Qt.Key.Key_G)
    assert {view.canvas.tool for view in lab.maps.views.values()} == {Tool.PAN}
    screen.lasso_all("shared")
    screen.key(Qt.Key.Key_Escape)
    assert lab.store.resolved.view.selection == ()
    assert lab.store.resolved.query is not None
    screen.key(Qt.Key.Key_Escape)
    assert lab.store.resolved.query is None


def test_escape_in_the_search_field_leaves_it_and_the_query(screen: Screen) -> None:
    store, search = screen.laboratory.store, screen.laboratory.bars.search
    before = store.state
    search.setFocus()
    QTest.keyClicks(search, "no")
    QTest.keyClick(search, Qt.Key.Key_Escape)
    assert search.text() == ""
    assert QApplication.focusWidget() is not search
    assert store.state == before


def test_words_in_the_clipboard_are_pasted_into_the_search_field(screen: Screen) -> None:
    QApplication.clipboard().setText("a hot drink\n")
    screen.key(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert screen.laboratory.bars.search.text() == "a hot drink"
    assert QApplication.focusWidget() is screen.laboratory.bars.search


def test_menus_mark_what_is_in_force(screen: Screen) -> None:
    screen.key(Qt.Key.Key_2)
    screen.key(Qt.Key.Key_S)
    screen.laboratory.store.ask(method="pca")
    marked = set()
    for action in screen.window.menuBar().actions():
        menu = action.menu()
        menu.aboutToShow.emit()  # type: ignore[attr-defined]
        marked |= {entry.text() for entry in menu.actions() if entry.isChecked()}  # type: ignore[attr-defined]
    wanted = {
        "Homogeneous",
        "Drag: lasso",
        "Project by pca",
        "Colour by class",
        "Overlay hits",
        "Theme: system",
    }
    assert wanted <= marked
    assert not {"Heterogeneous", "Drag: pan", "Project by umap", "Compare A | B"} & marked


# the pointer


def test_hovering_rings_the_item_on_every_map_and_lights_its_result(screen: Screen) -> None:
    lab = screen.laboratory
    gallery = lab.store.resolved.task.protocol.gallery
    row = int(lab.store.resolved.task.gallery_rows[2])
    canvas = screen.canvas("shared")
    (point,) = lab.maps.scenes["shared"].points(gallery, [row])
    place = canvas.place_of(int(point))
    if canvas.pick(place) != point:  # another item lies on it
        row = lab.maps.scenes["shared"].item(canvas.pick(place))[1]
        gallery = lab.maps.scenes["shared"].item(canvas.pick(place))[0]
    heard = []
    lab.maps.hovered.connect(lambda modality, row: heard.append((modality, row)))
    QTest.mouseMove(canvas, place.toPoint())
    wait_until(lambda: heard, "the hover")
    assert heard[-1] == (gallery, row)
    own = screen.canvas(f"{gallery} alone")
    assert own._ringed == row
    wait_until(lambda: canvas.hover.card is not None and canvas.hover.card.isVisible(), "the card")
    QTest.mouseMove(canvas, QPoint(2, 2))
    wait_until(lambda: own._ringed == -1, "the ring to go")


# faults of ours


def test_a_fault_is_shown_once_and_the_window_lives(screen: Screen) -> None:
    def fail() -> None:
        raise RuntimeError("a bug")

    for _ in range(3):
        try:
            fail()
        except RuntimeError as error:
            screen.window.faults.show_error(error)
    (box,) = screen.window.findChildren(QMessageBox)
    assert "a bug" in box.text()
    assert "Traceback" in box.detailedText()
    box.accept()
    screen.come_back()
    screen.key(Qt.Key.Key_1)
    screen.settle()
    assert screen.laboratory.store.resolved.ranker.name == "knn"
    with pytest.raises(ZeroDivisionError):
        _ = 1 / 0


FAILING = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QMessageBox, QWidget
from xview.qt.application import make_application
from xview.qt.window import MainWindow

class Broken(QWidget):
    def paintEvent(self, event):
        painter = QPainter(self)
        painter.drawLine(0, 0, 9, 9)
        raise RuntimeError("cannot paint")

app = make_application()
window = MainWindow(keep_session=False, warm_up=False)
sys.excepthook = window.faults.show
broken = Broken()
window.setCentralWidget(broken)
window.show()
clock = QTimer(interval=10)
clock.timeout.connect(broken.update)
clock.start()
QTimer.singleShot(300, lambda: (print(len(window.findChildren(QMessageBox))), app.quit()))
status = app.exec()
window.close()
sys.exit(status)
"""


def test_a_paint_event_that_fails_does_not_take_the_window_with_it() -> None:
    done = subprocess.run([sys.executable, "-c", FAILING], capture_output=True, encoding="utf-8", timeout=60)
    assert (done.returncode, done.stdout.strip()) == (0, "1"), done.stderr[-2000:]
    assert done.stderr.count("cannot paint") > 5
    assert "active painter" not in done.stderr


# files and layout


def test_maps_are_saved_and_where_that_fails_it_is_told(
    screen: Screen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "out").mkdir()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "out"))
    screen.window.actions_by_name["export-maps"].trigger()
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {
        f"{s}.{kind}" for s in ("photos-alone", "notes-alone", "shared") for kind in ("png", "svg")
    }
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "gone"))
    screen.window.actions_by_name["export-maps"].trigger()
    assert "gone" in screen.notice


def test_the_report_of_what_is_on_screen_is_written(
    screen: Screen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "out").mkdir()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "out"))
    told: list[str] = []
    screen.laboratory.told.connect(lambda _level, words: told.append(words))
    screen.window.actions_by_name["report"].trigger()
    wait_until(lambda: told, "the report")
    assert told == [f"the report is {tmp_path / 'out' / 'index.html'}"]
    assert "<html" in (tmp_path / "out" / "index.html").read_text("utf-8")


def test_a_session_that_cannot_be_saved_is_told(
    screen: Screen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "file" / "a"), ""))
    screen.window.actions_by_name["save"].trigger()
    assert "could not be saved" in screen.notice


def test_a_pasted_picture_asks_and_is_there_after_a_restart(screen: Screen) -> None:
    screen.laboratory.ask_picture_bytes(b"\x89PNG\r\n\x1a\n")
    query = screen.laboratory.store.resolved.query
    assert not isinstance(query, ItemsQuery)
    assert query is not None
    assert Path(query.path).parent == state_folder() / "pasted"  # type: ignore[union-attr]
    assert Path(query.path).read_bytes() == b"\x89PNG\r\n\x1a\n"  # type: ignore[union-attr]


def test_the_theme_is_worn_and_remembered(qtbot: QtBot) -> None:
    settings().setValue("scheme", "plaid")
    assert scheme() is theme.Scheme.SYSTEM
    set_scheme(theme.Scheme.DARK)
    assert theme.current() is theme.DARK
    assert scheme() is theme.Scheme.DARK
    set_scheme(theme.Scheme.LIGHT)
    assert theme.current() is theme.LIGHT


def test_without_any_data_the_window_says_so_and_waits(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xview.qt.opening.FIRST_DATA", str(tmp_path / "no bundled data"))
    screen = Screen(qtbot, warm_up=False)
    screen.window.start(str(tmp_path / "nothing"))
    wait_until(lambda: "Drop a folder" in screen.window._greeting.text(), "both refusals")
    assert "nothing" in screen.window._greeting.text()
    assert "no bundled data" in screen.window._greeting.text()
    screen.window.take_file(write_data(tmp_path / "pairs", TWO))
    wait_until(lambda: screen.window.children(), "the dialog")
    screen.open(tmp_path / "pairs")
    assert screen.titles()
    screen.leave()
