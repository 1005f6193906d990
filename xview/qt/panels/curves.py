"""CMC and precision-recall curves of several rankers. Imports pyqtgraph: load it when it is first shown."""

from __future__ import annotations

import html
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from xview.qt import theme
from xview.qt.palette import class_colours
from xview.qt.panels.evaluation_table import Row, direction

DASHES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine, Qt.PenStyle.DashDotLine)

DASH_SIGNS = ("──", "╌╌", "┈┈", "╌┈")


class Curves(QWidget):
    """One plot: colour tells the ranker, the dash the direction."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Curves")
        self._rows: Sequence[Row] = ()
        self._kind = "cmc"
        self._chosen: frozenset[int] = frozenset()
        self._legend = QLabel(wordWrap=True, textFormat=Qt.TextFormat.RichText)
        self._legend.setProperty("role", "muted")
        self._plot = pg.PlotWidget()
        self._plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._plot.setMenuEnabled(False)
        self._plot.hideButtons()
        self._plot.setMouseEnabled(x=False, y=False)
        self._plot.setFrameShape(self._plot.Shape.NoFrame)
        self.setMinimumSize(QSize(200, 120))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._legend)
        layout.addWidget(self._plot, 1)
        self._draw()

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Draw the curves of these rows."""
        self._rows, self._chosen = rows, frozenset()
        self._draw()

    def show_kind(self, kind: str) -> None:
        """Draw "cmc" or "pr"."""
        self._kind = kind
        self._draw()

    def emphasise(self, places: Sequence[int]) -> None:
        """Draw the curves of some rows stronger than the others; none: all alike."""
        self._chosen = frozenset(places)
        self._draw()

    @property
    def drawn(self) -> int:
        """Number of curves on screen."""
        return len(self._plot.getPlotItem().listDataItems())

    def picture(self, path: str) -> bool:
        """Save the plot as SVG or PNG, by the name's end; False if it cannot be written."""
        if not path.lower().endswith(".svg"):
            return bool(self._plot.grab().save(path))
        generator = QSvgGenerator()
        generator.setFileName(path)
        generator.setSize(self._plot.size())
        generator.setViewBox(QRectF(0, 0, self._plot.width(), self._plot.height()))
        painter = QPainter()
        if not painter.begin(generator):
            return False
        self._plot.render(painter)
        return painter.end()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw()

    def _draw(self) -> None:
        worn = theme.current()
        plot = self._plot.getPlotItem()
        plot.clear()
        self._plot.setBackground(worn.panel)
        for side in ("left", "bottom"):
            axis = plot.getAxis(side)
            axis.setPen(pg.mkPen(worn.border))
            axis.setTextPen(pg.mkPen(worn.muted))
        cmc = self._kind == "cmc"
        plot.setLabel("bottom", "rank" if cmc else "recall", color=worn.muted)
        plot.setLabel("left", "CMC" if cmc else "precision", color=worn.muted)
        plot.showGrid(x=False, y=True, alpha=0.2)
        self._draw_curves(plot, worn)
        plot.enableAutoRange()

    def _draw_curves(self, plot: pg.PlotItem, worn: theme.Theme) -> None:
        rankers = tuple(dict.fromkeys(str(row["ranker"]) for row in self._rows))
        directions = tuple(dict.fromkeys(direction(row) for row in self._rows))
        colours = class_colours(max(1, len(rankers)), worn.dark)
        for place, row in enumerate(self._rows):
            points = _points(row, self._kind)
            if points is None:
                continue
            name = str(row["ranker"])
            colour = QColor(colours[rankers.index(name)])
            faded = bool(self._chosen) and place not in self._chosen
            colour.setAlphaF(0.25 if faded else 1.0)
            dash = DASHES[directions.index(direction(row)) % len(DASHES)]
            pen = pg.mkPen(colour, width=1.5, style=dash)
            plot.addItem(pg.PlotCurveItem(*points, pen=pen, antialias=True))
        lines = [
            f'<span style="color:{c}">━━</span>&nbsp;{_kept(n)}'
            for n, c in zip(rankers, colours, strict=False)
        ]
        if len(directions) > 1:
            lines += [
                f"{dash}&nbsp;{_kept(told)}" for told, dash in zip(directions, DASH_SIGNS, strict=False)
            ]
        self._legend.setText(" &nbsp; ".join(lines) if self.drawn else "")


def _kept(words: str) -> str:
    """Words as they are, on one line."""
    return html.escape(words).replace(" ", "&nbsp;")


def _points(row: Row, kind: str) -> tuple[np.ndarray, np.ndarray] | None:
    """x and y of a row's curve, or None where it has none."""
    curve = row.get(kind)
    if not curve:
        return None
    if kind == "cmc":
        return np.arange(1, len(curve) + 1), np.asarray(curve, dtype=float)
    return np.asarray(curve["recall"], dtype=float), np.asarray(curve["precision"], dtype=float)
