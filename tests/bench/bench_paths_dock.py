"""The dock of shortest paths: what a move of the threshold takes the window's own thread; processor time.

Everything painted. Baseline of the same run: had the window itself built the graph and followed the path.

Run: python -m tests.bench.bench_paths_dock [emoji | cci ...]
"""

import os
import sys
import time
from collections.abc import Callable

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.qt.screen import Screen, wait_until
from xview.qt.application import make_application
from xview.session.paths import way

MOVES = 20


def milliseconds(work: Callable[[], object]) -> float:
    """Processor time of this thread, with what it leads to at once."""
    start = time.thread_time()
    work()
    QApplication.processEvents()
    return 1e3 * (time.thread_time() - start)


def longest_turn(seconds: float) -> float:
    """The longest turn of the event loop, milliseconds."""
    longest, end = 0.0, time.monotonic() + seconds
    while time.monotonic() < end:
        longest = max(longest, milliseconds(lambda: None))
        time.sleep(0.002)
    return longest


def measure(source: str) -> None:
    """Print the figures of one data set."""
    screen = Screen(warm_up=False)
    screen.window.resize(1440, 900)
    screen.open(source)
    lab = screen.laboratory
    screen.window.actions_by_name["path"].trigger()
    wait_until(lambda: lab.paths.seen and not lab.paths.busy and lab.paths.finder.growth is not None, "a way")
    panel = lab.paths.panel
    panel.show_part("graph")
    QTest.qWait(1500)
    slider = panel.graph.slider
    moves, turns, built = [], [], []
    for place in np.linspace(0.3, 0.8, MOVES):
        value = round(place * slider.maximum())
        moves.append(milliseconds(lambda value=value: slider.setValue(value)))
        turns.append(longest_turn(0.25))
        wait_until(lambda: not lab.paths.busy, "the way")
    lab.paths.stop()  # nobody else builds these graphs
    target = len(lab.store.resolved.task.gallery_rows) // 2
    for place in np.linspace(0.31, 0.81, MOVES):
        slider.setValue(round(place * slider.maximum()))
        built.append(milliseconds(lambda: way(lab.rankings.engine, lab.store.resolved, target)))
    print(
        f"{source}: a move of the threshold {np.median(moves):.1f} ms, the slowest {max(moves):.1f} ms, the "
        f"longest turn until the path is drawn {max(turns):.1f} ms; with the graph built here "
        f"{np.median(built):.0f} ms, the slowest {max(built):.0f} ms"
    )
    screen.leave()


if __name__ == "__main__":
    app = make_application()
    for name in sys.argv[1:] or ["emoji"]:
        measure(name)
