"""A dock's content builds and computes while somebody looks, however the dock is shown."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow
from pytestqt.qtbot import QtBot

from tests.qt.screen import Screen, pause, wait_until
from xview.qt.desk import Desk

BOTTOM = Qt.DockWidgetArea.BottomDockWidgetArea


class Told(Desk):
    """Keeps what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    def look(self) -> None:
        self.told.append("look")

    def look_away(self) -> None:
        self.told.append("away")


@pytest.fixture
def window(qtbot: QtBot) -> QMainWindow:
    window = QMainWindow()
    qtbot.addWidget(window)
    window.resize(600, 400)
    return window


def docked(window: QMainWindow, name: str) -> tuple[QDockWidget, Told]:
    dock, desk = QDockWidget(name, window), Told()
    dock.setObjectName(name)
    dock.setWidget(desk)
    desk.stand_in(dock)
    window.addDockWidget(BOTTOM, dock)
    return dock, desk


def test_only_the_front_tab_is_looked_at_and_once(window: QMainWindow) -> None:
    (first, one), (second, other) = docked(window, "one"), docked(window, "other")
    window.tabifyDockWidget(first, second)
    first.raise_()
    window.show()
    pause(30)
    assert (one.seen, other.seen) == (True, False)
    assert (one.told, other.told) == (["look"], [])  # nothing of the moment it was placed

    second.raise_()
    pause(30)
    assert (one.told, other.told) == (["look", "away"], ["look"])


def test_closing_and_floating_are_told(window: QMainWindow) -> None:
    (first, one), (second, other) = docked(window, "one"), docked(window, "other")
    window.tabifyDockWidget(first, second)
    first.raise_()
    window.show()
    pause(30)
    second.setFloating(True)
    pause(30)
    assert (one.seen, other.seen) == (True, True)
    second.close()
    pause(30)
    assert (one.seen, other.seen) == (True, False)
    second.toggleViewAction().trigger()
    pause(30)
    assert (one.seen, other.seen) == (True, True)
    first.close()
    pause(30)
    assert (one.seen, one.told) == (False, ["look", "away"])


def test_a_kept_layout_is_told(window: QMainWindow) -> None:
    (first, one), (second, other) = docked(window, "one"), docked(window, "other")
    window.tabifyDockWidget(first, second)
    first.raise_()
    window.show()
    pause(30)
    kept = window.saveState()
    second.raise_()
    pause(30)
    window.restoreState(kept)
    pause(30)
    assert (one.seen, other.seen) == (True, False)


@pytest.fixture
def screen(qtbot: QtBot) -> Iterator[Screen]:
    screen = Screen(qtbot, warm_up=False)
    screen.open("emoji")
    yield screen
    screen.leave()


def built(desk: Any) -> bool:
    return desk._panel is not None and desk._panel.isVisible()


def test_docks_are_built_when_first_looked_at(screen: Screen) -> None:
    lab, docks = screen.laboratory, screen.window.docks
    desks: dict[str, Any] = {
        "evaluation": lab.evaluation,
        "distortion": lab.distortion,
        "fusion": lab.fusion,
        "compare": lab.compare,
        "parameters": lab.parameters,
        "training": lab.training,
    }
    assert [name for name, desk in desks.items() if desk._panel is not None] == ["evaluation"]
    for name in desks:
        docks[name].raise_()
        wait_until(partial(built, desks[name]), name)
        assert [other for other, d in desks.items() if d.seen] == [name]
