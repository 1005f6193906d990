"""Without a display: the window rendered off screen into a picture, and the report beside it."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from xview.errors import DataError
from xview.qt.opening import FIRST_DATA, Opened, open_source
from xview.report import write_report

SIZE = (1440, 900)
PATIENCE_S = 60.0
_STEP_MS = 50
_STEPS_STILL = 6  # in a row with nothing left to do: what arrived has asked for its pictures, and they came


def render_and_report(source: str | None, folder: Path) -> Path:
    """Open data, write `window.png` and `index.html` into `folder`, and return its absolute path.

    Where not even Qt's libraries load, the picture is left out and the reason goes to stderr.

    Raises:
        DataError: The data cannot be read or the folder not written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"{folder}: cannot be written ({error.strerror}); name another with --out") from error
    opened = open_source(source or FIRST_DATA)
    try:
        _render(opened, folder / "window.png")
    except ImportError as error:
        print(f"xview: no picture of the window, Qt cannot be loaded ({error})", file=sys.stderr)
    write_report(opened.workspace, folder, protocol=opened.session.state.protocol)
    return folder.resolve()


def _render(opened: Opened, path: Path) -> None:
    """Show the data in a window nobody sees, judge the rankers, and save its picture when all is there."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtCore import QEventLoop, QTimer, qInstallMessageHandler

    from xview.qt.application import make_application
    from xview.qt.window import MainWindow

    qInstallMessageHandler(_say)
    app = make_application()
    window = MainWindow(keep_session=False, warm_up=False)
    window.resize(*SIZE)
    window.show()
    window.show_opened(opened)
    laboratory = window.laboratory
    assert laboratory is not None
    laboratory.evaluations.judge_unasked()
    loop, clock = QEventLoop(), QTimer(interval=_STEP_MS)
    clock.timeout.connect(loop.quit)
    clock.start()
    still, end = 0, time.monotonic() + PATIENCE_S
    while still < _STEPS_STILL and time.monotonic() < end:
        loop.exec()
        still = still + 1 if laboratory.idle else 0
    clock.stop()
    window.grab().save(str(path))
    window.close()
    app.processEvents()


def _say(_kind: object, _context: object, words: str) -> None:
    """Qt's messages to stderr, but for what the off-screen platform says of every window."""
    if "propagateSizeHints" not in words:
        print(words, file=sys.stderr)
