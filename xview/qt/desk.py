"""`Desk`: the content of a dock, told when the dock comes to the front and when it leaves it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QDockWidget, QWidget


class Desk(QWidget):
    """Builds, computes and draws while somebody looks.

    A dock is looked at while it is open and floats, or its tab is the chosen one. Qt tells of every change by
    the dock's `visibilityChanged`, but a value that is wrong for a dock that floats from behind another, and
    `isVisible` is true of docks behind another's tab: the visible region is right always.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._seen = False

    @property
    def seen(self) -> bool:
        """Whether the dock is looked at."""
        return self._seen

    def stand_in(self, dock: QDockWidget) -> None:
        """Follow a dock; while docks are placed each is in front for a moment, so when that has settled."""
        settled = QTimer(self, singleShot=True, interval=0)
        settled.timeout.connect(partial(self._tell, dock))
        dock.visibilityChanged.connect(settled.start)

    def look(self) -> None:
        """The dock came to the front: build what is missing, catch up."""

    def look_away(self) -> None:
        """The dock was closed, or went behind another."""

    def _tell(self, dock: QDockWidget) -> None:
        seen = not dock.visibleRegion().isEmpty()
        if seen != self._seen:
            self._seen = seen
            (self.look if seen else self.look_away)()
