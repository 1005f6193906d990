from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from xview.qt.panels.open_dialog import OpenChoice, OpenDialog, OpenInfo, Split

INFO = OpenInfo(
    source="/data/pairs",
    layout="a folder with a dataset.toml",
    sentences=("sketches: 30 items.", "Skipped notes.txt: it holds no table."),
    modalities=("sketches", "images"),
    query="sketches",
    gallery="images",
    classes=8,
    has_split=True,
)


def show(qtbot, info):
    dialog = OpenDialog(info)
    qtbot.addWidget(dialog)
    dialog.open()
    return dialog


def decide(qtbot, dialog):
    with qtbot.waitSignal(dialog.decided) as decided:
        qtbot.mouseClick(dialog.open_button, Qt.MouseButton.LeftButton)
    return decided.args[0]


def test_findings_are_told_before_anything_is_loaded(qtbot):
    dialog = show(qtbot, INFO)
    told = {w.text() for w in dialog.findChildren(QLabel)}
    assert {*INFO.sentences, "Recognised as a folder with a dataset.toml."} <= told


def test_open_keeps_what_the_data_says(qtbot):
    choice = decide(qtbot, show(qtbot, INFO))
    assert choice == OpenChoice(
        source="/data/pairs", query="sketches", gallery="images", split=Split.GIVEN, share=0.25, seed=0
    )


def test_direction_and_a_seeded_draw_are_chosen(qtbot):
    dialog = show(qtbot, INFO)
    qtbot.mouseClick(dialog.swap, Qt.MouseButton.LeftButton)
    dialog.seed.setValue(7)
    dialog.share.setValue(50)
    choice = decide(qtbot, dialog)
    assert (choice.query, choice.gallery) == ("images", "sketches")
    assert (choice.split, choice.share, choice.seed) == (Split.SHARE, 0.5, 7)


def test_without_a_split_nothing_is_held_out(qtbot):
    bare = OpenInfo(source="x", modalities=("a",), query="a", gallery="a", classes=3)
    dialog = show(qtbot, bare)
    assert not dialog.given.isVisible()
    assert decide(qtbot, dialog).split is Split.NONE


@pytest.mark.parametrize("classes", [0, 1])
def test_a_split_is_not_offered_where_there_is_none_to_make(qtbot, classes):
    dialog = show(qtbot, OpenInfo(source="x", modalities=("a",), query="a", gallery="a", classes=classes))
    assert not dialog.drawn.isVisible()


def test_cancelling_decides_nothing(qtbot):
    dialog = show(qtbot, INFO)
    with qtbot.assertNotEmitted(dialog.decided):
        dialog.reject()
