"""How long the window's thread is held by what a person does, on large data: no stretch should pass 50 ms.

    python -m tests.bench.bench_window [pairs] [million] [--rounds 7] [--only ACTION] [--profile]

`pairs`: 2 x 20,000 items, the distortion dock and its figures. `million`: 1 million flat vectors, opened,
recoloured, selected. A timer rings every millisecond; told is the longest stretch it was not heard in, by the
thread's own time (which other processes do not lengthen) and by the clock: median and most of some rounds.
Without a screen. What is written stays in a folder of its own, so that a second run measures at once.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QWidget

from tests.qt.data_sets import write_data
from xview.metrics.distortion import Distortion
from xview.metrics.measure_distortion import measure
from xview.qt.application import make_application
from xview.qt.maps import compiled
from xview.qt.panels.distortion import VIEWS
from xview.qt.window import MainWindow
from xview.session.state import ColourBy, selection_of
from xview.spaces.library import open_data

KEPT = Path(tempfile.gettempdir()) / "xview-bench-window"
PAIRS, POINTS = 20_000, 1_000_000
GOAL_MS = 50
_QUIET_S = 0.3  # after an action, so that what it set off is heard too


class Stretches:
    """How long the event loop was away: a timer that wants to ring every millisecond."""

    def __init__(self) -> None:
        self.own: list[float] = []
        self.wall: list[float] = []
        self._last = (time.thread_time(), time.perf_counter())
        self._timer = QTimer(interval=1)
        self._timer.timeout.connect(self.ring)
        self._timer.start()

    def ring(self) -> None:
        now = (time.thread_time(), time.perf_counter())
        self.own.append(1000 * (now[0] - self._last[0]))
        self.wall.append(1000 * (now[1] - self._last[1]))
        self._last = now

    def stop(self) -> None:
        self._timer.stop()


def wait(seconds: float) -> None:
    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()


class Bench:
    """Times actions in an open window."""

    def __init__(self, rounds: int, only: str, *, profiled: bool) -> None:
        self._rounds, self._only, self._profiled = rounds, only, profiled

    def time(self, name: str, act: Callable[[int], object], rounds: int | None = None) -> None:
        """The longest stretch that an action and what follows it hold the thread for."""
        if self._only not in name:
            return
        own, wall = [], []
        for turn in range(rounds or self._rounds):
            wait(0.05)
            stretches = Stretches()
            with self.profile(name, last=turn + 1 == (rounds or self._rounds)):
                QTimer.singleShot(5, partial(act, turn))
                wait(_QUIET_S)
            stretches.stop()
            own.append(max(stretches.own))
            wall.append(max(stretches.wall))
        self.tell(name, own, wall)

    def tell(self, name: str, own: list[float], wall: list[float]) -> None:
        over = "  over" if statistics.median(own) > GOAL_MS else ""
        print(
            f"{name:<44} own {statistics.median(own):6.1f} (most {max(own):6.1f})   "
            f"wall {statistics.median(wall):6.1f} (most {max(wall):6.1f}) ms{over}",
            flush=True,
        )

    @contextmanager
    def profile(self, name: str, *, last: bool) -> Iterator[None]:
        if not (self._profiled and self._only in name and last):
            yield
            return
        profile = cProfile.Profile(time.thread_time)
        profile.enable()
        yield
        profile.disable()
        pstats.Stats(profile).sort_stats("cumulative").print_stats(40)


def opened(source: str, bench: Bench, name: str) -> MainWindow:
    """A window with data on screen, after the emoji; told is the longest stretch until each is answered."""
    window = MainWindow(keep_session=False, warm_up=False)
    window.resize(1440, 900)
    window.show()
    window.opener.load_rest()  # as the window does half a second after its start
    wait(1)
    for data, called in (("emoji", f"{name}: first window, emoji"), (source, f"{name}: open")):
        stretches = Stretches()
        with bench.profile(called, last=True):
            window.start(data, fresh=True)
            while not shows(window, data):
                wait(0.1)
            wait(1)
        stretches.stop()
        bench.tell(called, [max(stretches.own)], [max(stretches.wall)])
    return window


def shows(window: MainWindow, source: str) -> bool:
    """Whether the first query of these data is answered."""
    laboratory = window.laboratory
    if laboratory is None or laboratory.store.workspace.dataset.source != source:
        return False
    return laboratory.idle


def pairs(bench: Bench) -> None:
    """The distortion dock on 2 x 20,000 items."""
    folder = KEPT / "pairs"
    if not folder.exists():
        write_data(folder, {"words": "text", "things": "vector"}, items=PAIRS, classes=40, width=16)
    window = opened(str(folder), bench, "pairs")
    laboratory = window.laboratory
    assert laboratory is not None
    window.docks["distortion"].raise_()
    window.docks["distortion"].setVisible(True)
    wait(1)
    panel, service = laboratory.distortion.panel, laboratory.distortions
    request = laboratory.distortion.request
    assert request is not None
    found = KEPT / "measured"
    if not found.exists():
        print("measuring once ...", flush=True)
        result = measure(open_data(str(folder)), request, lambda _share: None)
        found.mkdir()
        result.write(found)
    measured = Distortion.read(found)

    def arrive(_turn: int) -> None:
        service._results.clear()
        service._runs.append((None, request))  # type: ignore[arg-type]
        service._take(request, found)

    def show(name: str, _turn: int) -> None:
        panel.show_view(name)

    def look(name: str, _turn: int) -> None:
        panel._views[name].result = None
        panel._result = measured
        panel.show_view(name)

    def repaint(canvas: QWidget, _turn: int) -> None:
        canvas.repaint()

    bench.time("distortion: results arrive", arrive)
    arrive(0)
    wait(0.5)
    for view in VIEWS:
        panel.show_view("quality" if view.name != "quality" else "gap")
        wait(0.1)
        bench.time(f"distortion: {view.title}, first look", partial(show, view.name), 1)

        bench.time(f"distortion: {view.title}, drawn anew", partial(look, view.name))
        shown = panel.view(view.name)
        bench.time(f"distortion: {view.title}, a paint", partial(repaint, shown.plot.canvas))
    items = panel.items

    def colour(turn: int) -> None:
        name = items.figure.itemText(turn % items.figure.count())
        items.figure.setCurrentText(name)
        items.figure.textActivated.emit(name)

    bench.time("distortion: another figure", colour)
    bench.time("distortion: means", lambda t: items._show_page(("means", "items")[t % 2]))
    window.close()


def million(bench: Bench) -> None:
    """A map of a million points."""
    path = KEPT / "million.npz"
    if not path.exists():
        random = np.random.default_rng(0)
        labels = random.integers(0, 20, POINTS)
        points = 5 * random.normal(size=(20, 2))[labels] + 0.7 * random.normal(size=(POINTS, 2))
        path.parent.mkdir(exist_ok=True)
        np.savez(path, vectors=points.astype(np.float32), labels=labels)
    compiled.load()
    window = opened(str(path), bench, "million")
    laboratory = window.laboratory
    assert laboratory is not None
    store, labels = laboratory.store, laboratory.store.workspace.dataset.collection("million").labels
    parts = [np.flatnonzero(labels == k) for k in range(20)]
    canvas = laboratory.maps.views["million"].canvas

    def recolour(turn: int) -> None:
        store.ask(colour_by=(ColourBy.SCORE, ColourBy.CLASS)[turn % 2])

    bench.time("million: recolour", recolour, 14)
    bench.time("million: a query", lambda t: store.ask_item("million", 1000 * t))
    bench.time("million: select 1/20", lambda t: store.ask(selection=selection_of({"million": parts[t]})))
    bench.time("million: select 1/2", lambda t: store.ask(
        selection=selection_of({"million": np.flatnonzero(labels % 2 == t % 2)})
    ))  # fmt: skip
    store.ask(selection=())
    names = store.workspace.dataset.classes
    bench.time("million: hide a class", lambda t: store.ask(hidden=frozenset({names[t]})))
    store.ask(hidden=frozenset())
    bench.time("million: zoom", lambda t: canvas.look_at(canvas.camera.zoomed(1.01, 300, 200)))
    window.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", default=["pairs", "million"])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", default="", help="a part of the names of the actions to time")
    parser.add_argument("--profile", action="store_true", help="tell where the time went")
    options = parser.parse_args()
    KEPT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="xview-state-") as state:
        os.environ |= {"XVIEW_STATE": state, "XVIEW_RUNS": f"{state}/runs"}
        app = make_application()
        bench = Bench(options.rounds, options.only, profiled=options.profile)
        for what in options.what:
            {"pairs": pairs, "million": million}[what](bench)
        app.processEvents()


if __name__ == "__main__":
    main()
