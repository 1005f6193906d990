"""The dock of shortest paths: the film strip, and beside it what else the graph has to say."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from xview.qt.flow import Flow
from xview.qt.panels.film_strip import FilmStrip
from xview.qt.panels.growth import GrowthPanel
from xview.qt.panels.neighbour_pair import NeighbourPair
from xview.qt.panels.parts import Choice, Segments, Tool
from xview.qt.panels.scene_diff import SceneDiff
from xview.qt.panels.smooth_paths import SmoothPathsPanel
from xview.qt.theme import SPACE
from xview.qt.thumbnails import Thumbnails

NEIGHBOURS, GRAPH, SMOOTH, DIFFERENCES = "neighbours", "graph", "smooth", "differences"
PARTS = (
    Choice(NEIGHBOURS, "Neighbours", "The nearest item along the graph beside the nearest directly"),
    Choice(GRAPH, "Graph", "Threshold and stepping stones, and what they join"),
    Choice(SMOOTH, "Smooth paths", "Paths that change one thing at each step; choose one to play it"),
    Choice(DIFFERENCES, "Differences", "What tells the scenes of both ends apart"),
)
_DRAW = (
    "Draw the path alone over every map, without results; Ctrl+click (Cmd on macOS) an item to lead the "
    "path to it"
)
_TALL = 0.62  # of the width: the parts then stand below the strip


class PathsPanel(QWidget):
    """Holds the parts side by side, below one another where the dock is tall; what they show is given."""

    part_shown = Signal(str)

    def __init__(self, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Shortest paths")
        self.strip = FilmStrip(thumbnails)
        self.neighbours = NeighbourPair(thumbnails)
        self.graph = GrowthPanel()
        self.smooth = SmoothPathsPanel(thumbnails)
        self.differences = SceneDiff(thumbnails)
        self._parts = dict(
            zip(
                (part.name for part in PARTS),
                (self.neighbours, self.graph, self.smooth, self.differences),
                strict=True,
            )
        )
        self.parts = Segments("Part", PARTS, quiet=True)
        self.parts.picked.connect(self.show_part)
        self.draw = Tool("link", "On the maps", _DRAW, checkable=True, text=True)
        self.nearest = Tool(
            "undo", "To the nearest", "Lead to the nearest item along the graph again", text=True
        )
        self.wider = Tool("plus", "", text=True)
        self.back = Tool("undo", "Query's path", "Leave the smooth path, show the query's again", text=True)
        for button in (self.wider, self.back):
            button.hide()
        self._build()
        self.show_part(NEIGHBOURS)

    def _build(self) -> None:
        head = Flow(spacing=SPACE)
        head.addWidget(self.parts)
        for button in (self.draw, self.nearest, self.wider, self.back):
            head.addWidget(button)
        self._stack = QStackedWidget()
        for part in self._parts.values():
            self._stack.addWidget(part)
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self._stack, 1)
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.setChildrenCollapsible(False)
        self.split.setHandleWidth(2 * SPACE)
        for widget, stretch in ((self.strip, 3), (side, 2)):
            self.split.addWidget(widget)
            self.split.setStretchFactor(self.split.count() - 1, stretch)
        self.split.setSizes([6000, 4000])
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        column.addWidget(self.split)

    def offer_space(self, name: str, stones: str) -> None:
        """Offer to lead ways through a space that holds stepping stones, too; none if the name is empty."""
        self.wider.setVisible(bool(name))
        self.wider.setText(f"Use {name}")
        self.wider.setAccessibleName(f"Use {name}")
        self.wider.setToolTip(
            f"Rank, and lead paths, in {name}, which holds {stones} as stepping stones, too"
        )

    @property
    def part(self) -> str:
        """Name of the part shown beside the strip."""
        return self.parts.choice

    def show_part(self, name: str) -> None:
        """Look at one of `PARTS`."""
        self.parts.show_choice(name)
        self._stack.setCurrentWidget(self._parts[name])
        self.part_shown.emit(name)

    def sizeHint(self) -> QSize:
        """Room for a few frames and a list."""
        return QSize(900, 250)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Side by side in a low dock, below one another in a tall one."""
        super().resizeEvent(event)
        tall = self.height() > _TALL * self.width()
        self.split.setOrientation(Qt.Orientation.Vertical if tall else Qt.Orientation.Horizontal)
