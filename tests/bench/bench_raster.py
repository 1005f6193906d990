"""Maps of very many points against pyqtgraph's ScatterPlotItem, matplotlib's Path and memory, in one run.

    python -m tests.bench.bench_raster [--points 1000000 5000000] [--alone 10000000]

Medians at 1200 x 800 pixels, 20 classes, one ScatterPlotItem a class; without a screen. A frame is one
repaint of the whole widget. Both take turns, so that whatever else the machine does meets both; wall time
still moves with it, so the own time of the thread decides and stands first.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import psutil
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication

from xview.qt.maps import compiled
from xview.qt.maps.canvas import MapCanvas
from xview.qt.maps.scene import Hit, Lines, Overlay, Truth
from xview.qt.maps.view import MapView
from xview.qt.palette import class_colours

SIZE = (1200, 800)
CLASSES = 20
COLOURS = class_colours(CLASSES, dark=False)
ACTIONS = ("pan", "zoom", "recolour", "pick")
Action = Callable[[int], object]


def clustered(n: int) -> tuple[np.ndarray, np.ndarray]:
    """(n, 2) float32 in three blobs a class, and (n,) uint8 classes."""
    random = np.random.default_rng(0)
    classes = random.integers(0, CLASSES, n).astype(np.uint8)
    centres = random.normal(size=(CLASSES, 3, 2)) * 5
    points = centres[classes, random.integers(0, 3, n)] + random.normal(size=(n, 2)) * 0.7
    return points.astype(np.float32), classes


class Ours:
    """The map as the window shows it."""

    def __init__(self, points: np.ndarray, classes: np.ndarray) -> None:
        self.classes = classes
        self.view = MapView()
        self.canvas: MapCanvas = self.view.canvas
        self.canvas.setFixedSize(*SIZE)
        self.view.show()
        QApplication.processEvents()
        self.view.set_points(points)
        self.view.set_colours(classes, COLOURS)
        self.canvas.repaint()
        self.home = self.canvas.camera

    def pan(self, turn: int) -> None:
        self._look(self.home.panned(30 * (turn % 7), 20 * (turn % 5)))

    def zoom(self, turn: int) -> None:
        self._look(self.home.zoomed(1.02 ** (turn % 20 + 1), 600, 400))

    def recolour(self, turn: int) -> None:
        self.view.set_colours((self.classes + np.uint8(turn)) % CLASSES, COLOURS)
        self.canvas.repaint()

    def overlay(self, turn: int) -> None:
        hits = tuple(Hit(turn + 97 * k, k + 1, Truth.CORRECT) for k in range(20))
        lines = Lines(np.arange(turn, turn + 800).reshape(-1, 2))
        self.view.set_overlay(Overlay(queries=(turn,), hits=hits, lines=(lines,)))
        self.canvas.repaint()

    def select(self, turn: int) -> None:
        self.view.set_selection(np.flatnonzero(self.classes == turn % CLASSES))
        self.canvas.repaint()

    def hide(self, turn: int) -> None:
        self.view.set_visible(self.classes != turn % CLASSES)
        self.canvas.repaint()

    def pick(self, turn: int) -> None:
        self.canvas.pick(QPointF(100 + turn * 37 % 1000, 100 + turn * 61 % 600))

    def _look(self, camera: object) -> None:
        self.canvas.look_at(camera)  # type: ignore[arg-type]
        self.canvas.repaint()


class Theirs:
    """A PlotWidget without axes; hovering asks one item of all points, as it cannot ask several."""

    def __init__(self, points: np.ndarray, classes: np.ndarray) -> None:
        import pyqtgraph as pg

        self.brushes = [pg.mkBrush(pg.mkColor(name)) for name in COLOURS]
        self.plot = pg.PlotWidget(background="w")
        self.plot.resize(*SIZE)
        self.plot.hideAxis("left")
        self.plot.hideAxis("bottom")
        self.plot.show()
        QApplication.processEvents()
        self.items = []
        for k in range(CLASSES):
            item = pg.ScatterPlotItem(*points[classes == k].T, size=5, pen=None, brush=self.brushes[k])
            self.items.append(item)
            self.plot.addItem(item)
        self.plot.viewport().repaint()
        self.box = self.plot.getViewBox()
        self.box.disableAutoRange()
        (self.left, self.right), (self.bottom, self.top) = self.box.viewRange()

    def pan(self, turn: int) -> None:
        self._look(0.3 * (turn % 7), 0.2 * (turn % 5), 1.0)

    def zoom(self, turn: int) -> None:
        self._look(0.0, 0.0, 1.02 ** (turn % 20 + 1))

    def recolour(self, turn: int) -> None:
        for k, item in enumerate(self.items):
            item.setBrush(self.brushes[(k + turn) % CLASSES])
        self.plot.viewport().repaint()

    def pick(self, turn: int) -> None:
        import pyqtgraph as pg

        x = self.left + (self.right - self.left) * (turn * 37 % 100) / 100
        y = self.bottom + (self.top - self.bottom) * (turn * 61 % 100) / 100
        for item in self.items:
            item.pointsAt(pg.Point(x, y))

    def _look(self, right: float, up: float, factor: float) -> None:
        half_x, half_y = (self.right - self.left) / 2 / factor, (self.top - self.bottom) / 2 / factor
        x, y = (self.left + self.right) / 2 + right, (self.bottom + self.top) / 2 + up
        self.box.setRange(xRange=(x - half_x, x + half_x), yRange=(y - half_y, y + half_y), padding=0)
        self.plot.viewport().repaint()


def timed(actions: Mapping[str, Action], rounds: int) -> dict[str, tuple[float, float]]:
    """Median milliseconds of each, taking turns: the thread's own, and by the clock."""
    own: dict[str, list[float]] = {name: [] for name in actions}
    clock: dict[str, list[float]] = {name: [] for name in actions}
    for turn in range(rounds + 1):
        for name, act in actions.items():
            start, begun = time.thread_time(), time.perf_counter()
            act(turn)
            own[name].append(time.thread_time() - start)
            clock[name].append(time.perf_counter() - begun)
    return {name: (_median_ms(own[name]), _median_ms(clock[name])) for name in actions}


