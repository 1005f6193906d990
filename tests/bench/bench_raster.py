"""Frames of a map against pyqtgraph's ScatterPlotItem, in one run, without a screen.

    python -m tests.bench.bench_raster [--points 10000 100000]

Medians in milliseconds at 1200 x 800 pixels, 20 classes. A frame is one repaint of the whole widget.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtWidgets import QApplication

from xview.qt.maps.camera import Camera
from xview.qt.maps.canvas import MapCanvas
from xview.qt.maps.view import MapView
from xview.qt.palette import class_colours

SIZE = (1200, 800)
CLASSES = 20


def median_ms(do: Callable[[int], object], repeats: int = 25) -> float:
    times = []
    for turn in range(repeats):
        start = time.perf_counter()
        do(turn)
        times.append(time.perf_counter() - start)
    return float(np.median(times[2:])) * 1e3


def clustered(n: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    classes = random.integers(0, CLASSES, n)
    centres = random.normal(size=(CLASSES, 3, 2)) * 5
    return (centres[classes, random.integers(0, 3, n)] + random.normal(size=(n, 2)) * 0.7).astype(
        np.float32
    ), classes


def ours(points: np.ndarray, classes: np.ndarray) -> dict[str, float]:
    view = MapView()
    view.canvas.setFixedSize(*SIZE)
    view.show()
    QApplication.processEvents()
    start = time.perf_counter()
    view.set_points(points)
    view.set_colours(classes, class_colours(CLASSES, dark=False))
    view.canvas.repaint()
    build = (time.perf_counter() - start) * 1e3
    canvas, home = view.canvas, view.canvas.camera
    result = {
        "first frame": build,
        "pan": median_ms(lambda turn: look(canvas, home.panned(9 * turn, 5 * turn))),
        "zoom": median_ms(lambda turn: look(canvas, home.zoomed(1.02**turn, 600, 400))),
        "recolour": median_ms(lambda turn: recolour(view, classes, turn), 8),
        "hover ring": median_ms(lambda turn: ring(canvas, turn)),
    }
    box = home.box
    turns = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    radius = box.height / 4 * (1 + 0.2 * np.sin(5 * turns))
    lasso = np.column_stack([home.x + radius * np.cos(turns), home.y + radius * np.sin(turns)])
    result["pick"] = median_ms(
        lambda turn: canvas._grid.nearest(home.x + turn / 50, home.y, 14 / home.scale) and None
    )
    result["lasso, grid built anew"] = median_ms(lambda _turn: canvas._grid.in_polygon(lasso) is None, 10)
    view.close()
    return result


def look(canvas: MapCanvas, camera: Camera) -> None:
    canvas.look_at(camera)
    canvas.repaint()


def recolour(view: MapView, classes: np.ndarray, turn: int) -> None:
    view.set_colours((classes + turn) % CLASSES, class_colours(CLASSES, dark=False))
    view.canvas.repaint()


def ring(canvas: MapCanvas, turn: int) -> None:
    canvas.show_ring(turn)
    canvas.repaint()


def theirs(points: np.ndarray, classes: np.ndarray) -> dict[str, float]:
    import pyqtgraph as pg

    colours = [pg.mkColor(name) for name in class_colours(CLASSES, dark=False)]
    brushes = np.array([pg.mkBrush(colour) for colour in colours], object)
    plot = pg.PlotWidget(background="w")
    plot.resize(*SIZE)
    plot.hideAxis("left")
    plot.hideAxis("bottom")
    plot.show()
    QApplication.processEvents()
    start = time.perf_counter()
    items = []
    for k in range(CLASSES):
        rows = classes == k
        items.append(pg.ScatterPlotItem(*points[rows].T, size=5, pen=None, brush=brushes[k]))
        plot.addItem(items[-1])
    plot.viewport().repaint()
    build = (time.perf_counter() - start) * 1e3
    box = plot.getViewBox()
    box.disableAutoRange()
    (left, right), (bottom, top) = box.viewRange()

    def frame(shift: float, factor: float) -> None:
        middle, half = (left + right) / 2 + shift, (right - left) / 2 / factor
        box.setRange(xRange=(middle - half, middle + half), yRange=(bottom / factor, top / factor), padding=0)
        plot.viewport().repaint()

    def repaint_other_colours(turn: int) -> None:
        for k, item in enumerate(items):
            item.setBrush(brushes[(k + turn) % CLASSES])
        plot.viewport().repaint()

    single = pg.ScatterPlotItem(*points.T, size=5, pen=None)
    middle = pg.Point(*points.mean(axis=0).tolist())
    result = {
        "first frame": build,
        "pan": median_ms(lambda turn: frame(0.05 * turn, 1.0)),
        "zoom": median_ms(lambda turn: frame(0.0, 1.02**turn)),
        "recolour": median_ms(repaint_other_colours, 8),
    }
    plot.clear()
    plot.addItem(single)
    result["recolour, one item"] = median_ms(
        lambda turn: single.setBrush(list(brushes[(classes + turn) % CLASSES])), 4
    )
    result["pick"] = median_ms(lambda _turn: single.pointsAt(middle), 6)
    plot.close()
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, nargs="+", default=[10_000, 100_000])
    counts = parser.parse_args().points
    app = QApplication([])
    for n in counts:
        points, classes = clustered(n)
        mine, other = ours(points, classes), theirs(points, classes)
        print(f"{n:,} points, ms".ljust(26) + "map".rjust(10) + "ScatterPlotItem".rjust(18))
        for name in dict.fromkeys([*mine, *other]):
            pair = [f"{side[name]:.2f}" if name in side else "-" for side in (mine, other)]
            print(f"  {name:24}{pair[0]:>10}{pair[1]:>18}")
    app.processEvents()


if __name__ == "__main__":
    main()
