"""The fusion dock: sources and weights at the left, what comes of them at the right."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QSplitter,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from xview.metrics.fusion_search import METHOD, OVERFIT
from xview.qt.panels.fusion_gains import FusionGains
from xview.qt.panels.fusion_sources import FusionForm
from xview.qt.panels.parts import Choice, Segments, Tool, as_tip
from xview.qt.panels.progress import duration
from xview.qt.panels.share_bar import ShareBar
from xview.qt.theme import SPACE
from xview.qt.thumbnails import Thumbnails
from xview.retrieval.fusion import Mixing

if TYPE_CHECKING:
    from xview.qt.panels.fusion_curves import FusionCurves
    from xview.qt.panels.fusion_matrix import FusionMatrix
    from xview.qt.panels.fusion_scatter import FusionScatter

MODES = (
    Choice(Mixing.WEIGHTED, "By hand", "Your weights, the same for every query"),
    Choice(Mixing.AVERAGE, "Average", "All sources alike (thesis 003, Eq. 6.8)"),
    Choice(
        Mixing.ADAPTIVE,
        "Adaptive",
        "Each query weighs a source by 1 / the positive area of its score curve (Eq. 6.9-6.11)",
    ),
)
CURVES, SCATTER, MATRIX, GAINS = "curves", "weights", "matrix", "gains"
FIGURES = (
    Choice(CURVES, "Curves", "This query's scores, sorted, and the areas that make adaptive weights"),
    Choice(SCATTER, "Weights", "Adaptive weights, areas and gains of all queries"),
    Choice(MATRIX, "Matrix", "Scores of some items, ordered by class"),
    Choice(GAINS, "Gains", "What the fusion gains over each of its sources, query by query"),
)
FIND_TIP = f"Set the weights that reach the highest mAP on the seen classes. {METHOD} {OVERFIT}"


class FusionPanel(QWidget):
    """Knows no store. Figures are made when they are first shown."""

    figure_asked = Signal(str)
    judge_asked = Signal()
    cancel_asked = Signal()

    def __init__(self, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Fusion")
        self._curves: FusionCurves | None = None
        self._scatter: FusionScatter | None = None
        self._matrix: FusionMatrix | None = None
        self.form = FusionForm(MODES, FIND_TIP, self)
        self.gains = FusionGains(thumbnails, self)
        self.figures = Segments("Figure", FIGURES, quiet=True)
        self.figures.show_choice(CURVES)
        self.figures.picked.connect(self._show_figure)
        self.judge = QPushButton("Judge all queries")
        self.judge.setToolTip("Rank with every source alone and with every way to weigh them")
        self.judge.clicked.connect(self.judge_asked)
        self._bar = ShareBar("Progress of the fusion")
        self.cancel = Tool("stop", "Cancel", "Cancel what runs for the fusion", text=True)
        self.cancel.clicked.connect(self.cancel_asked)
        self._pages = QStackedLayout()
        self._pages.addWidget(self.gains)
        self._build()
        self.show_progress("", None)

    def _build(self) -> None:
        bar = QHBoxLayout()
        bar.setSpacing(SPACE)
        bar.addWidget(self.figures)
        bar.addStretch()
        for widget in (self.judge, self._bar, self.cancel):
            bar.addWidget(widget)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        column.addLayout(bar)
        column.addLayout(self._pages, 1)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(self.form)
        split.addWidget(right)
        split.setSizes([460, 780])
        split.setStretchFactor(1, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        whole.addWidget(split)

    @property
    def figure(self) -> str:
        """Name of the figure on screen."""
        return self.figures.choice

    @property
    def curves(self) -> FusionCurves:
        """This query's score curves."""
        if self._curves is None:
            from xview.qt.panels.fusion_curves import FusionCurves

            self._curves = FusionCurves(self)
            self._pages.addWidget(self._curves)
        return self._curves

    @property
    def scatter(self) -> FusionScatter:
        """All queries' weights."""
        if self._scatter is None:
            from xview.qt.panels.fusion_scatter import FusionScatter

            self._scatter = FusionScatter(self)
            self._pages.addWidget(self._scatter)
        return self._scatter

    @property
    def matrix(self) -> FusionMatrix:
        """Scores ordered by class."""
        if self._matrix is None:
            from xview.qt.panels.fusion_matrix import FusionMatrix

            self._matrix = FusionMatrix(self)
            self._pages.addWidget(self._matrix)
        return self._matrix

    def turn(self) -> None:
        """Bring the figure chosen to the front."""
        pages: dict[str, Callable[[], QWidget]] = {
            CURVES: lambda: self.curves,
            SCATTER: lambda: self.scatter,
            MATRIX: lambda: self.matrix,
            GAINS: lambda: self.gains,
        }
        self._pages.setCurrentWidget(pages[self.figure]())

    def show_progress(
        self, what: str, fraction: float | None, seconds_left: float | None = None, *, judged: bool = True
    ) -> None:
        """Show what runs and how far it is; where nothing does, a button unless all is `judged`."""
        running = bool(what)
        self.judge.setVisible(not running and not judged)
        self._bar.setVisible(running)
        self.cancel.setVisible(running)
        self._bar.show_share(fraction)
        left = "" if seconds_left is None else f", {duration(seconds_left)} left"
        self._bar.setToolTip(f"{what}{left}")

    def show_told(self, words: str, tip: str = "") -> None:
        """Say something below the sources."""
        self.form.told.setText(words)
        self.form.told.setToolTip(as_tip(tip))

    def sizeHint(self) -> QSize:
        """Room for four sources and a plot."""
        return QSize(1100, 260)

    def _show_figure(self, name: str) -> None:
        self.turn()
        self.figure_asked.emit(name)
