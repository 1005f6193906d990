"""The items and groups behind a distortion, beside its plot: worst items with pictures, means of groups."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QStackedLayout,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from xview.data.records import Dataset
from xview.metrics.distortion import FIGURES, LOCAL, WORST_LOW, Distortion, Mean
from xview.qt.panels.distortion_door import LISTED, Door
from xview.qt.panels.item_table import Column, Items, ItemTable
from xview.qt.panels.parts import Choice, ElidedLabel, Segments, Tool, as_tip, label
from xview.qt.theme import SPACE
from xview.qt.thumbnails import Thumbnails

_PAGES = (
    Choice("items", f"Worst {LISTED}", "The items behind what was clicked, or those worst by the figure"),
    Choice("means", "Means", "Mean of the figure by modality, seen and unseen, and class"),
)


class DistortionItems(QWidget):
    """Chooses a figure, colours the maps by it, lists items and means; a row opens what it stands for."""

    coloured = Signal(str)  # colour the maps by this figure
    opened = Signal(object)  # a Door
    asked = Signal(str, int)  # modality, row

    def __init__(self, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._result: Distortion | None = None
        self._dataset: Dataset | None = None
        self._door: Door | None = None
        self._means: Sequence[Mean] = ()  # of the result, once they were looked at
        self.figure = QComboBox()
        self.figure.setAccessibleName("Colour maps by")
        self.figure.textActivated.connect(self._pick_figure)
        self.pages = Segments("List", _PAGES, quiet=True)
        self.pages.show_choice("items")
        self.title = ElidedLabel(role="section")
        self.select = Tool("box", "Select", "Select these items on all maps", text=True)
        self.select.clicked.connect(lambda: self.opened.emit(self._door))
        self.table = ItemTable("Items behind the figure", thumbnails, self)
        self.table.picked.connect(self._ask)
        self.means = MeansTable()
        self.means.chosen.connect(self._open_group)
        self._stack = QStackedLayout()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self.means)
        self.pages.picked.connect(self._show_page)
        row = QHBoxLayout()
        row.setSpacing(SPACE)
        row.addWidget(label("Colour maps by", "muted"))
        row.addWidget(self.figure, 1)
        row.addWidget(self.pages)
        above = QHBoxLayout()
        above.addWidget(self.title, 1)
        above.addWidget(self.select)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(row)
        column.addLayout(above)
        column.addLayout(self._stack, 1)

    def show_result(self, result: Distortion, dataset: Dataset) -> None:
        """Offer the figures that were measured, and list the items worst by the chosen one."""
        self._result, self._dataset, self._means = result, dataset, ()
        chosen, known = self.figure.currentText() or LOCAL, measured_figures(result)
        self.figure.clear()
        self.figure.addItems(known)
        for place, name in enumerate(known):
            self.figure.setItemData(place, as_tip(FIGURES[name]), Qt.ItemDataRole.ToolTipRole)
        self.figure.setCurrentText(chosen if chosen in known else LOCAL)
        self._list_worst()

    def show_door(self, door: Door) -> None:
        """List the items behind a figure."""
        assert self._dataset is not None
        self._door = door
        self.table.mark(-1)
        self.table.show_items(_items(door, self._dataset), np.arange(len(door.listed)))
        self._show_page("items")

    def _show_page(self, name: str) -> None:
        self.pages.show_choice(name)
        self._stack.setCurrentIndex(int(name == "means"))
        self.select.setVisible(name == "items")
        if name == "means" and self._result is not None:
            self._means = self._means or self._result.means()
            self.means.show_means(self._means, self.figure.currentText(), self._result.classes)
            self.title.setText(f"mean {self.figure.currentText()}")
        elif self._door is not None:
            more = sum(map(len, self._door.rows.values())) - len(self._door.listed)
            self.title.setText(self._door.title + (f", and {more:,} more" if more > 0 else ""))

    def _pick_figure(self, name: str) -> None:
        self.coloured.emit(name)
        QTimer.singleShot(0, self, self._list_again)  # the maps first: both at once would hold the window

    def _list_again(self) -> None:
        page = self.pages.choice
        self._list_worst()
        self._show_page(page)

    def _list_worst(self) -> None:
        assert self._result is not None and self._dataset is not None
        name = self.figure.currentText()
        self.figure.setToolTip(as_tip(FIGURES[name]))
        self.show_door(worst_items(self._result, name))

    def _ask(self, number: int) -> None:
        assert self._door is not None
        modality, row, _ = self._door.listed[number]
        self.asked.emit(modality, row)

    def _open_group(self, mean: Mean) -> None:
        assert self._result is not None
        rows = {}
        for comparison in self._result.comparisons:
            if comparison.modality != mean.modality:
                continue
            inside = np.ones(len(comparison.rows), dtype=np.bool_)
            if mean.group == "class":
                inside = comparison.labels == mean.label
            elif mean.group != "all" and comparison.seen is not None:
                inside = comparison.seen == (mean.group == "seen")
            rows[comparison.modality] = comparison.rows[inside]
        self.opened.emit(Door(title=group_name(mean, self._result.classes), rows=rows, listed=()))


class MeansTable(QTableWidget):
    """A row a group; a click selects its items, a click on a heading sorts."""

    chosen = Signal(object)  # a Mean

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Means of groups")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 8)
        self.horizontalHeader().setHighlightSections(False)
        self._means: Sequence[Mean] = ()
        self.cellClicked.connect(self._choose)
        self.cellActivated.connect(self._choose)

    def show_means(self, means: Sequence[Mean], figure: str, classes: Sequence[str]) -> None:
        """Show a figure's mean of every group that has it."""
        self._means = [mean for mean in means if np.isfinite(mean.figures.get(figure, np.nan))]
        self.setSortingEnabled(False)
        self.setColumnCount(4)
        self.setHorizontalHeaderLabels(["group", "modality", "items", figure])
        self.setRowCount(len(self._means))
        for place, mean in enumerate(self._means):
            cells = (
                QTableWidgetItem(group_name(mean, classes)),
                QTableWidgetItem(mean.modality),
                _Number(mean.items, f"{mean.items:,}"),
                _Number(mean.figures[figure], f"{mean.figures[figure]:.3f}"),
            )
            for column, cell in enumerate(cells):
                cell.setData(Qt.ItemDataRole.UserRole, place)
                cell.setToolTip(as_tip(cell.text()))
                self.setItem(place, column, cell)
        self.setSortingEnabled(True)
        self.resizeColumnsToContents()
        self.horizontalHeader().setStretchLastSection(True)

    def _choose(self, row: int, _column: int) -> None:
        place = self.model().index(row, 0).data(Qt.ItemDataRole.UserRole)
        self.chosen.emit(self._means[int(place)])


