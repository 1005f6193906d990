"""The switch between rankers, and the second one, perhaps in another space, while comparing."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from xview.qt.panels.parts import Choice, Segments, label
from xview.qt.theme import SPACE

SAME = "same space"


class RankerBar(QWidget):
    """Ranker A is a switch of buttons; A | B opens a second choice, of a ranker and of a space."""

    ranker_asked = Signal(str)
    other_asked = Signal(str)  # ranker B; the empty string ends the comparison
    other_space_asked = Signal(str)  # shared space B ranks in; the empty string: the same as A

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Rankers")
        self._last_other = ""
        self.switch = Segments("Ranker")
        self.switch.picked.connect(self.ranker_asked)
        self.compare = QPushButton("A | B")
        self.compare.setCheckable(True)
        self.compare.setProperty("role", "segment")
        self.compare.setAccessibleName("Compare with another ranker")
        self.compare.setToolTip(
            "Show a second ranking beside the first, by another ranker or in another space  [C]"
        )
        self.compare.clicked.connect(self._compare)
        self._letter = label("B", "section")
        self.other = QComboBox()
        self.other.setAccessibleName("Ranker B")
        self.other.setToolTip("The ranker compared with")
        self.other.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.other.activated.connect(lambda: self.other_asked.emit(self.other.currentData()))
        self._letter.setBuddy(self.other)
        self.space = QComboBox()
        self.space.setAccessibleName("Space of ranker B")
        self.space.setToolTip("Where B ranks: in the same space as A, or in another checkpoint's")
        self.space.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.space.setMinimumContentsLength(len(SAME))
        self.space.activated.connect(lambda: self.other_space_asked.emit(self.space.currentData()))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE)
        for widget in (self.switch, self.compare, self._letter, self.other, self.space):
            row.addWidget(widget)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.show_ranker("", "")

    def show_rankers(self, rankers: Sequence[Choice]) -> None:
        """Offer these rankers; none is chosen until `show_ranker`."""
        self.switch.show_choices(rankers)
        with QSignalBlocker(self.other):
            self.other.clear()
            for ranker in rankers:
                self.other.addItem(ranker.title, ranker.name)
                self.other.setItemData(self.other.count() - 1, ranker.tip, Qt.ItemDataRole.ToolTipRole)

    def show_spaces(self, names: Sequence[str], chosen: str) -> None:
        """Offer other spaces to B, where there are any; `chosen` is one of them or empty. Emits nothing."""
        with QSignalBlocker(self.space):
            self.space.clear()
            self.space.addItem(SAME, "")
            for name in names:
                self.space.addItem(name, name)
                self.space.setItemData(self.space.count() - 1, name, Qt.ItemDataRole.ToolTipRole)
            self.space.setCurrentIndex(max(0, self.space.findData(chosen)))
        self.space.setVisible(bool(names) and self.compare.isChecked())

    def show_ranker(self, name: str, other: str = "") -> None:
        """Show what ranks now: A, and B while comparing. Emits nothing."""
        self.switch.show_choice(name)
        self.compare.setChecked(bool(other))
        self._letter.setVisible(bool(other))
        self.other.setVisible(bool(other))
        self.space.setVisible(bool(other) and self.space.count() > 1)
        if other:
            self._last_other = other
            with QSignalBlocker(self.other):
                self.other.setCurrentIndex(self.other.findData(other))

    def _compare(self, on: bool) -> None:
        self.other_asked.emit(self._first_other() if on else "")

    def _first_other(self) -> str:
        """The ranker compared with last time, else the first one that is not A."""
        known = [self.other.itemData(i) for i in range(self.other.count())]
        if self._last_other in known and self._last_other != self.switch.choice:
            return self._last_other
        return next((name for name in known if name != self.switch.choice), self.switch.choice)
