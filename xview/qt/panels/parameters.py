"""The parameter lab: which ranker, which settings from where to where, and what every value was worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from xview.data.protocol import Classes
from xview.errors import DataError, XViewError
from xview.metrics.axes import Axis
from xview.metrics.retrieval import MEASURES
from xview.metrics.sweep import FOR_UNDERSTANDING, Sweep, SweepRequest
from xview.qt.panels.parameters_figure import SweepFigure
from xview.qt.panels.parameters_range import RangeField, told
from xview.qt.panels.parameters_words import as_csv, summary, titles
from xview.qt.panels.parts import Choice, ElidedLabel, Segments, Tool
from xview.qt.panels.progress import duration
from xview.qt.theme import SPACE
from xview.settings import Settings

LEFT = 400  # pixels
PARTS = (
    Choice(Classes.UNSEEN, "Unseen classes", FOR_UNDERSTANDING),
    Choice(Classes.SEEN, "Seen classes", "Seen classes ask and answer: here settings may be chosen"),
)


class ParametersPanel(QWidget):
    """Asks for sweeps, shows those made. A click on a point or cell asks for its settings."""

    run_asked = Signal(str, tuple, str)  # ranker, axes, part of the classes (empty: there is no split)
    cancel_asked = Signal()
    forget_asked = Signal(object)  # a sweep's request
    chosen = Signal(object, tuple)  # a sweep's request, place of a cell
    failed = Signal(str)  # an export that could not be written

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Parameters")
        self._kinds: Mapping[str, type[Settings]] = {}
        self._sweeps: tuple[Sweep, ...] = ()
        self._colours: dict[SweepRequest, int] = {}
        self._hidden: set[SweepRequest] = set()
        self._now: Mapping[str, Mapping[str, Any]] = {}
        self._running = False
        self.ranker = QComboBox()
        self.ranker.setAccessibleName("Ranker to sweep")
        self.ranker.setToolTip("The ranker whose settings are tried; follows ranker A")
        self.ranker.activated.connect(lambda _place: self._show_kind())
        self.parts = Segments("Classes", PARTS, quiet=True)
        self.parts.show_choice(Classes.UNSEEN)
        self.parts.picked.connect(lambda _part: self._refresh_told())
        self.first = RangeField("First setting")
        self.second = RangeField("Second setting", optional=True)
        self.run = QPushButton("Run")
        self.run.setProperty("role", "primary")
        self.run.setToolTip("Judge all queries at every value, or every pair of values")
        self.run.clicked.connect(self._ask)
        self.cancel = Tool("stop", "Cancel", "Stop; the cells known so far stay", text=True)
        self.cancel.clicked.connect(self.cancel_asked)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setMaximumWidth(120)
        self.bar.setAccessibleName("Progress of the sweep")
        self.told = ElidedLabel(role="muted")
        self.list = QListWidget()
        self.list.setAccessibleName("Sweeps made")
        self.list.setToolTip("Sweeps made; ticked curves over the same setting are drawn together")
        self.list.setUniformItemSizes(True)
        self.list.currentRowChanged.connect(lambda _row: self._draw())
        self.list.itemChanged.connect(self._tick)
        self.remove = Tool("close", "Remove", "Forget the chosen sweep")
        self.remove.clicked.connect(self._forget)
        self.measure = QComboBox()
        self.measure.setAccessibleName("Measure")
        for name, meaning in MEASURES.items():
            self.measure.addItem(name)
            self.measure.setItemData(self.measure.count() - 1, meaning, Qt.ItemDataRole.ToolTipRole)
        self.measure.activated.connect(lambda _place: self._draw())
        self.summary = ElidedLabel(role="muted")
        self.warning = QLabel("not for choosing")
        self.warning.setProperty("role", "muted")
        self.warning.setToolTip(FOR_UNDERSTANDING)
        self.export = Tool("save", "Export", "Save what is drawn as CSV, PNG or SVG", text=True)
        self.export.clicked.connect(self._ask_export)
        self.figure = SweepFigure()
        self.figure.chosen.connect(self.chosen)
        for field in (self.first, self.second):
            field.changed.connect(self._refresh_told)
        self._build()
        self.show_sweeps(())
        self.show_progress(None)

    def _build(self) -> None:
        top, work, head, listed = QHBoxLayout(), QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        for row, widgets in (
            (top, (self.ranker, self.parts)),
            (work, (self.run, self.bar, self.cancel, self.told)),
            (head, (self.measure, self.summary, self.warning, self.export)),
        ):
            row.setSpacing(SPACE)
            for widget in widgets:
                row.addWidget(widget, int(isinstance(widget, ElidedLabel)))
        top.addStretch()
        listed.setSpacing(2)
        listed.addWidget(self.list, 1)
        listed.addWidget(self.remove, 0, Qt.AlignmentFlag.AlignTop)
        side = QWidget()
        side.setFixedWidth(LEFT)
        left = QVBoxLayout(side)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(SPACE)
        for part in (top, work, listed):
            left.addLayout(part, int(part is listed))
        left.insertWidget(1, self.first)
        left.insertWidget(2, self.second)
        right = QVBoxLayout()
        right.setSpacing(2)
        right.addLayout(head)
        right.addWidget(self.figure, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        row.setSpacing(2 * SPACE)
        row.addWidget(side)
        row.addLayout(right, 1)

    # what may be asked

    def show_rankers(self, rankers: Sequence[tuple[str, str, type[Settings]]]) -> None:
        """Offer these: name, title, settings."""
        chosen = self.ranker.currentData()
        self._kinds = {name: settings for name, _, settings in rankers}
        self.ranker.clear()
        for name, title, _ in rankers:
            self.ranker.addItem(title, name)
        self.show_ranker(chosen)
        self._show_kind()

    def show_ranker(self, name: str | None) -> None:
        """Choose a ranker; one that has nothing to sweep over leaves the choice as it is."""
        place = self.ranker.findData(name)
        if place >= 0 and place != self.ranker.currentIndex():
            self.ranker.setCurrentIndex(place)
            self._show_kind()

    def show_split(self, *, split: bool) -> None:
        """Whether the data has seen and unseen classes."""
        self.parts.setVisible(split)
        self._refresh_told()

    def show_now(self, now: Mapping[str, Mapping[str, Any]]) -> None:
        """Where each ranker's settings, by key, stand; they are marked."""
        self._now = now
        self.figure.show_now(now)
        self._tell()

    # what was found

    def show_sweeps(self, sweeps: Sequence[Sweep]) -> None:
        """List these; a new one is drawn at once."""
        before = {found.request for found in self._sweeps}
        chosen = self._current()
        self._sweeps = tuple(sweeps)
        kept = [found.request for found in sweeps]
        self._colours = {request: self._colours[request] for request in kept if request in self._colours}
        for request in kept:
            free = (n for n in range(len(kept) + 1) if n not in self._colours.values())
            self._colours.setdefault(request, next(free))
        self._hidden &= set(kept)
        with QSignalBlocker(self.list):
            self.list.clear()
            for found, title in zip(sweeps, titles(kept), strict=True):
                item = QListWidgetItem(title)
                item.setToolTip(title)
                if len(found.request.axes) == 1:
                    shown = found.request not in self._hidden
                    item.setCheckState(Qt.CheckState.Checked if shown else Qt.CheckState.Unchecked)
                self.list.addItem(item)
            fresh = [place for place, request in enumerate(kept) if request not in before]
            same = kept.index(chosen.request) if chosen and chosen.request in kept else len(kept) - 1
            self.list.setCurrentRow(fresh[-1] if fresh else same)
        self.remove.setEnabled(bool(kept))
        self.export.setEnabled(bool(kept))
        self.measure.setEnabled(bool(kept))
        self._draw()

    def show_progress(
        self, fraction: float | None, *, running: bool = False, seconds_left: float | None = None
    ) -> None:
        """How far a sweep is (None: unknown), or that none runs."""
        self._running = running
        self.run.setVisible(not running)
        self.bar.setVisible(running)
        self.cancel.setVisible(running)
        self.bar.setRange(0, 0 if fraction is None else 1000)
        self.bar.setValue(round(1000 * (fraction or 0)))
        if running:
            self.told.setText("" if seconds_left is None else f"{duration(seconds_left)} left")
        else:
            self._refresh_told()

    def save(self, path: Path) -> None:
        """Write the sweeps drawn (.csv), or the picture of them (.png, .svg).

        Raises:
            DataError: The file cannot be written, or its name ends otherwise.
        """
        part = path.with_name(f".{path.stem}.part{path.suffix}")
        try:
            if path.suffix == ".csv":
                part.write_text(as_csv(self.figure.drawn), encoding="utf-8")
            elif path.suffix not in (".png", ".svg"):
                raise DataError(f"{path.name}: an export ends in .csv, .png or .svg")
            elif not self.figure.save(part):
                raise OSError("no picture was written")
            part.replace(path)
        except OSError as error:
            raise DataError(f"cannot write {path}: {error.strerror or error}") from None
        finally:
            part.unlink(missing_ok=True)

    def sizeHint(self) -> QSize:
        """Room for the fields and a curve."""
        return QSize(1000, 260)

    def axes(self) -> tuple[Axis, ...]:
        """The axes set now; none where they are not right."""
        return told([self.first, self.second])[0]

    def _ask(self) -> None:
        part = "" if self.parts.isHidden() else self.parts.choice
        self.run_asked.emit(self.ranker.currentData(), self.axes(), part)

    def _show_kind(self) -> None:
        settings = self._kinds.get(self.ranker.currentData() or "")
        if settings is not None:
            self.first.show_settings(settings)
            self.second.show_settings(settings)
        self._refresh_told()

    def _refresh_told(self) -> None:
        if self._running:
            return
        axes, words = told([self.first, self.second])
        self.run.setEnabled(bool(axes))
        self.told.setText(words if self._kinds else "No ranker of these spaces has anything to sweep over.")

    def _current(self) -> Sweep | None:
        row = self.list.currentRow()
        return self._sweeps[row] if 0 <= row < len(self._sweeps) else None

    def _draw(self) -> None:
        current = self._current()
        together = [
            found
            for found in self._sweeps
            if found is current or (current is not None and self._beside(found.request, current.request))
        ]
        colours = [self._colours[found.request] for found in together]
        self.figure.show_sweeps(together, self.measure.currentText(), colours, current)
        self._tell()

    def _beside(self, other: SweepRequest, current: SweepRequest) -> bool:
        """Whether a sweep's curve is drawn with another's."""
        keys = [[axis.key for axis in request.axes] for request in (other, current)]
        return keys[0] == keys[1] and len(keys[0]) == 1 and other not in self._hidden

    def _tell(self) -> None:
        current = self._current()
        if current is None:
            self.summary.setText("")
            self.warning.hide()
            return
        ranker, protocol = current.request.request.ranker, current.request.request.protocol
        self.summary.setText(summary(current, self.measure.currentText(), self._now.get(ranker, {})))
        self.warning.setVisible(not self.parts.isHidden() and protocol.query_classes is not Classes.SEEN)

    def _tick(self, item: QListWidgetItem) -> None:
        request = self._sweeps[self.list.row(item)].request
        if item.checkState() == Qt.CheckState.Checked:
            self._hidden.discard(request)
        else:
            self._hidden.add(request)
        self._draw()

    def _forget(self) -> None:
        current = self._current()
        if current is not None:
            self.forget_asked.emit(current.request)

    def _ask_export(self) -> None:
        kinds = "Figures as CSV (*.csv);;Picture as PNG (*.png);;Picture as SVG (*.svg)"
        name, kind = QFileDialog.getSaveFileName(self, "Export the sweep", "sweep.csv", kinds)
        if not name:
            return
        path = Path(name)
        if not path.suffix:
            path = path.with_suffix(kind[kind.index("*") + 1 : -1])
        try:
            self.save(path)
        except XViewError as error:
            self.failed.emit(str(error))
