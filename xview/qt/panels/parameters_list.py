"""The sweeps made: one is looked at, and curves over the same setting may lie beside it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QListWidget, QListWidgetItem, QWidget

from xview.metrics.sweep import Sweep, SweepRequest
from xview.qt.panels.parameters_words import titles
from xview.qt.panels.parts import Tool

EMPTY = (
    "No sweep yet. Those you run are listed here: a click draws one again, and curves over the same setting "
    "are drawn together while they are ticked."
)


class SweepList(QWidget):
    """A list with a tick for each curve; a new sweep is looked at at once."""

    changed = Signal()  # what is looked at
    forget_asked = Signal(object)  # a sweep's request

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sweeps: tuple[Sweep, ...] = ()
        self._colours: dict[SweepRequest, int] = {}
        self._hidden: set[SweepRequest] = set()
        self.list = QListWidget()
        self.list.setAccessibleName("Sweeps made")
        self.list.setToolTip("Sweeps made; ticked curves over the same setting are drawn together")
        self.list.setUniformItemSizes(True)
        self.list.currentRowChanged.connect(lambda _row: self.changed.emit())
        self.list.itemChanged.connect(self._tick)
        self.remove = Tool("close", "Remove", "Forget the chosen sweep")
        self.remove.clicked.connect(self._forget)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        self.empty = QLabel(EMPTY, wordWrap=True)
        self.empty.setProperty("role", "muted")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        row.addWidget(self.empty, 1)
        row.addWidget(self.list, 1)
        row.addWidget(self.remove, 0, Qt.AlignmentFlag.AlignTop)

    def show_sweeps(self, sweeps: Sequence[Sweep]) -> None:
        """List these; emits nothing."""
        before, chosen = {found.request for found in self._sweeps}, self.current
        self._sweeps = tuple(sweeps)
        kept = [found.request for found in sweeps]
        self._colours = {request: self._colours[request] for request in kept if request in self._colours}
        for request in kept:
            free = (n for n in range(len(kept)) if n not in self._colours.values())
            if request not in self._colours:
                self._colours[request] = next(free)
        self._hidden &= set(kept)
        with QSignalBlocker(self.list):
            self.list.clear()
            for request, title in zip(kept, titles(kept), strict=True):
                self.list.addItem(self._item(request, title))
            fresh = [place for place, request in enumerate(kept) if request not in before]
            same = kept.index(chosen.request) if chosen and chosen.request in kept else len(kept) - 1
            self.list.setCurrentRow(fresh[-1] if fresh else same)
        self.empty.setVisible(not kept)
        for part in (self.list, self.remove):
            part.setVisible(bool(kept))

    @property
    def current(self) -> Sweep | None:
        """The sweep looked at."""
        row = self.list.currentRow()
        return self._sweeps[row] if 0 <= row < len(self._sweeps) else None

    @property
    def together(self) -> tuple[Sweep, ...]:
        """It, and the ticked ones whose curves lie beside it."""
        current = self.current
        return tuple(found for found in self._sweeps if current is not None and self._beside(found, current))

    def colour(self, found: Sweep) -> int:
        """The number of a sweep's colour, which it keeps."""
        return self._colours[found.request]

    def _item(self, request: SweepRequest, title: str) -> QListWidgetItem:
        item = QListWidgetItem(title)
        item.setToolTip(title)
        if len(request.axes) == 1:
            hidden = request in self._hidden
            item.setCheckState(Qt.CheckState.Unchecked if hidden else Qt.CheckState.Checked)
        return item

    def _beside(self, other: Sweep, current: Sweep) -> bool:
        if other is current:
            return True
        keys = [[axis.key for axis in found.request.axes] for found in (other, current)]
        return keys[0] == keys[1] and len(keys[0]) == 1 and other.request not in self._hidden

    def _tick(self, item: QListWidgetItem) -> None:
        request = self._sweeps[self.list.row(item)].request
        if item.checkState() == Qt.CheckState.Checked:
            self._hidden.discard(request)
        else:
            self._hidden.add(request)
        self.changed.emit()

    def _forget(self) -> None:
        if self.current is not None:
            self.forget_asked.emit(self.current.request)
