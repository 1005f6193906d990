"""`ShareBar`: how far a piece of work is."""

from __future__ import annotations

from PySide6.QtWidgets import QProgressBar, QWidget

_TICKS = 1000
_LEAST = 40  # pixels


class ShareBar(QProgressBar):
    """A bar without words: a share done, or that nobody knows."""

    def __init__(self, name: str = "", width: int = 120, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextVisible(False)
        self.setMinimumWidth(min(width, _LEAST))
        self.setMaximumWidth(width)
        self.setAccessibleName(name)

    def show_share(self, share: float | None) -> None:
        """Show a share from 0 to 1; None is unknown and moves to and fro."""
        self.setRange(0, 0 if share is None else _TICKS)
        self.setValue(round(_TICKS * (share or 0)))
