"""The single place where view state changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from xview.session.resolve import Resolved, resolve
from xview.session.state import Asked, ItemsQuery, ViewState
from xview.session.undo import Undo
from xview.session.workspace import Workspace

_HISTORY_KEPT = 100


class Store(QObject):
    """Views call `ask`; everyone hears `changed`.

    The store answers, so that a refused value never stays on screen.
    """

    changed = Signal(object, object)  # old, new: Resolved
    opened = Signal(object)  # Workspace of other data
    history_changed = Signal()

    def __init__(
        self,
        workspace: Workspace,
        state: ViewState,
        parent: QObject | None = None,
        history: tuple[Asked, ...] = (),
    ) -> None:
        super().__init__(parent)
        self._undo = Undo(state)
        self.resolved: Resolved = resolve(state, workspace)
        self.history: list[Asked] = list(history)
        self._remember()

    @property
    def state(self) -> ViewState:
        """The user's intentions now."""
        return self._undo.state

    @property
    def workspace(self) -> Workspace:
        """What is open."""
        return self.resolved.workspace

    @property
    def can_undo(self) -> bool:
        """Whether `undo` would change anything."""
        return self._undo.can_undo

    @property
    def can_redo(self) -> bool:
        """Whether `redo` would change anything."""
        return self._undo.can_redo

    def ask(self, *, merge: str = "", **changes: Any) -> Resolved:
        """Record changed intentions (fields of `ViewState`), return what came of them.

        Args:
            merge: Steps with the same name in a row are one for undo.
            changes: Fields of `ViewState` and their new values.
        """
        self._undo.record(self.state.changed(**changes), merge)
        return self._settle(resolve(self.state, self.workspace))

    def ask_item(self, modality: str, row: int) -> Resolved:
        """Make an item the query; see `ask_items`."""
        return self.ask_items(modality, (str(self.workspace.dataset.collection(modality).ids[row]),))

    def ask_items(self, modality: str, ids: tuple[str, ...]) -> Resolved:
        """Make items of one modality the query; those of the gallery's modality turn the direction around."""
        protocol = self.resolved.task.protocol
        if modality == protocol.gallery != protocol.query:
            protocol = protocol.swapped()
        elif modality != protocol.query:
            protocol = replace(protocol, query=modality)
        return self.ask(protocol=protocol, query=ItemsQuery(ids), why=None)

    def undo(self) -> None:
        """Take the last step back."""
        self._undo.undo()
        self._settle(resolve(self.state, self.workspace))

    def redo(self) -> None:
        """Take an undone step again."""
        self._undo.redo()
        self._settle(resolve(self.state, self.workspace))

    def extend(self, workspace: Workspace) -> None:
        """The same data with more spaces, more maps or another split; the view stays."""
        self._settle(resolve(self.state, workspace))

    def open(self, workspace: Workspace, state: ViewState, history: tuple[Asked, ...] = ()) -> None:
        """Other data: a new view, a new past."""
        self._undo = Undo(state)
        self.history = list(history)
        self.resolved = resolve(state, workspace)
        self._remember()
        self.opened.emit(workspace)
        self.changed.emit(self.resolved, self.resolved)
        self.history_changed.emit()

    def _settle(self, new: Resolved) -> Resolved:
        old, self.resolved = self.resolved, new
        if new.query != old.query:
            self._remember()
            self.history_changed.emit()
        self.changed.emit(old, new)
        return new

    def _remember(self) -> None:
        """Put the present query last in the history, and nowhere else."""
        if self.resolved.query is not None:
            asked = Asked(self.resolved.query, self.resolved.task.protocol)
            self.history = [*(a for a in self.history if a.query != asked.query), asked][-_HISTORY_KEPT:]
