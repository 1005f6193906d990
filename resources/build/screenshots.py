"""Make the README's pictures with the real window: `python resources/build/screenshots.py` on a display.

Light at 1440x900 (in use, distortion, training; paths through CCI), dark at 1280x720 (walk, fusion), into
resources/screenshots. Uses folders of its own, so nothing of the user's is read or written.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

for place in ("XVIEW_STATE", "XVIEW_RUNS", "XVIEW_CACHE"):
    os.environ[place] = tempfile.mkdtemp(prefix="xview-pictures-")

from PIL import Image
from PySide6.QtCore import QEventLoop, QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from xview.cli import main as xview
from xview.data.protocol import Classes, Protocol
from xview.qt import theme
from xview.qt.window import MainWindow, make_application
from xview.retrieval.field import SpaceChoice
from xview.retrieval.fusion import FusionSettings, Mixing
from xview.retrieval.geodesic_settings import GeodesicSettings
from xview.session.state import ItemsQuery, Overlay

FOLDER = Path(__file__).resolve().parents[1] / "screenshots"
PATIENCE_S = 120
COLOURS = 128
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
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shot.png"
        window.grab().save(str(path))
        few = Image.open(path).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        few.convert("RGB").save(FOLDER / f"{name}.webp", lossless=True, quality=100, method=6)


def use(window: MainWindow) -> None:
    """Compare two rankers and ask why the first counted result is there."""
    laboratory = window.laboratory
    assert laboratory is not None
    laboratory.store.ask(other="knn")
    wait(500)
    first = laboratory.results.results.list_of("A").viewport()
    QTest.mouseClick(first, Qt.MouseButton.LeftButton, pos=QPoint(60, 90))
    settle(window)


def distort(window: MainWindow) -> None:
    """Measure what the shared space tore, and open the class that came apart most."""
    laboratory = window.laboratory
    assert laboratory is not None
    laboratory.store.ask(other=None, why=None)
    window.actions_by_name["distortion"].trigger()
    settle(window)
    panel = laboratory.distortion.panel
    panel.show_view("fragments")
    settle(window)
    plot = panel.view("fragments")._plot
    before, after = plot._values.values()
    plot.series_clicked.emit(int((before - after).argmax()), 1)
    settle(window)


def walk(window: MainWindow) -> None:
    """The walk of the query half way to its end, homogeneous beside heterogeneous."""
    laboratory = window.laboratory
    assert laboratory is not None
    laboratory.walking.play()
    settle(window)


def fuse(window: MainWindow) -> None:
    """Two rankers in two spaces, weights on the table, and the score curves of the query."""
    laboratory = window.laboratory
    assert laboratory is not None
    sources = 'knn + heterogeneous + knn@"shared (cca)"'
    settings = FusionSettings(mode=Mixing.ADAPTIVE, sources=sources)
    state = laboratory.store.state
    laboratory.store.ask(
        ranker="fusion", settings=state.with_settings("fusion", settings), overlay=Overlay.HITS
    )
    window.docks["fusion"].raise_()
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


def follow(window: MainWindow) -> None:
    """The longest smooth path of CCI: pictures and sentences, each one change from the one before."""
    laboratory = window.laboratory
    assert laboratory is not None
    everything = Classes.ALL
    settings = GeodesicSettings(degree=10)
    laboratory.store.ask(
        protocol=Protocol(
            query="images", gallery="images", query_classes=everything, gallery_classes=everything
        ),
        spaces=SpaceChoice(shared="shared (cca)"),
        ranker="geodesic",
        settings=laboratory.store.state.with_settings("geodesic", settings),
        query=ItemsQuery(("410",)),
        why="830",
        method="pca",
        overlay=Overlay.PATH,
    )
    window.docks["paths"].raise_()
    settle(window)
    laboratory.paths.panel.strip.show_frame(1)
    settle(window)


def opened(data: str, scheme: theme.Scheme, width: int, height: int) -> MainWindow:
    """The window on a data set, answered."""
    app = make_application()
    assert isinstance(app, QApplication)
    theme.apply(app, scheme)
    window = MainWindow(keep_session=False)
    window.resize(width, height)
    window.show()
    window.start(data, fresh=True)
    settle(window)
    return window


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for modality in ("images", "texts"):
        xview(["encode", "cci", "--modality", modality])
    for data, scheme, width, height, scenes in (
        ("emoji", theme.Scheme.LIGHT, 1440, 900, {"use": use, "distortion": distort, "training": train}),
        ("cci", theme.Scheme.LIGHT, 1440, 900, {"paths": follow}),
        ("emoji", theme.Scheme.DARK, 1280, 720, {"walk": walk, "fusion": fuse}),
    ):
        window = opened(data, scheme, width, height)
        for name, arrange in scenes.items():
            arrange(window)
            save(window, name)
        window.close()


if __name__ == "__main__":
    main()
