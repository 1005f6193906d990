"""Work that runs: what, how far, how long, and a cancel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from xview.qt.panels.parts import ElidedLabel, Tool, as_tip, label
from xview.qt.panels.share_bar import ShareBar
from xview.qt.theme import SPACE

SHOWN = 2


@dataclass(frozen=True, slots=True)
class WorkInfo:
    """One piece of running work.

    Attributes:
        name: Tells it from others.
        title: What it does, such as "UMAP of sketches".
        fraction: Share done, 0 to 1; None while unknown.
        seconds_left: Estimate; None while unknown.
    """

    name: str
    title: str
    fraction: float | None = None
    seconds_left: float | None = None


class ProgressStrip(QWidget):
    """The first two running works side by side and how many more there are; empty when nothing runs."""

    cancel_asked = Signal(str)  # name

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Running work")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * SPACE)
        self._rows = [_Work(self) for _ in range(SHOWN)]
        for work in self._rows:
            work.cancel.clicked.connect(lambda _=False, work=work: self.cancel_asked.emit(work.name))
            row.addWidget(work)
        self._more = label("", "muted")
        row.addWidget(self._more)
        row.addStretch()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.show_work(())

    def show_work(self, works: Sequence[WorkInfo]) -> None:
        """Show what runs now, the oldest first."""
        for row, work in zip(self._rows, [*works[:SHOWN], *[None] * SHOWN], strict=False):
            row.setVisible(work is not None)
            if work is not None:
                row.show_info(work)
        hidden = works[SHOWN:]
        self._more.setText(f"+ {len(hidden)} more" if hidden else "")
        self._more.setToolTip(as_tip("\n".join(work.title for work in hidden)))
        self._more.setVisible(bool(hidden))


class _Work(QWidget):
    """Title, bar, time left, cancel."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.name = ""
        self._title = ElidedLabel(role="muted")
        self._title.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._bar = ShareBar(width=110)
        self._left = label("", "muted")
        self.cancel = Tool("close", "Cancel")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE)
        row.addWidget(self._title)
        row.addWidget(self._bar)
        row.addWidget(self._left)
        row.addWidget(self.cancel)

    def show_info(self, work: WorkInfo) -> None:
        self.name = work.name
        self._title.setText(work.title)
        self._bar.show_share(work.fraction)
        self._bar.setAccessibleName(work.title)
        left = "" if work.seconds_left is None else f"{duration(work.seconds_left)} left"
        self._left.setText(left)
        self.cancel.setAccessibleName(f"Cancel {work.title}")
        self.cancel.setToolTip(as_tip(f"Cancel {work.title}"))


def duration(seconds: float) -> str:
    """A time a person can wait by: 8 s, 2 min 10 s, 1 h 5 min."""
    whole = max(1, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if minutes < 10 and rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"
