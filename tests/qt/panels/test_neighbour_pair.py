from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest

from xview.qt import theme
from xview.qt.panels.neighbour_pair import NO_QUERY, NearItem, NeighbourPair, PairInfo


def near(row, distance, right=True):
    return NearItem(
        key="images", row=row, title=f"item {row}", class_name="even", distance=distance, right=right
    )


INFO = PairInfo(
    along=(near(4, 0.5), near(8, 0.75), near(6, 1.25)),
    direct=(near(3, 0.25, right=False), near(4, 0.5), near(9, 0.625, right=None)),
    note="2 of 40 gallery items are out of reach.",
)


@pytest.fixture
def pair(qtbot, thumbnails):
    made = NeighbourPair(thumbnails)
    made.resize(480, 260)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    made.show_pair(INFO)
    return made


def lit(area):
    """Positions whose cards wear the accent."""
    image = area.viewport().grab().toImage()
    soft = theme.current().accent_soft
    boxes = [area.box(position) for position in range(area.count)]
    return [
        i for i, box in enumerate(boxes) if image.pixelColor(box.right() - 8, box.top() + 3).name() == soft
    ]


def inked(area, position, colour):
    """Whether something beside the picture of a card is of a colour, nearly: letters have soft edges."""
    image, box = area.viewport().grab().toImage(), area.box(position)
    wanted = np.array(QColor(colour).getRgb()[:3])
    pixels = [
        image.pixelColor(x, y).getRgb()[:3]
        for x in range(box.x() + 56, box.x() + 90)
        for y in range(box.y(), box.bottom())
    ]
    return bool((np.abs(np.array(pixels) - wanted).max(axis=1) < 40).any())


def test_an_item_in_both_lists_is_told_its_place_in_the_other(pair):
    assert "number 2 directly" in pair.along.describe(0)
    assert "number 1 along the graph" in pair.direct.describe(1)
    assert "not among the nearest directly" in pair.along.describe(1)
    assert "0.5000 rad" in pair.along.describe(0)


def test_the_class_is_told_with_what_is_right_about_it(pair):
    assert "even, another than the query" in pair.direct.describe(0)
    assert "even, as the query" in pair.direct.describe(1)
    assert pair.direct.describe(2).splitlines()[1] == "even"
    worn = theme.current()
    assert [inked(pair.direct, position, worn.good) for position in range(3)] == [False, True, False]
    assert [inked(pair.direct, position, worn.bad) for position in range(3)] == [True, False, False]


def test_pointing_lights_the_item_in_both_lists(qtbot, pair):
    with qtbot.waitSignal(pair.hovered) as hovered:
        QTest.mouseMove(pair.along.viewport(), pair.along.box(0).center())
    assert hovered.args == ["images", 4]
    assert lit(pair.along) == [0] and lit(pair.direct) == [1]
    QTest.mouseMove(pair.along.viewport(), pair.along.box(1).center())
    assert lit(pair.along) == [1] and lit(pair.direct) == []
    pair.light("images", 9)
    assert lit(pair.along) == [] and lit(pair.direct) == [2]
    pair.light("", -1)
    assert lit(pair.direct) == []


def test_clicking_and_asking_name_the_item(qtbot, pair):
    with qtbot.waitSignal(pair.clicked) as clicked:
        QTest.mouseClick(pair.direct.viewport(), Qt.MouseButton.LeftButton, pos=pair.direct.box(0).center())
    assert clicked.args == ["images", 3]
    pair.along.setFocus()
    QTest.keyClick(pair.along, Qt.Key.Key_End)
    with qtbot.waitSignal(pair.asked) as asked:
        QTest.keyClick(pair.along, Qt.Key.Key_Return)
    assert asked.args == ["images", 6]


def test_the_note_is_told_below_the_cards_or_instead_of_them(pair):
    assert pair._note.isVisible() and pair._note.text() == INFO.note
    pair.show_pair(PairInfo(direct=INFO.direct, note="No way leads on from here."))
    assert pair.along.empty_text() == "No way leads on from here." and pair.direct.count == 3
    assert not pair._note.isVisible()
    pair.show_pair(None)
    assert pair.along.count == pair.direct.count == 0
    assert pair.along.empty_text() == NO_QUERY
