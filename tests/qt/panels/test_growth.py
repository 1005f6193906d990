from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest

from xview.qt.panels.growth import NO_QUERY, GrowthInfo, GrowthPanel

THRESHOLDS = np.linspace(0.1, 1.0, 10)


def at(threshold: float) -> tuple[int, int, int]:
    steps = round(100 * threshold)
    return 30 * steps, 101 - steps, steps


COUNTS = np.array([at(threshold) for threshold in THRESHOLDS])
INFO = GrowthInfo(
    thresholds=THRESHOLDS,
    edges=COUNTS[:, 0],
    components=COUNTS[:, 1],
    retrievable=COUNTS[:, 2],
    at=at,
    threshold=0.45,
    vertices=300,
    gallery=100,
    others=99,
    stones=True,
)


@pytest.fixture
def growth(qtbot):
    made = GrowthPanel()
    made.resize(500, 220)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    made.show_growth(INFO)
    return made


def told(growth) -> tuple[str, str, str]:
    edges, components, retrievable = (growth.counts[name].text() for name in growth.counts)
    return edges, components, retrievable


def test_the_present_threshold_is_told_exactly_though_the_slider_has_steps(growth):
    assert growth.threshold == 0.45
    assert told(growth) == ("1,350, 9.0 a vertex", "56", "45 of 99")


def test_every_move_of_the_slider_asks_and_tells_at_once(qtbot, growth):
    asked = []
    growth.threshold_asked.connect(asked.append)
    growth.slider.setFocus()
    growth.slider.setValue(2)
    QTest.keyClick(growth.slider, Qt.Key.Key_Right)
    QTest.keyClick(growth.slider, Qt.Key.Key_End)
    assert asked == pytest.approx([0.3, 0.4, 1.0])
    assert told(growth) == ("3,000, 20.0 a vertex", "1", "100 of 99")
    assert "3000 edges" in growth.slider.accessibleDescription()


def test_a_slider_being_dragged_is_not_moved_by_an_answer(qtbot, growth):
    with qtbot.assertNotEmitted(growth.threshold_asked):
        growth.show_growth(replace(INFO, threshold=0.2))
    assert growth.slider.value() == 1
    growth.slider.setSliderDown(True)
    growth.slider.setValue(7)
    growth.show_growth(replace(INFO, threshold=0.3))
    assert growth.slider.value() == 7 and growth.threshold == pytest.approx(0.8)
    growth.slider.setSliderDown(False)


def test_stones_are_a_switch_where_there_are_some(qtbot, growth):
    assert growth.stones.isChecked() and growth.stones.text() == "texts as stepping stones"
    with qtbot.waitSignal(growth.stones_asked) as asked:
        QTest.mouseClick(growth.stones, Qt.MouseButton.LeftButton, pos=growth.stones.rect().center() / 2)
    assert asked.args == [False]
    with qtbot.assertNotEmitted(growth.stones_asked):
        growth.show_growth(replace(INFO, stones=None, stones_name="photos alone"))
    assert not growth.stones.isEnabled() and not growth.stones.isChecked()
    assert growth.stones.text() == "no stepping stones in photos alone"


def test_a_point_of_a_curve_is_a_threshold_to_ask_for(qtbot, growth):
    plot = growth._plot
    assert plot is not None and plot.drawn == 3
    plot.grab()
    with qtbot.waitSignal(growth.threshold_asked) as asked:
        QTest.mouseClick(plot.canvas, Qt.MouseButton.LeftButton, pos=plot.place(2, 6))
    assert asked.args == pytest.approx([0.7])
    assert growth.slider.value() == 6


def test_the_present_threshold_is_marked_on_the_curves(growth):
    growth.slider.setValue(3)
    assert growth._plot is not None
    assert growth._plot._line.value() == pytest.approx(0.4)


def test_without_a_query_it_says_so(growth):
    growth.show_growth(None)
    assert growth._empty.isVisible() and growth._empty.text() == NO_QUERY


def test_curves_are_drawn_only_once_they_are_seen():
    code = (
        "import sys; from PySide6.QtWidgets import QApplication; app = QApplication([]);"
        "from tests.qt.panels.test_growth import INFO; from xview.qt.panels.growth import GrowthPanel;"
        "panel = GrowthPanel(); panel.show_growth(INFO); before = 'pyqtgraph' in sys.modules;"
        "panel.show(); print(before, 'pyqtgraph' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


def test_in_a_low_dock_nothing_told_covers_anything_else(qtbot, growth):
    """The curves make room, and come back where there is room for them."""
    plot = growth._plot_widget()
    assert plot.isVisible()
    for height, room in ((growth.minimumSizeHint().height(), False), (400, True)):
        growth.resize(420, height)
        told = [*growth.counts.values(), growth.slider, growth.stones]
        boxes = [QRect(widget.mapTo(growth, QPoint()), widget.size()) for widget in told]
        for one, other in combinations(boxes, 2):
            assert not one.intersects(other)
        assert all(growth.rect().contains(box) for box in boxes)
        assert all(
            box.height() >= label.fontMetrics().height() for box, label in zip(boxes, told[:3], strict=False)
        )
        assert plot.isVisible() == room
