"""Spaces of finished runs: brought into the open workspace as soon as they are there."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from xview.qt.background import Latest
from xview.qt.store import Store
from xview.session.workspace import Workspace, with_runs


class Trained(QObject):
    """Looks into the runs folder on a thread and extends the store; the view stays."""

    refreshed = Signal()  # the store has what there is
    failed = Signal(str)
    broke = Signal(object)  # an exception that is a bug

    def __init__(self, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._latest = Latest("trained spaces", self)
        self._latest.done.connect(self._take)
        self._latest.failed.connect(self.failed)
        self._latest.broke.connect(self.broke)

    def refresh(self) -> None:
        """Look for spaces that came or went."""
        before = self._store.workspace
        self._latest.request(lambda: (before, with_runs(before)))

    def close(self) -> None:
        """Stop the thread."""
        self._latest.close()

    def _take(self, found: tuple[Workspace, Workspace]) -> None:
        before, after = found
        if self._store.workspace is not before:  # a map arrived meanwhile, or other data
            self.refresh()
            return
        if after is not before:
            self._store.extend(after)
        self.refreshed.emit()
