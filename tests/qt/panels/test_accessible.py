"""Whoever does not see the window, or has no mouse, can still use it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QScrollArea, QWidget

from tests.qt.panels.test_bars import EMOJI, RANKERS
from tests.qt.panels.test_evaluation import ROWS
from tests.qt.panels.test_film_strip import PATH
from tests.qt.panels.test_growth import INFO as GROWTH
from tests.qt.panels.test_lists import SPACES
from tests.qt.panels.test_neighbour_pair import INFO as NEAREST
from tests.qt.panels.test_open_dialog import INFO
from tests.qt.panels.test_parameters import Walk
from tests.qt.panels.test_scene_diff import DIFF
from xview.qt.panels.evaluation import EvaluationPanel
from xview.qt.panels.film_strip import FilmStrip
from xview.qt.panels.growth import GrowthPanel
from xview.qt.panels.history import HistoryPanel
from xview.qt.panels.log import LogPanel
from xview.qt.panels.neighbour_pair import NeighbourPair
from xview.qt.panels.open_dialog import OpenDialog
from xview.qt.panels.parameter_bar import ParameterBar
from xview.qt.panels.parts import Choice
from xview.qt.panels.paths import PathsPanel
from xview.qt.panels.query_bar import QueryBar
from xview.qt.panels.query_card import QueryCard
from xview.qt.panels.ranker_bar import RankerBar
from xview.qt.panels.results import ResultsPanel
from xview.qt.panels.scene_diff import SceneDiff
from xview.qt.panels.search_field import SearchField
from xview.qt.panels.spaces_list import SpacesList
from xview.qt.panels.why import WhyPanel


def evaluation(_):
    made = EvaluationPanel()
    made.show_rows(ROWS)
    return made


def parameters(_):
    made = ParameterBar()
    made.show_parameters(Walk.parameters())
    return made


def query_bar(_):
    made = QueryBar()
    made.show_info(EMOJI)
    return made


def film_strip(thumbnails):
    made = FilmStrip(thumbnails)
    made.show_path(PATH)
    return made


def growth(_):
    made = GrowthPanel()
    made.show_growth(GROWTH)
    return made


def nearest(thumbnails):
    made = NeighbourPair(thumbnails)
    made.show_pair(NEAREST)
    return made


def rankers(_):
    made = RankerBar()
    made.show_rankers(RANKERS)
    made.show_ranker("knn", "fusion")
    return made


def scene_diff(thumbnails):
    made = SceneDiff(thumbnails)
    made.show_diff(DIFF)
    return made


def spaces(_):
    made = SpacesList([Choice("umap", "UMAP")])
    made.show_spaces(SPACES)
    return made


PANELS = {
    "card": QueryCard,
    "evaluation": evaluation,
    "film strip": film_strip,
    "growth": growth,
    "history": HistoryPanel,
    "log": lambda _: LogPanel(),
    "nearest": nearest,
    "open": lambda _: OpenDialog(INFO),
    "parameters": parameters,
    "paths": PathsPanel,
    "query bar": query_bar,
    "rankers": rankers,
    "results": ResultsPanel,
    "scene diff": scene_diff,
    "search": lambda _: SearchField(),
    "spaces": spaces,
    "why": WhyPanel,
}


def reachable(panel: QWidget) -> list[QWidget]:
    """What Tab stops at, one round."""
    stops: list[QWidget] = []
    while True:
        QTest.keyClick(QApplication.focusWidget() or panel, Qt.Key.Key_Tab)
        at = QApplication.focusWidget()
        if at is None or at in stops:
            return stops
        stops.append(at)


@pytest.mark.parametrize("name", PANELS)
def test_every_stop_of_the_keyboard_has_a_name(qtbot, thumbnails, name):
    panel = PANELS[name](thumbnails)
    qtbot.addWidget(panel)
    panel.resize(1000, 400)
    panel.show()
    panel.activateWindow()
    qtbot.waitUntil(panel.isActiveWindow, timeout=2000)
    stops = reachable(panel)
    assert stops
    for stop in stops:
        said = stop.accessibleName() or (stop.text() if isinstance(stop, QAbstractButton) else "")
        assert said, f"{type(stop).__name__} {stop.toolTip()!r}"


@pytest.mark.parametrize("name", PANELS)
def test_every_button_that_is_seen_can_be_reached(qtbot, thumbnails, name):
    panel = PANELS[name](thumbnails)
    qtbot.addWidget(panel)
    panel.resize(1000, 400)
    panel.show()
    panel.activateWindow()
    qtbot.waitUntil(panel.isActiveWindow, timeout=2000)
    stops = reachable(panel)
    for button in panel.findChildren(QAbstractButton):
        inside = isinstance(button.parent(), QScrollArea) or button.objectName().startswith("qt_")
        if not button.isVisible() or not button.isEnabled() or inside:
            continue
        grouped = button.group() is not None or button.autoExclusive()
        if not grouped and button.focusPolicy() is Qt.FocusPolicy.NoFocus:
            continue  # Qt's own, such as a line's clear button
        assert button in stops or grouped, f"{type(button).__name__} {button.text()!r} {button.toolTip()!r}"
