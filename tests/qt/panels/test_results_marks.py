"""Marking results: plates on cards and tiles, keys, the menu, and the line that tells."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.qt.panels.conftest import ranking
from xview.qt.panels.results import ResultsPanel
from xview.retrieval.feedback import FeedbackSettings
from xview.session.state import Feedback


@pytest.fixture
def panel(qtbot, thumbnails):
    made = ResultsPanel(thumbnails)
    made.resize(320, 600)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def marked(rows, right=(), wrong=(), **more):
    marks = np.array([(row in right) - (row in wrong) for row in rows], dtype=np.int8)
    return ranking(rows, marked=marks, **more)


@pytest.mark.parametrize("tiles", [False, True], ids=["cards", "tiles"])
@pytest.mark.parametrize("right", [True, False])
def test_a_plate_marks_and_does_not_choose(qtbot, panel, right, tiles):
    panel.show_results(ranking([7, 3, 5]))
    panel.tiles.setChecked(tiles)
    ranked, heard = panel.list_of("A"), []
    panel.marked.connect(lambda row, truth: heard.append((row, truth)))
    place = ranked.button(3, right=right).center()
    with qtbot.assertNotEmitted(panel.chosen), qtbot.assertNotEmitted(panel.asked):
        QTest.mouseClick(ranked.viewport(), Qt.MouseButton.LeftButton, pos=place)
        QTest.mouseDClick(ranked.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert set(heard) == {(3, right)} and len(heard) >= 2


def test_plus_and_minus_mark_and_move_on(panel):
    panel.show_results(ranking([7, 3, 5]))
    ranked, heard, chosen = panel.list_of("A"), [], []
    panel.marked.connect(lambda row, right: heard.append((row, right)))
    panel.chosen.connect(lambda row, _side: chosen.append(row))
    QTest.keyClicks(ranked, "+")
    assert not heard  # nothing is current yet
    QTest.keyClick(ranked, Qt.Key.Key_Home)
    QTest.keyClicks(ranked, "+--")
    assert heard == [(7, True), (3, False), (5, False)]
    assert chosen == [7, 3, 5]


def test_plates_show_where_the_user_is_and_marks_always(panel):
    panel.show_results(ranking([7, 3, 5]))
    ranked = panel.list_of("A")

    def looks(row, right):
        return ranked.viewport().grab(ranked.button(row, right=right)).toImage()

    bare = looks(3, True)
    QTest.mouseMove(ranked.viewport(), ranked.rect_of(3).center())
    offered = looks(3, True)
    assert offered != bare
    panel.show_results(marked([7, 3, 5], right=(3,), wrong=(5,)))
    ranked.highlight(-1)
    assert looks(3, True) not in (bare, offered)
    assert "marked right" in ranked.describe(1) and "marked wrong" in ranked.describe(2)
    assert "marked" not in ranked.describe(0)
    assert [text for text, _ in ranked.menu_of(1)][2:4] == ["Take the mark off", "Mark wrong"]


def test_precision_before_and_after_is_told_of_the_rest(panel):
    panel.show_results(marked([7, 3, 5], right=(3,), ap=0.61, ap_before=0.43))
    words = [
        label for label in panel.findChildren(type(panel.list_of("A").parent()._ap)) if "→" in label.text()
    ]
    assert words[0].text() == "AP 0.43 → 0.61"
    assert "without the 1 marked" in words[0].toolTip()


def test_the_line_of_marks_tells_weighs_and_clears(qtbot, panel):
    bar, settings = panel.marks, FeedbackSettings()
    bar.show_marks(Feedback(), settings)
    assert not bar.isVisible()
    bar.show_marks(Feedback(("a", "b"), ("c",)), settings)
    assert bar.isVisible() and bar.words == "marked 2 right, 1 wrong"
    with qtbot.waitSignal(bar.cleared):
        bar.clear.click()
    with qtbot.waitSignal(bar.settings_changed) as changed:
        bar.weights.field("right").box.setValue(2.0)
    assert changed.args == [{"right": 2.0}]
    bar.show_marks(Feedback(wrong=("c",)), settings)
    assert bar.words == "marked 1 wrong"
