"""The training dock: what can be trained, the runs there are, and how the selected ones get on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QSpinBox,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from xview.qt.panels.parts import Tool, label
from xview.qt.panels.training_form import FormInfo, TrainingForm
from xview.qt.panels.training_lines import RunCurves
from xview.qt.panels.training_systems import SystemList
from xview.qt.panels.training_table import RunInfo, RunTable
from xview.qt.panels.training_view import RunView
from xview.qt.theme import SPACE

NO_RUNS = "No runs yet. Choose a system at the left, look over the form, press Start."


@dataclass(frozen=True, slots=True)
class Action:
    """Something that can be asked of runs; `many` of several at once."""

    name: str
    title: str
    icon: str
    tip: str
    many: bool = True


ACTIONS = (
    Action("pause", "Pause", "pause", "Leave a checkpoint and free the processor; resume whenever you like"),
    Action("resume", "Resume", "play", "Go on from the last checkpoint"),
    Action("stop", "Stop", "stop", "End now and keep the best epoch so far"),
    Action(
        "clone", "Clone", "copy", "Fill the form from this run, to change one thing and start", many=False
    ),
    Action("compare", "Compare", "swap", "Rank with this run's space, beside another one", many=False),
    Action("delete", "Delete", "close", "Remove the run, its checkpoints and its spaces"),
)


class _Bar(QWidget):
    """The actions, and how many runs train together; in a narrow place the actions are icons only."""

    def __init__(self, buttons: Sequence[Tool], at_once: QSpinBox) -> None:
        super().__init__()
        self._buttons = buttons
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        for button in buttons:
            row.addWidget(button)
        row.addStretch()
        row.addWidget(label("at once", "muted"))
        row.addWidget(at_once)
        self._wide = self.sizeHint().width()
        self._show_words(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Words where they fit."""
        super().resizeEvent(event)
        self._show_words(self.width() >= self._wide)

    def _show_words(self, shown: bool) -> None:
        style = Qt.ToolButtonStyle
        for button in self._buttons:
            button.setToolButtonStyle(style.ToolButtonTextBesideIcon if shown else style.ToolButtonIconOnly)


class TrainingPanel(QWidget):
    """Dumb: shows what it is given, says what is asked."""

    asked = Signal(str, list)  # name of an action, keys of runs

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Training")
        self._runs: dict[str, RunInfo] = {}
        self.systems, self.form = SystemList(), TrainingForm()
        self.form.back_asked.connect(self.show_systems)
        self.left = QStackedWidget()
        self.left.addWidget(self.systems)
        self.left.addWidget(self.form)
        self.table = RunTable()
        self.table.chosen.connect(lambda _keys: self._refresh())
        self.table.menu_asked.connect(self._open_menu)
        self.table.delete_asked.connect(lambda: self._ask("delete"))
        self.buttons = {
            action.name: Tool(action.icon, action.title, action.tip, text=True) for action in ACTIONS
        }
        for name, button in self.buttons.items():
            button.clicked.connect(lambda _checked=False, name=name: self._ask(name))
        self.at_once = QSpinBox()
        self.at_once.setRange(1, 16)
        self.at_once.setAccessibleName("Runs at once")
        self.at_once.setToolTip("So many runs train at the same time; others wait for their turn")
        self.view = RunView()
        self.menu = QMenu(self)
        self._build()
        self.show_runs(())
        self._refresh()

    def _build(self) -> None:
        self._empty = QLabel(NO_RUNS, alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self._empty.setProperty("role", "muted")
        self._pages = QStackedWidget()
        self._pages.addWidget(self._empty)
        self._pages.addWidget(self.table)
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        column.addWidget(_Bar(list(self.buttons.values()), self.at_once))
        column.addWidget(self._pages, 1)
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.setChildrenCollapsible(False)
        for widget, least, share in ((self.left, 200, 3), (middle, 200, 4), (self.view, 200, 4)):
            widget.setMinimumWidth(least)
            self.split.addWidget(widget)
            self.split.setStretchFactor(self.split.count() - 1, share)
        self.split.setSizes([270, 330, 330])
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        row.addWidget(self.split)

    def show_systems(self) -> None:
        """The list of systems in place of a form."""
        self.left.setCurrentWidget(self.systems)
        self.systems.list.setFocus()

    def show_form(self, info: FormInfo) -> None:
        """A form in place of the list of systems."""
        self.form.show_form(info)
        self.left.setCurrentWidget(self.form)
        self.form.start.setFocus()

    def show_runs(self, runs: Sequence[RunInfo]) -> None:
        """Show these runs; the selection stays."""
        known = dict(self._runs)
        self._runs = {run.key: run for run in runs}
        self.table.show_runs(runs)
        self._pages.setCurrentWidget(self.table if runs else self._empty)
        self.view.setVisible(bool(runs))
        if known != self._runs:
            self._refresh()

    def show_curves(self, curves: Sequence[RunCurves]) -> None:
        """Curves of the selected runs."""
        self.view.show_curves(curves)

    @property
    def chosen(self) -> list[RunInfo]:
        """The selected runs."""
        return [self._runs[key] for key in self.table.keys if key in self._runs]

    def allowed(self, name: str) -> list[RunInfo]:
        """Those of the selected runs an action can be asked of now."""
        action = next(action for action in ACTIONS if action.name == name)
        if not action.many and len(self.chosen) != 1:
            return []
        return [run for run in self.chosen if name in run.actions]

    def sizeHint(self) -> QSize:
        """Room for a form, a table and a curve."""
        return QSize(900, 300)

    def minimumSizeHint(self) -> QSize:
        """Usable, if narrow; in height it scrolls."""
        return QSize(620, 120)

    def _refresh(self) -> None:
        for name, button in self.buttons.items():
            button.setEnabled(bool(self.allowed(name)))
        self.view.show_chosen(self.chosen)

    def _ask(self, name: str) -> None:
        runs = self.allowed(name)
        if runs:
            self.asked.emit(name, [run.key for run in runs])

    def _open_menu(self, at: QPoint) -> None:
        self.menu.clear()
        for action in ACTIONS:
            if self.allowed(action.name):
                entry = self.menu.addAction(action.title)
                entry.setToolTip(action.tip)
                entry.triggered.connect(lambda _checked=False, name=action.name: self._ask(name))
        if not self.menu.isEmpty():
            self.menu.popup(at)
