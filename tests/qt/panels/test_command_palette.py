from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMainWindow

from xview.qt.panels.command_palette import CommandPalette, ShortcutSheet, closeness


@pytest.fixture
def window(qtbot):
    made = QMainWindow()
    made.resize(800, 600)
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def actions(window):
    made = []
    for name, key in (("Undo", "Ctrl+Z"), ("Next query, worst first", "N"), ("Overlay walk mass", "")):
        action = QAction(name, window)
        action.setShortcuts([QKeySequence(key)] if key else [])
        made.append(action)
    return made


@pytest.mark.parametrize(
    ("typed", "order"),
    [
        ("query", ["Next query"]),
        ("nq", ["Next query"]),
        ("o", ["Open folder", "Undo"]),
        ("xyz", []),
        ("", ["Next query", "Open folder", "Undo"]),
        ("NEXT  q", ["Next query"]),
        ("un", ["Undo"]),
    ],
)
def test_letters_find_commands_nearest_first(typed, order):
    names = ["Next query", "Open folder", "Undo"]
    fitting = [name for name in names if closeness(typed, name) is not None]
    assert sorted(fitting, key=lambda name: closeness(typed, name)) == order


def test_signs_are_letters_too():
    assert closeness("a|b", "Compare A | B") is not None
    assert closeness("(", "Compare A | B") is None


def test_typing_and_enter_run_the_nearest_command(qtbot, window, actions):
    palette = CommandPalette(window)
    palette.open(actions)
    QTest.keyClicks(palette.line, "walk")
    with qtbot.waitSignal(actions[2].triggered):
        QTest.keyClick(palette.line, Qt.Key.Key_Return)
    assert not palette.isVisible()


def test_the_arrows_reach_the_others(qtbot, window, actions):
    palette = CommandPalette(window)
    palette.open(actions)
    for _ in range(5):
        QTest.keyClick(palette.line, Qt.Key.Key_Down)
    QTest.keyClick(palette.line, Qt.Key.Key_Up)
    with qtbot.waitSignal(actions[1].triggered):
        QTest.keyClick(palette.line, Qt.Key.Key_Return)


def test_nothing_fits_and_nothing_happens(window, actions):
    palette = CommandPalette(window)
    palette.open(actions)
    QTest.keyClicks(palette.line, "zzz")
    QTest.keyClick(palette.line, Qt.Key.Key_Return)
    assert palette.isVisible()
    palette.close()


def test_a_disabled_command_is_listed_but_does_not_run(qtbot, window, actions):
    actions[0].setEnabled(False)
    palette = CommandPalette(window)
    palette.open(actions)
    QTest.keyClicks(palette.line, "undo")
    with qtbot.assertNotEmitted(actions[0].triggered):
        QTest.keyClick(palette.line, Qt.Key.Key_Return)
    palette.close()


def test_the_sheet_lists_commands_that_have_keys(qtbot, window, actions):
    sheet = ShortcutSheet(actions, window)
    qtbot.addWidget(sheet)
    model = sheet.table.model()
    listed = {model.index(i, 0).data(): model.index(i, 1).data() for i in range(model.rowCount())}
    assert listed == {"Undo": "Ctrl+Z", "Next query, worst first": "N"}
