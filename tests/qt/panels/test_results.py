from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from tests.qt.panels.conftest import ranking
from xview.qt.panels.results import ResultsPanel
from xview.qt.theme import DARK, LIGHT


@pytest.fixture
def panel(qtbot, thumbnails):
    made = ResultsPanel(thumbnails)
    made.resize(320, 600)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def click(panel, side, row, button=Qt.MouseButton.LeftButton):
    ranked = panel.list_of(side)
    QTest.mouseClick(ranked.viewport(), button, pos=ranked.rect_of(row).center())


def test_a_click_chooses_and_a_double_click_asks(qtbot, panel):
    panel.show_results(ranking([7, 3, 5]))
    with qtbot.waitSignal(panel.chosen) as chosen:
        click(panel, "A", 3)
    assert chosen.args == [3, "A"]
    ranked = panel.list_of("A")
    with qtbot.waitSignal(panel.asked) as asked:
        QTest.mouseDClick(ranked.viewport(), Qt.MouseButton.LeftButton, pos=ranked.rect_of(5).center())
    assert asked.args == [5]


def test_the_gaps_belong_to_no_item(qtbot, panel):
    panel.show_results(ranking([7, 3, 5]))
    below = panel.list_of("A").rect_of(5).bottomLeft() + QPoint(5, 40)
    with qtbot.assertNotEmitted(panel.chosen):
        QTest.mouseClick(panel.list_of("A").viewport(), Qt.MouseButton.LeftButton, pos=below)


