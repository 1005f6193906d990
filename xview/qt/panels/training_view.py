"""The selected runs: how the first one stands, curves of all of them, the first one's log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QSlider,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from xview.qt.flow import Flow
from xview.qt.panels.parts import label
from xview.qt.panels.training_lines import TOTAL, RunCurves
from xview.qt.panels.training_log import LogView, RunHead, RunLog
from xview.qt.panels.training_table import RunInfo
from xview.qt.theme import SPACE

if TYPE_CHECKING:
    from xview.qt.panels.training_curves import TrainingCurves

NOTHING_CHOSEN = "Select a run to see its curves; select several to lay them over each other."
NO_CURVES = "No figures yet: they come with the first steps."
_ALL = "all terms"
_SMOOTHING = 60  # per cent


class RunView(QWidget):
    """Curves are made when they are first wanted: pyqtgraph takes its time to load."""

    log_wanted = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.curves: TrainingCurves | None = None
        self._drawable = False
        self._term = ""  # chosen by the user
        self.head, self.log = RunHead(), LogView()
        self.head.details_asked.connect(self._show_page)
        self.head.details_asked.connect(self.log_wanted)
        self.term = QComboBox()
        self.term.setAccessibleName("Loss shown")
        self.term.setToolTip("Which of the losses to draw")
        self.term.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.term.setMinimumContentsLength(7)
        self.term.activated.connect(self._term_chosen)
        self.smoothing = QSlider(Qt.Orientation.Horizontal)
        self.smoothing.setRange(0, 99)
        self.smoothing.setValue(_SMOOTHING)
        self.smoothing.setMinimumWidth(50)
        self.smoothing.setMaximumWidth(80)
        self.smoothing.setAccessibleName("Smoothing of the losses")
        self.smoothing.valueChanged.connect(self._smooth)
        self.log_axis = QCheckBox("log")
        self.log_axis.setToolTip("Losses on a logarithmic axis")
        self.log_axis.toggled.connect(self._set_log)
        self._build()
        self.show_chosen(())

    def _build(self) -> None:
        self._told = QLabel(NOTHING_CHOSEN, alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self._told.setProperty("role", "muted")
        self._tools = QWidget()
        tools = Flow(self._tools, spacing=SPACE)
        smoothing = QWidget()
        row = QHBoxLayout(smoothing)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(label("smooth", "muted"))
        row.addWidget(self.smoothing)
        for widget in (self.term, smoothing, self.log_axis):
            tools.addWidget(widget)
        self._graph = QWidget()
        self._graph_column = QVBoxLayout(self._graph)
        self._graph_column.setContentsMargins(0, 0, 0, 0)
        self._graph_column.setSpacing(2)
        self._graph_column.addWidget(self._tools)
        self.pages = QStackedWidget()
        for page in (self._told, self._graph, self.log):
            self.pages.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        column.addWidget(self.head)
        column.addWidget(self.pages, 1)
        self._smooth(_SMOOTHING)

    def show_chosen(self, runs: Sequence[RunInfo]) -> None:
        """Say how the selected runs stand; their curves come by `show_curves`."""
        self.head.setVisible(bool(runs))
        if runs:
            self.head.show_run(runs[0], len(runs) - 1)
        else:
            self.show_curves(())

    def show_curves(self, curves: Sequence[RunCurves]) -> None:
        """Curves of the selected runs."""
        drawable = any(run.losses or run.measures for run in curves)
        names = list(dict.fromkeys(name for run in curves for name in run.losses))
        self._offer_terms(names, several=len(curves) > 1)
        if drawable:
            self._made().show_runs(curves)
        self._told.setText(NO_CURVES if curves else NOTHING_CHOSEN)
        self._drawable = drawable
        self._show_page(self.head.details.isChecked() and not self.head.isHidden())

    def show_log(self, log: RunLog) -> None:
        """The log of the first selected run."""
        self.log.show_log(log)

    def _show_page(self, log: bool) -> None:
        self.pages.setCurrentWidget(self.log if log else self._graph if self._drawable else self._told)

    def _made(self) -> TrainingCurves:
        if self.curves is None:
            from xview.qt.panels.training_curves import TrainingCurves

            self.curves = TrainingCurves()
            self.curves.set_smoothing(self.smoothing.value() / 100)
            self.curves.set_log(self.log_axis.isChecked())
            self._graph_column.addWidget(self.curves, 1)
            self._set_term()
        return self.curves

    def _smooth(self, percent: int) -> None:
        self.smoothing.setToolTip(f"Weight of the past in the moving average: {percent / 100:.2f}")
        if self.curves is not None:
            self.curves.set_smoothing(percent / 100)

    def _set_log(self, on: bool) -> None:
        if self.curves is not None:
            self.curves.set_log(on)

    def _offer_terms(self, names: list[str], *, several: bool) -> None:
        """All terms of one run, the sum alone of several, unless the user said otherwise."""
        wanted = [_ALL, *names]
        usual = TOTAL if several and TOTAL in names else _ALL
        chosen = self._term if self._term in wanted else usual
        if [self.term.itemText(i) for i in range(self.term.count())] == wanted:
            if chosen != self.term.currentText():
                self.term.setCurrentText(chosen)
                self._set_term()
            return
        with QSignalBlocker(self.term):
            self.term.clear()
            self.term.addItems(wanted)
            self.term.setCurrentText(chosen)
        self.term.setVisible(len(names) > 1)
        self._set_term()

    def _term_chosen(self) -> None:
        self._term = self.term.currentText()
        self._set_term()

    def _set_term(self) -> None:
        if self.curves is not None:
            self.curves.set_term("" if self.term.currentIndex() <= 0 else self.term.currentText())
