"""A walk's frames: made from 1,000 and 20,000 items a side, and painted on three maps; processor time.

Baselines of the same run: the one solve of the ranking itself, and an ellipse a halo.

Run: python -m tests.bench.bench_walk
"""

import os
import time
from functools import partial

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from xview.qt.maps.halos import paint_halos
from xview.qt.maps.scene import Overlay, halo_sizes
from xview.qt.walk_layer import walk_overlay
from xview.retrieval.base import Field, Query
from xview.retrieval.graphs import FieldGraphs, Manifold
from xview.retrieval.walk import WalkRanker
from xview.retrieval.walk_paths import heaviest_paths
from xview.retrieval.walk_settings import Truncation, WalkSettings
from xview.retrieval.walk_steps import walk_steps
from xview.spaces.space import unit_rows

COLOUR = QColor("#a5c5f7")


def field(n, classes=56, width=32):
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(classes, width))

    def part():
        return unit_rows(centres[rng.integers(0, classes, n)] + rng.normal(size=(n, width)), "made up")

    return Field(x_shared=part(), y_shared=part(), x_own=part(), y_own=part())


def milliseconds(work, repeats=5):
    times = []
    for _ in range(repeats):
        start = time.thread_time()
        work()
        times.append(1e3 * (time.thread_time() - start))
    return float(np.median(times))


def make(n):
    ranker = WalkRanker(WalkSettings(truncation=Truncation.NONE), Manifold.OWN, FieldGraphs(field(n)))
    ranker.prepare()
    query = Query.item(0)
    steps = walk_steps(ranker, query)
    frames = milliseconds(lambda: walk_steps(ranker, query), 3)
    solve = milliseconds(lambda: ranker._walk(query), 3)
    best = int(steps.scores(len(steps) - 1).argmax())
    paths = milliseconds(lambda: heaviest_paths(ranker, query, best), 3)
    print(
        f"{n:,} items a side: {len(steps)} frames to t = {steps.steps[-1]} in {frames:.0f} ms "
        f"(the ranking's own two solves {solve:.0f} ms), heaviest paths {paths:.0f} ms"
    )
    return steps


def paint(n):
    rng = np.random.default_rng(1)
    places = rng.uniform(0, 600, (n, 2))
    sizes = np.maximum(3.0, halo_sizes(rng.random(n) ** 4, 36.0))
    image = QImage(600, 600, QImage.Format.Format_ARGB32_Premultiplied)

    def draw(halos):
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        halos(painter)
        painter.end()

    def ellipses(painter):
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(COLOUR)
        for (x, y), size in zip(places.tolist(), sizes.tolist(), strict=True):
            painter.drawEllipse(QPointF(x, y), size / 2, size / 2)

    stamped = milliseconds(lambda: draw(lambda painter: paint_halos(painter, places, sizes, COLOUR)))
    drawn = milliseconds(lambda: draw(ellipses))
    print(f"{n:,} halos: {stamped:.1f} ms, an ellipse each {drawn:.1f} ms")


def window():
    """Every frame of a walk on the bundled emoji, all its maps painted."""
    from tests.qt.screen import Screen, wait_until
    from xview.session.state import Overlay as Wanted

    screen = Screen(warm_up=False)
    screen.window.resize(1440, 900)
    screen.open("emoji")
    lab, bar = screen.laboratory, screen.laboratory.walking.player
    lab.store.ask(overlay=Wanted.WALK)
    wait_until(lambda: lab.walking.walks is not None and lab.walking.walks.main is not None)
    times = []
    for frame in [*range(1, bar.slider.maximum() + 1)] * 2:
        start = time.thread_time()
        bar.slider.setValue(frame)
        QApplication.processEvents()
        times.append(1e3 * (time.thread_time() - start))
    views = len(lab.maps.views)
    main_walk, drawn = lab.walking.walks.main, Overlay()
    layers = [
        milliseconds(partial(walk_overlay, scene, drawn, main_walk, 9, ()))
        for scene in lab.maps.scenes.values()
    ]
    print(
        f"emoji, {views} maps: a frame {np.median(times):.1f} ms, the slowest {max(times):.1f} ms "
        f"(of it {sum(layers):.1f} ms what to draw)"
    )
    screen.leave()


def main():
    app = QApplication.instance() or QApplication([])
    for n in (1_000, 20_000):
        make(n)
    for n in (1_000, 20_000):
        paint(n)
    window()
    del app


if __name__ == "__main__":
    main()