def test_the_keyboard_walks_the_list_and_enter_asks(qtbot, panel):
    panel.show_results(ranking(np.arange(100, 0, -1)))
    ranked = panel.list_of("A")
    ranked.setFocus()
    walked = []
    panel.chosen.connect(lambda row, _side: walked.append(row))
    for key in (
        Qt.Key.Key_Down,
        Qt.Key.Key_Down,
        Qt.Key.Key_Up,
        Qt.Key.Key_End,
        Qt.Key.Key_Down,
        Qt.Key.Key_Home,
    ):
        QTest.keyClick(ranked, key)
    assert walked == [100, 99, 100, 1, 1, 100]
    QTest.keyClick(ranked, Qt.Key.Key_End)
    assert ranked.viewport().rect().contains(ranked.rect_of(1))
    with qtbot.waitSignal(panel.asked) as asked:
        QTest.keyClick(ranked, Qt.Key.Key_Return)
    assert asked.args == [1]
    QTest.keyClick(ranked, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "id-1"
    assert "item 1" in ranked.accessibleDescription()


def test_hovering_one_list_lights_the_same_item_in_the_other(qtbot, panel):
    panel.resize(600, 600)
    panel.show_results(ranking([0, 1, 2]), ranking([2, 1, 0], title="k-NN"))
    a, b = panel.list_of("A"), panel.list_of("B")
    before = b.viewport().grab(b.rect_of(2)).toImage()
    with qtbot.waitSignal(panel.hovered) as hovered:
        QTest.mouseMove(a.viewport(), a.rect_of(2).center())
    assert hovered.args == [2]
    assert b.viewport().grab(b.rect_of(2)).toImage() != before


def test_choosing_in_one_list_marks_it_in_the_other(qtbot, panel):
    panel.resize(600, 400)
    rows = np.arange(200)
    panel.show_results(ranking(rows), ranking(rows[::-1]))
    a, b = panel.list_of("A"), panel.list_of("B")
    click(panel, "A", 3)
    assert b.current_row == 3
    assert a.verticalScrollBar().value() == 0  # scrolling together must not carry A away from the click
    panel.together.click()
    click(panel, "A", 4)
    assert b.viewport().rect().contains(b.rect_of(4))
    assert a.verticalScrollBar().value() == 0


def test_lists_scroll_together_until_told_otherwise(panel):
    panel.resize(600, 400)
    panel.show_results(ranking(np.arange(200)), ranking(np.arange(40)))
    a, b = (panel.list_of(side).verticalScrollBar() for side in "AB")
    a.setValue(500)
    assert b.value() == 500
    a.setValue(a.maximum())
    assert (a.value(), b.value()) == (a.maximum(), b.maximum())
    panel.together.click()
    a.setValue(0)
    assert b.value() == b.maximum()


def test_filters_keep_hits_or_misses_and_the_chosen_item(qtbot, panel):
    panel.show_results(ranking([4, 3, 2, 1]))
    ranked = panel.list_of("A")
    click(panel, "A", 2)
    qtbot.mouseClick(panel.filter.button("hits"), Qt.MouseButton.LeftButton)
    assert ranked.count == 2 and ranked.current_row == 2
    qtbot.mouseClick(panel.filter.button("misses"), Qt.MouseButton.LeftButton)
    assert ranked.count == 2 and ranked.current_row == -1
    assert ranked.rect_of(4).isEmpty()


def test_tiles_stand_side_by_side_and_arrows_move_across(qtbot, panel):
    panel.show_results(ranking(np.arange(50)))
    qtbot.mouseClick(panel.tiles, Qt.MouseButton.LeftButton)
    ranked = panel.list_of("A")
    assert ranked.rect_of(0).top() == ranked.rect_of(1).top()
    ranked.setFocus()
    QTest.keyClick(ranked, Qt.Key.Key_Home)
    QTest.keyClick(ranked, Qt.Key.Key_Right)
    assert ranked.current_row == 1


def test_b_is_there_only_while_comparing(panel):
    panel.show_results(ranking([1]), ranking([2]))
    assert panel.list_of("B").isVisible() and panel.together.isVisible()
    panel.show_results(ranking([1]))
    assert not panel.list_of("B").isVisible() and not panel.together.isVisible()


def test_an_empty_list_says_what_to_do_and_survives_the_keyboard(panel):
    panel.show_results(None)
    QTest.keyClick(panel.list_of("A"), Qt.Key.Key_Down)
    panel.show_results(ranking([]))
    QTest.keyClick(panel.list_of("A"), Qt.Key.Key_End)
    QTest.keyClick(panel.list_of("A"), Qt.Key.Key_Return)
    assert panel.list_of("A").current_row == -1


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_hits_and_misses_wear_their_edge_in_both_themes(qtbot, panel, theme, monkeypatch):
    monkeypatch.setattr("xview.qt.theme.current", lambda: theme)
    panel.show_results(ranking([2, 1]))
    ranked = panel.list_of("A")
    picture = ranked.viewport().grab().toImage()
    for row, colour in ((2, theme.good), (1, theme.bad)):
        box = ranked.rect_of(row)
        assert picture.pixelColor(box.x() + 2, box.center().y()).name() == colour


def test_the_menu_offers_the_query(qtbot, panel):
    panel.show_results(ranking([8, 9]))
    ranked = panel.list_of("A")
    at = ranked.rect_of(9).center()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, ranked.viewport().mapToGlobal(at))
    QApplication.sendEvent(ranked.viewport(), event)
    menu = ranked.findChild(QMenu)
    assert [action.text() for action in menu.actions()] == [
        "Query by this",
        "Open picture",
        "Mark right",
        "Mark wrong",
        "Copy id",
    ]
    with qtbot.waitSignal(panel.asked) as asked:
        menu.actions()[0].trigger()
    assert asked.args == [9]
    menu.close()


def test_an_item_selected_again_leaves_the_list_where_the_user_scrolled_it(panel):
    panel.show_results(ranking(np.arange(200)))
    panel.select(3)
    bar = panel.list_of("A").verticalScrollBar()
    bar.setValue(2000)
    panel.select(3)
    assert bar.value() == 2000
    panel.select(150)
    assert panel.list_of("A").viewport().rect().contains(panel.list_of("A").rect_of(150))
    panel.to_top()
    assert bar.value() == 0
