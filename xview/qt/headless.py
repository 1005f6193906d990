"""Without a display: the window rendered off screen into a picture, and the report beside it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from xview.errors import DataError
from xview.qt.opening import FIRST_DATA, open_source
from xview.report import write_report

SIZE = (1440, 900)
PATIENCE_MS = 30_000
_PICTURES_MS = 700  # thumbnails arrive after the ranking


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
        _render(source, folder / "window.png")
    except ImportError as error:
        print(f"xview: no picture of the window, Qt cannot be loaded ({error})", file=sys.stderr)
    write_report(opened.workspace, folder, protocol=opened.session.state.protocol)
    return folder.resolve()


def _render(source: str | None, path: Path) -> None:
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtCore import QEventLoop, QTimer, qInstallMessageHandler

    from xview.qt.application import make_application
    from xview.qt.window import MainWindow

    qInstallMessageHandler(_say)
    app = make_application()
    window = MainWindow(keep_session=False)
    window.resize(*SIZE)
    loop = QEventLoop()
    window.settled.connect(lambda: QTimer.singleShot(_PICTURES_MS, loop.quit))
    QTimer.singleShot(PATIENCE_MS, loop.quit)
    window.show()
    window.start(source, fresh=True)
    loop.exec()
    window.grab().save(str(path))
    window.close()
    app.processEvents()


def _say(_kind: object, _context: object, words: str) -> None:
    """Qt's messages to stderr, but for what the off-screen platform says of every window."""
    if "propagateSizeHints" not in words:
        print(words, file=sys.stderr)
