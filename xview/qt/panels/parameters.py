"""The parameter lab: which ranker, which settings from where to where, and what every value was worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from xview.data.protocol import Classes
from xview.errors import DataError
from xview.metrics.axes import Axis
from xview.metrics.retrieval import MEASURES
from xview.metrics.sweep import FOR_UNDERSTANDING, Sweep
from xview.qt.panels.exporting import export
from xview.qt.panels.parameters_figure import SweepFigure
from xview.qt.panels.parameters_list import SweepList
from xview.qt.panels.parameters_range import RangeField, told
from xview.qt.panels.parameters_words import as_csv, summary
from xview.qt.panels.parts import Choice, ElidedLabel, Segments, Tool
from xview.qt.panels.progress import duration
from xview.qt.panels.share_bar import ShareBar
from xview.qt.theme import SPACE
from xview.settings import Settings

LEFT = 400  # pixels
PARTS = (
    Choice(Classes.UNSEEN, "Unseen classes", FOR_UNDERSTANDING),
    Choice(Classes.SEEN, "Seen classes", "Seen classes ask and answer: here settings may be chosen"),
)

_KINDS = (("Figures as CSV", ".csv"), ("Picture as PNG", ".png"), ("Picture as SVG", ".svg"))


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
        self.bar = ShareBar("Progress of the sweep")
        self.told = ElidedLabel(role="muted")
        self.sweeps = SweepList()
        self.sweeps.changed.connect(self._draw)
        self.sweeps.forget_asked.connect(self.forget_asked)
        self.measure = QComboBox()
        self.measure.setAccessibleName("Measure")
        for name, meaning in MEASURES.items():
            self.measure.addItem(name)
            self.measure.setItemData(self.measure.count() - 1, meaning, Qt.ItemDataRole.ToolTipRole)
        self.measure.activated.connect(lambda _place: self._draw())
        self.summary = ElidedLabel(role="muted")
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
        top, work, head = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        for row, widgets in (
            (top, (self.ranker, self.parts)),
            (work, (self.run, self.bar, self.cancel, self.told)),
            (head, (self.measure, self.summary, self.export)),
        ):
            row.setSpacing(SPACE)
            for widget in widgets:
                row.addWidget(widget, int(isinstance(widget, ElidedLabel)))
        top.addStretch()
        side = QWidget()
        side.setFixedWidth(LEFT)
        left = QVBoxLayout(side)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(SPACE)
        left.addLayout(top)
        left.addWidget(self.first)
        left.addWidget(self.second)
        left.addLayout(work)
        left.addWidget(self.sweeps, 1)
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
        self.sweeps.show_sweeps(sweeps)
        for part in (self.export, self.measure):
            part.setEnabled(bool(sweeps))
        self._draw()

    def show_progress(
        self, fraction: float | None, *, running: bool = False, seconds_left: float | None = None
    ) -> None:
        """How far a sweep is (None: unknown), or that none runs."""
        self._running = running
        self.run.setVisible(not running)
        self.bar.setVisible(running)
        self.cancel.setVisible(running)
        self.bar.show_share(fraction)
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
        if not self._kinds:
            words = "No ranker of these spaces has anything to sweep over."
        elif axes and not self.parts.isHidden() and self.parts.choice != Classes.SEEN:
            words += " · for understanding, not for choosing"
        self.told.setText(words)
        self.told.set_tip(FOR_UNDERSTANDING if "choosing" in words else "")

    def _draw(self) -> None:
        together = self.sweeps.together
        colours = [self.sweeps.colour(found) for found in together]
        self.figure.show_sweeps(together, self.measure.currentText(), colours, self.sweeps.current)
        self._tell()

    def _tell(self) -> None:
        current = self.sweeps.current
        if current is None:
            self.summary.setText("")
            return
        now = self._now.get(current.request.request.ranker, {})
        self.summary.setText(summary(current, self.measure.currentText(), now))
        seen = current.request.request.protocol.query_classes is Classes.SEEN
        self.summary.set_tip("" if seen or self.parts.isHidden() else FOR_UNDERSTANDING)

    def _ask_export(self) -> None:
        export(self, "sweep", _KINDS, self.save, self.failed.emit)
