"""The list of smooth paths, by clicking and by keys."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from xview.qt.panels.item_table import Column, Items
from xview.qt.panels.smooth_paths import SmoothPathsPanel


@pytest.fixture
def panel(qtbot, thumbnails):
    made = SmoothPathsPanel(thumbnails)
    qtbot.addWidget(made)
    column = Column(title="Changes", tip="", values=np.arange(3), text=str, widest="000")
    made.show_paths(Items([column], lambda number: ("images", number)), 3, "3 smooth paths")
    made.resize(420, 300)
    made.show()
    qtbot.waitExposed(made)
    return made


def click(panel, row):
    table = panel.table
    QTest.mouseClick(
        table.viewport(),
        Qt.MouseButton.LeftButton,
        pos=table.visualRect(table.model().index(row, 0)).center(),
    )


def test_each_click_on_a_row_picks_its_path_once(panel):
    picks: list[int] = []
    panel.picked.connect(picks.append)
    click(panel, 0)
    assert picks == [0]
    click(panel, 0)
    assert picks == [0, 0]
    QTest.keyClick(panel.table, Qt.Key.Key_Down)
    click(panel, 1)
    assert picks == [0, 0, 1, 1]
    click(panel, 2)
    assert picks == [0, 0, 1, 1, 2]
