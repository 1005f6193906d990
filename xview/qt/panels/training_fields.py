"""Parts of a run's form: settings one below the other, modalities with what they are read from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from xview.qt.panels.parameter_field import ParameterField
from xview.qt.panels.parts import Tool, as_tip, label
from xview.qt.theme import SPACE
from xview.settings import Parameter


class _Wheel(QObject):
    """Keeps the wheel for scrolling the form: only the field with the focus follows it."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return False


def watch_wheel(editor: QWidget) -> None:
    """Let a form be scrolled over this editor without changing it."""
    editor.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    editor.installEventFilter(_Wheel(editor))


class Row(QWidget):
    """One setting; bold and with a way back where it is not what the form was filled with."""

    def __init__(self, parameter: Parameter) -> None:
        super().__init__()
        self._given = self._value = parameter.default
        self.field = ParameterField(parameter)
        named = parameter.symbol if parameter.symbol != parameter.key else parameter.key.replace("_", " ")
        self.field.label.setText(named)
        self.field.label.setWordWrap(True)
        self.field.label.setFixedWidth(84)
        layout = self.field.layout()
        if isinstance(layout, QHBoxLayout) and self.field.slider is None and self.field.list is None:
            layout.addStretch()  # a lone box or tick stands beside its label
        for editor in (self.field.slider, self.field.box, self.field.list):
            if editor is not None:
                watch_wheel(editor)
        self.reset = Tool("undo", f"Reset {parameter.key}")
        self.reset.clicked.connect(self._reset)
        keep = self.reset.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(keep)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self.field, 1)
        row.addWidget(self.reset)
        self.field.changed.connect(self._take)
        self._mark()

    @property
    def value(self) -> object:
        """What is on screen."""
        return self._value

    @property
    def edited(self) -> bool:
        """Whether that is not what the form was filled with."""
        return bool(self._value != self._given)

    def fill(self, value: object) -> None:
        """Show a value, which is no edit."""
        parameter = self.field.parameter
        self._given = self._value = parameter.parse(value, "form")
        self.field.show_value(self._value)
        self._mark()

    def _take(self, _key: str, value: object) -> None:
        self._value = value
        self._mark()

    def _reset(self) -> None:
        self.fill(self._given)
        self.field.changed.emit(self.field.parameter.key, self._value)

    def _mark(self) -> None:
        font = self.field.label.font()
        font.setBold(self.edited)
        self.field.label.setFont(font)
        self.reset.setVisible(self.edited)
        self.reset.setToolTip(as_tip(f"Back to {self._given}"))


class Fields(QWidget):
    """The settings of one kind."""

    changed = Signal()  # by the user

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.rows: dict[str, Row] = {}
        self._head = label("", "section")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(3)
        self._column.addWidget(self._head)

    def show_parameters(self, title: str, parameters: Sequence[Parameter]) -> None:
        """Offer these settings at their defaults."""
        for row in self.rows.values():
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._head.setText(title)
        self.rows = {parameter.key: Row(parameter) for parameter in parameters}
        for row in self.rows.values():
            row.field.changed.connect(lambda _key, _value: self.changed.emit())
            self._column.addWidget(row)
        self.setVisible(bool(parameters))

    def fill(self, values: Mapping[str, object]) -> None:
        """Show these values, and defaults where none is given; unknown ones are of another version."""
        for key, row in self.rows.items():
            row.fill(values.get(key, row.field.parameter.default))

    def values(self) -> dict[str, object]:
        """By key, ready for JSON."""
        return {key: row.value for key, row in self.rows.items()}

    @property
    def edited(self) -> bool:
        """Whether the user changed any."""
        return any(row.edited for row in self.rows.values())


class ModalityBoxes(QWidget):
    """A tick a modality where the system takes some of them; a list of spaces where there are several."""

    changed = Signal()  # by the user

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Modalities")
        self.boxes: dict[str, QCheckBox] = {}
        self.spaces: dict[str, QComboBox] = {}
        self._fewest, self._most = 0, 0
        self._given: tuple[tuple[str, ...], dict[str, str]] = ((), {})
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(SPACE)
        self._grid.setColumnStretch(1, 1)

    def show_choices(self, modalities: Mapping[str, Sequence[str]], fewest: int, most: int) -> None:
        """Offer modalities with the spaces of each, of which the system takes `fewest` to `most` (0: all)."""
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._fewest, self._most = fewest, most
        self.boxes, self.spaces = {}, {}
        self._grid.addWidget(label("MODALITIES", "section"), 0, 0, 1, 2)
        for place, (modality, spaces) in enumerate(modalities.items(), start=1):
            self.boxes[modality] = box = QCheckBox(modality)
            box.clicked.connect(self.changed)
            self._grid.addWidget(box, place, 0)
            if len(spaces) > 1:
                self.spaces[modality] = choice = QComboBox()
                choice.addItems(list(spaces))
                choice.setAccessibleName(f"Features of {modality}")
                choice.setToolTip("Space whose vectors are learnt from")
                choice.setMinimumContentsLength(6)
                choice.activated.connect(lambda _place: self.changed.emit())
                watch_wheel(choice)
                self._grid.addWidget(choice, place, 1)
        self.setVisible(len(modalities) > fewest or bool(self.spaces))

    def fill(self, modalities: Sequence[str], features: Mapping[str, str]) -> None:
        """Tick these modalities (none: as many as the system takes) and choose these spaces."""
        wanted = [m for m in modalities if m in self.boxes] or list(self.boxes)[: self._most or None]
        for modality, box in self.boxes.items():
            box.setChecked(modality in wanted)
        for modality, choice in self.spaces.items():
            choice.setCurrentIndex(max(0, choice.findText(features.get(modality, ""))))
        self._given = (self.chosen, self.features)

    @property
    def chosen(self) -> tuple[str, ...]:
        """The modalities ticked, in the data's order."""
        return tuple(modality for modality, box in self.boxes.items() if box.isChecked())

    @property
    def features(self) -> dict[str, str]:
        """The space chosen for each modality that has several."""
        return {modality: choice.currentText() for modality, choice in self.spaces.items()}

    @property
    def edited(self) -> bool:
        """Whether the user changed anything."""
        return (self.chosen, self.features) != self._given

    @property
    def problem(self) -> str:
        """What is wrong with the choice, or nothing."""
        count = len(self.chosen)
        if count < self._fewest or (self._most and count > self._most):
            exactly = self._fewest == self._most
            wanted = f"exactly {self._fewest}" if exactly else f"at least {self._fewest}"
            return f"Choose {wanted} modalities; {count} chosen."
        return ""
