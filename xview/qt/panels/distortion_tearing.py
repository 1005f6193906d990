"""Classes in pieces, and the edges that were torn or made. Imports pyqtgraph."""

from __future__ import annotations

import numpy as np

from xview.arrays import Doubles, Ints
from xview.metrics.distortion import Comparison
from xview.metrics.edges import BRIDGED, TORN, Edges
from xview.metrics.tearing import FRAGMENTATION, Fragment, Fragmentation
from xview.qt.panels.distortion_door import DRAWN, Door, door
from xview.qt.panels.distortion_view import DistortionView, class_rows, hint, share
from xview.qt.panels.parts import Tool
from xview.qt.panels.plots import BarPlot


class FragmentsView(DistortionView):
    """The largest piece of every class, before and after; a bar opens the class, coloured by piece."""

    def __init__(self) -> None:
        self._plot = BarPlot()
        super().__init__(self._plot, "Fragments of classes", FRAGMENTATION)
        self._plot.series_clicked.connect(self._open)
        self._order: list[int] = []  # labels, as the bars stand

    def _show(self) -> None:
        comparison, result = self._comparison(), self.result
        assert result is not None
        before, after = (
            _by_label(f) for f in (comparison.reference_fragments, comparison.measured_fragments)
        )
        self._order = sorted(after, key=lambda c: (after[c].largest, after[c].largest - before[c].largest))
        self._plot.show(
            [result.classes[c] for c in self._order],
            {
                f"in {comparison.reference}": np.array([before[c].largest for c in self._order]),
                f"in {comparison.measured}": np.array([after[c].largest for c in self._order]),
            },
            y="largest piece",
            x="class, most torn first",
        )
        ends = comparison.reference_fragments, comparison.measured_fragments
        torn = sum(after[c].largest < before[c].largest for c in after)
        hint(
            self.words,
            f"Mean share of the largest piece {share(ends[0].largest)} → {share(ends[1].largest)}, smaller "
            f"for {torn} of {len(after)} classes; items alone {share(ends[0].alone)} → "
            f"{share(ends[1].alone)}.",
        )

    def _open(self, bar: int, series: int) -> None:
        """The class of a bar, coloured by its pieces before (series 0) or after."""
        self._plot.highlight(bar)
        comparison, label_of, result = self._comparison(), self._order[bar], self.result
        assert result is not None
        places = class_rows(comparison, label_of)
        rows = comparison.rows[places]
        before = series == 0
        fragments = comparison.reference_fragments if before else comparison.measured_fragments
        pieces, alone = piece_numbers(fragments, places)
        space = comparison.reference if before else comparison.measured
        title = f"piece of {result.classes[label_of]} in {space}"
        title += f", {alone} alone" if alone in pieces else ""
        found = door(title, comparison.modality, rows, pieces, lowest=False)
        figure = {comparison.modality: (rows, pieces)}
        self.opened.emit(Door(title=title, rows=found.rows, listed=found.listed, figure=figure))


class EdgesView(DistortionView):
    """Neighbours torn apart and strangers made neighbours, by class; drawn over the maps."""

    def __init__(self) -> None:
        self._plot = BarPlot()
        super().__init__(self._plot, "Torn edges", f"{TORN}\n{BRIDGED}")
        self.drawing = Tool(
            "link", "Draw on maps", "Torn edges solid, false bridges dashed, over every map", text=True
        )
        self.drawing.setCheckable(True)
        self.drawing.setMinimumWidth(self.drawing.sizeHint().width())
        self.drawing.clicked.connect(self._ask_drawing)
        self.head.insertWidget(1, self.drawing)
        self._plot.bar_clicked.connect(self._open)
        self._order: list[int] = []

    def _show(self) -> None:
        comparison, result = self._comparison(), self.result
        assert result is not None
        torn, bridged = (class_counts(e, comparison.labels) for e in (comparison.torn, comparison.bridged))
        both = torn + bridged
        self._order = sorted(np.flatnonzero(both).tolist(), key=lambda c: (-torn[c], -bridged[c]))
        self._plot.show(
            [result.classes[c] for c in self._order],
            {"torn edges": torn[self._order], "false bridges": bridged[self._order]},
            y="edges",
            x="class, most torn first",
            tones=("torn", "bridged"),
        )
        if not self._order:
            self._plot.empty("No edge was torn, and none made.")
        hint(
            self.words,
            f"Torn {_told(comparison.torn)}, false bridges {_told(comparison.bridged)}; "
            f"the {DRAWN} strongest of each are drawn.",
        )

    def show_drawing(self, on: bool) -> None:
        """Say so on the button."""
        self.drawing.setChecked(on)

    def _ask_drawing(self, on: bool) -> None:
        if on:
            self._plot.highlight(None)
            self.class_chosen.emit(-1)
        self.drawing_asked.emit(on)

    def _open(self, bar: int) -> None:
        self._plot.highlight(bar)
        comparison, label_of, result = self._comparison(), self._order[bar], self.result
        assert result is not None
        found = class_ends(comparison, label_of)
        title = f"torn edges of {result.classes[label_of]}"
        values = comparison.torn.of_items[found]
        self.class_chosen.emit(label_of)
        self.drawing_asked.emit(True)
        self.opened.emit(door(title, comparison.modality, comparison.rows[found], values, lowest=False))


def piece_numbers(fragments: Fragmentation, places: Ints) -> tuple[Doubles, int]:
    """Number of each item's piece within its class from 1, the largest; and the number items alone share."""
    parts = fragments.parts[places]
    pieces = int(np.count_nonzero(np.bincount(parts) > 1))
    return np.minimum(parts, pieces).astype(np.float64) + 1, pieces + 1


def class_counts(edges: Edges, labels: Ints) -> Doubles:
    """Listed edges with an end in each class, one with both ends there counted once; by label."""
    ends = labels[edges.ends]
    once = np.where(ends[:, 0] == ends[:, 1], -1, ends[:, 1])
    every = np.concatenate([ends[:, 0], once])
    counted = np.bincount(every[every >= 0], minlength=int(labels.max(initial=-1)) + 1)
    return counted.astype(np.float64)


def class_ends(comparison: Comparison, label_of: int) -> Ints:
    """Positions of the ends of the torn and the bridged edges that touch a class."""
    ends = np.concatenate([comparison.torn.ends, comparison.bridged.ends])
    touched = ends[(comparison.labels[ends] == label_of).any(axis=1)]
    return np.unique(touched)


def _by_label(fragments: Fragmentation) -> dict[int, Fragment]:
    return {one.label: one for one in fragments.classes}


def _told(edges: Edges) -> str:
    return f"{edges.total:,} of {edges.pairs:,} ({share(edges.share)}; chance {share(edges.chance)})"