class _Number(QTableWidgetItem):
    """Sorts as the number it is."""

    def __init__(self, value: float, text: str) -> None:
        super().__init__(text)
        self.value = value
        self.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

    def __lt__(self, other: QTableWidgetItem) -> bool:
        return self.value < other.value if isinstance(other, _Number) else super().__lt__(other)


def measured_figures(result: Distortion) -> list[str]:
    """Figures that at least one item has."""
    return [
        name
        for name in FIGURES
        if any(name in c.figures and np.isfinite(c.figures[name]).any() for c in result.comparisons)
    ]


def worst_items(result: Distortion, figure: str) -> Door:
    """The items of all modalities that are worst by a figure; selecting them selects those listed."""
    found = []
    for c in result.comparisons:
        if figure in c.figures:
            values, kept = c.figures[figure], np.nan_to_num(c.figures["continuity"], nan=1.0)
            badness = values if figure not in WORST_LOW else -values
            order = np.lexsort((kept, -badness))  # NaN last; equals by what was torn away
            worst = [place for place in order[:LISTED] if np.isfinite(values[place])]
            found += [(badness[i], -kept[i], c.modality, int(c.rows[i]), float(values[i])) for i in worst]
    found.sort(key=lambda one: one[:2], reverse=True)
    listed = tuple((modality, row, value) for *_, modality, row, value in found[:LISTED])
    rows = {m: np.array([row for name, row, _ in listed if name == m]) for m in {one[0] for one in listed}}
    return Door(title=f"worst by {figure}", rows=rows, listed=listed)


def group_name(mean: Mean, classes: Sequence[str]) -> str:
    """What a group is called."""
    return classes[mean.label] if mean.group == "class" else f"{mean.group} items"


def _items(door: Door, dataset: Dataset) -> Items:
    """Columns of a door's items."""
    collections = [dataset.collection(modality) for modality, _, _ in door.listed]
    rows = [row for _, row, _ in door.listed]
    labels = [int(c.labels[row]) for c, row in zip(collections, rows, strict=True)]
    titles = np.array([str(c.titles[row]) for c, row in zip(collections, rows, strict=True)])
    classes = np.array([dataset.classes[one] if one >= 0 else "" for one in labels])
    modalities = np.array([c.modality for c in collections])
    values = np.array([value for _, _, value in door.listed])

    def words(title: str, texts: np.ndarray, widest: str) -> Column:
        return Column(
            title=title, tip="", values=texts, text=lambda i: str(texts[i]), widest=widest, figure=False
        )

    figure = Column(
        title="figure",
        tip=door.title,
        values=values,
        text=lambda i: f"{values[i]:,.3f}".rstrip("0").rstrip(".") if np.isfinite(values[i]) else "–",
        widest="-0.000",
    )
    item, classed = words("item", titles, ""), words("class", classes, _longest(classes))
    return Items(
        columns=(item, figure, classed, words("modality", modalities, _longest(modalities))),
        picture=lambda i: (door.listed[i][0], door.listed[i][1]),
    )


def _longest(texts: np.ndarray) -> str:
    """The longest of some words, as far as a column has room for it."""
    return max((str(text) for text in texts), key=len, default="")[:12]
