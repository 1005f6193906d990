"""One parameter as a person handles it: a slider to feel, a box to say it exactly, a list, a tick."""

from __future__ import annotations

from typing import Any, TypeVar

from PySide6.QtCore import QLocale, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSlider,
    QWidget,
)

from xview.qt.theme import SPACE
from xview.settings import Parameter, Scale

W = TypeVar("W", bound=QWidget)

TICKS = 200
STEP = 4  # ticks an arrow of the box moves


class Ticks(Scale):
    """A scale as a slider counts it: ticks 0 to 200."""

    __slots__ = ()

    def value(self, tick: int) -> float:
        """The number at a tick."""
        return self.at(tick / TICKS)

    def tick(self, value: float) -> int:
        """The tick nearest to a number, at an end where it lies beyond."""
        return round(TICKS * self.share(value))


class NumberBox(QDoubleSpinBox):
    """A box for any number: 0.5, 30, 1e-06; its arrows move by steps of the slider's scale."""

    def __init__(self, parameter: Parameter, scale: Ticks | None) -> None:
        super().__init__()
        self._scale = scale
        self._whole = parameter.type is int
        self.setLocale(QLocale.c())
        self.setDecimals(0 if self._whole else 12)
        low = -1e15 if parameter.low is None else parameter.low
        self.setRange(low, 1e15 if parameter.high is None else parameter.high)
        self.setKeyboardTracking(False)  # a half-typed number is no request
        self.setButtonSymbols(QDoubleSpinBox.ButtonSymbols.NoButtons)
        self.setFixedWidth(self.fontMetrics().horizontalAdvance("0.9999") + 14)

    def textFromValue(self, value: float) -> str:
        """Without trailing zeros."""
        return str(round(value)) if self._whole else f"{value:.6g}"

    def valueFromText(self, text: str) -> float:
        """Any way Python writes a number."""
        return float(text)

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Let anything be typed that is, or may become, a number."""
        try:
            inside = self.minimum() <= float(text) <= self.maximum()
        except ValueError:
            started = all(letter in "+-.e0123456789" for letter in text.lower())
            state = QValidator.State.Intermediate if started else QValidator.State.Invalid
            return state, text, position
        return (
            QValidator.State.Acceptable if inside else QValidator.State.Intermediate,
            text,
            position,
        )

    def stepBy(self, steps: int) -> None:
        """Whole numbers by one; others along the scale."""
        if self._whole or self._scale is None:
            super().stepBy(steps)
        else:
            self.setValue(self._scale.value(self._scale.tick(self.value()) + STEP * steps))


class ParameterField(QWidget):
    """Label and editor of one parameter. `show_value` is silent; what the user does is `changed`."""

    changed = Signal(str, object)  # key, value of the parameter's type

    def __init__(self, parameter: Parameter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.parameter = parameter
        self.label = QLabel(parameter.symbol)
        self._editors: list[QWidget] = []
        self.slider: QSlider | None = None
        self.box: NumberBox | None = None
        self.list: QComboBox | None = None
        self.tick: QCheckBox | None = None
        self.line: QLineEdit | None = None
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(SPACE)
        self._row.addWidget(self.label)
        self._build()
        self.label.setBuddy(self._editors[-1])
        for widget in (self, self.label, *self._editors):
            widget.setToolTip(f"{parameter.key}: {parameter.help} (default {_shown(parameter.default)})")
        for editor in self._editors:
            editor.setAccessibleName(parameter.key)
            editor.setAccessibleDescription(parameter.help)
        self.show_value(parameter.default)

    def _build(self) -> None:
        parameter = self.parameter
        if parameter.type is bool:
            self.tick = self._add(QCheckBox())
            self.tick.toggled.connect(self._say)
        elif parameter.choices:
            self.list = self._add(QComboBox())
            self.list.addItems(list(parameter.choices))
            self.list.textActivated.connect(self._say)
        elif parameter.type in (int, float):
            self._build_number()
        else:
            self.line = line = self._add(QLineEdit())
            line.editingFinished.connect(lambda: self._say(line.text()))

    def _build_number(self) -> None:
        self._scale = Ticks.of(self.parameter)
        if self._scale is not None:
            self.slider = self._add(QSlider(Qt.Orientation.Horizontal), stretch=1)
            self.slider.setRange(0, TICKS)
            self.slider.setSingleStep(STEP // 2)
            self.slider.setPageStep(TICKS // 10)
            self.slider.setMinimumWidth(44)
            self.slider.valueChanged.connect(self._slid)
        self.box = self._add(NumberBox(self.parameter, self._scale))
        self.box.valueChanged.connect(self._say)

    def _add(self, editor: W, stretch: int = 0) -> W:
        self._row.addWidget(editor, stretch)
        self._editors.append(editor)
        return editor

    def show_value(self, value: Any) -> None:
        """Show what the parameter is now."""
        for editor in self._editors:
            editor.blockSignals(True)
        if self.tick is not None:
            self.tick.setChecked(bool(value))
        elif self.list is not None:
            self.list.setCurrentText(str(value))
        elif self.box is not None:
            self.box.setValue(float(value))
            if self.slider is not None and self._scale is not None:
                self.slider.setValue(self._scale.tick(float(value)))
        elif self.line is not None:
            self.line.setText(str(value))
        for editor in self._editors:
            editor.blockSignals(False)

    def _slid(self, tick: int) -> None:
        assert self._scale is not None and self.box is not None
        value = self._scale.value(tick)
        with QSignalBlocker(self.box):
            self.box.setValue(value)
        self._say(value)

    def _say(self, value: object) -> None:
        kind = self.parameter.type
        self.changed.emit(self.parameter.key, kind(value))


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
