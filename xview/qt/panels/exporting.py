"""Asking where to, and saving there, at once or in the background."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from xview.errors import XViewError


def export(
    parent: QWidget,
    what: str,
    kinds: tuple[tuple[str, str], ...],
    save: Callable[[Path], object],
    failed: Callable[[str], object],
) -> None:
    """Ask for a file and save there; a name without an ending gets that of the kind chosen.

    Args:
        parent: Whose dialog it is.
        what: Such as "evaluation"; names the dialog and the file it offers.
        kinds: Words and ending of each kind of file, such as ("Table as CSV", ".csv").
        save: Writes the file; may raise XViewError.
        failed: Told in a sentence why nothing was written.
    """
    offered = f"{what}{kinds[0][1]}"
    filters = ";;".join(f"{words} (*{ending})" for words, ending in kinds)
    name, chosen = QFileDialog.getSaveFileName(parent, f"Export the {what}", offered, filters)
    if not name:
        return
    path = Path(name)
    if not path.suffix:
        path = path.with_suffix(next((ending for words, ending in kinds if chosen.startswith(words)), ""))
    try:
        save(path)
    except XViewError as error:
        failed(str(error))


class Saving(QObject):
    """Writes files off the GUI thread, one after another, and all of them before the program ends.

    `failed` carries an `XViewError`'s message on the GUI thread; any other exception is a bug and is raised
    there.
    """

    failed = Signal(str)
    _stopped = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="export")
        self._stopped.connect(self._tell)
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self._finish)
        writer = self._writer
        self.destroyed.connect(lambda: writer.shutdown())

    def start(self, write: Callable[[], object]) -> None:
        """Run what writes a file, after those that wait already; it may raise XViewError."""
        self._writer.submit(self._run, write)

    def _run(self, write: Callable[[], object]) -> None:
        try:
            write()
        except Exception as error:
            self._stopped.emit(error)

    def _tell(self, error: Exception) -> None:
        if not isinstance(error, XViewError):
            raise error
        self.failed.emit(str(error))

    def _finish(self) -> None:
        """Fonts must not go away under what is being drawn."""
        self._writer.shutdown(wait=True)
