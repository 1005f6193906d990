"""The bar that plays a walk: step, scrub, speed, and how far it is."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QSizePolicy, QSlider, QToolButton, QWidget

from xview.qt.panels.parts import ElidedLabel, Tool
from xview.qt.theme import SPACE

INTERVAL = 120  # milliseconds a frame at single speed
_UNBOUNDED = 16_777_215  # Qt's own
SPEEDS = {"¼×": 0.25, "½×": 0.5, "1×": 1.0, "2×": 2.0, "4×": 4.0}


class WalkPlayer(QFrame):
    """Frames by number; what a frame says of itself is given. Space plays, arrows step."""

    moved = Signal(int)  # frame, by the user or by playing
    both_asked = Signal(bool)  # homogeneous and heterogeneous at once

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.setAccessibleName("Walk")
        self._told: Sequence[str] = ()
        self.previous = Tool("previous", "Step back", "One step back  [←]")
        self.play = Tool("play", "Play the walk", "Play or pause  [Space]")
        self.next = Tool("next", "Step forward", "One step forward  [→]")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Step of the walk")
        self.slider.setMinimumWidth(80)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFocusProxy(self.slider)  # which shows it
        self.slider.setToolTip("Steps shown: the first seven, then each some 15 % later than the one before")
        self.words = ElidedLabel()
        self.words.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.speed = QComboBox()
        self.speed.setAccessibleName("Speed")
        self.speed.addItems(list(SPEEDS))
        self.speed.setCurrentText("1×")
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
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._advance)
        self.play.clicked.connect(self._play_clicked)
        self.previous.clicked.connect(lambda: self.step(-1))
        self.next.clicked.connect(lambda: self.step(1))
        self.slider.valueChanged.connect(self._moved)
        self.speed.currentTextChanged.connect(lambda _text: self._timer.setInterval(self._interval()))
        self.both.toggled.connect(self.both_asked)
        self.show_nothing("")

    @property
    def frame(self) -> int:
        """The frame shown."""
        return self.slider.value()

    @property
    def playing(self) -> bool:
        """Whether frames go on by themselves."""
        return self._timer.isActive()

    def show_frames(self, told: Sequence[str], tip: str) -> None:
        """Offer these frames; the place is kept: the last one at the last, others where they were.

        Args:
            told: What each frame says.
            tip: What holds for all of them.
        """
        at_end = bool(self._told) and self.frame == len(self._told) - 1
        self._told = told
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, len(told) - 1)
            if at_end:
                self.slider.setValue(len(told) - 1)
        widest = max(map(self.words.fontMetrics().horizontalAdvance, told))
        self.words.setMaximumWidth(widest + SPACE)  # the slider takes what is left
        self.words.set_tip(tip)
        self._enable(True)
        self._say()

    def show_nothing(self, reason: str) -> None:
        """Say why there is no walk."""
        self.pause()
        self.words.setMaximumWidth(_UNBOUNDED)
        self.words.setText(reason)
        self._enable(False)

    def pause(self) -> None:
        """Stop where it is."""
        self._timer.stop()
        self.play.set_icon("play")

    def step(self, frames: int) -> None:
        """Go on or back by hand."""
        self.pause()
        self.slider.setValue(self.frame + frames)

    def toggle(self) -> None:
        """Play or pause; from the last frame, play from the first."""
        if self.playing:
            self.pause()
        elif self.play.isEnabled():
            if self.frame == len(self._told) - 1:
                self.slider.setValue(0)
            self._timer.start(self._interval())
            self.play.set_icon("pause")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space plays, arrows step; the slider handles its own."""
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if event.key() == Qt.Key.Key_Space:
            self.toggle()
        elif event.key() in steps:
            self.step(steps[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing plays unseen."""
        super().hideEvent(event)
        self.pause()

    def _play_clicked(self) -> None:
        self.toggle()
        self.slider.setFocus()

    def _interval(self) -> int:
        return round(INTERVAL / SPEEDS[self.speed.currentText()])

    def _advance(self) -> None:
        if self.frame >= len(self._told) - 1:
            self.pause()
        else:
            self.slider.setValue(self.frame + 1)

    def _moved(self, frame: int) -> None:
        self._say()
        self.moved.emit(frame)

    def _say(self) -> None:
        self.words.setText(self._told[self.frame])
        self.slider.setAccessibleDescription(self._told[self.frame])

    def _enable(self, on: bool) -> None:
        for widget in (self.previous, self.play, self.next, self.slider):
            widget.setEnabled(on)
