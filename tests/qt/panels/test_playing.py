from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from xview.qt.panels.playing import SPEEDS, Playing


@pytest.fixture
def owner(qtbot):
    made = QWidget()
    qtbot.addWidget(made)
    return made


@pytest.fixture
def playing(owner):
    made = Playing("the path", 40, owner)
    made.show_count(4)
    return made


def key(code):
    return QKeyEvent(QEvent.Type.KeyPress, code, Qt.KeyboardModifier.NoModifier)


def test_steps_stay_within_the_frames_and_tell_each_move_once(playing):
    moves = []
    playing.moved.connect(moves.append)
    for frames in (-1, 1, 1, 5, 1, -9):
        playing.step(frames)
    assert moves == [1, 2, 3, 0]


def test_it_plays_to_the_end_and_from_there_again(qtbot, playing):
    moves = []
    playing.moved.connect(moves.append)
    playing.toggle()
    qtbot.waitUntil(lambda: not playing.playing)
    assert moves == [1, 2, 3]
    playing.toggle()
    assert playing.playing and playing.frame == 0


def test_a_step_by_hand_stops_it(playing):
    playing.toggle()
    playing.step(1)
    assert not playing.playing


def test_keys_play_and_step_and_others_are_left_to_the_owner(playing):
    assert playing.took(key(Qt.Key.Key_Right)) and playing.frame == 1
    assert playing.took(key(Qt.Key.Key_Left)) and playing.frame == 0
    assert playing.took(key(Qt.Key.Key_Space)) and playing.playing
    assert playing.took(key(Qt.Key.Key_Space)) and not playing.playing
    assert not playing.took(key(Qt.Key.Key_Down))


def test_without_frames_it_stops_and_keeps_its_place_for_when_there_are_some(playing):
    playing.go(2)
    playing.toggle()
    playing.show_count(0, playing.frame)
    assert not playing.playing and not playing.play.isEnabled()
    playing.toggle()
    assert not playing.playing
    moves = []
    playing.moved.connect(moves.append)
    playing.go(1)
    playing.show_count(4, playing.frame)
    assert playing.frame == 1 and moves == []


def test_speeds_are_shares_of_the_single_one(playing):
    for name, speed in SPEEDS.items():
        playing.speed.setCurrentText(name)
        playing.toggle()
        assert playing._timer.interval() == round(40 / speed)
        playing.toggle()
