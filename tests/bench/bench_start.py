"""How long until something is seen, until the demo answers, and whether background work disturbs the maps.

Run: python -m tests.bench.bench_start
Goals: first paint at most 1/6 of an eager import of everything; the demo answered within 3 s, warm; torch
and umap never in the window's process; 95th percentile of frame times under background work at most 1.3
times idle.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
RUNS = 5
FRAMES = 150
ROUNDS = 6

WINDOW = """
import json, sys, time
import xview.qt.window as home

class Timed(home.MainWindow):
    told = {}
    def paintEvent(self, event):
        super().paintEvent(event)
        self.told.setdefault("first paint", time.time())
    def show_opened(self, opened):
        self.settled.connect(self.answered)
        super().show_opened(opened)
    def answered(self):
        self.repaint()
        self.told.setdefault("answered", time.time())
        self.told["modules"] = sorted({name.split(".")[0] for name in sys.modules})
        self.close()

home.MainWindow = Timed
from xview.qt.app import main
status = main(["emoji", "--fresh"])
print(json.dumps(Timed.told))
sys.exit(status)
"""
EAGER = """
import PySide6.QtWidgets, pyqtgraph, faiss, numba, torch, umap
"""
HEAVY = {"torch", "umap", "sentence_transformers", "matplotlib", "sklearn"}


def run(code: str) -> tuple[float, float, str]:
    """Start and end of a fresh interpreter, and what it printed."""
    state = tempfile.mkdtemp(prefix="xview-bench-")
    own = {"XVIEW_STATE": state, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    begun = time.time()
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **own},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return begun, time.time(), done.stdout


def starts() -> None:
    """First paint, first answer and eager imports, one after another in turn."""
    paints, answers, eager, modules = [], [], [], set[str]()
    run(WINDOW), run(EAGER)  # from disk once
    for _ in range(RUNS):
        begun, _, said = run(WINDOW)
        told = json.loads(said)
        paints.append(told["first paint"] - begun)
        answers.append(told["answered"] - begun)
        modules |= set(told["modules"])
        begun, ended, _ = run(EAGER)
        eager.append(ended - begun)
    paint, answer, everything = (statistics.median(times) for times in (paints, answers, eager))
    print(f"first paint {paint:.2f} s, eager imports {everything:.2f} s: ratio 1/{everything / paint:.1f}")
    print(f"demo answered {answer:.2f} s after the start")
    print(f"of the heavy libraries in the window's process: {sorted(modules & HEAVY) or 'none'}")


def frames() -> None:
    """Frame times of a map that is panned, with and without workers at full load."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ["XVIEW_STATE"] = tempfile.mkdtemp(prefix="xview-bench-")
    from PySide6.QtTest import QTest

    from tests.qt.screen import Screen, wait_until
    from xview.qt.application import make_application

    app = make_application()
    screen = Screen(warm_up=False)
    screen.open("emoji")
    lab, canvas = screen.laboratory, screen.canvas("shared")
    lab.store.ask(all_items=True)
    QTest.qWait(500)

    def pan() -> list[float]:
        times = []
        for number in range(FRAMES):
            way = 6 if number % 40 < 20 else -6
            begun = time.perf_counter()
            canvas.look_at(canvas.camera.panned(way, way / 2))
            canvas.repaint()
            times.append(1000 * (time.perf_counter() - begun))
            app.processEvents()
        return times

    idle: list[float] = []
    busy: list[float] = []
    for _ in range(ROUNDS):
        idle += pan()
        lab.evaluations._rows.clear()
        lab.evaluations.run()
        lab.spaces.list.method_asked.emit("sketches", "tsne")
        QTest.qWait(1500)  # until the workers have loaded their libraries and compute
        assert lab.work.runs
        busy += pan()
        for job in lab.work.runs:
            lab.work.cancel(job)
        wait_until(lambda: not lab.work.runs, "the cancels")
    low, high = (float(np.percentile(times, 95)) for times in (idle, busy))
    print(f"frames of 7,196 points, median {np.median(idle):.1f} ms idle, {np.median(busy):.1f} ms busy")
    print(f"95th percentile {low:.1f} ms idle, {high:.1f} ms under background work: {high / low:.2f} times")
    screen.leave()


if __name__ == "__main__":
    starts()
    frames()
