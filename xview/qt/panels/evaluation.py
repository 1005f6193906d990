"""All queries judged: rankers by measures, curves, export."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from xview.errors import DataError
from xview.qt.panels.evaluation_table import EvaluationTable, Row, as_csv, as_latex
from xview.qt.panels.exporting import export
from xview.qt.panels.parts import Choice, ElidedLabel, Segments, Tool
from xview.qt.panels.progress import duration
from xview.qt.panels.share_bar import ShareBar
from xview.qt.theme import SPACE

if TYPE_CHECKING:
    from xview.qt.panels.curves import Curves

KINDS = (
    Choice("cmc", "CMC", "Share of queries with a match among the first k"),
    Choice("pr", "Precision-recall", "Precision at each recall, mean over queries"),
)
EMPTY = "Judge every query under every ranker: mAP, rank-k, curves, in both directions."

_KINDS = (
    ("Table as CSV", ".csv"),
    ("Table as LaTeX", ".tex"),
    ("Curves as PNG", ".png"),
    ("Curves as SVG", ".svg"),
)


class EvaluationPanel(QWidget):
    """Asks for an evaluation, shows how it gets on and what came of it."""

    run_asked = Signal()
    cancel_asked = Signal()
    opened = Signal(object, str)  # the row as given, and the measure of the cell (empty: none)
    failed = Signal(str)  # an export that could not be written

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Evaluation")
        self._rows: Sequence[Row] = ()
        self._curves: Curves | None = None
        self.run = QPushButton("Evaluate")
        self.run.setProperty("role", "primary")
        self.run.setToolTip("Judge all queries under all rankers, in both directions  [Ctrl+E]")
        self.run.clicked.connect(self.run_asked)
        self.cancel = Tool("stop", "Cancel", "Cancel the evaluation", text=True)
        self.cancel.clicked.connect(self.cancel_asked)
        self._bar = ShareBar("Progress of the evaluation")
        self._told = ElidedLabel(role="muted")
        self.kinds = Segments("Curve", KINDS, quiet=True)
        self.kinds.show_choice("cmc")
        self.kinds.picked.connect(self._show_kind)
        self.export = Tool("save", "Export", "Save as CSV, LaTeX, PNG or SVG", text=True)
        self.export.clicked.connect(self._ask_export)
        self.table = EvaluationTable()
        self.table.opened.connect(lambda place, measure: self.opened.emit(self._rows[place], measure))
        self._build()
        self.show_rows(())
        self.show_progress(None)

    def _build(self) -> None:
        bar = QHBoxLayout()
        bar.setSpacing(SPACE)
        for widget in (self.run, self._bar, self.cancel):
            bar.addWidget(widget)
        bar.addWidget(self._told, 1)
        bar.addWidget(self.kinds)
        bar.addWidget(self.export)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(self.table)
        self._empty = QLabel(EMPTY, self)  # without a parent the pages would show it as a window
        self._empty.setProperty("role", "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._pages = QStackedLayout()
        self._pages.addWidget(self._empty)
        self._pages.addWidget(self._split)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        layout.setSpacing(SPACE)
        layout.addLayout(bar)
        layout.addLayout(self._pages, 1)

    def show_rows(self, rows: Sequence[Row], told: str = "") -> None:
        """Show what an evaluation found, and in a few words what was judged ("672 queries in 4.1 s")."""
        self._rows = tuple(rows)
        self._told.setText(told)
        self.table.show_rows(self._rows)
        self._pages.setCurrentWidget(self._split if rows else self._empty)
        self.export.setEnabled(bool(rows))
        self.kinds.setVisible(bool(rows))
        if self._curves is not None:
            self._curves.show_rows(self._rows)
        elif rows:
            self._curves_widget()

    def show_progress(
        self, fraction: float | None, *, running: bool = False, seconds_left: float | None = None
    ) -> None:
        """Show how far a running evaluation is (None: unknown), or that none runs."""
        self.run.setVisible(not running)
        self._bar.setVisible(running)
        self.cancel.setVisible(running)
        self._bar.show_share(fraction)
        if running:
            left = "" if seconds_left is None else f", {duration(seconds_left)} left"
            self._told.setText(f"Evaluating{left} …")

    def save(self, path: Path) -> None:
        """Write the table (.csv, .tex) or the curves (.png, .svg).

        Raises:
            DataError: The file cannot be written, or its name ends otherwise.
        """
        writers = {".csv": as_csv, ".tex": as_latex}
        part = path.with_name(f".{path.stem}.part{path.suffix}")
        try:
            if path.suffix in writers:
                part.write_text(writers[path.suffix](self._rows), encoding="utf-8")
            elif path.suffix not in (".png", ".svg"):
                raise DataError(f"{path.name}: an export ends in .csv, .tex, .png or .svg")
            elif not self._curves_widget().save(part):
                raise OSError("no picture was written")
            part.replace(path)
        except OSError as error:
            raise DataError(f"cannot write {path}: {error.strerror or error}") from None
        finally:
            part.unlink(missing_ok=True)

    def sizeHint(self) -> QSize:
        """Room for a few rows and a curve."""
        return QSize(700, 230)

    def _curves_widget(self) -> Curves:
        if self._curves is None:
            from xview.qt.panels.curves import Curves

            curves = Curves()
            self._split.addWidget(curves)
            whole = self._split.width()
            table = min(self.table.wanted_width, whole * 2 // 3)
            self._split.setSizes([table, whole - table])
            self.table.chosen.connect(curves.emphasise_rows)
            curves.show_kind(self.kinds.choice)
            curves.show_rows(self._rows)
            self._curves = curves
        return self._curves

    def _show_kind(self, kind: str) -> None:
        self._curves_widget().show_kind(kind)

    def _ask_export(self) -> None:
        export(self, "evaluation", _KINDS, self.save, self.failed.emit)
