"""How well neighbourhoods were kept: measures against k, and the co-ranking matrix. Imports pyqtgraph."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QComboBox

from xview.metrics.distortion import Comparison, Distortion
from xview.metrics.neighbourhoods import LCMC_DEFINITION, MEASURES, RULES
from xview.qt import theme
from xview.qt.palette import class_colours
from xview.qt.panels.distortion_door import LISTED, door
from xview.qt.panels.distortion_view import DistortionView, comparison_titles, hint, share
from xview.qt.panels.parts import as_tip
from xview.qt.panels.plots import Curve, CurvePlot, HeatPlot
from xview.qt.panels.plots.signs import DASHES, colour_sign, legend

_LCMC = "LCMC"
_SHOWN = {
    "trustworthiness": "trustworthiness",
    "continuity": "continuity",
    "1 − rank error here": "rank_error_low",
    "1 − rank error there": "rank_error_high",
    "overlap": "overlap",
    _LCMC: "overlap",
}
"""Curves by what they are called: all are best at the top."""
_ALL = "all measures"


class QualityView(DistortionView):
    """Every measure of every modality against k; a point opens the items worst at that k."""

    def __init__(self) -> None:
        definition = "\n".join([*(f"{n}: {t}" for n, t in MEASURES.items()), LCMC_DEFINITION, RULES])
        self._plot = CurvePlot()
        super().__init__(self._plot, "Quality of neighbourhoods", definition)
        self.measure = QComboBox()
        self.measure.setAccessibleName("Measure")
        self.measure.addItems([_ALL, *_SHOWN])
        for place, name in enumerate(_SHOWN, start=1):
            told = LCMC_DEFINITION if name == _LCMC else MEASURES[_SHOWN[name]]
            self.measure.setItemData(place, as_tip(told), 3)  # ToolTipRole
        self.measure.activated.connect(lambda _place: self._show())
        self.head.insertWidget(1, self.measure)
        self._plot.point_clicked.connect(self._open)
        self._drawn: list[tuple[Comparison, str]] = []

    def _show(self) -> None:
        result = self.result
        assert result is not None
        wanted = self.measure.currentText()
        names = list(_SHOWN) if wanted == _ALL else [wanted]
        picked = self.choice.currentIndex() - 1 if self.choice.count() > 1 else 0
        places = range(len(result.comparisons)) if picked < 0 else range(picked, picked + 1)
        titles = comparison_titles(result)
        curves = []
        self._drawn = []
        for dash, place in enumerate(places):
            near = result.comparisons[place].neighbourhoods
            for name in names:
                values = near.lcmc if name == _LCMC else near.mean(_SHOWN[name])
                values = 1 - values if "error" in name else values
                error = 1.96 * near.error(_SHOWN[name])
                band = {} if near.exact else {"low": values - error, "high": values + error}
                colour = list(_SHOWN).index(name)
                title = f"{name} · {titles[place]}"
                curves.append(Curve(title, near.ks, values, colour, dash, **band))
                self._drawn.append((result.comparisons[place], name))
        colours = class_colours(len(_SHOWN), theme.current().dark)
        signs = {name: colour_sign(colours[list(_SHOWN).index(name)]) for name in names}
        if len(places) > 1:
            signs |= dict(zip(titles, DASHES.values(), strict=False))
        self._plot.show(curves, x="neighbours k", y="mean", log_x=True, legend=legend(signs))
        self._plot.mark(result.comparisons[0].k)
        ends = ", ".join(f"{c.modality} {share(self._overlap(c))}" for c in result.comparisons)
        k = result.comparisons[0].k
        hint(self.words, f"Share of the nearest {k} that stayed: {ends}.", *result.notes)

    def _choices(self, result: Distortion) -> list[str]:
        """All, or one."""
        titles = super()._choices(result)
        return ["all modalities", *titles] if len(titles) > 1 else titles

    @staticmethod
    def _overlap(comparison: Comparison) -> float:
        near = comparison.neighbourhoods
        return float(near.mean("overlap")[int(np.flatnonzero(near.ks == comparison.k)[0])])

    def _open(self, curve: int, point: int) -> None:
        comparison, name = self._drawn[curve]
        near, measure = comparison.neighbourhoods, _SHOWN[name]
        values = near.values(measure)[:, point]
        lowest = not measure.startswith("rank_error")
        worst = np.argsort(values if lowest else -values, kind="stable")[:LISTED]
        rows = comparison.rows[near.items[worst]]
        title = f"{measure.replace('_', ' ')} at k = {near.ks[point]}"
        self.opened.emit(door(title, comparison.modality, rows, values[worst], lowest=lowest))


class CorankingView(DistortionView):
    """Where each item's neighbours went, as counts; a cell opens the items that have one there."""

    def __init__(self) -> None:
        definition = (
            "Co-ranking matrix (Lee & Verleysen 2009): how many pairs of items have one rank in the "
            "reference and another here. On the diagonal nothing moved; right of it neighbours were torn "
            f"away, left of it strangers came in between. {RULES}"
        )
        self._plot = HeatPlot()
        super().__init__(self._plot, "Co-ranking matrix", definition)
        self._plot.cell_clicked.connect(self._open)

    def _show(self) -> None:
        comparison = self._comparison()
        counts = comparison.neighbourhoods.coranking
        with np.errstate(divide="ignore"):
            logs = np.where(counts > 0, np.log10(counts), np.nan)
        ranks = [str(rank) for rank in range(1, len(counts) + 1)]
        self._plot.show(
            logs,
            x="rank here",
            y="rank there",
            x_ticks=ranks,
            y_ticks=ranks,
            tell=lambda row, column: (
                f"{counts[row, column]:,} pairs\nrank {row + 1} in {comparison.reference}\n"
                f"rank {column + 1} in {comparison.measured}"
            ),
            of="log10 of pairs",
        )
        n, width = len(comparison.neighbourhoods.items), len(counts)
        kept = np.trace(counts) / (n * width)
        gone = 1 - counts.sum() / (n * width)
        hint(
            self.words,
            f"Of the nearest {width} in {comparison.reference}, {share(kept)} keep their rank, "
            f"{share(gone)} leave the nearest {width}. Right of the diagonal: torn away.",
        )

    def _open(self, row: int, column: int) -> None:
        comparison = self._comparison()
        near = comparison.neighbourhoods
        found = near.items[near.ranks[:, row] == column + 1]
        moved = np.full(len(found), float(column - row))
        title = f"neighbour {row + 1} became {column + 1}"
        self._plot.mark(row, column)
        self.opened.emit(door(title, comparison.modality, comparison.rows[found], moved))
