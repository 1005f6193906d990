"""Hover: a ring at once, a card with picture and words after a short rest."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from xview.qt.maps.scene import Describe, HoverContent

PICK_RADIUS = 14.0
"""Pixels from the pointer within which the nearest point is taken."""
TEST_EVERY = 50
"""Milliseconds between two hit tests."""
DWELL = 125
"""Milliseconds on a point before its card shows."""
GRACE = 260
"""Milliseconds a card stays after its point was left."""
PICTURE = 128
_GAP = 14
_TEXT_WIDTH = 170


class HoverCard(QFrame):
    """Picture, title and lines of one item, floating over a window without taking its mouse."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setProperty("role", "card")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.picture = QLabel(self)
        self.picture.setFixedSize(PICTURE, PICTURE)
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.title = QLabel(self)
        self.title.setProperty("role", "title")
        self.lines = QLabel(self)
        self.lines.setProperty("role", "muted")
        words = QVBoxLayout()
        words.addWidget(self.title)
        words.addWidget(self.lines)
        words.addStretch()
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 8, 10, 8)
        row.setSpacing(10)
        row.addWidget(self.picture)
        row.addLayout(words)
        for label in (self.title, self.lines):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            label.setFixedWidth(_TEXT_WIDTH)
        self.hide()

    def show_at(self, content: HoverContent, place: QPoint) -> None:
        """Stand directly above `place` (window pixels), pushed inside the window, never below the point."""
        self.title.setText(content.title)
        self.lines.setText("\n".join(content.lines))
        self.picture.setVisible(content.picture is not None)
        if content.picture is not None:
            self.picture.setPixmap(_fitted(content.picture, self.devicePixelRatioF()))
        self.adjustSize()
        window = self.parentWidget()
        assert window is not None
        x = place.x() - self.width() // 2
        y = place.y() - _GAP - self.height()
        self.move(max(4, min(x, window.width() - self.width() - 4)), max(4, y))
        self.show()
        self.raise_()


class Hover(QObject):
    """Which point is under the pointer, tested seldom enough, and when its card comes and goes.

    Args:
        canvas: The widget whose points are hovered.
        pick: The point at a pixel, or -1.
        place: Pixel of a point on the canvas.
    """

    changed = Signal(int)

    def __init__(
        self, canvas: QWidget, pick: Callable[[QPointF], int], place: Callable[[int], QPointF]
    ) -> None:
        super().__init__(canvas)
        self.index = -1
        self.describe: Describe | None = None
        self._canvas, self._pick, self._place = canvas, pick, place
        self._card: HoverCard | None = None
        self._carded = -1
        self._waiting: QPointF | None = None
        self._rest = self._timer(TEST_EVERY, self._test_again)
        self._dwell = self._timer(DWELL, self._show_card)
        self._grace = self._timer(GRACE, self.hide_card)

    @property
    def card(self) -> HoverCard | None:
        """The card while it is on screen."""
        return self._card if self._card is not None and self._card.isVisible() else None

    def move(self, pixel: QPointF) -> None:
        """The pointer is at `pixel`; tests at once, or when the last test is old enough."""
        if self._rest.isActive():
            self._waiting = pixel
            return
        self._rest.start()
        self.set(self._pick(pixel))

    def leave(self) -> None:
        """The pointer has left the canvas."""
        self._waiting = None
        self.set(-1)

    def set(self, index: int) -> None:
        """Hover a point, by pointer or by key; -1 for none."""
        if index == self.index:
            return
        self.index = index
        if index >= 0:
            self._grace.stop()
            self._dwell.start()
        else:
            self._dwell.stop()
            self._grace.start()
        self.changed.emit(index)

    def hide_card(self) -> None:
        """Take the card away now."""
        self._dwell.stop()
        self._carded = -1
        if self._card is not None:
            self._card.hide()

    def refresh_card(self) -> None:
        """Ask anew for what the card says, as its picture may have come."""
        if self._carded >= 0 and self._carded == self.index:
            self._show_card()

    def _show_card(self) -> None:
        if self.describe is None or self.index < 0:
            return
        window = self._canvas.window()
        if self._card is None or self._card.parentWidget() is not window:
            self._card = HoverCard(window)
        self._carded = self.index
        at = self._canvas.mapTo(window, self._place(self.index).toPoint())
        self._card.show_at(self.describe(self.index), at)

    def _test_again(self) -> None:
        if self._waiting is not None:
            pixel, self._waiting = self._waiting, None
            self.move(pixel)

    def _timer(self, milliseconds: int, do: Callable[[], None]) -> QTimer:
        timer = QTimer(self, singleShot=True, interval=milliseconds)
        timer.timeout.connect(do)
        return timer


def _fitted(picture: QPixmap, ratio: float) -> QPixmap:
    side = round(PICTURE * ratio)
    fitted = picture.scaled(
        side, side, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    )
    fitted.setDevicePixelRatio(ratio)
    return fitted
