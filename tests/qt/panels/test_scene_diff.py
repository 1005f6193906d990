from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.qt.screen import pause
from xview.qt.panels.scene_diff import (
    NO_SCENES,
    NOTHING_CHOSEN,
    SceneDiff,
    SceneDiffInfo,
    SceneRow,
    SceneSide,
)

LEFT, RIGHT, NEW = (0.1, 0.1, 0.2, 0.2), (0.5, 0.1, 0.2, 0.2), (0.6, 0.6, 0.3, 0.3)
ROWS = (
    SceneRow(
        thing="large red metal cube",
        attribute="colour",
        before="red",
        after="blue",
        box_before=LEFT,
        box_after=RIGHT,
    ),
    SceneRow(thing="small green sphere", attribute="added", after="small green sphere", box_after=NEW),
    SceneRow(thing="large gray cylinder", attribute="removed", before="large gray cylinder", box_before=NEW),
)


DIFF = SceneDiffInfo(
    one=SceneSide(key="images", row=1, title="scene 1"),
    other=SceneSide(key="images", row=2, title="scene 2"),
    rows=ROWS,
    neighbours=False,
)


@pytest.fixture
def diff(qtbot, thumbnails):
    made = SceneDiff(thumbnails)
    made.resize(520, 220)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    made.show_diff(DIFF)
    made.grab()
    return made


def test_each_line_tells_the_thing_and_what_becomes_of_it(diff):
    assert diff.lines.describe(0) == "large red metal cube\ncolour  red → blue"
    assert diff.lines.describe(1) == "small green sphere\n+ added"
    assert diff.lines.describe(2) == "large gray cylinder\n− removed"


@pytest.mark.parametrize(
    ("rows", "neighbours", "told"),
    [
        (ROWS, False, "3 changes apart"),
        (ROWS[:1], True, "reachable neighbours: one change apart"),
        ((), False, "the same scene"),
    ],
)
def test_it_tells_how_far_apart_the_scenes_are(diff, rows, neighbours, told):
    diff.show_diff(replace(DIFF, rows=rows, neighbours=neighbours))
    assert diff.told.text() == told
    assert diff.lines.count == len(rows)


def test_all_boxes_are_drawn_and_of_the_line_pointed_at_only_its_own(diff):
    assert diff.scenes.boxes() == ([LEFT, NEW], [RIGHT, NEW])
    QTest.mouseMove(diff.lines.viewport(), diff.lines.box(0).center())
    assert diff.scenes.boxes() == ([LEFT], [RIGHT])
    QTest.mouseMove(diff.lines.viewport(), diff.lines.box(1).center())
    assert diff.scenes.boxes() == ([], [NEW])
    QTest.mouseMove(diff.lines.viewport(), diff.lines.viewport().rect().bottomRight())
    assert diff.scenes.boxes() == ([LEFT, NEW], [RIGHT, NEW])


def test_a_chosen_line_keeps_its_boxes_when_the_pointer_is_elsewhere(diff):
    diff.lines.setFocus()
    QTest.keyClick(diff.lines, Qt.Key.Key_Home)
    QTest.mouseMove(diff.lines.viewport(), diff.lines.box(2).center())
    assert diff.scenes.boxes() == ([NEW], [])
    QTest.mouseMove(diff.lines.viewport(), diff.lines.viewport().rect().bottomRight())
    assert diff.scenes.boxes() == ([LEFT], [RIGHT])


def test_boxes_show_in_the_pictures(qtbot, diff):
    qtbot.waitUntil(lambda: diff.scenes._thumbnails.idle)
    pause(20)
    before = diff.scenes.grab().toImage()
    diff.scenes.show_row(1)
    assert diff.scenes.grab().toImage() != before


def test_pictures_are_doors(qtbot, diff):
    places = [place.center().toPoint() for place in diff.scenes.places()]
    with qtbot.waitSignal(diff.hovered) as hovered:
        QTest.mouseMove(diff.scenes, places[1])
    assert hovered.args == ["images", 2]
    with qtbot.waitSignal(diff.clicked) as clicked:
        QTest.mouseClick(diff.scenes, Qt.MouseButton.LeftButton, pos=places[0])
    assert clicked.args == ["images", 1]


def test_pictures_stand_side_by_side_within_their_room(diff):
    for width in (260, 400, 900):
        diff.resize(width, 200)
        one, other = diff.scenes.places()
        assert 0 <= one.left() < one.right() < other.left() < other.right() <= diff.scenes.width()
        assert other.bottom() <= diff.scenes.height()


def test_without_scenes_it_says_so(diff):
    diff.show_diff(None, NO_SCENES)
    assert diff._empty.isVisible() and diff._empty.text() == NO_SCENES
    assert not diff.scenes.isVisible()
    diff.show_diff(None)
    assert diff._empty.text() == NOTHING_CHOSEN
