"""The graph's threshold on a slider, with what it joins told as it moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QCheckBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QSlider,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from xview.arrays import Doubles, Ints
from xview.qt.panels.parts import Tool, label
from xview.qt.theme import SPACE

if TYPE_CHECKING:
    from xview.qt.panels.plots import CurvePlot

NO_QUERY = "Choose a query to see what the graph's threshold joins."
_LEAST, _LOW = 78, 130  # pixels of height: what the words need, and below which there are no curves
_COUNTS = (
    ("edges", "Pairs of vertices, gallery items and stepping stones, no farther apart than the threshold"),
    ("components", "Connected parts of the graph that hold a gallery item; no way leads from one to another"),
    ("retrievable", "Gallery items that some way from the query leads to"),
)
_STONES = "Whether ways may lead over items of other modalities (paper 002, 3.2)"
_NO_STONES = (
    "This space holds the gallery's modality alone; rank in one that others share to lead ways over them"
)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class GrowthInfo:
    """What the graph holds at every threshold.

    Attributes:
        thresholds: (t,) radians, ascending: the slider's steps.
        edges, components, retrievable: (t,) counts at each.
        at: The three counts at any threshold, at once.
        threshold: Of the graph as it is set now, radians.
        by_hand: Whether it was set, rather than following from the degree.
        vertices: Gallery items and stepping stones.
        gallery: Gallery items; so many components there are at most.
        others: Items that could be retrievable.
        stones: Whether other modalities' items take part; None where there are none.
        stones_name: Their modality's name, such as "texts", or that of the space that has none.
    """

    thresholds: Doubles
    edges: Ints
    components: Ints
    retrievable: Ints
    at: Callable[[float], tuple[int, int, int]]
    threshold: float
    vertices: int
    gallery: int
    others: int
    by_hand: bool = False
    stones: bool | None = None
    stones_name: str = "texts"


class GrowthPanel(QWidget):
    """The slider is followed live: counts at once, the path when it is found."""

    threshold_asked = Signal(float)  # radians, on every move
    degree_asked = Signal()  # the threshold shall follow from the degree again
    stones_asked = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Graph")
        self._info: GrowthInfo | None = None
        self._drawn: GrowthInfo | None = None
        self._plot: CurvePlot | None = None
        self._told = 0.0
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Threshold of the graph")
        self.slider.setToolTip("Great-circle distance up to which two vertices are joined, in radians")
        self.slider.valueChanged.connect(self._moved)
        self._threshold = label("")
        self.by_degree = Tool("undo", "By degree", "Let the threshold follow from the degree again")
        self.by_degree.clicked.connect(self.degree_asked)
        self.counts = {name: label("") for name, _ in _COUNTS}
        self.stones = QCheckBox()
        self.stones.clicked.connect(self.stones_asked)
        self._empty = QLabel(self)  # without a parent the pages would show it as a window
        self._empty.setProperty("role", "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._whole = QWidget(self)
        self._lower = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._build()
        self.show_growth(None)

    def _build(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self.slider, 1)
        top.addWidget(self._threshold)
        top.addWidget(self.by_degree)
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(2)
        for name, tip in _COUNTS:
            head = label(name, "muted")
            for widget in (head, self.counts[name]):
                widget.setToolTip(tip)
            self.counts[name].setAccessibleName(name)
            form.addRow(head, self.counts[name])
        words = QVBoxLayout()
        words.setContentsMargins(0, 3, 0, 0)
        words.setSpacing(SPACE)
        self._lower.setSpacing(SPACE)
        self._lower.addLayout(form, 1)
        self._lower.addWidget(self.stones, 0, Qt.AlignmentFlag.AlignTop)
        words.addLayout(top)
        words.addLayout(self._lower)
        words.addStretch()
        self._row = QHBoxLayout(self._whole)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(2 * SPACE)
        self._row.addLayout(words, 2)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self._empty)
        self._pages.addWidget(self._whole)

    def show_growth(self, info: GrowthInfo | None, reason: str = NO_QUERY) -> None:
        """Show a graph's growth, or why there is none; emits nothing. A slider being dragged stays."""
        self._info = info
        self._empty.setText(reason)
        self._pages.setCurrentWidget(self._empty if info is None else self._whole)
        if info is None:
            return
        place = min(int(np.searchsorted(info.thresholds, info.threshold)), len(info.thresholds) - 1)
        dragged = self.slider.isSliderDown()
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, len(info.thresholds) - 1)
            self.slider.setPageStep(max(1, len(info.thresholds) // 10))
            if not dragged:
                self.slider.setValue(place)
        self.by_degree.setEnabled(info.by_hand)
        self.stones.setEnabled(info.stones is not None)
        if info.stones is None:
            self.stones.setText(f"no stepping stones in {info.stones_name}")
            self.stones.setToolTip(_NO_STONES)
        else:
            self.stones.setText(f"{info.stones_name} as stepping stones")
            self.stones.setToolTip(_STONES)
        self.stones.setChecked(bool(info.stones))
        self._tell(self._place() if dragged else info.threshold)
        if self.isVisible():
            self._draw()

    @property
    def threshold(self) -> float:
        """What is told of now, radians."""
        return self._told

    def showEvent(self, event: QShowEvent) -> None:
        """Draw curves only once they can be seen."""
        super().showEvent(event)
        self._draw()

    def sizeHint(self) -> QSize:
        """Room for the counts and a curve."""
        return QSize(480, 210)

    def minimumSizeHint(self) -> QSize:
        """Room for the slider and the counts."""
        return QSize(super().minimumSizeHint().width(), _LEAST)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a low dock the curves make room for the counts."""
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        low = self.height() < _LOW
        direction = QBoxLayout.Direction.LeftToRight if low else QBoxLayout.Direction.TopToBottom
        self._lower.setDirection(direction)
        if self._plot is not None:
            self._plot.setVisible(not low)

    def _place(self) -> float:
        assert self._info is not None
        return float(self._info.thresholds[self.slider.value()])

    def _moved(self, _place: int) -> None:
        self._ask(self._place())

    def _ask(self, threshold: float) -> None:
        self._tell(threshold)
        self.threshold_asked.emit(threshold)

    def _tell(self, threshold: float) -> None:
        info = self._info
        assert info is not None
        self._told = threshold
        edges, components, retrievable = info.at(threshold)
        degree = 2 * edges / max(info.vertices, 1)
        self._threshold.setText(f"{threshold:.3f} rad")
        self.counts["edges"].setText(f"{edges:,}, {degree:.1f} a vertex")
        self.counts["components"].setText(f"{components:,}")
        self.counts["retrievable"].setText(f"{retrievable:,} of {info.others:,}")
        self.slider.setAccessibleDescription(
            f"{threshold:.3f} radians: {edges} edges, {components} components, "
            f"{retrievable} of {info.others} items retrievable"
        )
        if self._plot is not None:
            self._plot.mark(threshold)

    def _draw(self) -> None:
        info = self._info
        if info is None or _same_curves(info, self._drawn):
            return
        from xview.qt.panels.plots import Curve  # pyqtgraph, only now

        plot = self._plot_widget()
        shares = (
            ("edges", info.edges / max(int(info.edges[-1]), 1)),
            ("components", info.components / max(info.gallery, 1)),
            ("retrievable", info.retrievable / max(info.others, 1)),
        )
        curves = [Curve(name, info.thresholds, y, place, place) for place, (name, y) in enumerate(shares)]
        plot.show(curves, x="threshold (rad)", y="share", y_range=(0.0, 1.0))
        plot.mark(self._told)
        self._drawn = info

    def _plot_widget(self) -> CurvePlot:
        if self._plot is None:
            from xview.qt.panels.plots import CurvePlot

            self._plot = CurvePlot()
            self._plot.setAccessibleName("Counts over thresholds")
            self._plot.setToolTip("Of the widest graph's edges, of the gallery, of the items to be retrieved")
            self._plot.point_clicked.connect(self._choose)
            self._row.addWidget(self._plot, 3)
            self._make_room()
        return self._plot

    def _choose(self, _curve: int, point: int) -> None:
        self.slider.setValue(point)


def _same_curves(one: GrowthInfo, other: GrowthInfo | None) -> bool:
    """Whether both are of the same growth, whatever threshold is set."""
    return other is not None and all(
        getattr(one, name) is getattr(other, name)
        for name in ("thresholds", "edges", "components", "retrievable")
    )
