"""The training dock's widgets alone: what they show, what they say, what they refuse."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from xview.qt.panels.training_curves import TrainingCurves
from xview.qt.panels.training_form import FormInfo, FormValues, StartInfo, TrainingForm
from xview.qt.panels.training_lines import RunCurves
from xview.qt.panels.training_log import LogView, RunHead, RunLog
from xview.qt.panels.training_panel import TrainingPanel
from xview.qt.panels.training_systems import SystemInfo, SystemList
from xview.qt.panels.training_table import COLUMNS, RunInfo, RunTable
from xview.settings import Settings, setting

LEFT = Qt.MouseButton.LeftButton


class Kind(StrEnum):
    ONE = "one"
    TWO = "two"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config(Settings):
    rate: float = setting(1e-3, low=1e-6, high=1, help="Learning rate, per step")
    width: int = setting(64, low=1, help="Units of the hidden layer")
    mixed: bool = setting(False, help="Whether to mix")
    kind: Kind = setting(Kind.ONE, help="Which")
    note: str = setting("", help="A word")


SYSTEM = SystemInfo(name="net", title="Net", summary="Learns", source="Somebody 2020")
RECIPE = StartInfo(title="For emoji", tip="Tuned", values=FormValues(settings={"rate": 0.01, "kind": "two"}))


def form_info(**changes: object) -> FormInfo:
    info = FormInfo(
        system=SYSTEM,
        settings=Config.parameters(),
        training=(),
        modalities={"a": ("a",), "b": ("b", "b pixels"), "c": ()},
        fewest=2,
        most=0,
        starts=(RECIPE, StartInfo(title="Defaults")),
        name="Net 1",
        taken=frozenset({"shared"}),
    )
    return replace(info, **changes)  # type: ignore[arg-type]


@pytest.fixture
def form(qtbot: QtBot) -> TrainingForm:
    made = TrainingForm()
    qtbot.addWidget(made)
    made.resize(300, 500)
    made.show()
    made.show_form(form_info())
    return made


def test_systems_say_what_they_are_or_why_not(qtbot: QtBot) -> None:
    shown = SystemList()
    qtbot.addWidget(shown)
    shown.resize(250, 200)
    shown.show()
    other = replace(SYSTEM, name="other", title="Other", unavailable="It needs three modalities.")
    shown.show_systems([SYSTEM, other])
    picked: list[str] = []
    shown.picked.connect(picked.append)
    for row in (1, 0):
        place = shown.list.visualItemRect(shown.list.item(row)).center()
        QTest.mouseClick(shown.list.viewport(), LEFT, pos=place)
    assert picked == ["net"]  # the greyed one cannot be picked
    assert "three modalities" in shown.list.item(1).toolTip()
    assert shown.list.item(1).data(Qt.ItemDataRole.AccessibleDescriptionRole) == "It needs three modalities."
    assert not shown.list.grab().toImage().isNull()
    shown.list.setCurrentRow(0)
    QTest.keyClick(shown.list, Qt.Key.Key_Return)
    assert picked == ["net", "net"]


def test_a_form_starts_from_the_recipe_and_marks_what_is_changed(form: TrainingForm) -> None:
    rows = form.settings.rows
    assert form.values().settings == {"rate": 0.01, "width": 64, "mixed": False, "kind": "two", "note": ""}
    assert not form.reset.isEnabled()
    box = rows["width"].field.box
    assert box is not None
    box.setValue(128)
    assert rows["width"].edited and rows["width"].reset.isVisible()
    assert not rows["rate"].edited and not rows["rate"].reset.isVisible()
    assert "per step" in rows["rate"].field.toolTip()
    assert form.values().settings["width"] == 128
    QTest.mouseClick(rows["width"].reset, LEFT)
    assert form.values().settings["width"] == 64
    assert not rows["width"].edited

    # another start fills the form anew; reset goes back to it
    form.starts.setCurrentIndex(1)
    form.starts.activated.emit(1)
    assert form.values().settings == Config().to_mapping()
    tick = rows["mixed"].field.tick
    assert tick is not None
    tick.click()
    assert form.values().settings["mixed"] is True
    QTest.mouseClick(form.reset, LEFT)
    assert form.values().settings == Config().to_mapping()


def test_a_form_starts_nothing_a_system_cannot_take(form: TrainingForm) -> None:
    asked: list[FormValues] = []
    form.start_asked.connect(asked.append)
    assert form.values().modalities == ("a", "b", "c")
    assert list(form.modalities.spaces) == ["b"]  # the only one with a choice
    for name in ("a", "c"):
        form.modalities.boxes[name].click()
    assert not form.start.isEnabled()
    assert "at least 2" in form._problem.text()
    QTest.mouseClick(form.start, LEFT)
    assert asked == []
    form.modalities.boxes["a"].click()
    form.modalities.spaces["b"].setCurrentIndex(1)
    QTest.keyClicks(form.name, "shared")
    assert not form.start.isEnabled()  # there is such a space
    QTest.keyClicks(form.name, " 2")
    QTest.mouseClick(form.start, LEFT)
    (values,) = asked
    assert (values.name, values.modalities, values.features) == ("shared 2", ("a", "b"), {"b": "b pixels"})

    form.show_form(
        form_info(most=2, starts=(StartInfo(title="x", values=FormValues(modalities=("c", "a"))),))
    )
    assert form.values().modalities == ("a", "c")
    form.modalities.boxes["b"].click()
    assert "exactly 2" in form._problem.text()


def test_the_wheel_scrolls_the_form_and_changes_nothing(form: TrainingForm) -> None:
    before = form.values()
    for row in form.settings.rows.values():
        for editor in (row.field.slider, row.field.box, row.field.list):
            if editor is not None:
                editor.clearFocus()
                turn = QWheelEvent(
                    QPointF(5, 5), QPointF(editor.mapToGlobal(QPoint(5, 5))), QPoint(), QPoint(0, -120),
                    Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
                    Qt.ScrollPhase.NoScrollPhase, False,
                )  # fmt: skip
                QApplication.sendEvent(editor, turn)
    assert form.values() == before


def run(key: str, **changes: object) -> RunInfo:
    info = RunInfo(key=key, name=f"run {key}", system="Net", data="emoji", status="finished")
    return replace(info, **changes)  # type: ignore[arg-type]


def test_runs_sort_by_any_column_and_keep_their_selection(qtbot: QtBot) -> None:
    table = RunTable()
    qtbot.addWidget(table)
    table.resize(500, 200)
    table.show()
    runs = [
        run("a", created=1, validation=0.5, epoch=9, epochs=10, status="paused"),
        run("b", created=3, seconds_left=9.0, epoch=1, epochs=10, status="running", alive=True),
        run("c", created=2, validation=0.25, unseen=0.125, epoch=100, epochs=1000, system="A"),
    ]  # fmt: skip
    table.show_runs(runs)
    assert [r.key for r in table.shown()] == ["b", "c", "a"]  # newest first
    titles = [column.title for column in COLUMNS]
    expected = {"run": "abc", "validation\nmAP": "bca", "epoch": "bca", "status": "cab", "system": "cab"}
    for title, order in expected.items():
        table.sortByColumn(titles.index(title), Qt.SortOrder.AscendingOrder)
        assert "".join(r.key for r in table.shown()) == order
    table.sortByColumn(titles.index("validation\nmAP"), Qt.SortOrder.DescendingOrder)
    assert [r.key for r in table.shown()] == ["a", "c", "b"]
    assert any("never chosen on" in title for title in titles)

    table.choose(["b"])
    chosen: list[list[str]] = []
    table.chosen.connect(chosen.append)
    table.show_runs([runs[0], replace(runs[1], validation=0.9), runs[2]])  # it overtakes the others
    assert [r.key for r in table.shown()] == ["b", "a", "c"]
    assert table.keys == ["b"]
    table.show_runs([runs[0], runs[2], run("d")])
    assert table.keys == []
    assert {r.key for r in table.shown()} == {"a", "c", "d"}


def test_only_what_can_be_done_is_offered(qtbot: QtBot) -> None:
    panel = TrainingPanel()
    qtbot.addWidget(panel)
    panel.resize(900, 300)
    panel.show()
    assert "Start" in panel._empty.text() and panel._empty.isVisible()
    panel.show_runs(
        [
            run("a", actions=frozenset({"clone", "delete", "compare"})),
            run("b", actions=frozenset({"pause", "stop", "clone", "delete"}), alive=True, status="running"),
        ]
    )
    asked: list[tuple[str, list[str]]] = []
    panel.asked.connect(lambda name, keys: asked.append((name, keys)))
    assert not any(button.isEnabled() for button in panel.buttons.values())
    panel.table.choose(["a"])
    assert [n for n, b in panel.buttons.items() if b.isEnabled()] == ["clone", "compare", "delete"]
    panel.table.choose(["a", "b"])
    assert [n for n, b in panel.buttons.items() if b.isEnabled()] == ["pause", "stop", "delete"]
    QTest.mouseClick(panel.buttons["pause"], LEFT)
    QTest.keyClick(panel.table, Qt.Key.Key_Delete)
    assert asked[0] == ("pause", ["b"])  # the other one has nothing to pause
    assert asked[1][0] == "delete" and sorted(asked[1][1]) == ["a", "b"]


def curve(values: list[float], start: int = 1) -> tuple[np.ndarray, np.ndarray]:
    return np.arange(start, start + len(values), dtype=float), np.array(values)


@pytest.fixture
def curves(qtbot: QtBot) -> TrainingCurves:
    made = TrainingCurves()
    qtbot.addWidget(made)
    made.resize(420, 320)
    made.show()
    return made


ONE = RunCurves(
    key="1", name="first", losses={"loss": curve([4, 2, 1, 0, -1]), "part": curve([1, 1, 1, 1, 1])},
    measures={"validation mAP": curve([0.1, 0.3], 2)}, steps_per_epoch=2,
)  # fmt: skip
TWO = RunCurves(key="2", name="second <b>", losses={"loss": curve([3, np.nan, np.inf])}, steps_per_epoch=2)


def test_curves_are_what_the_run_said(curves: TrainingCurves) -> None:
    curves.set_smoothing(0.0)
    curves.show_runs([ONE])
    assert set(curves.drawn) == {("1", "loss"), ("1", "part"), ("1", "validation mAP")}
    assert curves.drawn["1", "loss"][1].tolist() == [4, 2, 1, 0, -1]
    curves.set_smoothing(0.6)
    smooth = curves.drawn["1", "loss"][1]
    assert smooth[0] == pytest.approx(4) and 2 < smooth[1] < 4
    assert curves.drawn["1", "validation mAP"][1].tolist() == [0.1, 0.3]  # measures are not smoothed
    curves.set_smoothing(0.0)
    curves.set_log(True)
    x, y = curves.drawn["1", "loss"]
    np.testing.assert_allclose(y, np.log10([4, 2, 1]))  # what has no logarithm is left out
    assert x.tolist() == [1, 2, 3]
    curves.set_term("part")
    assert set(curves.drawn) == {("1", "part"), ("1", "validation mAP")}


def test_several_runs_lie_over_each_other_and_damaged_ones_harm_nothing(curves: TrainingCurves) -> None:
    curves.set_smoothing(0.6)
    curves.show_runs([ONE, TWO, RunCurves(key="3", name="nothing yet")])
    assert curves.drawn["2", "loss"][1].tolist() == pytest.approx([3])  # nan and inf are left out
    assert "second&nbsp;&lt;b&gt;" in curves._legend.text()  # names are never markup
    assert not curves.grab().toImage().isNull()
    grown = replace(ONE, losses={"loss": curve([4, 2, 1, 0, -1, -2])})
    curves.show_runs([grown, TWO])
    assert len(curves.drawn["1", "loss"][0]) == 6
    curves.show_runs([])
    assert curves.drawn == {}


def test_a_single_figure_is_a_level_over_the_whole_axis(curves: TrainingCurves) -> None:
    solved = RunCurves(key="s", name="solved", measures={"validation mAP": curve([0.4])})
    curves.show_runs([ONE, solved])
    x, y = curves.drawn["s", "validation mAP"]
    assert y.tolist() == [0.4, 0.4]
    assert x[1] >= 5
    curves.show_runs([solved])
    x, _ = curves.drawn["s", "validation mAP"]
    assert x.tolist() == [0, 1]  # alone it is seen, too


def test_the_mouse_reads_the_nearest_values(curves: TrainingCurves, qtbot: QtBot) -> None:
    curves.show_runs([ONE])
    QApplication.processEvents()
    told: list[str] = []
    curves.read.connect(told.append)
    at = curves.losses.vb.mapViewToScene(QPointF(2.1, 2))
    curves.view.scene().sigMouseMoved.emit(at)
    lines = told[-1].splitlines()
    assert lines[0] == "step 2 · epoch 1"
    assert lines[1:] == ["loss 2", "part 1", "validation mAP 0.1"]  # what the run said, not the smoothed
    assert curves._plate.isVisible()
    QApplication.sendEvent(curves, QEvent(QEvent.Type.Leave))
    assert told[-1] == ""
    assert not curves._plate.isVisible()


def test_why_a_run_failed_stands_in_plain_words_with_the_rest_behind_it(qtbot: QtBot) -> None:
    head, log = RunHead(), LogView()
    for widget in (head, log):
        qtbot.addWidget(widget)
        widget.show()
    head.show_run(run("a", status="failed", message="a loss is not finite"), 2)
    assert head.message.text() == "failed · a loss is not finite"
    head.show_run(run("a", status="running", message="epoch 3", alive=True, fraction=0.5, seconds_left=70))
    assert head.message.text() == "running · 1 min 10 s left · epoch 3"
    log.resize(200, 60)
    log.show_log(RunLog("it failed", "Traceback", "\n".join(map(str, range(99)))))
    assert log.toPlainText().startswith("it failed\n\nTraceback")
    bar = log.verticalScrollBar()
    bar.setValue(3)
    log.show_log(RunLog("it failed", "Traceback", "\n".join(map(str, range(120)))))
    assert bar.value() == 3  # whoever reads is not carried off
