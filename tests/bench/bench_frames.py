"""Frames while workers work: `python -m tests.bench.bench_frames` on a display or offscreen.

Pans a map of 20,000 points for a while, alone and then beside a worker that projects 20,000 vectors; tells
the median and 95th percentile of the time from one frame to the next painted one.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QEventLoop, QTimer

from xview.jobs.runner import Job
from xview.qt.application import make_application
from xview.qt.maps.view import MapView

FRAMES = 300
POINTS = 20_000


def frames(view: MapView) -> np.ndarray:
    """Milliseconds of each of `FRAMES` pan steps, event loop and paint included."""
    taken = []
    loop = QEventLoop()
    timer = QTimer(interval=0)
    last = time.perf_counter()

    def step() -> None:
        nonlocal last
        view.canvas.look_at(view.canvas.camera.panned(3.0 if len(taken) % 40 < 20 else -3.0, 1.0))
        view.canvas.repaint()
        now = time.perf_counter()
        taken.append(1e3 * (now - last))
        last = now
        if len(taken) >= FRAMES:
            loop.quit()

    timer.timeout.connect(step)
    timer.start()
    loop.exec()
    timer.stop()
    return np.array(taken[10:])


def main() -> None:
    make_application()
    random = np.random.default_rng(0)
    view = MapView()
    view.resize(1200, 800)
    view.show()
    view.set_points(random.normal(size=(POINTS, 2)).astype(np.float32))
    idle = frames(view)
    with tempfile.TemporaryDirectory() as name:
        vectors = Path(name) / "vectors.npy"
        np.save(vectors, random.normal(size=(POINTS, 64)).astype(np.float32))
        config = {"data": str(vectors), "unseen": None, "space": vectors.stem, "method": "umap"}
        job = Job("xview.jobs.tasks:project", config, Path(name) / "run")
        while not job.poll() and job.outcome is None:
            time.sleep(0.05)
        busy = frames(view)
        still = job.outcome is None
        job.cancel()
        while job.outcome is None:
            job.poll()
            time.sleep(0.05)
    for title, times in (("alone", idle), ("beside a worker", busy)):
        print(f"{title:16} median {np.median(times):.2f} ms   p95 {np.percentile(times, 95):.2f} ms")
    ratio = np.percentile(busy, 95) / np.percentile(idle, 95)
    print(f"p95 ratio {ratio:.2f} (goal 1.3); the worker {'worked throughout' if still else 'ended early'}")
    view.close()


if __name__ == "__main__":
    main()
