"""How one run stands, in plain words; the traceback and what it printed for whoever wants them."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from xview.qt.panels.parts import ElidedLabel, Tool
from xview.qt.panels.progress import duration
from xview.qt.panels.share_bar import ShareBar
from xview.qt.panels.training_table import RunInfo
from xview.qt.theme import SPACE


@dataclass(frozen=True, slots=True)
class RunLog:
    """What is known of a run beside its figures.

    Attributes:
        message: How it stands, in a sentence.
        details: A traceback, or empty.
        printed: Its own words.
    """

    message: str = ""
    details: str = ""
    printed: str = ""


class RunHead(QWidget):
    """Name, bar, status, time left, and the sentence behind the status; details one click away."""

    details_asked = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = ElidedLabel(role="title")
        self._bar = ShareBar(width=60)
        self.message = ElidedLabel()
        self.details = Tool("down", "Details", "Details: where it failed, and what the run printed")
        self.details.setCheckable(True)
        self.details.toggled.connect(self.details_asked)
        row = QHBoxLayout()
        row.setSpacing(SPACE)
        row.addWidget(self._name, 1)
        for widget in (self._bar, self.details):
            row.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(row)
        column.addWidget(self.message)

    def show_run(self, run: RunInfo, others: int = 0) -> None:
        """Show how a run stands; `others` are selected with it."""
        self._name.setText(run.name + (f"  and {others} more" if others else ""))
        self._bar.setVisible(run.alive)
        self._bar.show_share(run.fraction)
        self._bar.setAccessibleName(f"Progress of {run.name}")
        left = "" if run.seconds_left is None else f"{duration(run.seconds_left)} left"
        why = "" if run.message == run.status else run.message
        self.message.setText(" · ".join(filter(None, [run.status, left, why])))


class LogView(QPlainTextEdit):
    """A run's traceback and words, the newest in view unless the user scrolled up."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setAccessibleName("Log of the run")
        self.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))

    def show_log(self, log: RunLog) -> None:
        """Show it, unless it is there already."""
        text = "\n\n".join(filter(None, [log.message, log.details.strip(), log.printed.strip()]))
        if text == self.toPlainText():
            return
        bar = self.verticalScrollBar()
        at_end, at = bar.value() >= bar.maximum() - 2, bar.value()
        self.setPlainText(text)
        bar.setValue(bar.maximum() if at_end else at)
