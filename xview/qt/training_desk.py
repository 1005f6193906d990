"""The training dock, bound to the store and the runs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QMessageBox, QVBoxLayout, QWidget

from xview.errors import XViewError
from xview.jobs.runs import TrainingRun
from xview.qt.application import settings
from xview.qt.desk import Desk
from xview.qt.finished_runs import FinishedRuns
from xview.qt.panels.training_form import FormValues
from xview.qt.panels.training_log import RunLog
from xview.qt.panels.training_panel import TrainingPanel
from xview.qt.panels.training_table import RunInfo
from xview.qt.runs import AT_ONCE, Runs
from xview.qt.store import Store
from xview.qt.trained import Trained
from xview.qt.training_forms import (
    Figures,
    config_of,
    form_info,
    free_name,
    run_info,
    system_infos,
)

LOG_MS = 1_000


class TrainingDesk(Desk):
    """Forms become runs, runs become rows and curves, finished ones become spaces to rank in."""

    told = Signal(str, str)  # level, words

    def __init__(self, store: Store, runs: Runs, trained: Trained, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store, self._runs = store, runs
        self._system = ""  # whose form is shown
        self._shown_at = 0
        self._figures = Figures()
        self._known: dict[Path, tuple[tuple[object, ...], RunInfo]] = {}  # by folder, with what it told
        self._known_with: object = None  # the spaces there were then
        self._panel: TrainingPanel | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.question: QMessageBox | None = None
        self._log_timer = QTimer(self, interval=LOG_MS)
        self._log_timer.timeout.connect(self._read_log)
        runs.queue.at_once = _at_once()
        self.finished = FinishedRuns(store, runs, trained, self)
        self.finished.told.connect(self.told)
        runs.changed.connect(self._refresh)
        runs.failed.connect(lambda words: self.told.emit("error", words))
        runs.log_read.connect(self._take_log)
        store.changed.connect(self._follow_store)

    @property
    def panel(self) -> TrainingPanel:
        """What is shown, made when it is first needed."""
        if self._panel is None:
            self._panel = TrainingPanel(self)
            self._panel.at_once.setValue(_at_once())
            self._column.addWidget(self._panel)
            self._connect(self._panel)
        return self._panel

    def _connect(self, panel: TrainingPanel) -> None:
        panel.systems.picked.connect(self.show_form)
        panel.form.start_asked.connect(self._start)
        panel.asked.connect(self._act)
        panel.table.chosen.connect(lambda _keys: self._show_curves())
        panel.view.log_wanted.connect(self._watch_log)
        panel.at_once.valueChanged.connect(self._set_at_once)

    # the form

    def show_form(self, system: str, like: TrainingRun | None = None) -> None:
        """The form of a system, filled from its first recipe, or from another run."""
        protocol = self._store.resolved.task.protocol
        pair = tuple(dict.fromkeys((protocol.query, protocol.gallery)))
        info = form_info(system, self._store.workspace, pair, self._taken(), like)
        self._system = system
        self.panel.show_form(info)

    def _taken(self) -> list[str]:
        return [*self._store.workspace.spaces, *(run.name for run in self._runs.runs)]

    def _start(self, values: FormValues) -> None:
        title = self.panel.form.title
        config = config_of(self._system, values, self._store.workspace, free_name(title, self._taken()))
        try:
            run = self._runs.submit(config)
        except XViewError as error:
            self.told.emit("error", str(error))
            return
        self.panel.table.choose([str(run.folder)])
        self.panel.form.show_name(free_name(title, self._taken()))

    # the runs

    def _act(self, name: str, keys: Sequence[str]) -> None:
        runs = [run for run in self._runs.runs if str(run.folder) in keys]
        if not runs:
            return
        simple = {"pause": self._runs.pause, "resume": self._runs.resume, "stop": self._runs.stop}
        if name in simple:
            for run in runs:
                simple[name](run)
        elif name == "delete":
            self._ask_delete(runs)
        elif name == "clone":
            self._clone(runs[0])
        elif name == "compare":
            self.finished.offer_comparisons(runs[0])

    def _clone(self, run: TrainingRun) -> None:
        try:
            self.show_form(str(run.config["system"]), run)
        except XViewError as error:  # of another version
            self.told.emit("error", f"{run.name} cannot be cloned: {error}")

    def _ask_delete(self, runs: Sequence[TrainingRun]) -> None:
        names = ", ".join(run.name for run in runs)
        alive = " What still trains is ended." if any(run.alive for run in runs) else ""
        self.question = QMessageBox(
            QMessageBox.Icon.Question,
            "Delete runs",
            f"Delete {names}, with checkpoints and spaces?{alive} This cannot be undone.",
            QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.Cancel,
            self,
        )
        self.question.setDefaultButton(QMessageBox.StandardButton.Cancel)
        self.question.button(QMessageBox.StandardButton.Yes).setText("Delete")
        self.question.accepted.connect(partial(self._delete, runs))
        self.question.open()

    def _delete(self, runs: Sequence[TrainingRun]) -> None:
        for run in runs:
            if run in self._runs.runs:
                self._runs.delete(run)

    def _set_at_once(self, count: int) -> None:
        settings().setValue("runs at once", count)
        self._runs.set_at_once(count)

    # what is shown

    def look(self) -> None:
        """Figures are wanted."""
        self.panel.systems.show_systems(system_infos(self._store.workspace))
        self._refresh()
        self._watch_log(self.panel.view.head.details.isChecked())

    def look_away(self) -> None:
        """Figures are not wanted."""
        self._watch_log(False)

    def _follow_store(self, old: object, new: object) -> None:
        """Other data, or more spaces: other systems are possible, other runs are of it."""
        workspace = self._store.workspace
        if id(workspace.spaces) != self._shown_at:
            self._shown_at = id(workspace.spaces)
            if self.seen:
                self.look()

    def _refresh(self) -> None:
        """Rows at once; curves only where they can be seen."""
        if self.seen:
            self.panel.show_runs(self._infos())
            self._show_curves()

    def _infos(self) -> list[RunInfo]:
        """Of every run; those of runs at rest are not made again."""
        workspace = self._store.workspace
        before = self._known if self._known_with is workspace.spaces else {}
        self._known, self._known_with = {}, workspace.spaces
        for run in self._runs.runs:
            done = 0 if run.progress is None else run.progress.done
            state = (run.status, run.message, run.queued, done)
            known = before.get(run.folder)
            if known is None or known[0] != state:
                known = (state, run_info(run, workspace))
            self._known[run.folder] = known
        return [info for _, info in self._known.values()]

    def _chosen(self) -> list[TrainingRun]:
        by_key = {str(run.folder): run for run in self._runs.runs}
        return [by_key[key] for key in self.panel.table.keys if key in by_key]

    def _show_curves(self) -> None:
        self.panel.show_curves(self._figures.of(self._chosen()))

    def _watch_log(self, wanted: bool) -> None:
        if wanted and self.seen:
            self._read_log()
            self._log_timer.start()
        else:
            self._log_timer.stop()

    def _read_log(self) -> None:
        for run in self._chosen()[:1]:
            self._runs.read_log(run)

    def _take_log(self, run: TrainingRun, log: RunLog) -> None:
        if self._chosen()[:1] == [run]:
            self.panel.view.show_log(log)


def _at_once() -> int:
    """Runs the user lets train at the same time."""
    kept = settings().value("runs at once", AT_ONCE, type=int)
    return kept if isinstance(kept, int) else AT_ONCE
