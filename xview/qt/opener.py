"""Opening without the window waiting: the libraries, the window's own modules and the data, in a thread."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from xview.qt.background import Latest, use_one_blas_thread

if TYPE_CHECKING:
    from xview.qt.opening import Opened, SplitChoice
    from xview.qt.panels.open_dialog import OpenInfo


class Opener(QObject):
    """Opens data, or says what opening it would find; the newest request of each kind wins."""

    opened = Signal(object)  # Opened
    failed = Signal(str)  # to open
    found = Signal(object)  # OpenInfo
    refused = Signal(str)  # to look into
    broke = Signal(object)
    busy = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._opening, self._looking = Latest("opening", self), Latest("looking", self)
        self._loading = Latest("loading", self)
        for latest, done, failed in (
            (self._opening, self.opened, self.failed),
            (self._looking, self.found, self.refused),
        ):
            latest.done.connect(done)
            latest.failed.connect(failed)
            latest.broke.connect(self.broke)
            latest.busy.connect(self.busy)

    def open(
        self, source: str, split: SplitChoice | None = None, direction: tuple[str, str] | None = None
    ) -> None:
        """Open data or a session file; `direction` names the modalities that ask and answer."""
        self._opening.request(lambda: _open(source, split, direction))

    def open_first(self, *, fresh: bool) -> None:
        """Open what was open last unless `fresh`, else the first bundled data set."""
        self._opening.request(lambda: _open_first(fresh))

    def look_into(self, path: Path) -> None:
        """Find out what a file or folder holds."""
        self._looking.request(lambda: _look_into(path))

    def load_rest(self) -> None:
        """Import what is only needed later."""
        self._loading.request(_load_rest)

    def close(self) -> None:
        """Stop the threads."""
        for latest in (self._opening, self._looking, self._loading):
            latest.close()


def _open(source: str, split: SplitChoice | None, direction: tuple[str, str] | None) -> Opened:
    from xview.qt.opening import open_source

    _load_window()
    return open_source(source, split, direction)


def _open_first(fresh: bool) -> Opened:
    from xview.qt.opening import open_first

    _load_window()
    return open_first(fresh)


def _look_into(path: Path) -> OpenInfo:
    from xview.qt.open_flow import look_into

    return look_into(path)


def _load_window() -> None:
    """Import what the window is made of here, where it may take its time."""
    from xview.qt import commands, desks  # noqa: F401

    use_one_blas_thread()


def _load_rest() -> None:
    from xview.qt.panels import curves  # noqa: F401
