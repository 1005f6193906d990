"""What a person at the real window does and sees, for the tests that drive it."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
from PySide6.QtCore import QEventLoop, QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from xview.qt.laboratory import Laboratory
from xview.qt.maps.canvas import MapCanvas
from xview.qt.window import MainWindow

PATIENCE_S = 90
SHIFT_CONTROL = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier


def pause(ms: int) -> None:
    """Let the window and its threads work; `QTest.qWait` holds the interpreter, so that threads starve."""
    loop = QEventLoop()
    QTimer.singleShot(ms, loop.quit)
    loop.exec()


def wait_until(happened: Callable[[], object], what: str = "") -> None:
    end = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < end, f"waited {PATIENCE_S} s in vain for {what or happened}"
        pause(20)


def _children() -> list[psutil.Process]:
    return psutil.Process().children(recursive=True)


class Screen:
    """A shown window; opening waits until the first query is answered."""

    def __init__(
        self, qtbot: QtBot | None = None, *, keep_session: bool = False, warm_up: bool = True
    ) -> None:
        self._threads = set(threading.enumerate())
        self._processes = set(_children())
        self.window = MainWindow(keep_session=keep_session, warm_up=warm_up)
        if qtbot is not None:
            qtbot.addWidget(self.window)
        self.window.resize(1280, 720)
        self.window.show()
        self.come_back()

    @property
    def laboratory(self) -> Laboratory:
        assert self.window.laboratory is not None
        return self.window.laboratory

    @property
    def notice(self) -> str:
        notice = self.window.notice
        return "" if notice is None or notice.isHidden() else notice.words.text()

    def open(self, source: str | Path | None = None, *, fresh: bool = True) -> None:
        self.window.start(None if source is None else str(source), fresh=fresh)
        wait_until(lambda: self.window.laboratory is not None, "data")
        if source is not None:
            wait_until(lambda: self.laboratory.store.workspace.dataset.source == str(source), f"{source}")
        self.settle()

    def come_back(self) -> None:
        """Make the window the active one, as a window system does when a dialog closes."""
        pause(20)
        self.window.activateWindow()
        wait_until(self.window.isActiveWindow, "the window to be active")

    def leave(self) -> None:
        """Close the window; no process and no thread may stay."""
        self.window.close()
        wait_until(lambda: not self.workers(), "workers to leave")
        wait_until(lambda: set(threading.enumerate()) <= self._threads, "threads to end")

    def workers(self) -> set[psutil.Process]:
        """Processes that were not there before the window."""
        return set(_children()) - self._processes

    def settle(self) -> None:
        """Wait until what is asked is answered on screen, or said why not."""
        lab = self.laboratory

        def answered() -> bool:
            asked = lab.store.resolved
            if asked.spaces is None or asked.query is None:
                return lab.rankings.reply is None
            reply = lab.rankings.reply
            if reply is None or not asked.same_answer(reply.answer.resolved) or reply.row != asked.why:
                return False
            side = reply.answer.b if asked.view.why_in_other else reply.answer.a
            return asked.why is None or reply.explained is (side or reply.answer.a)

        wait_until(answered, "an answer")

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.window, key, modifiers)
        pause(20)

    def canvas(self, space: str) -> MapCanvas:
        return self.laboratory.maps.views[space].canvas

    def click_point(self, space: str, modality: str, row: int) -> None:
        canvas = self.canvas(space)
        (point,) = self.laboratory.maps.scenes[space].points(modality, [row])
        QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=canvas.place_of(int(point)).toPoint())
        self.settle()

    def free_row(self, space: str, modality: str) -> int:
        """A shown item that no other item covers."""
        canvas, scene = self.canvas(space), self.laboratory.maps.scenes[space]
        rows = self.laboratory.store.resolved.task.query_rows
        for row in rows.tolist():
            (point,) = scene.points(modality, [row])
            place = canvas.place_of(int(point))
            if canvas.rect().contains(place.toPoint()) and canvas.pick(place) == point:
                return int(row)
        raise AssertionError("every point is covered")

    def lasso_all(self, space: str) -> None:
        canvas = self.canvas(space)
        middle, reach = canvas.rect().center(), min(canvas.width(), canvas.height()) / 2 - 4
        around = [
            middle + QPoint(round(reach * math.cos(turn)), round(reach * math.sin(turn)))
            for turn in np.linspace(0, 2 * np.pi, 20)
        ]
        QTest.mousePress(canvas, Qt.MouseButton.LeftButton, SHIFT_CONTROL, around[0])
        for place in around:
            QTest.mouseMove(canvas, place)
        QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, SHIFT_CONTROL, around[-1])
        pause(50)

    def drop(self, path: Path) -> None:
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(path))])
        keys, buttons = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton
        action = Qt.DropAction.CopyAction
        enter = QDragEnterEvent(QPoint(300, 300), action, mime, buttons, keys)
        QApplication.sendEvent(self.window, enter)
        assert enter.isAccepted()
        QApplication.sendEvent(self.window, QDropEvent(QPointF(300, 300), action, mime, buttons, keys))

    def titles(self, side: str = "A", count: int = 5) -> list[str]:
        """What the first results are called."""
        ranked = self.laboratory.results.results.list_of(side)
        return [ranked.describe(place).splitlines()[0] for place in range(min(count, ranked.count))]
