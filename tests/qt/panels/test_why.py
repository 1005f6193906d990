from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QSplitter, QTextEdit

from tests.qt.screen import pause
from xview.qt.panels.why import WhyInfo, WhyPanel, WhyShare


def share(row, amount, part="hop then walk", side="gallery"):
    return WhyShare(
        key="images", row=row, title=f"item {row}", class_name="even", side=side, part=part, amount=amount
    )


INFO = WhyInfo(
    title="donkey",
    rank=1,
    score=0.8,
    shares=(share(4, 0.4), share(9, -0.08, "walk then hop", "query")),
    others=0.48,
    other_count=27,
)


@pytest.fixture
def panel(qtbot, thumbnails):
    made = WhyPanel(thumbnails)
    made.resize(300, 260)
    qtbot.addWidget(made)
    made.show()
    return made


def test_shares_are_told_as_percentages_of_the_score_and_sum_to_it(panel):
    panel.show_why(INFO)
    told = [panel.shares.describe(i) for i in range(panel.shares.count)]
    assert "50 % of the score" in told[0]
    assert "-10 % of the score" in told[1]
    assert told[2].startswith("27 others") and "60 % of the score" in told[2]
    assert "query's side, walk then hop" in told[1]


def test_hovering_and_asking_name_the_bridge_item(qtbot, panel):
    panel.show_why(INFO)
    with qtbot.waitSignal(panel.hovered) as hovered:
        QTest.mouseMove(panel.shares.viewport(), panel.shares.box(1).center())
    assert hovered.args == ["images", 9]
    with qtbot.waitSignal(panel.hovered) as hovered:
        QTest.mouseMove(panel.shares.viewport(), panel.shares.box(2).center())
    assert hovered.args == ["", -1]
    panel.shares.setFocus()
    QTest.keyClick(panel.shares, Qt.Key.Key_Home)
    with qtbot.waitSignal(panel.asked) as asked:
        QTest.keyClick(panel.shares, Qt.Key.Key_Return)
    assert asked.args == ["images", 4]


def test_the_rest_is_no_item_to_ask_by(qtbot, panel):
    panel.show_why(INFO)
    panel.shares.setFocus()
    QTest.keyClick(panel.shares, Qt.Key.Key_End)
    with qtbot.assertNotEmitted(panel.asked):
        QTest.keyClick(panel.shares, Qt.Key.Key_Return)


def test_a_score_of_zero_divides_nothing(panel):
    panel.show_why(WhyInfo(title="ox", score=0.0, shares=(share(1, 0.0),)))
    panel.grab()
    assert "+0" in panel.shares.describe(0)
    panel.show_why(WhyInfo(title="ox", score=0.0, shares=()))
    assert "no walk reached it" in panel.shares.empty_text()


def test_negative_shares_look_otherwise(panel):
    panel.show_why(INFO)
    positive = panel.shares.viewport().grab(panel.shares.box(0)).toImage()
    flipped = WhyInfo(title="donkey", score=0.8, shares=(share(4, -0.4),), others=1.2, other_count=3)
    panel.show_why(flipped)
    assert panel.shares.viewport().grab(panel.shares.box(0)).toImage() != positive


def test_nothing_chosen_says_what_to_do(panel):
    panel.show_why(None)
    assert panel.shares.count == 0
    assert "Click a result" in panel.shares.empty_text()


def test_however_narrow_no_line_of_the_words_is_cut_off(qtbot, thumbnails):
    split = QSplitter(Qt.Orientation.Vertical)
    qtbot.addWidget(split)
    results, panel = QTextEdit(), WhyPanel(thumbnails)
    for part in (results, panel):
        split.addWidget(part)
    split.resize(300, 420)
    split.show()
    split.setSizes([400, 20])
    panel.show_why(replace(INFO, note="remove the small green metal sphere " * 3))
    panel.show_paths("6.4 % hop then walk: file cabinet → card file box → file cabinet\n" * 2)
    for width in (300, 230):
        split.resize(width, 420)
        pause(20)
        for words in (panel._note, panel.paths):
            assert words.height() >= words.heightForWidth(words.width())
    assert results.height() > 100
