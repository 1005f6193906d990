"""Rankers by measures: a sortable table, and the same as CSV and LaTeX."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QFrame, QTableWidget, QTableWidgetItem, QWidget

from xview.qt.panels.parts import as_tip

Row = Mapping[str, Any]
"""As `xview evaluate --json` writes it: ranker, query, gallery, parameters, measures, queries,
queries_without_match, and perhaps cmc and pr."""

_PLACE = Qt.ItemDataRole.UserRole


def direction(row: Row) -> str:
    """Who asks whom."""
    return f"{row['query']} → {row['gallery']}"


def measures_of(rows: Sequence[Row]) -> tuple[str, ...]:
    """Names of all measures, in the order met."""
    return tuple(dict.fromkeys(name for row in rows for name in row["measures"]))


def best_of(rows: Sequence[Row], measure: str) -> set[int]:
    """Places of the rows that reach the highest value of a measure in their direction."""
    best: dict[str, float] = {}
    for row in rows:
        value = row["measures"].get(measure)
        if value is not None:
            best[direction(row)] = max(value, best.get(direction(row), value))
    return {
        i for i, row in enumerate(rows) if row["measures"].get(measure, object()) == best.get(direction(row))
    }


def as_csv(rows: Sequence[Row]) -> str:
    """One line a row, every digit kept, parameters in columns of their own."""
    measures = measures_of(rows)
    parameters = tuple(dict.fromkeys(name for row in rows for name in row.get("parameters", {})))
    counts = ("queries", "queries_without_match")
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["ranker", "query", "gallery", *measures, *counts, *parameters])
    for row in rows:
        figures = [row["measures"].get(name, "") for name in measures]
        given = [row.get("parameters", {}).get(name, "") for name in parameters]
        writer.writerow(
            [row["ranker"], row["query"], row["gallery"], *figures, *(row.get(c, "") for c in counts), *given]
        )
    return out.getvalue()


def as_latex(rows: Sequence[Row]) -> str:
    """A booktabs table; the best of a direction is bold, values in percent."""
    measures = measures_of(rows)
    best = {name: best_of(rows, name) for name in measures}
    lines = [
        r"\begin{tabular}{ll" + "r" * len(measures) + "}",
        r"\toprule",
        " & ".join(["ranker", "direction", *map(_escaped, measures)]) + r" \\",
        r"\midrule",
    ]
    for place, row in enumerate(rows):
        cells = [_escaped(str(row["ranker"])), rf"{_escaped(row['query'])} $\to$ {_escaped(row['gallery'])}"]
        for name in measures:
            value = row["measures"].get(name)
            shown = "--" if value is None else f"{100 * value:.1f}"
            cells.append(rf"\textbf{{{shown}}}" if place in best[name] else shown)
        lines.append(" & ".join(cells) + r" \\")
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}", ""])


def _escaped(text: str) -> str:
    for sign in "\\&%$#_{}":
        text = text.replace(sign, r"\textbackslash{}" if sign == "\\" else f"\\{sign}")
    return text


class EvaluationTable(QTableWidget):
    """A row a ranker and direction; a click on a heading sorts, Enter or a double click opens the queries."""

    opened = Signal(int, str)  # place of the row in `show_rows`, measure (empty: none)
    chosen = Signal(list)  # places of the rows with a selected cell, ascending

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Evaluation")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)  # Tab leaves the table; the arrows walk it
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 10)
        self.horizontalHeader().setHighlightSections(False)
        self._measures: tuple[str, ...] = ()
        self.cellActivated.connect(self._open)
        self.itemSelectionChanged.connect(self._choose)

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show these rows, in this order until a heading is clicked."""
        self.setSortingEnabled(False)
        self._measures = measures_of(rows)
        self.setColumnCount(2 + len(self._measures) + 1)
        self.setHorizontalHeaderLabels(["ranker", "direction", *self._measures, "queries"])
        self.setRowCount(len(rows))
        best = {name: best_of(rows, name) for name in self._measures}
        for place, row in enumerate(rows):
            tip = ", ".join(f"{key} {value}" for key, value in row.get("parameters", {}).items())
            for column, text in enumerate((str(row["ranker"]), direction(row))):
                self._put(place, column, QTableWidgetItem(text), place, tip)
            for column, name in enumerate(self._measures, start=2):
                self._put(place, column, _Figure(row["measures"].get(name), place in best[name]), place, tip)
            lost = row.get("queries_without_match", 0)
            count = _Figure(row.get("queries"), best=False, whole=True)
            told = (
                f"{row.get('queries')} queries, {lost} of them without a match and left out" if lost else tip
            )
            self._put(place, self.columnCount() - 1, count, place, told)
        self.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.DescendingOrder)
        self.setSortingEnabled(True)
        for column in range(self.columnCount()):
            texts = [self.item(row, column) for row in range(len(rows))]
            shown = [self.horizontalHeaderItem(column), *texts]
            widths = [self.fontMetrics().horizontalAdvance(item.text()) for item in shown if item]
            self.setColumnWidth(column, round(1.08 * max(widths)) + 16)  # the best are bold, so wider

    @property
    def wanted_width(self) -> int:
        """Width at which every column can be seen, in pixels."""
        return self.horizontalHeader().length() + self.verticalScrollBar().sizeHint().width() + 4

    def _put(self, row: int, column: int, item: QTableWidgetItem, place: int, tip: str) -> None:
        item.setData(_PLACE, place)
        item.setToolTip(as_tip("\n".join(filter(None, [item.text(), tip]))))
        self.setItem(row, column, item)

    def _place(self, row: int) -> int:
        item = self.item(row, 0)
        return -1 if item is None else int(item.data(_PLACE))

    def _open(self, row: int, column: int) -> None:
        inside = 2 <= column < 2 + len(self._measures)
        self.opened.emit(self._place(row), self._measures[column - 2] if inside else "")

    def _choose(self) -> None:
        self.chosen.emit(sorted({self._place(index.row()) for index in self.selectedIndexes()}))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+C copies the selected cells, tabs between columns."""
        if not event.matches(QKeySequence.StandardKey.Copy):
            super().keyPressEvent(event)
            return
        lines: dict[int, list[str]] = {}
        for index in sorted(self.selectedIndexes()):
            lines.setdefault(index.row(), []).append(str(index.data()))
        QGuiApplication.clipboard().setText("\n".join("\t".join(cells) for cells in lines.values()))


class _Figure(QTableWidgetItem):
    """A number that sorts as one; a missing one sorts last."""

    def __init__(self, value: float | None, best: bool, *, whole: bool = False) -> None:
        super().__init__("–" if value is None else f"{value:,}" if whole else f"{value:.3f}")
        self.value = -1.0 if value is None else float(value)
        self.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if best:
            font = self.font()
            font.setBold(True)
            self.setFont(font)

    def __lt__(self, other: QTableWidgetItem) -> bool:
        return self.value < other.value if isinstance(other, _Figure) else super().__lt__(other)
