"""Runs one below the other: how each is getting on, sortable by any column, kept up to date in place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from xview.qt.panels.parts import as_tip
from xview.qt.panels.progress import duration

_SORT = Qt.ItemDataRole.UserRole
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInfo:
    """One run as the table shows it.

    Attributes:
        key: Tells it from others.
        name, system, data: What it is called, trains and learns from.
        status: One word.
        message: Why it stands there, in a sentence, or empty.
        epoch, epochs: Epochs begun, and wanted.
        fraction: Share done, 0 to 1; None unknown.
        seconds_left: Estimate; None unknown.
        validation, unseen: Best validation mAP, and unseen mAP of that epoch; None unknown.
        created: Seconds since 1970.
        here: Whether it learns from the data that is open.
        alive: Whether it runs or waits for its turn.
        actions: Names of what may be asked of it.
    """

    key: str
    name: str
    system: str
    data: str
    status: str
    message: str = ""
    epoch: int = 0
    epochs: int = 0
    fraction: float | None = None
    seconds_left: float | None = None
    validation: float | None = None
    unseen: float | None = None
    created: float = 0.0
    here: bool = True
    alive: bool = False
    actions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Column:
    title: str
    tip: str
    text: Callable[[RunInfo], str]
    order: Callable[[RunInfo], Any]
    number: bool = False


def _measure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _or_last(value: float | None) -> float:
    return -1.0 if value is None else value


def _left(run: RunInfo) -> str:
    return "" if run.seconds_left is None else duration(run.seconds_left)


def _day(run: RunInfo) -> str:
    when = datetime.fromtimestamp(run.created)
    return f"{when:%H:%M}" if when.date() == datetime.now().date() else f"{when:%d %b %H:%M}"


COLUMNS = (
    _Column("run", "Name of the run and of its space", lambda r: r.name, lambda r: r.name.casefold()),
    _Column("status", "How it stands", lambda r: r.status, lambda r: r.status),
    _Column(
        "validation\nmAP", "Mean average precision on held-out seen items; the best epoch is chosen by it",
        lambda r: _measure(r.validation), lambda r: _or_last(r.validation), number=True,
    ),
    _Column(
        "unseen mAP\nnever chosen on", "Mean average precision on unseen classes at the chosen epoch; "
        "shown only: no epoch and no setting is ever chosen by it",
        lambda r: _measure(r.unseen), lambda r: _or_last(r.unseen), number=True,
    ),
    _Column(
        "epoch", "Epochs so far, and wanted", lambda r: f"{r.epoch} / {r.epochs}",
        lambda r: r.epoch / max(1, r.epochs), number=True,
    ),
    _Column("left", "Time left, estimated", _left, lambda r: _or_last(r.seconds_left), number=True),
    _Column("system", "What is trained", lambda r: r.system, lambda r: r.system),
    _Column("started", "When it was created", _day, lambda r: r.created),
    _Column("data", "What it learns from", lambda r: r.data, lambda r: r.data),
)  # fmt: skip


class _Model(QAbstractTableModel):
    """Changes cell by cell, so that selection and scroll position stay."""

    def __init__(self) -> None:
        super().__init__()
        self.runs: list[RunInfo] = []

    def show_runs(self, runs: Sequence[RunInfo]) -> None:
        """Show these; known ones keep their place."""
        by_key = {run.key: run for run in runs}
        for row in reversed(range(len(self.runs))):
            if self.runs[row].key not in by_key:
                self.beginRemoveRows(QModelIndex(), row, row)
                del self.runs[row]
                self.endRemoveRows()
        for row, old in enumerate(self.runs):
            new = by_key.pop(old.key)
            if new != old:
                self.runs[row] = new
                self.dataChanged.emit(self.index(row, 0), self.index(row, len(COLUMNS) - 1))
        if by_key:
            first = len(self.runs)
            self.beginInsertRows(QModelIndex(), first, first + len(by_key) - 1)
            self.runs += by_key.values()
            self.endInsertRows()

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.runs)

    def columnCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section].title
        return COLUMNS[section].tip if role == Qt.ItemDataRole.ToolTipRole else None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        run, column = self.runs[index.row()], COLUMNS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(run)
        if role == _SORT:
            return column.order(run)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column.number else None
        if role == Qt.ItemDataRole.ToolTipRole:
            lines = [f"{run.name}: {run.status}", run.message, "" if run.here else f"learns from {run.data}"]
            return as_tip("\n".join(filter(None, lines)))
        if role == Qt.ItemDataRole.FontRole and run.alive and index.column() == 0:
            bold = QFont()
            bold.setBold(True)
            return bold
        return None


class RunTable(QTableView):
    """Newest first until a heading is clicked; several runs can be selected."""

    chosen = Signal(list)  # keys of the selected runs, in the order shown
    menu_asked = Signal(QPoint)  # global position
    delete_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Runs")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self._model = _Model()
        self._model.setParent(self)
        self._proxy = QSortFilterProxyModel(self)
        self._proxy.setSourceModel(self._model)
        self._proxy.setSortRole(_SORT)
        self.setModel(self._proxy)
        self.setSortingEnabled(True)
        started = next(place for place, column in enumerate(COLUMNS) if column.title == "started")
        self.sortByColumn(started, Qt.SortOrder.DescendingOrder)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 8)
        head = self.horizontalHeader()
        head.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        head.setMinimumSectionSize(36)
        head.setHighlightSections(False)
        self.setTabKeyNavigation(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(
            lambda at: self.menu_asked.emit(self.viewport().mapToGlobal(at))
        )
        self.selectionModel().selectionChanged.connect(lambda _new, _old: self.chosen.emit(self.keys))
        self._size_columns()

    def show_runs(self, runs: Sequence[RunInfo]) -> None:
        """Show these; the selection stays."""
        widest = len(self._model.runs)
        self._model.show_runs(runs)
        if len(self._model.runs) > widest:
            self._size_columns()

    @property
    def keys(self) -> list[str]:
        """Of the selected runs, in the order shown."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [self._run(row).key for row in rows]

    def choose(self, keys: Sequence[str]) -> None:
        """Select these runs and none else."""
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().clearSelection()
        for row in range(self._proxy.rowCount()):
            if self._run(row).key in keys:
                index = self._proxy.index(row, 0)
                self.selectionModel().select(index, flags.Select | flags.Rows)
                self.selectionModel().setCurrentIndex(index, flags.NoUpdate)
                self.scrollTo(index)

    def shown(self) -> list[RunInfo]:
        """All runs in the order shown."""
        return [self._run(row) for row in range(self._proxy.rowCount())]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete asks to delete."""
        if event.key() == Qt.Key.Key_Delete:
            self.delete_asked.emit()
        else:
            super().keyPressEvent(event)

    def _run(self, row: int) -> RunInfo:
        return self._model.runs[self._proxy.mapToSource(self._proxy.index(row, 0)).row()]

    def _size_columns(self) -> None:
        """Room for what is there, and for figures still to come."""
        metrics = self.fontMetrics()
        coming = {"epoch": "100 / 100", "left": "10 min 10 s", "status": "finished"}
        for place, column in enumerate(COLUMNS):
            texts = [*column.title.split("\n"), coming.get(column.title, "")]
            texts += [column.text(run) for run in self._model.runs]
            widest = max(metrics.horizontalAdvance(text) for text in texts)
            self.setColumnWidth(place, min(200, round(1.04 * widest) + 14))
