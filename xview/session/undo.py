"""Undo: a list of states, because states are immutable."""

from __future__ import annotations

from xview.session.state import ViewState

_KEPT = 200


class Undo:
    """Past and future of one `ViewState`.

    Steps with the same non-empty `merge` name in a row count as one (a slider dragged through ten values
    is one thing the user did).
    """

    def __init__(self, state: ViewState) -> None:
        self.state = state
        self._past: list[ViewState] = []
        self._future: list[ViewState] = []
        self._last_merge = ""

    def record(self, state: ViewState, merge: str = "") -> None:
        """Make `state` the present one."""
        if state == self.state:
            return
        if not (merge and merge == self._last_merge):
            self._past = [*self._past, self.state][-_KEPT:]
        self._last_merge = merge
        self._future.clear()
        self.state = state

    @property
    def can_undo(self) -> bool:
        """Whether there is a past."""
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        """Whether something was undone."""
        return bool(self._future)

    def undo(self) -> ViewState:
        """Step back; the present state where there is no past."""
        if self._past:
            self._future.append(self.state)
            self.state = self._past.pop()
            self._last_merge = ""
        return self.state

    def redo(self) -> ViewState:
        """Step forward again; the present state where nothing was undone."""
        if self._future:
            self._past.append(self.state)
            self.state = self._future.pop()
            self._last_merge = ""
        return self.state
