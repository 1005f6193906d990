"""A fault of ours: a dialog with its traceback instead of a vanished window."""

from __future__ import annotations

import sys
import traceback
from types import TracebackType

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMessageBox, QWidget


class Faults(QObject):
    """Shows one dialog at a time; what fails while it is open goes to stderr only."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._box: QMessageBox | None = None

    def show_error(self, error: BaseException) -> None:
        """Show an exception that was caught."""
        self.show(type(error), error, error.__traceback__)

    def show(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """`sys.excepthook`."""
        if issubclass(kind, KeyboardInterrupt):
            self._window.close()
            return
        words = "".join(traceback.format_exception(kind, error, trace))
        print(words, file=sys.stderr)
        traceback.clear_frames(trace)  # a painter that a failed paint event left active crashes the next one
        if self._box is not None:
            return
        box = QMessageBox(
            QMessageBox.Icon.Critical, "xview", f"Something went wrong: {error}", parent=self._window
        )
        box.setInformativeText("This is a fault of xview. Your data is untouched and the window lives on.")
        box.setDetailedText(words)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.finished.connect(self._closed)
        self._box = box
        box.open()

    def _closed(self) -> None:
        self._box = None
