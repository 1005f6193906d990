"""Pictures and texts that come without vectors: encoded in a worker as soon as they are open."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from xview.qt.background import Latest
from xview.qt.opening import first_view
from xview.qt.store import Store
from xview.qt.work import Run, Work
from xview.session.state import ViewState
from xview.session.workspace import Workspace, open_workspace


class Encodings(QObject):
    """One job a modality; when the last one has ended, the data is opened again with its new spaces."""

    finished = Signal(object, object)  # Workspace with the spaces that came of it, a first ViewState for it
    failed = Signal(str)
    broke = Signal(object)  # an exception that is a bug

    def __init__(self, store: Store, work: Work, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store, self._work = store, work
        self._runs: dict[str, Run] = {}
        self._latest = Latest("reopening", self)
        self._latest.done.connect(self._reopened)
        self._latest.failed.connect(self.failed)
        self._latest.broke.connect(self.broke)
        store.opened.connect(self.start)

    def start(self, workspace: Workspace) -> None:
        """Encode what has no vectors; whatever ran for other data is given up."""
        for run in self._runs.values():
            self._work.cancel(run)
        self._runs = {
            modality: self._work.start(
                f"{encoder} encodes {modality}",
                "encode",
                {
                    "data": workspace.dataset.source,
                    "unseen": workspace.unseen,
                    "modality": modality,
                    "encoder": encoder,
                },
                partial(self._done, workspace, modality),
                partial(self._lost, workspace, modality),
            )
            for modality, encoder in workspace.to_encode.items()
        }
        self._encoded = False

    def close(self) -> None:
        """Stop the thread."""
        self._latest.close()

    def _done(self, workspace: Workspace, modality: str, _run_dir: Path) -> None:
        self._ended(workspace, modality, encoded=True)

    def _lost(self, workspace: Workspace, modality: str, _reason: str) -> None:
        self._ended(workspace, modality, encoded=False)

    def _ended(self, workspace: Workspace, modality: str, *, encoded: bool) -> None:
        if workspace.dataset is not self._store.workspace.dataset:
            return
        self._runs.pop(modality, None)
        self._encoded |= encoded
        if not self._runs and self._encoded:
            self._latest.request(partial(_reopen, workspace))

    def _reopened(self, found: tuple[Workspace, ViewState]) -> None:
        if found[0].dataset.fingerprint == self._store.workspace.dataset.fingerprint:
            self.finished.emit(*found)


def _reopen(workspace: Workspace) -> tuple[Workspace, ViewState]:
    found = open_workspace(workspace.dataset.source, workspace.unseen)
    return found, first_view(found)
