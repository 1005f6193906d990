from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from xview.qt.panels.parameter_bar import ParameterBar
from xview.qt.panels.parameter_field import TICKS, Ticks
from xview.settings import Settings, setting


class Links(StrEnum):
    RELEASED = "released"
    PAPER = "paper"


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk(Settings):
    lam: float = setting(0.5, key="lambda", symbol="λ", low=0, high=1, help="Weight.")
    alpha: float = setting(0.99, symbol="α", low=0, high=0.9999, slider=(0.5, 0.999), help="Share.")
    k: int = setting(30, low=1, high=10_000, slider=(2, 100), help="Neighbours.")
    links: Links = setting(Links.RELEASED, help="Semantics.")
    tol: float = setting(1e-6, low=1e-12, high=1e-2, help="Residual.")
    exact: bool = setting(False, help="Exact.")
    source: str = setting("all", help="Source.")


def parameter(key):
    return next(p for p in Walk.parameters() if p.key == key)


@pytest.fixture
def bar(qtbot):
    made = ParameterBar()
    made.resize(900, 40)
    qtbot.addWidget(made)
    made.show_parameters(Walk.parameters())
    made.show()
    return made


@pytest.mark.parametrize("key", ["lambda", "alpha", "k", "tol"])
def test_every_tick_comes_back_to_itself_or_to_an_equal_number(key):
    scale = Ticks.of(parameter(key))
    values = [scale.value(tick) for tick in range(TICKS + 1)]
    assert values == sorted(values)
    assert (values[0], values[-1]) == (scale.low, scale.high)
    for value in values:
        assert scale.value(scale.tick(value)) == pytest.approx(value, rel=0.03)


def test_alpha_has_room_just_below_one():
    scale = Ticks.of(parameter("alpha"))
    steps = [scale.tick(v) for v in (0.9, 0.99, 0.999)]
    assert steps[1] - steps[0] == pytest.approx(steps[2] - steps[1], abs=1)
    assert steps[1] - steps[0] > TICKS / 4


def test_a_drag_is_one_signal_a_turn_with_the_last_value(qtbot, bar):
    heard = []
    bar.settings_changed.connect(heard.append)
    slider = bar.field("lambda").slider
    for tick in range(100, 120):
        slider.setValue(tick)
    bar.field("k").slider.setValue(0)
    assert heard == []
    qtbot.waitUntil(lambda: bool(heard), timeout=1000)
    assert heard == [{"lambda": pytest.approx(0.595, abs=0.01), "k": 2}]
    assert isinstance(heard[0]["k"], int)


def test_the_mouse_moves_a_slider(qtbot, bar):
    slider = bar.field("lambda").slider
    with qtbot.waitSignal(bar.settings_changed) as changed:
        QTest.mouseClick(
            slider, Qt.MouseButton.LeftButton, pos=QPoint(slider.width() - 3, slider.height() // 2)
        )
    assert changed.args[0]["lambda"] > 0.5


def test_a_number_is_typed_exactly(qtbot, bar):
    box = bar.field("alpha").box
    box.setFocus()
    box.selectAll()
    with qtbot.waitSignal(bar.settings_changed) as changed:
        qtbot.keyClicks(box, "0.9973")
        QTest.keyClick(box, Qt.Key.Key_Return)
    assert changed.args == [{"alpha": 0.9973}]
    assert bar.field("alpha").slider.value() < TICKS


def test_small_numbers_are_read_as_they_are_written(qtbot, bar):
    box = bar.field("tol").box
    assert box.text() == "1e-06"
    box.selectAll()
    with qtbot.waitSignal(bar.settings_changed) as changed:
        qtbot.keyClicks(box, "5e-5")
        QTest.keyClick(box, Qt.Key.Key_Return)
    assert changed.args == [{"tol": 5e-5}]


def test_nonsense_cannot_be_typed_and_changes_nothing(qtbot, bar):
    box = bar.field("k").box
    box.selectAll()
    with qtbot.assertNotEmitted(bar.settings_changed, wait=50):
        qtbot.keyClicks(box, "abc")
        QTest.keyClick(box, Qt.Key.Key_Return)
    assert box.text() == "30"


def test_a_refused_value_never_stays_on_screen(qtbot, bar):
    bar.settings_changed.connect(lambda values: bar.show_settings({"k": min(values["k"], 12)}))
    for _ in range(2):
        bar.field("k").box.setValue(50)
        qtbot.waitUntil(lambda: bar.field("k").box.text() == "12", timeout=1000)
    assert bar.field("k").slider.value() == Ticks.of(parameter("k")).tick(12)


def test_showing_says_nothing(qtbot, bar):
    with qtbot.assertNotEmitted(bar.settings_changed, wait=50):
        bar.show_settings({"lambda": 0.2, "links": "paper", "exact": True, "tol": 1e-3, "unknown": 1})
    assert bar.field("links").list.currentText() == "paper"
    assert bar.field("exact").tick.isChecked()


def test_choices_ticks_and_words_keep_their_types(qtbot, bar):
    heard = {}
    bar.settings_changed.connect(heard.update)
    bar.field("exact").tick.click()
    bar.field("links").list.textActivated.emit("paper")
    bar.field("source").line.setText("images")
    bar.field("source").line.editingFinished.emit()
    qtbot.waitUntil(lambda: len(heard) == 3, timeout=1000)
    assert heard == {"exact": True, "links": Links.PAPER, "source": "images"}


def test_reset_asks_for_all_defaults_at_once(qtbot, bar):
    bar.show_settings({"lambda": 0.1, "k": 5})
    with qtbot.waitSignal(bar.settings_changed) as changed:
        qtbot.mouseClick(bar.reset, Qt.MouseButton.LeftButton)
    assert changed.args == [Walk().to_mapping()]
    assert bar.field("k").box.text() == "30"


def test_fields_without_room_move_behind_the_button_and_back(qtbot, bar):
    assert bar.in_bar("k") and not bar.in_bar("links")
    bar.resize(360, 40)
    assert bar.in_bar("lambda") and not bar.in_bar("k")
    qtbot.mouseClick(bar.more, Qt.MouseButton.LeftButton)
    assert bar.field("k").isVisible() and bar.field("links").isVisible()
    bar.field("k").window().close()
    bar.resize(900, 40)
    assert bar.in_bar("k") and bar.field("k").isVisible()


def test_other_parameters_replace_the_old(qtbot, bar):
    bar.show_parameters(Walk.parameters()[:1])
    with pytest.raises(KeyError):
        bar.field("k")
    assert not bar.more.isVisible()
