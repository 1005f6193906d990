"""The bar that plays a walk: step, scrub, speed, and how far it is."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QSlider, QToolButton, QWidget

from xview.qt.panels.parts import ElidedLabel
from xview.qt.panels.playing import Playing
from xview.qt.theme import SPACE

INTERVAL = 120  # milliseconds a frame at single speed
_UNBOUNDED = 16_777_215  # Qt's own


class WalkPlayer(QFrame):
    """Frames by number; what a frame says of itself is given. Space plays, arrows step."""

    moved = Signal(int)  # frame, by the user or by playing
    both_asked = Signal(bool)  # homogeneous and heterogeneous at once

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.setAccessibleName("Walk")
        self._told: Sequence[str] = ()
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Step of the walk")
        self.slider.setMinimumWidth(80)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFocusProxy(self.slider)  # which shows it
        self.slider.setToolTip("Steps shown: the first seven, then each some 15 % later than the one before")
        self._frames = Playing("the walk", INTERVAL, self)
        self.previous, self.play, self.next = self._frames.previous, self._frames.play, self._frames.next
        self.speed = self._frames.speed
        self.words = ElidedLabel()
        self.words.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.both = QToolButton()
        self.both.setText("Both walks")
        self.both.setAccessibleName("Both walks")
        self.both.setCheckable(True)
        self.both.setProperty("role", "tool")
        self.both.setToolTip(
            "The heterogeneous walk on single-modal maps beside the homogeneous one on shared maps: each on "
            "the manifold it walks"
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE, 2, SPACE, 2)
        row.setSpacing(2)
        for button in (self.previous, self.play, self.next):
            row.addWidget(button)
        row.addWidget(self.slider, 1)
        row.addSpacing(SPACE)
        row.addWidget(self.words, 3)
        row.addWidget(self.speed)
        row.addWidget(self.both)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._frames.moved.connect(self._moved)
        self.slider.valueChanged.connect(self._frames.go)
        self.both.toggled.connect(self.both_asked)
        self.show_nothing("")

    @property
    def frame(self) -> int:
        """The frame shown."""
        return self._frames.frame

    @property
    def playing(self) -> bool:
        """Whether frames go on by themselves."""
        return self._frames.playing

    def show_frames(self, told: Sequence[str], tip: str) -> None:
        """Offer these frames; the place is kept: the last one at the last, others where they were.

        Args:
            told: What each frame says.
            tip: What holds for all of them.
        """
        at_end = bool(self._told) and self.frame == len(self._told) - 1
        self._told = told
        self._frames.show_count(len(told), len(told) - 1 if at_end else self.frame)
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, len(told) - 1)
            self.slider.setValue(self.frame)
        self.slider.setEnabled(True)
        widest = max(map(self.words.fontMetrics().horizontalAdvance, told))
        self.words.setMaximumWidth(widest + SPACE)  # the slider takes what is left
        self.words.set_tip(tip)
        self._say()

    def show_nothing(self, reason: str) -> None:
        """Say why there is no walk."""
        self._frames.show_count(0, self.frame)
        self.slider.setEnabled(False)
        self.words.setMaximumWidth(_UNBOUNDED)
        self.words.setText(reason)

    def pause(self) -> None:
        """Stop where it is."""
        self._frames.pause()

    def step(self, frames: int) -> None:
        """Go on or back by hand."""
        self._frames.step(frames)

    def toggle(self) -> None:
        """Play or pause; from the last frame, play from the first."""
        self._frames.toggle()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space plays, arrows step; the slider handles its own."""
        if not self._frames.took(event):
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing plays unseen."""
        super().hideEvent(event)
        self.pause()

    def _moved(self, frame: int) -> None:
        self.slider.setValue(frame)
        self._say()
        self.moved.emit(frame)

    def _say(self) -> None:
        self.words.setText(self._told[self.frame])
        self.slider.setAccessibleDescription(self._told[self.frame])
