"""Make the README's pictures by driving the real window: `python resources/build/screenshots.py` on a display.

In use and training, light at 1440x900 and dark at 1280x720, into resources/screenshots. Uses folders of its
own, so nothing of the user's is read or written.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

for place in ("XVIEW_STATE", "XVIEW_RUNS"):
    os.environ[place] = tempfile.mkdtemp(prefix="xview-pictures-")

from PIL import Image
from PySide6.QtCore import QEventLoop, QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from xview.qt import theme
from xview.qt.window import MainWindow, make_application

FOLDER = Path(__file__).resolve().parents[1] / "screenshots"
SHOTS = (("light", theme.Scheme.LIGHT, 1440, 900), ("dark", theme.Scheme.DARK, 1280, 720))
PATIENCE_S = 120
COLOURS = 160
EPOCHS = 12


def wait(milliseconds: int) -> None:
    """Serve events; unlike QTest.qWait this lets the window's threads run."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def settle(window: MainWindow) -> None:
    """Wait until the first answer is on screen and no work runs."""
    for _ in range(PATIENCE_S * 5):
        wait(200)
        laboratory = window.laboratory
        if laboratory is not None and laboratory.rankings.reply is not None and not laboratory.work.runs:
            if laboratory.evaluations.judgements():
                break
    wait(1500)


def save(window: MainWindow, name: str) -> None:
    """A picture of the window with few colours, so that it stays small."""
    path = FOLDER / f"{name}.png"
    window.grab().save(str(path))
    Image.open(path).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


def use(window: MainWindow) -> None:
    """Compare two rankers and ask why the first counted result is there."""
    laboratory = window.laboratory
    assert laboratory is not None
    laboratory.store.ask(other="knn")
    wait(500)
    first = laboratory.results.results.list_of("A").viewport()
    QTest.mouseClick(first, Qt.MouseButton.LeftButton, pos=QPoint(60, 90))
    settle(window)


def train(window: MainWindow) -> None:
    """Train two variants of a system, and show their curves with the finished space on the maps."""
    laboratory = window.laboratory
    assert laboratory is not None
    laboratory.store.ask(other=None)
    window.actions_by_name["train"].trigger()
    panel = laboratory.training.panel
    for steps in (3, 0):
        laboratory.training.show_form("rrf_net")
        panel.form.training.rows["epochs"].field.box.setValue(EPOCHS)
        panel.form.settings.rows["steps"].field.box.setValue(steps)
        panel.form.start.click()
    for _ in range(PATIENCE_S * 5):
        wait(200)
        if laboratory.runs.runs and not laboratory.runs.alive:
            break
    settle(window)
    panel.table.selectAll()
    settle(window)


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    app = make_application()
    assert isinstance(app, QApplication)
    for name, scheme, width, height in SHOTS:
        theme.apply(app, scheme)
        window = MainWindow(keep_session=False)
        window.resize(width, height)
        window.show()
        window.start("emoji", fresh=True)
        settle(window)
        use(window)
        save(window, f"use-{name}")
        train(window)
        save(window, f"training-{name}")
        window.close()


if __name__ == "__main__":
    main()
