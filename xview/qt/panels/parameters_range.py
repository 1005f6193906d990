"""One axis of a sweep as a person sets it: which setting, from where to where, how many values."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSpinBox, QWidget

from xview.errors import SettingError
from xview.metrics.axes import Axis, numbers, spaced
from xview.qt.panels.parameter_field import NumberBox
from xview.qt.panels.parts import label
from xview.qt.theme import SPACE
from xview.settings import Parameter, Scale, Settings

COUNT = 11
"""Values of a range at first: lambda in tenths."""
MOST = 101


class RangeField(QWidget):
    """A setting, two ends and a count; the ends begin at the setting's slider."""

    changed = Signal()  # by the user

    def __init__(self, name: str, *, optional: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._optional = optional
        self._settings: type[Settings] | None = None
        self.setting = QComboBox()
        self.setting.setAccessibleName(f"{name}: setting")
        self.setting.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.setting.activated.connect(self._pick)
        self.count = QSpinBox()
        self.count.setAccessibleName(f"{name}: number of values")
        self.count.setRange(2, MOST)
        self.count.setValue(COUNT)
        self.count.setToolTip("How many values to try; they are spaced as the setting's slider is")
        self.count.valueChanged.connect(self.changed)
        self._words = [label("from", "muted"), label("to", "muted"), label("values", "muted")]
        self._ends: list[NumberBox] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(SPACE)
        self._row.addWidget(self.setting)
        self._row.addWidget(self._words[0])
        self._row.addWidget(self._words[1])
        self._row.addWidget(self.count)
        self._row.addWidget(self._words[2])
        self._row.addStretch()

    def show_settings(self, settings: type[Settings], key: str = "") -> None:
        """Offer the numbers of these settings, `key` chosen; the same settings keep what was chosen."""
        if settings is self._settings:
            return
        self._settings = settings
        with QSignalBlocker(self.setting):
            self.setting.clear()
            if self._optional:
                self.setting.addItem("no second", None)
            for parameter in numbers(settings):
                named = parameter.symbol != parameter.key
                title = f"{parameter.symbol}  {parameter.key}" if named else parameter.key
                self.setting.addItem(title, parameter)
            found = [i for i in range(self.setting.count()) if self._at(i) == key]
            self.setting.setCurrentIndex(found[0] if found else 0)
        self._show_ends()

    def show_key(self, key: str) -> None:
        """Choose a setting; as if by the user, but silent."""
        for place in range(self.setting.count()):
            if self._at(place) == key:
                self.setting.setCurrentIndex(place)
                self._show_ends()

    @property
    def key(self) -> str:
        """The chosen setting, or the empty string."""
        return self._at(self.setting.currentIndex())

    @property
    def ends(self) -> tuple[NumberBox, ...]:
        """The boxes of both ends; none where no setting is chosen."""
        return tuple(self._ends)

    def axis(self) -> Axis | None:
        """What is set, or None where no setting is chosen.

        Raises:
            SettingError: The ends are no range.
        """
        if self._settings is None or not self._ends:
            return None
        start, stop = (box.value() for box in self._ends)
        return spaced(self._settings, self.key, start, stop, self.count.value())

    def _at(self, place: int) -> str:
        parameter = self.setting.itemData(place)
        return parameter.key if isinstance(parameter, Parameter) else ""

    def _pick(self, _place: int) -> None:
        self._show_ends()
        self.changed.emit()

    def _show_ends(self) -> None:
        """New boxes with the setting's bounds, at its slider's ends."""
        for box in self._ends:
            self._row.removeWidget(box)
            box.deleteLater()
        self._ends = []
        parameter = self.setting.currentData()
        for part in (*self._words, self.count):
            part.setVisible(parameter is not None)
        if parameter is None:
            return
        self.setting.setToolTip(parameter.help)
        scale = Scale.of(parameter)
        names = ("from", "to")
        values = (scale.low, scale.high) if scale is not None else (parameter.default, parameter.default)
        for name, value, after in zip(names, values, self._words, strict=False):
            box = NumberBox(parameter, None)
            box.setAccessibleName(f"{self.accessibleName()}: {name}")
            box.setToolTip(f"{parameter.key}: {parameter.help}")
            box.setValue(value)
            box.valueChanged.connect(self.changed)
            self._row.insertWidget(self._row.indexOf(after) + 1, box)
            QWidget.setTabOrder(self.setting if not self._ends else self._ends[-1], box)
            self._ends.append(box)


def told(fields: list[RangeField]) -> tuple[tuple[Axis, ...], str]:
    """The axes set in these fields, and in a few words how much work that is or why it is none."""
    try:
        axes = tuple(axis for field in fields if (axis := field.axis()) is not None)
    except SettingError as error:
        return (), str(error)
    if len({axis.key for axis in axes}) < len(axes):
        return (), f"{axes[0].key} is chosen twice"
    sizes = [len(axis.values) for axis in axes]
    if len(sizes) < 2:
        return axes, f"{sizes[0]} values" if sizes else ""
    return axes, f"{sizes[0]} × {sizes[1]} = {sizes[0] * sizes[1]:,} cells"
