"""Real widgets without a screen; a test that leaves a thread, a timer or a window behind fails."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Iterator

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
import shiboken6
from PySide6.QtCore import QEvent, QTimer
from PySide6.QtWidgets import QApplication


def pytest_configure(config: pytest.Config) -> None:
    # said by the offscreen platform of every window with a least size; real platforms obey it
    config.addinivalue_line("qt_log_ignore", "does not support propagateSizeHints")


@pytest.fixture(autouse=True)
def nothing_left_behind(qapp: QApplication) -> Iterator[None]:
    threads = set(threading.enumerate())
    windows = set(qapp.topLevelWidgets())
    timers = _running_timers()  # of tests outside this folder
    yield
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    left = [thread.name for thread in threading.enumerate() if thread not in threads]
    assert not left, f"threads left running: {left}"
    shown = [window for window in qapp.topLevelWidgets() if window not in windows and window.isVisible()]
    assert not shown, f"windows left open: {shown}"
    ticking = [(timer, timer.parent()) for timer in _running_timers() if timer not in timers]
    assert not ticking, f"timers left running: {ticking}"


def _running_timers() -> list[QTimer]:
    return [
        thing
        for thing in gc.get_objects()
        if type(thing) is QTimer and shiboken6.isValid(thing) and thing.isActive()
    ]
