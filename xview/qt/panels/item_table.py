"""Items with pictures and figures: a table that sorts by every column, however long it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from xview.arrays import AnyArray, Ints
from xview.qt import theme
from xview.qt.panels.parts import as_tip
from xview.qt.thumbnails import Thumbnails

PICTURE = 26
_ROOM = 10  # pixels about a figure
_TITLE = 80  # least width of the first column, beside its picture

_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, eq=False, kw_only=True)
class Column:
    """One column of n items.

    Attributes:
        title, tip: Of its heading.
        values: (n,) numbers or strings it is sorted by; NaN comes last.
        text: What the cell of an item says, by its number.
        widest: The longest text to make room for.
        figure: Whether it stands at the right.
        tone: 1 good, -1 bad, 0 neither, by number; said by the text as well.
    """

    title: str
    tip: str
    values: AnyArray
    text: Callable[[int], str]
    widest: str
    figure: bool = True
    tone: Callable[[int], int] = field(default=lambda _number: 0)


@dataclass(frozen=True, eq=False)
class Items:
    """What a table shows: columns, the first with a picture, and where an item's picture is (key, row)."""

    columns: Sequence[Column]
    picture: Callable[[int], tuple[str, int]]


class ItemModel(QAbstractTableModel):
    """Some of the items, in an order; both are positions in arrays, so 20,000 rows cost as much as 20."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.items: Items | None = None
        self.numbers: Ints = np.empty(0, dtype=np.int64)  # of the items shown, in order
        self.place: dict[int, int] = {}

    def show(self, items: Items | None, numbers: Ints, column: int, descending: bool) -> None:
        """Show these items, sorted by a column; -1 keeps the order given."""
        self.beginResetModel()
        self.items, self.numbers = items, numbers
        self._order(column, descending)
        self.endResetModel()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column."""
        self.beginResetModel()
        self._order(column, order is Qt.SortOrder.DescendingOrder)
        self.endResetModel()

    def _order(self, column: int, descending: bool) -> None:
        if self.items is not None and column >= 0:
            values = self.items.columns[column].values[self.numbers]
            known = values == values
            kept = np.flatnonzero(known)
            order = kept[np.argsort(values[kept], kind="stable")]
            order = np.concatenate([order[::-1] if descending else order, np.flatnonzero(~known)])
            self.numbers = self.numbers[order]
        self.place = {number: place for place, number in enumerate(self.numbers.tolist())}

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """Items shown."""
        return 0 if parent.isValid() else len(self.numbers)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """Columns."""
        return 0 if parent.isValid() or self.items is None else len(self.items.columns)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Text, side, tone."""
        if self.items is None or not index.isValid():
            return None
        column, number = self.items.columns[index.column()], int(self.numbers[index.row()])
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(number)
        if role == Qt.ItemDataRole.ToolTipRole:
            return as_tip("\n".join(f"{c.title} {c.text(number)}" for c in self.items.columns))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.figure else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ForegroundRole and column.tone(number):
            worn = theme.current()
            return QColor(worn.good if column.tone(number) > 0 else worn.bad)
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Headings."""
        if self.items is None or orientation is Qt.Orientation.Vertical:
            return None
        column = self.items.columns[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.figure else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return {Qt.ItemDataRole.DisplayRole: column.title, Qt.ItemDataRole.ToolTipRole: column.tip}.get(
            Qt.ItemDataRole(role)
        )


class _WithPicture(QStyledItemDelegate):
    """The first column: the item's picture, then its title."""

    def __init__(self, thumbnails: Thumbnails, parent: QWidget) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Leave room for the picture, then draw it."""
        model = index.model()
        box: QRect = option.rect
        moved = QStyleOptionViewItem(option)
        moved.rect = box.adjusted(PICTURE + 6, 0, 0, 0)
        super().paint(painter, moved, index)
        if not isinstance(model, ItemModel) or model.items is None:
            return
        key, row = model.items.picture(int(model.numbers[index.row()]))
        picture = QRectF(box.x() + 3, box.y() + (box.height() - PICTURE) / 2, PICTURE, PICTURE)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if not self._thumbnails.draw(painter, picture, key, row):
            painter.fillRect(picture, QColor(theme.current().border))


class ItemTable(QTableView):
    """A click on a heading sorts; a click on a row, or the arrow keys, picks the item."""

    picked = Signal(int)  # number of an item, by the user

    def __init__(self, name: str, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._model = ItemModel(self)
        self.setModel(self._model)
        self.setItemDelegateForColumn(0, _WithPicture(thumbnails, self))
        upright, head = self.verticalHeader(), self.horizontalHeader()
        upright.hide()
        upright.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        upright.setDefaultSectionSize(max(PICTURE, self.fontMetrics().height()) + 4)
        head.setHighlightSections(False)
        head.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        head.setStretchLastSection(False)
        head.sortIndicatorChanged.connect(self._sort)
        head.setSectionsClickable(True)
        head.setSortIndicatorShown(True)
        self._current = -1
        self._silent = False
        thumbnails.ready.connect(self._picture_arrived)
        self.selectionModel().currentRowChanged.connect(self._pick)

    @property
    def numbers(self) -> Ints:
        """Numbers of the items listed, in the order on screen."""
        return self._model.numbers

    def show_items(self, items: Items | None, numbers: Ints) -> None:
        """List these items; the sorting stays."""
        head = self.horizontalHeader()
        columns = 0 if items is None else len(items.columns)
        column = head.sortIndicatorSection() if head.sortIndicatorSection() < columns else -1
        fresh = columns != self._model.columnCount()
        self._silent = True
        descending = head.sortIndicatorOrder() is Qt.SortOrder.DescendingOrder
        self._model.show(items, numbers, column, descending)
        self._silent = False
        if fresh and items is not None:
            self._fit(items)
        self.mark(self._current)

    def mark(self, number: int) -> None:
        """Make an item the current row, or none if it is not listed; picks nothing."""
        self._current = number
        place = self._model.place.get(number, -1)
        self._silent = True
        if place < 0:
            self.setCurrentIndex(QModelIndex())
        elif self.currentIndex().row() != place:
            self.setCurrentIndex(self._model.index(place, 0))
        self._silent = False

    def sort_by(self, column: int, *, descending: bool) -> None:
        """Sort as a click on the heading does."""
        order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        self.horizontalHeader().setSortIndicator(column, order)

    def sizeHint(self) -> QSize:
        """Room for a few rows."""
        return QSize(560, 200)

    def _fit(self, items: Items) -> None:
        """Figures get the room they need, the title what is left."""
        metrics = self.fontMetrics()
        for place, column in enumerate(items.columns):
            widest = max(
                metrics.horizontalAdvance(column.widest), metrics.horizontalAdvance(column.title) + 10
            )
            self.setColumnWidth(place, widest + _ROOM)
        self._stretch()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The title has what the figures leave."""
        super().resizeEvent(event)
        self._stretch()

    def _stretch(self) -> None:
        others = sum(self.columnWidth(place) for place in range(1, self._model.columnCount()))
        self.setColumnWidth(0, max(PICTURE + _TITLE, self.viewport().width() - others))

    def _sort(self, column: int, order: Qt.SortOrder) -> None:
        self._silent = True
        self._model.sort(column, order)
        self._silent = False
        self.mark(self._current)
        if self._current not in self._model.place:
            self.scrollToTop()

    def _pick(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if current.isValid() and not self._silent:
            self._current = int(self._model.numbers[current.row()])
            self.picked.emit(self._current)

    def _picture_arrived(self, _key: str, _row: int) -> None:
        """Paint again, once for many pictures."""
        self.viewport().update()
