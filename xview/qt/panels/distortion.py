"""What a space did to its items' neighbourhoods: what to measure, how to look at it, the items behind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSignalBlocker, QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QLabel,
    QPushButton,
    QSpinBox,
    QSplitter,
    QStackedLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from xview.arrays import Ints
from xview.data.records import Dataset
from xview.metrics.distortion import Distortion
from xview.qt.flow import Flow
from xview.qt.panels.distortion_export import save
from xview.qt.panels.distortion_items import DistortionItems
from xview.qt.panels.exporting import export
from xview.qt.panels.parts import Choice, ElidedLabel, Segments, Tool, label
from xview.qt.panels.progress import duration
from xview.qt.panels.share_bar import ShareBar
from xview.qt.theme import SPACE
from xview.qt.thumbnails import Thumbnails

if TYPE_CHECKING:
    from xview.qt.panels.distortion_view import DistortionView

VIEWS = (
    Choice("quality", "Quality", "Trustworthiness, continuity, rank errors, overlap and LCMC against k"),
    Choice("coranking", "Co-ranking", "Where each item's neighbours went, as counts of ranks"),
    Choice("fragments", "Fragments", "Classes in pieces: the share of the largest, before and after"),
    Choice("edges", "Torn edges", "Neighbours torn apart, strangers made neighbours; drawn over the maps"),
    Choice("hubs", "Hubs", "Items that are neighbours of too many"),
    Choice("gap", "Gap", "How far apart the two modalities lie"),
    Choice("failure", "Failure", "Average precision of each query against its local distortion"),
)
EMPTY = (
    "What did the space do to its items' neighbourhoods? Press Measure: it is held against what stands "
    "above, class by class and item by item."
)
K_MOST = 100

_KINDS = (
    ("Figures of every item as CSV", ".csv"),
    ("All means as JSON", ".json"),
    ("Plot as PNG", ".png"),
    ("Plot as SVG", ".svg"),
)


class DistortionPanel(QWidget):
    """Asks for a measurement, shows how it gets on and what came of it."""

    measure_asked = Signal()
    cancel_asked = Signal()
    chosen = Signal()  # another space, reference or k; see `space`, `against`, `k`
    opened = Signal(object)  # a Door
    asked = Signal(str, int)  # modality, row
    coloured = Signal(str)  # a figure to colour the maps by
    drawing_asked = Signal(bool)  # torn edges over the maps
    class_chosen = Signal(int)  # whose edges alone to draw, -1 for all
    failed = Signal(str)  # an export that could not be written

    def __init__(self, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Distortion")
        self._result: Distortion | None = None
        self._dataset: Dataset | None = None
        self._views: dict[str, DistortionView] = {}
        self._marked: tuple[str, Ints] = ("", np.empty(0, dtype=np.int64))
        self._drawing = False
        self.measure = QPushButton("Measure")
        self.measure.setProperty("role", "primary")
        self.measure.setToolTip("Measure what the space did to its items' neighbourhoods  [Ctrl+D]")
        self.measure.clicked.connect(self.measure_asked)
        self.cancel = Tool("stop", "Cancel", "Cancel the measurement", text=True)
        self.cancel.clicked.connect(self.cancel_asked)
        self._bar = ShareBar("Progress of the measurement")
        self._left = ElidedLabel(role="muted")
        self._left.setMinimumWidth(90)
        self._space, self._against = QComboBox(), QComboBox()
        for combo, name in ((self._space, "Measured space"), (self._against, "Held against")):
            combo.setAccessibleName(name)
            combo.setMaximumWidth(190)
            combo.activated.connect(lambda _place: self.chosen.emit())
        self._k = QSpinBox()
        self._k.setRange(1, K_MOST)
        self._k.setValue(10)
        self._k.setKeyboardTracking(False)
        self._k.setAccessibleName("Neighbours k")
        self._k.setToolTip("Neighbours of graphs, torn edges, hubs and every item's figures")
        self._k.valueChanged.connect(lambda _k: self.chosen.emit())
        self.kinds = Segments("View", VIEWS, quiet=True)
        self.kinds.show_choice(VIEWS[0].name)
        self.kinds.picked.connect(self.show_view)
        self.export = Tool("save", "Export", "Save as CSV, JSON, PNG or SVG", text=True)
        self.export.clicked.connect(self._ask_export)
        self.items = DistortionItems(thumbnails)
        self.items.coloured.connect(self.coloured)
        self.items.opened.connect(self.opened)
        self.items.asked.connect(self.asked)
        self._build()
        self.show_result(None, None)
        self.show_progress(None)

    def _build(self) -> None:
        bar = Flow(spacing=SPACE)
        named: tuple[QWidget, ...] = (label("of", "muted"), self._space, label("against", "muted"))
        progress: tuple[QWidget, ...] = (self.measure, self._bar, self.cancel, self._left)
        for widget in (*progress, *named, self._against, label("k", "muted"), self._k, self.export):
            bar.addWidget(widget)
        self._stack = QStackedWidget()
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.kinds)
        column.addWidget(self._stack, 1)
        self.items.setMinimumWidth(240)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setChildrenCollapsible(False)
        self._split.setHandleWidth(2 * SPACE)
        for part, stretch in ((left, 3), (self.items, 2)):
            self._split.addWidget(part)
            self._split.setStretchFactor(self._split.count() - 1, stretch)
        self._split.setSizes([5500, 4500])
        self._empty = QLabel(EMPTY, self)
        self._empty.setProperty("role", "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._pages = QStackedLayout()
        self._pages.addWidget(self._empty)
        self._pages.addWidget(self._split)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        column.setSpacing(SPACE)
        column.addLayout(bar)
        column.addLayout(self._pages, 1)

    # what is asked

    @property
    def space(self) -> int:
        """Position of the chosen space among those offered."""
        return self._space.currentIndex()

    @property
    def against(self) -> int:
        """Position of the chosen reference among those offered."""
        return self._against.currentIndex()

    @property
    def k(self) -> int:
        """Neighbours."""
        return self._k.value()

    def offer(self, spaces: Sequence[str], space: int, against: Sequence[str], reference: int) -> None:
        """Offer spaces and references by title, and show which are chosen."""
        for combo, titles, place in ((self._space, spaces, space), (self._against, against, reference)):
            with QSignalBlocker(combo):
                if [combo.itemText(i) for i in range(combo.count())] != list(titles):
                    combo.clear()
                    combo.addItems(list(titles))
                combo.setCurrentIndex(place)
            combo.setToolTip(combo.currentText())

    # what is shown

    def show_result(self, result: Distortion | None, dataset: Dataset | None, told: str = "") -> None:
        """Show what was measured; None: what to do instead, or why there is nothing."""
        fresh = result is not None and result is not self._result
        self._result, self._dataset = result, dataset
        self._empty.setText(told or EMPTY)
        self._pages.setCurrentWidget(self._empty if result is None else self._split)
        self.measure.setEnabled(result is None)
        self.export.setEnabled(result is not None)
        self.kinds.setEnabled(result is not None)
        if fresh and result is not None and dataset is not None:
            self.items.show_result(result, dataset)
            QTimer.singleShot(0, self, self._draw)  # the list first: both at once would hold the window

    def show_progress(
        self, fraction: float | None, *, running: bool = False, seconds_left: float | None = None
    ) -> None:
        """Show how far a running measurement is (None: unknown), or that none runs."""
        self.measure.setVisible(not running)
        for widget in (self._bar, self.cancel, self._left):
            widget.setVisible(running)
        self._bar.show_share(fraction)
        self._left.setText("" if seconds_left is None else f"{duration(seconds_left)} left")

    def show_view(self, name: str) -> None:
        """Look at the result in one of `VIEWS`."""
        self.kinds.show_choice(name)
        if self._result is None or self._dataset is None:
            return
        fresh = name not in self._views
        view = self.view(name)
        self._stack.setCurrentWidget(view)
        if fresh:
            QTimer.singleShot(0, self, self._draw)  # to make and to draw it at once would hold the window
        elif view.result is not self._result:
            view.show_result(self._result, self._dataset)
            self.mark_query(*self._marked)

    def _draw(self) -> None:
        self.show_view(self.kinds.choice)

    def view(self, name: str) -> DistortionView:
        """One of the views, made when it is first looked at."""
        if name not in self._views:
            view = self._views[name] = _views()[name]()
            view.opened.connect(self.opened)
            view.asked.connect(self.asked)
            self._stack.addWidget(view)
            view.drawing_asked.connect(self.drawing_asked)
            view.class_chosen.connect(self.class_chosen)
            view.show_drawing(self._drawing)
        return self._views[name]

    def show_drawing(self, on: bool) -> None:
        """Whether torn edges are drawn over the maps now."""
        self._drawing = on
        for view in self._views.values():
            view.show_drawing(on)

    def mark_query(self, modality: str, rows: Ints) -> None:
        """Ring the present query where queries are points."""
        self._marked = (modality, rows)
        for view in self._views.values():
            view.mark_query(modality, rows)

    def sizeHint(self) -> QSize:
        """Room for a plot and a few rows."""
        return QSize(900, 250)

    # export

    def save(self, path: Path) -> None:
        """Write every item's figures (.csv), all means (.json), or the plot on screen (.png, .svg).

        Raises:
            DataError: The file cannot be written, or its name ends otherwise.
        """
        assert self._result is not None and self._dataset is not None
        save(path, self._result, self._dataset, self.view(self.kinds.choice).plot)

    def _ask_export(self) -> None:
        export(self, "distortion", _KINDS, self.save, self.failed.emit)


def _views() -> dict[str, Callable[[], DistortionView]]:
    """Makers of the views by name; loads pyqtgraph."""
    from xview.qt.panels.distortion_failure import FailureView
    from xview.qt.panels.distortion_hubs import GapView, HubsView
    from xview.qt.panels.distortion_quality import CorankingView, QualityView
    from xview.qt.panels.distortion_tearing import EdgesView, FragmentsView

    kinds = (QualityView, CorankingView, FragmentsView, EdgesView, HubsView, GapView, FailureView)
    return dict(zip((view.name for view in VIEWS), kinds, strict=True))
