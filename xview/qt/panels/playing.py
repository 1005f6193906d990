"""Frames by number that play: the buttons, the speed and the clock, for whoever shows the frames."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QWidget

from xview.qt.panels.parts import Tool

SPEEDS = {"¼×": 0.25, "½×": 0.5, "1×": 1.0, "2×": 2.0, "4×": 4.0}


class Playing(QObject):
    """Its buttons and box are laid out by the owner, which hands its keys on and pauses when hidden.

    Args:
        what: What is played, as the name of the play button says.
        interval: Milliseconds a frame at single speed.
        owner: Who shows the frames; it takes the keyboard when play is clicked.
    """

    moved = Signal(int)  # frame, by the user or by playing

    def __init__(self, what: str, interval: int, owner: QWidget) -> None:
        super().__init__(owner)
        self._interval = interval
        self._frame, self._count = 0, 0
        self.previous = Tool("previous", "Step back", "One step back  [←]")
        self.play = Tool("play", f"Play {what}", "Play or pause  [Space]")
        self.next = Tool("next", "Step forward", "One step forward  [→]")
        self.speed = QComboBox()
        self.speed.setAccessibleName("Speed")
        self.speed.addItems(list(SPEEDS))
        self.speed.setCurrentText("1×")
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._advance)
        self.play.clicked.connect(self.toggle)
        self.play.clicked.connect(lambda: owner.setFocus())
        self.previous.clicked.connect(lambda: self.step(-1))
        self.next.clicked.connect(lambda: self.step(1))
        self.speed.currentTextChanged.connect(lambda _text: self._timer.setInterval(self._pace()))
        self.show_count(0)

    @property
    def frame(self) -> int:
        """The frame shown."""
        return self._frame

    @property
    def count(self) -> int:
        """Number of frames."""
        return self._count

    @property
    def playing(self) -> bool:
        """Whether frames go on by themselves."""
        return self._timer.isActive()

    def show_count(self, count: int, frame: int = 0) -> None:
        """Offer that many frames, with this one shown; emits nothing.

        None at all pauses; the frame is then kept for when there are some again.
        """
        self._count = count
        self._frame = max(0, min(frame, count - 1)) if count else frame
        if not count:
            self.pause()
        for button in (self.previous, self.play, self.next):
            button.setEnabled(count > 0)

    def go(self, frame: int) -> None:
        """Show a frame, or the nearest there is; silent while there are none."""
        frame = max(0, min(frame, self._count - 1) if self._count else frame)
        if frame != self._frame:
            self._frame = frame
            if self._count:
                self.moved.emit(frame)

    def step(self, frames: int) -> None:
        """Go on or back by hand."""
        self.pause()
        self.go(self._frame + frames)

    def pause(self) -> None:
        """Stop where it is."""
        self._timer.stop()
        self.play.set_icon("play")

    def toggle(self) -> None:
        """Play or pause; from the last frame, play from the first."""
        if self.playing:
            self.pause()
        elif self._count:
            if self._frame == self._count - 1:
                self.go(0)
            self._timer.start(self._pace())
            self.play.set_icon("pause")

    def took(self, event: QKeyEvent) -> bool:
        """Whether a key was for the player: Space plays, arrows step."""
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if event.key() == Qt.Key.Key_Space:
            self.toggle()
        elif event.key() in steps:
            self.step(steps[Qt.Key(event.key())])
        else:
            return False
        return True

    def _pace(self) -> int:
        return round(self._interval / SPEEDS[self.speed.currentText()])

    def _advance(self) -> None:
        if self._frame >= self._count - 1:
            self.pause()
        else:
            self.go(self._frame + 1)