def _median_ms(seconds: list[float]) -> float:
    """Without the first, which warms up."""
    return float(np.median(seconds[1:])) * 1e3


def lassos(ours: Ours, points: np.ndarray) -> tuple[dict[str, Action], Callable[[], int]]:
    """Both ways to find what a lasso of 200 corners holds, and how many points they disagree about."""
    from matplotlib.path import Path

    home = ours.home
    turns = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    radius = home.box.height / 4 * (1 + 0.2 * np.sin(5 * turns))
    corners = np.column_stack([home.x + radius * np.cos(turns), home.y + radius * np.sin(turns)])
    path, grid = Path(corners), ours.canvas.crowd.grid

    def mismatches() -> int:
        return len(np.setxor1d(grid.in_polygon(corners), np.flatnonzero(path.contains_points(points))))

    return {
        "ours": lambda _turn: grid.in_polygon(corners),
        "theirs": lambda _turn: path.contains_points(points),
    }, mismatches


def show(name: str, ours: tuple[float, float], theirs: tuple[float, float] | None = None) -> None:
    words = f"  {name:28}{ours[0]:9.2f} ({ours[1]:8.2f})"
    if theirs is not None:
        words += f"{theirs[0]:12.2f} ({theirs[1]:8.2f}){theirs[0] / ours[0]:9.1f} x"
    print(words, flush=True)


def compare(n: int) -> None:
    points, classes = clustered(n)
    print(f"\n{n:,} points, ms of the thread (of the clock)   ours        ScatterPlotItem / Path")
    compiled_then = compiled.load()
    compiled._ready = None
    first = {}
    for name, kernels in (("first frame, cold", None), ("first frame, warm", compiled_then)):
        compiled._ready = kernels
        first[name] = timed({"": lambda _turn: Ours(points, classes).view.close()}, 2)[""]
    built = timed({"": lambda _turn: Theirs(points, classes).plot.close()}, 1)[""]
    for name, took in first.items():
        show(name, took, built)
    ours, theirs = Ours(points, classes), Theirs(points, classes)
    for name in ACTIONS:
        both = {"ours": getattr(ours, name), "theirs": getattr(theirs, name)}
        found = timed(both, 2 if name in ("recolour", "pick") and n > 1_000_000 else 7)
        show({"pick": "hover"}.get(name, name), found["ours"], found["theirs"])
        ours.canvas.home()
    own = {"overlay": ours.overlay, "select a class": ours.select, "hide a class": ours.hide}
    for name, act in own.items():
        show(name, timed({"": act}, 9)[""])
        ours.view.set_selection([])
    both, mismatches = lassos(ours, points)
    found = timed(both, 5)
    show(f"lasso ({mismatches()} mismatches)", found["ours"], found["theirs"])
    ours.view.close()
    theirs.plot.close()


def alone(n: int) -> None:
    points, classes = clustered(n)
    compiled.load()
    ours = Ours(points, classes)
    print(f"\n{n:,} points, ms of the thread (of the clock)   ours alone")
    for name in ("pan", "zoom", "recolour", "overlay", "pick"):
        show(name, timed({"": getattr(ours, name)}, 15)[""])
        ours.canvas.home()
    ours.view.close()


def memory(kind: str, n: int) -> None:
    """Print by how many bytes this process grew to show the points, once all else was loaded."""
    app = QApplication([])
    compiled.load()
    make = {"ours": Ours, "theirs": Theirs}[kind]
    make(*clustered(1000))  # whatever is loaded once
    points, classes = clustered(n)
    before = psutil.Process().memory_info().rss
    kept = make(points, classes)
    app.processEvents()
    print(psutil.Process().memory_info().rss - before, kept is not None)


def grown(kind: str, n: int) -> int:
    command = [sys.executable, "-m", "tests.bench.bench_raster", "--memory", kind, "--points", str(n)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(done.stdout.split()[0])


def tell_memory(n: int) -> None:
    """What a map holds a point, and by what a process grows, pictures of the screen and scratch included."""
    least = n * (2 * 4 + 1)  # coordinates as float32, colours as one byte
    crowd = Ours(*clustered(n)).canvas.crowd
    grid, points = crowd.grid, crowd.points
    held = [grid.order, grid.x, grid.y, grid._start, crowd.looks, crowd.plain.before, crowd.faded.before]
    held += [points.marks, points.shown, points.selected]
    told = {"arrays": sum(array.nbytes for array in held), "process": grown("ours", n)}
    told["process with ScatterPlotItem"] = grown("theirs", n)
    words = ", ".join(f"{name} {size / 2**20:,.0f} MB = {size / least:.1f} x" for name, size in told.items())
    print(f"  memory beside coordinates + colours ({least / 2**20:,.0f} MB): {words}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, nargs="*", default=[1_000_000, 5_000_000])
    parser.add_argument("--alone", type=int, nargs="*", default=[10_000_000])
    parser.add_argument("--memory", choices=("ours", "theirs"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.memory:
        memory(arguments.memory, arguments.points[0])
        return
    app = QApplication([])
    for n in arguments.points:
        compare(n)
        tell_memory(n)
    for n in arguments.alone:
        alone(n)
    app.processEvents()


if __name__ == "__main__":
    main()
