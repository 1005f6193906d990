"""How long a results list of 100,000 items takes to show and to scroll, against a QListView with a delegate.

Run with `python -m tests.bench.bench_results`; the goal is a scroll step under 5 ms.
Wall time moves with whatever else the machine does; the GUI thread's own time is given beside it.
"""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import statistics
import time
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QApplication,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from tests.qt.panels.conftest import Colours, ranking
from xview.qt import theme
from xview.qt.panels.result_list import ResultList
from xview.qt.panels.results_cards import Look, State, paint_card
from xview.qt.panels.results_data import ResultsData
from xview.qt.thumbnails import Thumbnails

ITEMS = 100_000
STEPS = 200


class _Model(QAbstractListModel):
    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        return ITEMS

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = 0) -> object:
        return None


class _Delegate(QStyledItemDelegate):
    """Paints the same cards, so that only the views differ."""

    def __init__(self, data: ResultsData, thumbnails: Thumbnails, look: Look) -> None:
        super().__init__()
        self._all = (data, thumbnails, look)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        data, thumbnails, look = self._all
        paint_card(painter, option.rect, data, index.row(), look, thumbnails, State())

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(320, 50)


def ours(data: ResultsData, thumbnails: Thumbnails) -> QAbstractScrollArea:
    """The list the window uses."""
    made = ResultList("results", thumbnails)
    made.show_results(data)
    return made


def stock(data: ResultsData, thumbnails: Thumbnails) -> QAbstractScrollArea:
    """A QListView with uniform items."""
    made = QListView()
    made.setUniformItemSizes(True)
    made.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
    made.setItemDelegate(_Delegate(data, thumbnails, Look(theme.current(), made.font())))
    made.setModel(_Model(made))
    return made


def measure(
    make: Callable[[ResultsData, Thumbnails], QAbstractScrollArea],
) -> tuple[float, list[float], list[float]]:
    """Milliseconds to the first paint, then wall and own time of each of 200 scroll steps over the list."""
    thumbnails = Thumbnails(size=48)
    thumbnails.set_source("images", Colours())
    data = ranking(np.random.default_rng(0).permutation(ITEMS), deltas=np.arange(ITEMS) % 21 - 10)
    start = time.perf_counter()
    view = make(data, thumbnails)
    view.resize(320, 700)
    view.show()
    QApplication.processEvents()
    shown = 1000 * (time.perf_counter() - start)
    steps: list[float] = []
    own: list[float] = []
    bar = view.verticalScrollBar()
    for place in np.linspace(0, bar.maximum() - 54, STEPS).astype(int):
        bar.setValue(int(place))
        settled = time.perf_counter() + 0.03
        while time.perf_counter() < settled:  # the pictures there come in
            QApplication.processEvents()
        start, began = time.perf_counter(), time.thread_time()
        bar.setValue(int(place) + 54)  # one notch of the wheel
        QApplication.processEvents()
        steps.append(1000 * (time.perf_counter() - start))
        own.append(1000 * (time.thread_time() - began))
    view.close()
    thumbnails.close()
    return shown, steps, own


def main() -> None:
    """Print both, ours first."""
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    theme.apply(app, theme.Scheme.LIGHT)
    for name, make in (("our list", ours), ("QListView", stock)):
        shown, steps, own = measure(make)
        worst = sorted(steps)[int(0.95 * len(steps))]
        print(
            f"{name}: {ITEMS:,} results shown in {shown:.1f} ms; "
            f"scroll step median {statistics.median(steps):.2f} ms (own {statistics.median(own):.2f}), "
            f"p95 {worst:.2f} ms"
        )


if __name__ == "__main__":
    main()
