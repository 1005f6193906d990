"""Whether distortion explains failure: a point a query. Imports pyqtgraph."""

from __future__ import annotations

import numpy as np

from xview.arrays import Ints
from xview.metrics.distortion import FIGURES, Distortion
from xview.metrics.failure import CORRELATION, Correlation, Failure
from xview.qt.panels.distortion_door import door
from xview.qt.panels.distortion_view import DistortionView, hint
from xview.qt.panels.plots import CloudPlot


class FailureView(DistortionView):
    """Each query's average precision against its local distortion; a point asks its query."""

    def __init__(self) -> None:
        self._plot = CloudPlot()
        doors = "Click a query to ask it; Shift and drag to select several."
        super().__init__(self._plot, "Failure against distortion", f"{CORRELATION}\n{doors}")
        self._plot.clicked.connect(self._ask)
        self._plot.lassoed.connect(self._open)

    def _choices(self, result: Distortion) -> list[str]:
        return [f"{f.query} → {f.gallery}" for f in result.failures]

    def mark_query(self, modality: str, rows: Ints) -> None:
        """Ring the present query."""
        failure = self._failure()
        if failure is not None:
            here = rows if modality == failure.query else rows[:0]
            self._plot.mark(np.flatnonzero(np.isin(failure.rows, here)))

    def _show(self) -> None:
        failure = self._failure()
        if failure is None:
            self.words.clear()
            self._plot.empty("Queries are asked in a shared space of both modalities, not here.")
            return
        self._plot.show(
            failure.distortion,
            failure.ap,
            x_title=f"local distortion: {FIGURES[failure.figure].split(':')[0].replace('-', '−')}",
            y_title="AP",
            jitter=0.6 / self.result.request.k if self.result is not None else 0.0,
            tell=lambda place: self.tell_item(failure.query, int(failure.rows[place])),
        )
        hint(self.words, correlation_in_words(failure.correlation))

    def _failure(self) -> Failure | None:
        failures = () if self.result is None else self.result.failures
        return failures[max(0, self.choice.currentIndex())] if failures else None

    def _ask(self, place: int) -> None:
        failure = self._failure()
        if failure is not None:
            self.asked.emit(failure.query, int(failure.rows[place]))

    def _open(self, places: Ints) -> None:
        failure = self._failure()
        if failure is not None and len(places):
            rows, ap = failure.rows[places], failure.ap[places]
            self.opened.emit(door("average precision of these queries", failure.query, rows, ap))


def correlation_in_words(found: Correlation) -> str:
    """Direction and strength of a dependence, its figures after it."""
    if not np.isfinite(found.rho):
        return f"{found.n} queries have both figures, too few or too equal to correlate."
    size = abs(found.rho)
    strength = (
        "hardly" if size < 0.1 else "weakly" if size < 0.3 else "moderately" if size < 0.5 else "strongly"
    )
    if found.low <= 0 <= found.high:
        told = "No dependence shown"
    else:
        more = "fail more" if found.rho < 0 else "fail less"
        told = f"Queries with distorted neighbourhoods {more}, {strength}"
    figures = f"rho {_signed(found.rho)} (95 % {_signed(found.low)} to {_signed(found.high)})"
    within = f", within classes {_signed(found.within)}" if np.isfinite(found.within) else ""
    return f"{told}: {figures}{within}, {found.n:,} queries."


def _signed(value: float) -> str:
    """-.22 with a true minus."""
    return f"{value:+.2f}".replace("0.", ".", 1).replace("-", "−")
