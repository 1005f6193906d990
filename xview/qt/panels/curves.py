"""CMC and precision-recall curves of several rankers. Imports pyqtgraph: load it when it is first shown."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from xview.qt.palette import class_colours
from xview.qt.panels.evaluation_table import Row, direction
from xview.qt.panels.plots.curves import Curve, CurvePlot
from xview.qt.panels.plots.signs import DASHES, colour_sign, legend

TITLES = {"cmc": ("rank", "CMC"), "pr": ("recall", "precision")}


class Curves(CurvePlot):
    """One plot: colour tells the ranker, the dash the direction."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: Sequence[Row] = ()
        self._kind = "cmc"
        self._places: list[int] = []  # rows that have a curve
        self._strong: Sequence[int] = ()
        self.setMinimumSize(QSize(200, 120))
        self._show()

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Draw the curves of these rows."""
        self._rows, self._strong = rows, ()
        self._show()

    def show_kind(self, kind: str) -> None:
        """Draw "cmc" or "pr"."""
        self._kind = kind
        self._show()

    def emphasise_rows(self, rows: Sequence[int]) -> None:
        """Draw the curves of some rows stronger than the others; none: all alike."""
        self._strong = rows
        self.emphasise([self._places.index(row) for row in rows if row in self._places])

    def _show(self) -> None:
        rankers = list(dict.fromkeys(str(row["ranker"]) for row in self._rows))
        directions = list(dict.fromkeys(direction(row) for row in self._rows))
        found = [(place, row, _points(row, self._kind)) for place, row in enumerate(self._rows)]
        self._places = [place for place, _, points in found if points is not None]
        curves = [
            Curve(
                f"{row['ranker']} · {direction(row)}",
                *points,
                colour_index=rankers.index(str(row["ranker"])),
                dash=directions.index(direction(row)),
            )
            for _, row, points in found
            if points is not None
        ]
        colours = class_colours(max(1, len(rankers)), self._dark)
        signs = {name: colour_sign(colour) for name, colour in zip(rankers, colours, strict=False)}
        if len(directions) > 1:
            signs |= dict(zip(directions, DASHES.values(), strict=False))
        x, y = TITLES[self._kind]
        self.show(curves, x=x, y=y, legend=legend(signs) if curves else "")
        if self._strong:
            self.emphasise_rows(self._strong)


def _points(row: Row, kind: str) -> tuple[np.ndarray, np.ndarray] | None:
    """x and y of a row's curve, or None where it has none."""
    curve = row.get(kind)
    if not curve:
        return None
    if kind == "cmc":
        return np.arange(1, len(curve) + 1), np.asarray(curve, dtype=float)
    return np.asarray(curve["recall"], dtype=float), np.asarray(curve["precision"], dtype=float)
