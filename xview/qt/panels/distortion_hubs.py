"""Hubs and the gap between modalities, as histograms. Imports pyqtgraph."""

from __future__ import annotations

import numpy as np

from xview.arrays import Doubles, Ints
from xview.metrics.distortion import Distortion
from xview.metrics.gap import GAP
from xview.metrics.hubness import HUBNESS, Hubs
from xview.qt.panels.distortion_door import LISTED, Door, door
from xview.qt.panels.distortion_view import DistortionView, hint, share
from xview.qt.panels.parts import Tool
from xview.qt.panels.plots import BarPlot

_BINS = 32


class HubsView(DistortionView):
    """How often items are found; a bar opens those found so often."""

    def __init__(self) -> None:
        self._plot = BarPlot()
        super().__init__(self._plot, "Hubs", HUBNESS)
        self.hubs = Tool("star", "Hubs", "List the hubs and select them on the maps", text=True)
        self.hubs.setMinimumWidth(self.hubs.sizeHint().width())
        self.hubs.clicked.connect(self._open_hubs)
        self.head.insertWidget(1, self.hubs)
        self._plot.bar_clicked.connect(self._open)
        self._edges: Ints = np.arange(2)

    def _choices(self, result: Distortion) -> list[str]:
        measured = result.comparisons[0].measured
        self._found = sorted(result.hubs, key=lambda h: (h.asked == h.found, h.space != measured))
        return [f"{h.space}: {h.asked} → {h.found}" for h in self._found]

    def _show(self) -> None:
        hubs = self._hubs()
        self._edges = occurrence_bins(int(hubs.occurrences.max(initial=0)))
        counts, _ = np.histogram(hubs.occurrences, self._edges)
        self._plot.show(
            [_called(a, b) for a, b in zip(self._edges[:-1], self._edges[1:], strict=True)],
            counts.astype(np.float64),
            y="items",
            x=f"times among the nearest {hubs.k}",
        )
        self.hubs.setEnabled(bool(len(hubs.hubs)))
        hint(
            self.words,
            f"Skewness {hubs.skewness:.2f}: {len(hubs.hubs)} hubs hold {share(hubs.held_by_hubs)} of all "
            f"places; {share(hubs.antihubs)} of {len(hubs.rows):,} {hubs.found} are never found.",
        )

    def _hubs(self) -> Hubs:
        return self._found[max(0, self.choice.currentIndex())]

    def _open(self, bar: int) -> None:
        self._plot.highlight(bar)
        hubs = self._hubs()
        inside = (hubs.occurrences >= self._edges[bar]) & (hubs.occurrences < self._edges[bar + 1])
        title = f"found {_called(int(self._edges[bar]), int(self._edges[bar + 1]))} times in {hubs.space}"
        found = hubs.occurrences[inside].astype(np.float64)
        self.opened.emit(door(title, hubs.found, hubs.rows[inside], found, lowest=False))

    def _open_hubs(self) -> None:
        hubs = self._hubs()
        found = hubs.occurrences[hubs.hubs].astype(np.float64)
        title = f"hubs of {hubs.space}: {hubs.asked} → {hubs.found}"
        self.opened.emit(door(title, hubs.found, hubs.rows[hubs.hubs], found, lowest=False))


class GapView(DistortionView):
    """Both modalities along the line between their means; a bar opens what lies there."""

    def __init__(self) -> None:
        self._plot = BarPlot()
        super().__init__(self._plot, "Modality gap", GAP)
        self._plot.bar_clicked.connect(self._open)
        self._edges: Doubles = np.zeros(2)

    def _choices(self, result: Distortion) -> list[str]:
        return []

    def _show(self) -> None:
        result = self.result
        assert result is not None
        gap, parts = result.gap, self._along()
        if gap is None:
            self.words.clear()
            self._plot.empty("There is a gap only between two modalities of one shared space.")
            return
        everything = np.concatenate(list(parts.values()))
        self._edges = np.linspace(everything.min(), everything.max(), _BINS + 1)
        shares = {m: np.histogram(values, self._edges)[0] / len(values) for m, values in parts.items()}
        middles = (self._edges[:-1] + self._edges[1:]) / 2
        self._plot.show([f"{m:+.2f}" for m in middles], shares, y="share of items", x="along the gap")
        hint(
            self.words,
            f"The means of {gap.first} and {gap.second} lie {gap.distance:.3f} apart. {share(gap.share)} of "
            f"all variance lies along that line; separation {share(gap.separation)} (.5 mixed, 1 parted).",
        )

    def _along(self) -> dict[str, Doubles]:
        """Place of the items of each modality along the gap."""
        assert self.result is not None
        found = {c.modality: c.figures["gap"] for c in self.result.comparisons if "gap" in c.figures}
        return {modality: values for modality, values in found.items() if np.isfinite(values).any()}

    def _open(self, bar: int) -> None:
        self._plot.highlight(bar)
        assert self.result is not None
        low, high, last = self._edges[bar], self._edges[bar + 1], bar == _BINS - 1
        rows, listed = {}, []
        for comparison in self.result.comparisons:
            values = comparison.figures["gap"]
            inside = (values >= low) & ((values <= high) if last else (values < high))
            rows[comparison.modality] = comparison.rows[inside]
            listed += [
                (comparison.modality, int(row), float(value))
                for row, value in zip(comparison.rows[inside], values[inside], strict=True)
            ]
        listed.sort(key=lambda one: one[2])
        title = f"{low:.2f} to {high:.2f} along the gap"
        self.opened.emit(Door(title=title, rows=rows, listed=tuple(listed[:LISTED])))


def occurrence_bins(most: int) -> Ints:
    """Ends of at most `_BINS` equal bins of whole numbers 0 to `most`; the last is beyond it."""
    width = -(-(most + 1) // _BINS)
    return np.arange(0, most + 1 + width, width, dtype=np.int64)


def _called(low: int, beyond: int) -> str:
    return str(low) if beyond - low == 1 else f"{low}–{beyond - 1}"
