"""How all plots' axes look, and axes that carry names. Imports pyqtgraph."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetricsF

from xview.qt import theme

_NAME_ROOM = 130  # pixels a name beside a row may take


def prepare(plot: pg.PlotItem) -> None:
    """No menu, no mouse: what is drawn is what the data says."""
    plot.setMenuEnabled(False)
    plot.hideButtons()
    plot.setMouseEnabled(x=False, y=False)
    for side in ("left", "bottom"):
        plot.getAxis(side).enableAutoSIPrefix(False)  # before it has a label, or the scale stays
        plot.getAxis(side).setZValue(-1)  # its grid lies under the data


def dress(plot: pg.PlotItem, x: str, y: str) -> None:
    """Give the axes their titles and the colours of the theme."""
    worn = theme.current()
    for side, title in (("left", y), ("bottom", x)):
        axis = plot.getAxis(side)
        axis.setPen(pg.mkPen(worn.border))
        axis.setTextPen(pg.mkPen(worn.muted))
        plot.setLabel(side, title, color=worn.muted)


class NameAxis(pg.AxisItem):  # type: ignore[misc]
    """Names at whole numbers, as many as fit; plain numbers while it has none, logarithmic ones too."""

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation)
        self._names: tuple[str, ...] = ()

    def set_names(self, names: Sequence[str]) -> None:
        """Name the places 0, 1, ...; none: the axis counts."""
        self._names = tuple(names)
        self.picture = None
        self.update()

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """Places of the names that fit `size` pixels."""
        low, high = sorted((low, high))
        if self.logMode:
            powers = range(math.floor(low), math.ceil(high) + 1)
            at = [power + math.log10(digit) for power in powers for digit in (1, 2, 5)]
            return [(1.0, [place for place in at if low <= place <= high])]
        if not self._names:
            return list(super().tickValues(low, high, size))
        first, last = max(0, math.ceil(low)), min(len(self._names) - 1, math.floor(high))
        step = max(1, math.ceil(self._room(size) * (high - low) / max(size, 1)))
        return [(step, [float(place) for place in range(first, last + 1) if place % step == 0])]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """The names there."""
        if self.logMode:
            return [f"{10**value:g}" for value in values]
        if not self._names:
            return list(super().tickStrings(values, scale, spacing))
        return [self._shown(self._names[round(value)]) for value in values]

    def _room(self, size: float) -> float:
        """Pixels one name needs along the axis; a long one is cut rather than its neighbours dropped."""
        if self.orientation in ("left", "right"):
            return self._metrics().height()
        widest = max(self._metrics().horizontalAdvance(name) for name in self._names)
        return min(widest, max(64.0, size / len(self._names) - 6), float(_NAME_ROOM)) + 6

    def _shown(self, name: str) -> str:
        upright = self.orientation in ("left", "right")
        room = _NAME_ROOM if upright else self._room(self.width()) - 6
        return self._metrics().elidedText(name, Qt.TextElideMode.ElideRight, room)

    def _metrics(self) -> QFontMetricsF:
        return QFontMetricsF(self.style["tickFont"] or QFont())
