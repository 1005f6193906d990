"""Losses and measures of runs while they train. Imports pyqtgraph: load it when it is first shown."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPen, QResizeEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from xview.arrays import Doubles
from xview.qt import theme
from xview.qt.palette import class_colours
from xview.qt.panels.plots.axes import dress, prepare
from xview.qt.panels.plots.signs import PENS, colour_sign
from xview.qt.panels.training_legend import Entry, legend
from xview.qt.panels.training_lines import TOTAL, RunCurves, Smooth, decimate, nearest, on_axis

_FAINT = 0.28
_SHOWN_IN_PLATE = 8


@dataclass(eq=False)
class _Line:
    """One curve on screen."""

    title: str
    colour: str
    dash: Qt.PenStyle
    x: Doubles
    y: Doubles
    drawn: pg.PlotCurveItem
    raw: pg.PlotCurveItem | None = None
    smooth: Smooth = field(default_factory=lambda: Smooth(0.0))
    dense: bool = False  # more points than pixels: a thin pen is drawn several times faster

    @property
    def pen(self) -> QPen:
        return QPen(pg.mkPen(self.colour, width=1 if self.dense else 1.6, style=self.dash))


class TrainingCurves(QWidget):
    """Losses above, measures below, over the same steps; the nearest values stand beside the mouse.

    One run: a colour a curve. Several: a colour a run, a dash a curve.
    """

    read = Signal(str)  # what stands beside the mouse, as plain text; empty where it is nowhere

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Curves of the selected runs")
        self._runs: Sequence[RunCurves] = ()
        self._lines: dict[tuple[str, str], _Line] = {}
        self._weight, self._log, self._term = 0.6, False, ""
        self._at: float | None = None
        self._high = False  # whether the mouse is in the upper half
        self._end = 0.0  # of the axes, in steps
        self.setMinimumSize(QSize(160, 90))
        self._legend = QLabel(wordWrap=True, textFormat=Qt.TextFormat.RichText)
        self._legend.setProperty("role", "muted")
        self.view = pg.GraphicsLayoutWidget()
        self.view.setFrameShape(self.view.Shape.NoFrame)
        self.view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.view.ci.setContentsMargins(0, 0, 4, 0)
        self.view.ci.setSpacing(2)
        self.losses, self.measures = self._add_plot(0), self._add_plot(1)
        self._cursors = [pg.InfiniteLine(angle=90, movable=False) for _ in range(2)]
        self._plate = QLabel(self.view)
        self._plate.setProperty("role", "plate")
        self._plate.setContentsMargins(2, 1, 2, 1)
        self._plate.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._plate.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._legend)
        column.addWidget(self.view, 1)
        self.view.scene().sigMouseMoved.connect(self._moved)
        self._dress()

    def _add_plot(self, row: int) -> pg.PlotItem:
        plot = self.view.addPlot(row=row, col=0)
        prepare(plot)
        plot.getAxis("left").setWidth(52)
        plot.showGrid(x=False, y=True, alpha=0.2)
        return plot

    # what is asked

    def show_runs(self, runs: Sequence[RunCurves]) -> None:
        """Draw these; lines already there are moved, not made again."""
        self._runs = tuple(runs)
        self._refresh()

    def set_smoothing(self, weight: float) -> None:
        """Weight of the past in the moving average, 0 (none) to below 1."""
        self._weight = weight
        self._refresh()

    def set_log(self, on: bool) -> None:
        """Losses on a logarithmic axis; what is not above 0 is left out there."""
        self._log = on
        self.losses.setLogMode(y=on)
        self._refresh()

    def set_term(self, name: str) -> None:
        """Draw one loss only, or all of them where empty."""
        self._term = name
        self._refresh()

    @property
    def drawn(self) -> dict[tuple[str, str], tuple[Doubles, Doubles]]:
        """Points on screen by run and curve, smoothed and thinned, as numbers of the axis."""
        return {key: line.drawn.getData() for key, line in self._lines.items()}

    # drawing

    def _refresh(self) -> None:
        wanted = self._wanted()
        if list(wanted) != list(self._lines):
            self._remake(wanted)
        pixels = max(50, self.view.width() - 60)
        self._reach(max((float(x[-1]) for x, _, _ in wanted.values() if len(x)), default=1.0))
        for key, (x, y, is_loss) in wanted.items():
            self._move(self._lines[key], x, y, pixels, log=self._log and is_loss)
        has_losses = any(loss for _, _, loss in wanted.values())
        has_measures = any(not loss for _, _, loss in wanted.values())
        self.losses.setVisible(has_losses or not has_measures)
        self.measures.setVisible(has_measures)
        self.losses.getAxis("bottom").setStyle(showValues=not has_measures)
        self.losses.setLabel("bottom", "" if has_measures else "step")
        self.losses.getAxis("bottom").showLabel(not has_measures)
        self._read_at()

    def _reach(self, step: float) -> None:
        """Let the axes end soon after the last step; following every step would draw them anew each time."""
        scale = 10 ** math.floor(math.log10(max(step, 1)))
        end = scale * math.ceil(20 * step / scale) / 20
        if end != self._end:
            self._end = end
            for plot in (self.losses, self.measures):
                plot.setXRange(0, end, padding=0.01)

    def _wanted(self) -> dict[tuple[str, str], tuple[Doubles, Doubles, bool]]:
        found = {}
        for run in self._runs:
            for name, (x, y) in run.losses.items():
                if not self._term or name == self._term:
                    found[run.key, name] = (x, y, True)
            for name, (x, y) in run.measures.items():
                found[run.key, name] = (x, y, False)
        return found

    def _remake(self, wanted: Mapping[tuple[str, str], tuple[Doubles, Doubles, bool]]) -> None:
        for plot in (self.losses, self.measures):
            plot.clear()
        several = len(self._runs) > 1
        names = list(dict.fromkeys(name for _, name in wanted))
        runs = [run.key for run in self._runs]
        titles = {run.key: run.name for run in self._runs}
        colours = class_colours(max(1, len(runs) if several else len(names)), theme.current().dark)
        self._lines = {}
        for (run, name), (_, _, is_loss) in wanted.items():
            kind = [n for n in names if any(k[1] == n and v[2] == is_loss for k, v in wanted.items())]
            dash = PENS[kind.index(name) % len(PENS)] if several else Qt.PenStyle.SolidLine
            colour = colours[runs.index(run) if several else names.index(name)]
            plot = self.losses if is_loss else self.measures
            title = f"{titles[run]} · {name}" if several else name
            line = _Line(title, colour, dash, np.empty(0), np.empty(0), pg.PlotCurveItem(antialias=True))
            if is_loss:
                line.raw = pg.PlotCurveItem()
                plot.addItem(line.raw)
            plot.addItem(line.drawn)
            self._lines[run, name] = line
        for plot, cursor in zip((self.losses, self.measures), self._cursors, strict=True):
            plot.addItem(cursor, ignoreBounds=True)
            plot.enableAutoRange(axis="y")
        self._dress()
        entries = [Entry(titles[run], n, line.colour, line.dash) for (run, n), line in self._lines.items()]
        self._legend.setText(legend(entries))
        self._legend.setVisible(bool(entries))

    def _move(self, line: _Line, x: Doubles, y: Doubles, pixels: int, *, log: bool) -> None:
        smoothing = self._weight if line.raw is not None else 0.0  # measures are few, and meant exactly
        line.x, line.y = x, y
        if line.smooth.weight != smoothing:
            line.smooth = Smooth(smoothing)
        shown = line.smooth(y)
        drawn_x, drawn_y = decimate(x, shown, self._end, pixels)
        if len(x) == 1:  # a level to hold the others against, as of a system in closed form
            drawn_x, drawn_y = np.array([0.0, self._end]), np.repeat(shown, 2)
        line.drawn.setData(*on_axis(drawn_x, drawn_y, log=log))
        reach = pixels * (x[-1] - x[0]) / self._end if len(x) else 0.0  # in pixels
        if line.dense != (len(drawn_x) > reach):
            line.dense = not line.dense
            line.drawn.setPen(line.pen)
        if line.raw is not None:
            line.raw.setVisible(smoothing > 0)
            line.raw.setData(*on_axis(*decimate(x, y, self._end, pixels), log=log))

    def _dress(self) -> None:
        worn = theme.current()
        self.view.setBackground(worn.panel)
        for plot, title in ((self.losses, TOTAL), (self.measures, "mAP")):
            dress(plot, "step", title)
        for cursor in self._cursors:
            cursor.setPen(pg.mkPen(worn.muted, width=1))
        for line in self._lines.values():
            line.drawn.setPen(line.pen)
            if line.raw is not None:
                faint = QColor(line.colour)
                faint.setAlphaF(_FAINT)
                line.raw.setPen(pg.mkPen(faint, width=1))

    # the mouse

    def _moved(self, place: QPointF) -> None:
        for plot in (self.losses, self.measures):
            if plot.isVisible() and plot.sceneBoundingRect().contains(place):
                self._at = float(plot.vb.mapSceneToView(place).x())
                self._high = self.view.mapFromScene(place).y() < self.view.height() / 2
                self._read_at()
                return
        self._forget_mouse()

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing stands beside a mouse that is gone."""
        super().leaveEvent(event)
        self._forget_mouse()

    def _forget_mouse(self) -> None:
        self._at = None
        self._read_at()

    def _read_at(self) -> None:
        """Cursor and plate at the mouse's step."""
        known = [line for line in self._lines.values() if len(line.x)] if self._at is not None else []
        for cursor in self._cursors:
            cursor.setVisible(bool(known))
        self._plate.setVisible(bool(known))
        if self._at is None or not known:
            self.read.emit("")
            return
        step = min((float(line.x[nearest(line.x, self._at)]) for line in known), key=self._distance)
        per_epoch = max(run.steps_per_epoch for run in self._runs)
        head = f"step {step:,.0f}" + (f" · epoch {-(-step // per_epoch):.0f}" if per_epoch else "")
        rows, plain = [f"<b>{head}</b>"], [head]
        for line in known:
            at = nearest(line.x, step)
            value = f"{line.y[at]:.4g}"
            plain.append(f"{line.title} {value}")
            rows.append(f"{colour_sign(line.colour)}&nbsp;{html.escape(line.title)}&nbsp;<b>{value}</b>")
        hidden = len(rows) - 1 - _SHOWN_IN_PLATE
        if hidden > 0:
            rows = [*rows[: _SHOWN_IN_PLATE + 1], f"and {hidden} more"]
        for cursor in self._cursors:
            cursor.setValue(step)
        self._plate.setText("<br>".join(rows))
        self._place_plate(step)
        self.read.emit("\n".join(plain))

    def _distance(self, step: float) -> float:
        return abs(step - (self._at or 0.0))

    def _place_plate(self, step: float) -> None:
        """Beside the cursor, on the side with more room, in the half that is not looked at."""
        self._plate.adjustSize()
        x = self.view.mapFromScene(self.losses.vb.mapViewToScene(QPointF(step, 0))).x()
        left = x + 8 if x < self.view.width() / 2 else x - 8 - self._plate.width()
        left = max(0, min(left, self.view.width() - self._plate.width()))
        below = max(0, self.view.height() - self._plate.height() - 4)
        self._plate.move(round(left), below if self._high else 4)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._lines = {}
            self._refresh()
            self._dress()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width, another thinning."""
        super().resizeEvent(event)
        self._refresh()
