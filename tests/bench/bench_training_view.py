"""What two reporting runs cost the window: its thread must never be held longer than a frame of 50 ms.

Run with `python -m tests.bench.bench_training_view`; two processes report as fast as real runs may, one from
its start, one after a past of 40,000 reports, both selected and drawn on the open emoji set. Told are: a poll
(reading, rows, curves), a repaint of the curves, and the stretches in which the window heard nothing else.
Wall time moves with whatever else the machine does; the thread's own time is given beside it.
"""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import math
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QEventLoop, QTimer

from xview.jobs import folder
from xview.jobs.events import Progress, encode
from xview.jobs.reporter import Reporter
from xview.jobs.runs import TrainingRun

ROOT = Path(__file__).resolve().parents[2]
PAST = 40_000
REPORTS_A_SECOND = 40
SECONDS = 20
TERMS = ("loss", "classification", "triplet", "alignment")
GOAL_MS = 50


def figures(step: int) -> dict[str, float]:
    found = {name: math.exp(-step / 9_000) + 0.1 * math.sin(step * (k + 1)) for k, name in enumerate(TERMS)}
    if step % 20 == 0:
        found |= {
            "validation mAP": 1 - math.exp(-step / 20_000),
            "unseen mAP": 0.5 - math.exp(-step / 9_000) / 2,
        }
    return found


def report(config: Mapping[str, Any], _run_dir: Path, reporter: Reporter) -> None:
    """A task that only reports."""
    for step in range(int(config["past"]) + 1, 10**6):
        reporter.step(step, 10**6, f"epoch {step // 20}", **figures(step))
        time.sleep(1 / REPORTS_A_SECOND)


def make_run(name: str, past: int) -> TrainingRun:
    config = {
        "system": "rrf_net",
        "data": "emoji",
        "name": name,
        "past": past,
        "training": {"epochs": 50_000},
    }
    run = TrainingRun.create(config, task="tests.bench.bench_training_view:report")
    if past:
        lines = (encode(Progress(step, 10**6, "", figures(step))) for step in range(1, past + 1))
        (run.folder / folder.EVENTS).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return run


class Stretches:
    """How long the event loop was away: a timer that wants to ring every millisecond."""

    def __init__(self) -> None:
        self.wall: list[float] = []
        self.own: list[float] = []
        self._last = (time.perf_counter(), time.thread_time())
        self._timer = QTimer(interval=1)
        self._timer.timeout.connect(self._ring)
        self._timer.start()

    def _ring(self) -> None:
        now = (time.perf_counter(), time.thread_time())
        self.wall.append(now[0] - self._last[0])
        self.own.append(now[1] - self._last[1])
        self._last = now

    def stop(self) -> None:
        self._timer.stop()


class Timed:
    """Wraps a callable of the window and remembers what it took."""

    def __init__(self, call: Callable[..., Any]) -> None:
        self._call = call
        self.wall: list[float] = []
        self.own: list[float] = []

    def __call__(self, *arguments: Any) -> Any:
        wall, own = time.perf_counter(), time.thread_time()
        found = self._call(*arguments)
        self.wall.append(time.perf_counter() - wall)
        self.own.append(time.thread_time() - own)
        return found


def wait(seconds: float) -> None:
    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()


def tell(what: str, wall: list[float], own: list[float]) -> None:
    row = []
    for kind, times in (("wall", wall), ("own", own)):
        ms = 1000 * np.array(times)
        p50, p99 = np.percentile(ms, [50, 99])
        row.append(f"{kind} p50 {p50:6.2f}  p99 {p99:6.2f}  most {ms.max():6.2f} ms")
    print(f"{what:<34} {'   '.join(row)}   ({len(wall)})")


def measure() -> None:
    from xview.qt.window import MainWindow, make_application

    app = make_application()
    window = MainWindow(keep_session=False, warm_up=False)
    window.resize(1440, 900)
    window.show()
    window.start("emoji", fresh=True)
    while window.laboratory is None or not window.laboratory.idle:
        wait(0.1)
    wait(2)
    runs = [make_run("fresh", 0), make_run("with a past", PAST)]
    laboratory = window.laboratory
    window.actions_by_name["train"].trigger()
    for run in runs:
        run.start()
    while len(laboratory.runs.alive) < 2:
        wait(0.2)
    panel = laboratory.training.panel
    panel.table.selectAll()
    wait(2)
    assert panel.view.curves is not None
    panel.view.term.setCurrentIndex(0)  # all terms: the most there is to draw
    panel.view.term.activated.emit(0)
    wait(1)
    timed = {
        "poll, rows and curves": Timed(laboratory.runs.poll),
        "repaint of the curves": Timed(panel.view.curves.view.viewport().repaint),
    }
    laboratory.runs._poller.timeout.disconnect()
    laboratory.runs._poller.timeout.connect(timed["poll, rows and curves"])
    laboratory.runs._poller.timeout.connect(timed["repaint of the curves"])
    stretches = Stretches()
    wait(SECONDS)
    stretches.stop()
    for name, times in timed.items():
        tell(name, times.wall, times.own)
    tell("stretches without the event loop", stretches.wall, stretches.own)
    late = sum(ms > GOAL_MS / 1000 for ms in stretches.own)
    drawn = sum(len(x) for x, _ in panel.view.curves.drawn.values())
    known = sum(len(steps) for run in laboratory.runs.runs for steps, _ in run.curves.values())
    print(f"over {GOAL_MS} ms of the thread's own time: {late}; points drawn: {drawn:,} of {known:,}")
    for run in laboratory.runs.runs:
        run.kill()
    laboratory.runs.poll()
    window.close()
    app.processEvents()


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="xview-bench-") as scratch:
        os.environ |= {
            "XVIEW_RUNS": f"{scratch}/runs",
            "XVIEW_STATE": f"{scratch}/state",
            "PYTHONPATH": str(ROOT),
        }
        measure()


if __name__ == "__main__":
    main()
