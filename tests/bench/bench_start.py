"""How soon the window is there: `python -m tests.bench.bench_start`.

Every figure is of fresh processes, on the platform Qt chooses (offscreen without a display): from the start
of Python to the first painted frame, and to the first ranking on screen. The baseline paints an empty window
after importing everything the application ever uses.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time

RUNS = 5
OURS = """
import sys, time
from PySide6.QtCore import QEvent, QObject, QTimer
from xview.qt.application import make_application
from xview.qt.window import MainWindow

class FirstPaint(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            print("paint", time.time(), flush=True)
        return False

app = make_application()
window = MainWindow(keep_session=False)
first = FirstPaint()
window.centralWidget().installEventFilter(first)
def settled():
    print("usable", time.time(), flush=True)
    loaded = [m for m in ("torch", "umap", "numba", "pyqtgraph", "matplotlib") if m in sys.modules]
    print("loaded", ",".join(loaded) or "none of torch, umap, numba, pyqtgraph, matplotlib", flush=True)
    window.close()
    app.quit()
window.settled.connect(settled)
window.show()
QTimer.singleShot(0, lambda: window.start("emoji", fresh=True))
app.exec()
"""
EAGER = """
import time
import faiss, numba, pyqtgraph, scipy, sklearn.manifold, torch, umap
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow
app = QApplication([])
window = QMainWindow()
window.show()
QTimer.singleShot(0, lambda: (print("paint", time.time(), flush=True), app.quit()))
app.exec()
"""


def run(script: str) -> dict[str, str]:
    """Seconds from the start of the process by mark, and what else it said."""
    environment = {**os.environ, "XVIEW_STATE": tempfile.mkdtemp(prefix="xview-bench-")}
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    start = time.time()
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    marks = dict(line.split(" ", 1) for line in done.stdout.splitlines())
    return {k: f"{float(v) - start:.3f}" if k in ("paint", "usable") else v for k, v in marks.items()}


def main() -> None:
    ours, eager = [], []
    for _ in range(RUNS):  # alternately, so that a busy machine is busy for both
        ours.append(run(OURS))
        eager.append(run(EAGER))
    paint = statistics.median(float(r["paint"]) for r in ours)
    usable = statistics.median(float(r["usable"]) for r in ours)
    baseline = statistics.median(float(r["paint"]) for r in eager)
    print(f"first paint        {paint:.2f} s")
    print(f"everything eager   {baseline:.2f} s   ratio {paint / baseline:.2f} (goal 0.17)")
    print(f"first ranking      {usable:.2f} s")
    print(f"loaded by then     {ours[-1]['loaded']}")


if __name__ == "__main__":
    main()
