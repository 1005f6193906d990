"""Comparing 20,000 queries: the mean change against scipy's bootstrap and permutation test, and the table
against a QTableWidget of the same cells, each sorted by its figure; all in one run.

Run: python -m tests.bench.bench_compare
"""

import os
import time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTableWidget, QTableWidgetItem
from scipy import stats

from xview.metrics.compare import FLIPS, RESAMPLES, mean_change
from xview.qt.application import make_application
from xview.qt.panels.item_table import Column, Items, ItemTable
from xview.qt.thumbnails import Thumbnails

QUERIES = 20_000
ROUNDS = 3


def best(what, rounds=ROUNDS):
    spent = []
    for _ in range(rounds):
        start = time.perf_counter()
        what()
        spent.append(time.perf_counter() - start)
    return min(spent)


def with_scipy(change):
    random = np.random.default_rng(0)
    options = {"vectorized": True, "batch": 100}
    stats.bootstrap((change,), np.mean, n_resamples=RESAMPLES, method="percentile", rng=random, **options)
    kind = "samples"  # flips signs
    stats.permutation_test(
        (change,), np.mean, permutation_type=kind, n_resamples=FLIPS, rng=random, **options
    )


def ours(titles, change, thumbnails):
    table = ItemTable("bench", thumbnails)
    text = {"text": lambda n: f"{change[n]:+.3f}", "widest": "+0.000"}
    names = {"text": lambda n: str(titles[n]), "widest": "", "figure": False}
    columns = (
        Column(title="query", tip="", values=titles, **names),
        Column(title="change", tip="", values=change, **text),
    )
    table.show_items(Items(columns, lambda _number: ("", 0)), np.arange(QUERIES))
    table.sort_by(1, descending=True)
    table.deleteLater()


def widget(titles, change):
    table = QTableWidget(QUERIES, 2)
    for row, (title, value) in enumerate(zip(titles.tolist(), change.tolist(), strict=True)):
        table.setItem(row, 0, QTableWidgetItem(title))
        figure = QTableWidgetItem()
        figure.setData(Qt.ItemDataRole.DisplayRole, value)
        table.setItem(row, 1, figure)
    table.sortItems(1, Qt.SortOrder.DescendingOrder)
    table.deleteLater()


def main():
    app = make_application()
    change = np.random.default_rng(0).normal(0.001, 0.1, QUERIES)
    titles = np.array([f"query {i}" for i in range(QUERIES)])
    thumbnails = Thumbnails()
    spent = best(lambda: mean_change(change)), best(lambda: with_scipy(change), 1)
    print(f"mean change of {QUERIES:,}: {spent[0]:.2f} s; scipy {spent[1]:.2f} s")
    spent = best(lambda: ours(titles, change, thumbnails)), best(lambda: widget(titles, change))
    print(f"table of {QUERIES:,}, sorted: {1e3 * spent[0]:.0f} ms; QTableWidget {1e3 * spent[1]:.0f} ms")
    thumbnails.close()
    app.processEvents()


if __name__ == "__main__":
    main()
