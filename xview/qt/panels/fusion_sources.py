"""The sources of a fusion as rows: ranker, space, settings, weight."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QLocale, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from xview.arrays import Doubles
from xview.qt.panels.parts import Choice, Segments, Tool, as_tip, label
from xview.qt.theme import SPACE
from xview.retrieval.fusion_sources import Source
from xview.retrieval.fusion_weights import DECIMALS

HERE = "this space"
_TICKS = 10**DECIMALS
_HEADINGS = ("ranker", "space", "settings", "weight")


class SourceRow:
    """The widgets of one source; `SourceRows` lays them out."""

    def __init__(self, rankers: Sequence[Choice], spaces: Sequence[str], here: str) -> None:
        self.ranker = QComboBox()
        self.ranker.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.ranker.setMinimumContentsLength(8)
        self.ranker.setAccessibleName("Ranker of the source")
        for choice in rankers:
            self.ranker.addItem(choice.title, choice.name)
            self.ranker.setItemData(self.ranker.count() - 1, choice.tip, Qt.ItemDataRole.ToolTipRole)
        self.space = QComboBox()
        self.space.setAccessibleName("Space of the source")
        self.space.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.space.setMinimumContentsLength(6)
        self.space.addItem(HERE, "")
        self.space.setItemData(0, as_tip(f"Where ranker A ranks: {here}"), Qt.ItemDataRole.ToolTipRole)
        for name in spaces:
            self.space.addItem(name, name)
            self.space.setItemData(self.space.count() - 1, as_tip(name), Qt.ItemDataRole.ToolTipRole)
        self.settings = QLineEdit(placeholderText="k=…")
        self.settings.setAccessibleName("Settings of the source")
        self.settings.setToolTip("Settings of this source, such as k=9, lambda=0.3; the others are defaults")
        self.settings.setMinimumWidth(44)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, _TICKS)
        self.slider.setPageStep(_TICKS // 20)
        self.slider.setSingleStep(_TICKS // 100)
        self.slider.setMinimumWidth(50)
        self.slider.setAccessibleName("Weight of the source")
        self.slider.setToolTip(
            "Weight of this source; dragging scales the others, so that all sum to 1, and sets them by hand"
        )
        self.box = QDoubleSpinBox(decimals=DECIMALS, maximum=1.0, singleStep=0.01)
        self.box.setLocale(QLocale.c())
        self.box.setKeyboardTracking(False)
        self.box.setButtonSymbols(QDoubleSpinBox.ButtonSymbols.NoButtons)
        self.box.setFixedWidth(self.box.fontMetrics().horizontalAdvance("0.0000") + 14)
        self.box.setAccessibleName("Weight of the source, as a number")
        self.lock = Tool("lock", "Keep weight", "Keep this weight while others are dragged", checkable=True)
        self.remove = Tool("close", "Remove this source")

    @property
    def widgets(self) -> tuple[QWidget, ...]:
        """In the order of the columns."""
        return self.ranker, self.space, self.settings, self.slider, self.box, self.lock, self.remove

    def show_source(self, source: Source) -> None:
        """Show a ranker, a space and settings; what is not offered is added."""
        for combo, name in ((self.ranker, source.ranker), (self.space, source.space)):
            if combo.findData(name) < 0:
                combo.addItem(f"{name} (not here)", name)
            with QSignalBlocker(combo):
                combo.setCurrentIndex(combo.findData(name))
        self.settings.setText(", ".join(f"{key}={value}" for key, value in source.settings.items()))

    @property
    def written(self) -> tuple[str, str, str]:
        """Ranker, space and settings as they stand."""
        return str(self.ranker.currentData()), str(self.space.currentData()), self.settings.text().strip()

    def show_weight(self, weight: float) -> None:
        """Show a weight; a slider in the hand stays there."""
        with QSignalBlocker(self.slider), QSignalBlocker(self.box):
            self.box.setValue(weight)
            if not self.slider.isSliderDown():
                self.slider.setValue(round(weight * _TICKS))


class SourceRows(QScrollArea):
    """A row a source. Whoever hears a signal answers with `show_sources` and `show_weights`."""

    changed = Signal(int, str, str, str)  # row: its ranker, space and settings as written
    removed = Signal(int)
    dragged = Signal(int, float)  # row and weight

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Sources")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.rows: list[SourceRow] = []
        self._key: object = None

    @property
    def locked(self) -> frozenset[int]:
        """Rows whose weights are kept."""
        return frozenset(place for place, row in enumerate(self.rows) if row.lock.isChecked())

    def show_sources(
        self, sources: Sequence[Source], rankers: Sequence[Choice], spaces: Sequence[str], here: str
    ) -> None:
        """Show these sources.

        Args:
            sources: In the order of their weights.
            rankers: To choose from.
            spaces: Other spaces to choose from.
            here: The space ranker A ranks in.
        """
        key = (len(sources), tuple(rankers), tuple(spaces), here)
        if key != self._key:
            self._key = key
            self._build([SourceRow(rankers, spaces, here) for _ in sources])
        for row, source in zip(self.rows, sources, strict=True):
            row.show_source(source)

    def show_weights(self, weights: Sequence[float] | Doubles) -> None:
        """Show the weights in force."""
        for row, weight in zip(self.rows, weights, strict=True):
            row.show_weight(float(weight))

    def sizeHint(self) -> QSize:
        """Room for a few rows."""
        return QSize(500, 150)

    def _build(self, rows: list[SourceRow]) -> None:
        locks = self.locked if len(rows) == len(self.rows) else frozenset()
        body = QWidget()
        grid = QGridLayout(body)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(SPACE)
        grid.setVerticalSpacing(SPACE - 2)
        for column, heading in enumerate(_HEADINGS):
            grid.addWidget(label(heading, "muted"), 0, column)
        for place, row in enumerate(rows):
            for column, widget in enumerate(row.widgets):
                grid.addWidget(widget, place + 1, column)
            row.lock.setChecked(place in locks)
            row.remove.setEnabled(len(rows) > 1)
            self._connect(place, row)
        for column, stretch in ((1, 2), (2, 2), (3, 3)):
            grid.setColumnStretch(column, stretch)
        grid.setRowStretch(len(rows) + 1, 1)
        self.rows = rows
        old = self.takeWidget()
        if old is not None:
            old.deleteLater()  # the click that got us here may come from one of its buttons
        self.setWidget(body)
        self.setMinimumWidth(body.minimumSizeHint().width() + self.verticalScrollBar().sizeHint().width())

    def _connect(self, place: int, row: SourceRow) -> None:
        def say() -> None:
            self.changed.emit(place, *row.written)

        row.ranker.activated.connect(say)
        row.space.activated.connect(say)
        row.settings.editingFinished.connect(say)
        row.slider.valueChanged.connect(lambda tick: self.dragged.emit(place, tick / _TICKS))
        row.box.valueChanged.connect(lambda value: self.dragged.emit(place, value))
        row.remove.clicked.connect(lambda: self.removed.emit(place))


class FusionForm(QWidget):
    """Sources, and where their weights come from."""

    mode_asked = Signal(str)
    add_asked = Signal()
    find_asked = Signal()

    def __init__(self, modes: Sequence[Choice], find_tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Fusion")
        self.modes = Segments("Weights", modes, quiet=True)
        self.modes.picked.connect(self.mode_asked)
        self.add = Tool("plus", "Add source", "Mix one more ranker, or one of another space", text=True)
        self.add.clicked.connect(self.add_asked)
        self.find_weights = QPushButton("Find on seen")
        self.find_weights.setToolTip(find_tip)
        self.find_weights.clicked.connect(self.find_asked)
        self.rows = SourceRows(self)
        self.told = label("", "muted", self)
        self.told.setWordWrap(True)
        top = QHBoxLayout()
        top.setSpacing(SPACE)
        top.addWidget(self.modes)
        top.addStretch()
        top.addWidget(self.find_weights)
        top.addWidget(self.add)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        column.addLayout(top)
        column.addWidget(self.rows, 1)
        column.addWidget(self.told)
