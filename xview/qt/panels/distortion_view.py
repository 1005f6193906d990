"""What the views of a distortion share: a choice, a sentence, a plot. Imports pyqtgraph."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from xview.arrays import Ints
from xview.data.records import Dataset
from xview.metrics.distortion import Comparison, Distortion
from xview.qt.panels.parts import as_tip, label
from xview.qt.panels.plots import Plot
from xview.qt.theme import SPACE


class DistortionView(QWidget):
    """One way to look at a distortion."""

    opened = Signal(object)  # a Door
    asked = Signal(str, int)  # modality, row
    drawing_asked = Signal(bool)  # whether to draw torn edges over the maps
    class_chosen = Signal(int)  # whose edges alone to draw, -1 for all

    def __init__(self, plot: Plot, name: str, definition: str) -> None:
        super().__init__()
        self.plot = plot
        plot.setAccessibleName(name)
        self.result: Distortion | None = None
        self.dataset: Dataset | None = None
        self.choice = QComboBox()
        self.choice.setAccessibleName(f"{name}: of what")
        self.choice.setMaximumWidth(190)
        self.choice.currentTextChanged.connect(self.choice.setToolTip)
        self.choice.activated.connect(lambda _place: self._show())
        self.words = label("", "muted")
        self.words.setWordWrap(True)
        self.words.setToolTip(as_tip(definition))
        sign = label("?", "plate")
        sign.setToolTip(as_tip(definition))
        sign.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        sign.setAccessibleName("Definition")
        sign.setAccessibleDescription(definition)
        self.head = QHBoxLayout()
        self.head.setContentsMargins(0, 0, 0, 0)
        self.head.setSpacing(SPACE)
        self.head.addWidget(self.choice)
        self.head.addWidget(self.words, 1)
        self.head.addWidget(sign)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(self.head)
        column.addWidget(plot, 1)

    def show_result(self, result: Distortion, dataset: Dataset) -> None:
        """Show what was measured of these data."""
        self.result, self.dataset = result, dataset
        chosen, titles = self.choice.currentText(), self._choices(result)
        with QSignalBlocker(self.choice):
            self.choice.clear()
            self.choice.addItems(titles)
            self.choice.setCurrentIndex(titles.index(chosen) if chosen in titles else 0)
        self.choice.setVisible(len(titles) > 1)
        self._show()

    def show_drawing(self, on: bool) -> None:
        """Torn edges are drawn over the maps, or are not: for views that say so."""

    def mark_query(self, modality: str, rows: Ints) -> None:
        """Another query is asked: for views in which queries are points."""

    def tell_item(self, modality: str, row: int) -> str:
        """Title and class of an item, in two lines."""
        assert self.dataset is not None
        collection = self.dataset.collection(modality)
        named = collection.labels[row] >= 0
        of = self.dataset.classes[collection.labels[row]] if named else ""
        return "\n".join(filter(None, [str(collection.titles[row]), of]))

    def _choices(self, result: Distortion) -> list[str]:
        """What can be looked at, one at a time."""
        return comparison_titles(result)

    def _comparison(self) -> Comparison:
        assert self.result is not None
        return self.result.comparisons[max(0, self.choice.currentIndex())]

    def _show(self) -> None:
        raise NotImplementedError


def comparison_titles(result: Distortion) -> list[str]:
    """What to call each comparison: its modality, and its reference where several were asked for."""
    several = len({c.modality for c in result.comparisons}) < len(result.comparisons)
    return [f"{c.modality} · {c.reference}" if several else c.modality for c in result.comparisons]


def class_rows(comparison: Comparison, label_of: int) -> Ints:
    """Positions of a class's items in a comparison."""
    return np.flatnonzero(comparison.labels == label_of)


def share(value: float) -> str:
    """A number up to 1 for people, without its leading zero: .62."""
    return "–" if not np.isfinite(value) else f"{value:.2f}".replace("0.", ".", 1)


def hint(words: QLabel, *sentences: str) -> None:
    """Put sentences into a label."""
    words.setText(" ".join(filter(None, sentences)))
