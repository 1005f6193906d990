"""What to do with runs that still train when the window closes: they need no window."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QAbstractButton, QMessageBox, QWidget

from xview.qt.runs import Runs

_CHOICES = {
    "keep": ("Keep running", "They go on in the background; the next window shows them"),
    "pause": ("Pause", "They leave a checkpoint and free the processor; resume them in the next window"),
    "stop": ("Stop", "They end and keep the best epoch so far"),
}


class LeavingQuestion(QMessageBox):
    """Asks once, for all this window started; Cancel and Esc keep the window open."""

    settled = Signal()  # the runs were told; the window may close

    def __init__(self, runs: Runs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runs = runs
        self.setIcon(QMessageBox.Icon.Question)
        self.setWindowTitle("Runs are training")
        training = [run.name for run in runs.mine if run.alive]
        waiting = [run.name for run in runs.mine if not run.alive]
        told = []
        if training:
            told.append(f"Still training: {', '.join(training)}.")
        if waiting:
            told.append(f"Waiting for their turn: {', '.join(waiting)}; start them again in the next window.")
        self.setText("\n".join(told))
        self.setInformativeText("Training needs no window. What shall happen when this one closes?")
        self.choices: dict[str, QAbstractButton] = {}
        for name, (title, tip) in _CHOICES.items():
            button = self.addButton(title, QMessageBox.ButtonRole.ActionRole)
            button.setToolTip(tip)
            button.clicked.connect(partial(self._decide, name))
            self.choices[name] = button
        cancel = self.addButton(QMessageBox.StandardButton.Cancel)
        self.setEscapeButton(cancel)

    def _decide(self, what: str, _checked: bool = False) -> None:
        ask = {"pause": self._runs.pause, "stop": self._runs.stop}.get(what)
        if ask is not None:
            for run in self._runs.mine:
                ask(run)
        self.settled.emit()
