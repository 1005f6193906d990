"""The rankers' parameters: the often used ones in reach, the others behind one button."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from xview.qt.panels.parameter_field import ParameterField
from xview.qt.panels.parts import Tool
from xview.qt.theme import SPACE
from xview.settings import Parameter

FIELD = 128  # narrowest field in the bar


class ParameterBar(QWidget):
    """Fields made from `Parameter` lists. Those that do not fit move to a popover, last ones first.

    A change is followed live: all changes of one turn of the event loop are one signal. Whoever hears it
    answers with `show_settings`, so that a refused value never stays on screen.
    """

    settings_changed = Signal(dict)  # key -> value, of the changed ones

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Parameters")
        self._fields: dict[str, ParameterField] = {}
        self._primary: tuple[str, ...] = ()
        self._in_bar: tuple[str, ...] | None = None
        self._pending: dict[str, object] = {}
        self._turn = QTimer(self, singleShot=True, interval=0)
        self._turn.timeout.connect(self._tell)
        self.more = Tool("settings", "More parameters")
        self.more.clicked.connect(self._open)
        self.reset = Tool("undo", "Reset parameters", "Set all parameters back to their defaults")
        self.reset.clicked.connect(self._reset)
        self._popover = QFrame(self, Qt.WindowType.Popup)
        self._popover.setProperty("role", "panel")
        self._popover.setAccessibleName("More parameters")
        self._column = QVBoxLayout(self._popover)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSizeConstraint(QHBoxLayout.SizeConstraint.SetNoConstraint)  # fields give way
        self._row.setSpacing(2 * SPACE)
        self._row.addWidget(self.more)
        self._row.addWidget(self.reset)
        self._row.addStretch()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_parameters(self, parameters: Sequence[Parameter], primary: Sequence[str] | None = None) -> None:
        """Offer these parameters.

        Args:
            parameters: In the order to show them.
            primary: Keys wanted in the bar itself; by default those with a slider.
        """
        for field in self._fields.values():
            field.setParent(None)
            field.deleteLater()
        self._fields = {p.key: ParameterField(p, self) for p in parameters}
        for field in self._fields.values():
            field.changed.connect(self._changed)
        wanted = [key for key, field in self._fields.items() if field.slider] if primary is None else primary
        self._primary = tuple(key for key in wanted if key in self._fields)
        self._pending = {}
        self._in_bar = None
        self._arrange()

    def show_settings(self, values: Mapping[str, object]) -> None:
        """Show these values; parameters not named keep theirs. Emits nothing."""
        for key, value in values.items():
            if key in self._fields:
                self._fields[key].show_value(value)

    def field(self, key: str) -> ParameterField:
        """The field of a parameter; KeyError if it is not offered."""
        return self._fields[key]

    def in_bar(self, key: str) -> bool:
        """Whether a field stands in the bar rather than behind the button."""
        return self._in_bar is not None and key in self._in_bar

    def minimumSizeHint(self) -> QSize:
        """Room for the first field and the two buttons."""
        return QSize(self._width(min(1, len(self._primary))), super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:
        """Room for all primary fields."""
        return QSize(self._width(len(self._primary)), super().sizeHint().height())

    def _width(self, fields: int) -> int:
        buttons = self.more.sizeHint().width() + self.reset.sizeHint().width() + 4 * SPACE
        return fields * (FIELD + 2 * SPACE) + buttons

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More or fewer fields fit."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        room = max(0, (self.width() - self._width(0)) // (FIELD + 2 * SPACE))
        in_bar = self._primary[:room]
        if in_bar == self._in_bar:
            return
        self._in_bar = in_bar
        for position, key in enumerate(in_bar):
            field = self._fields[key]
            field.label.setText(field.parameter.symbol)
            field.label.setMinimumWidth(0)
            field.setMaximumWidth(FIELD + 90)
            self._row.insertWidget(position, field, 1)
            field.show()  # moving to another parent hid it
        hidden = [field for key, field in self._fields.items() if key not in in_bar]
        for field in hidden:
            parameter = field.parameter
            named = parameter.symbol != parameter.key
            field.label.setText(f"{parameter.symbol}  {parameter.key}" if named else parameter.key)
            field.label.setMinimumWidth(110)
            field.setMaximumWidth(16777215)
            self._column.addWidget(field)
            field.show()
        self.more.setVisible(bool(hidden))
        self.reset.setVisible(bool(self._fields))

    def _open(self) -> None:
        self._popover.adjustSize()
        self._popover.setMinimumWidth(300)
        at = self.more.mapToGlobal(QPoint(0, self.more.height() + 4))
        free = self.screen().availableGeometry()
        at.setX(min(at.x(), free.right() - self._popover.width()))
        if at.y() + self._popover.height() > free.bottom():
            at.setY(self.more.mapToGlobal(QPoint(0, 0)).y() - self._popover.height() - 4)
        self._popover.move(at)
        self._popover.show()

    def _changed(self, key: str, value: object) -> None:
        self._pending[key] = value
        self._turn.start()

    def _reset(self) -> None:
        for key, field in self._fields.items():
            field.show_value(field.parameter.default)
            self._changed(key, field.parameter.default)

    def _tell(self) -> None:
        pending, self._pending = self._pending, {}
        if pending:
            self.settings_changed.emit(pending)
