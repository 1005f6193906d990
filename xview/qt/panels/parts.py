"""Small pieces the panels share."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOption,
    QToolButton,
    QWidget,
)

from xview.qt.icons import icon


class ElidedLabel(QLabel):
    """One line of plain text; where it does not fit it ends in an ellipsis and its tooltip tells all."""

    def __init__(
        self,
        text: str = "",
        role: str = "",
        elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._elide = elide
        self._tip = ""
        if role:
            self.setProperty("role", role)
        self.setText(text)

    def setText(self, text: str) -> None:
        """Show other text."""
        super().setText(text)
        self._refresh_tip()

    def set_tip(self, tip: str) -> None:
        """A tooltip for when all the text is visible."""
        self._tip = tip
        self._refresh_tip()

    @property
    def elided(self) -> bool:
        """Whether part of the text is hidden now."""
        return self.fontMetrics().horizontalAdvance(self.text()) > self.contentsRect().width()

    def minimumSizeHint(self) -> QSize:
        """Room for the first letters."""
        return QSize(self.fontMetrics().averageCharWidth() * 3, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The tooltip depends on what fits."""
        super().resizeEvent(event)
        self._refresh_tip()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what fits."""
        painter = QPainter(self)
        option = QStyleOption()
        option.initFrom(self)
        self.style().drawPrimitive(QStyle.PrimitiveElement.PE_Widget, option, painter, self)
        room = self.contentsRect()
        shown = self.fontMetrics().elidedText(self.text(), self._elide, room.width())
        self.style().drawItemText(
            painter,
            room,
            self.alignment(),
            self.palette(),
            self.isEnabled(),
            shown,
            self.foregroundRole(),
        )

    def _refresh_tip(self) -> None:
        told = [self.text()] if self.elided else []
        self.setToolTip(as_tip("\n".join(filter(None, [*told, self._tip]))))


class Tool(QToolButton):
    """A small flat button with an icon of the theme; its name is what screen readers say."""

    def __init__(
        self,
        icon_name: str,
        name: str,
        tip: str = "",
        *,
        checkable: bool = False,
        text: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icon_name = icon_name
        self.setProperty("role", "tool")
        self.setCheckable(checkable)
        self.setAccessibleName(name)
        self.setToolTip(tip or name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setIconSize(QSize(16, 16))
        if text:
            self.setText(name)
            self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIcon(icon(icon_name))

    def set_icon(self, icon_name: str) -> None:
        """Wear another icon."""
        self._icon_name = icon_name
        self.setIcon(icon(icon_name))

    def changeEvent(self, event: QEvent) -> None:
        """Redraw the icon in the new theme's colours."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.setIcon(icon(self._icon_name))


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several: a stable name, what to call it, what it means."""

    name: str
    title: str
    tip: str = ""


class Segments(QWidget):
    """Buttons side by side of which one is down; arrow keys move between them."""

    picked = Signal(str)  # by the user; `show_choice` is silent

    def __init__(
        self,
        name: str,
        choices: Sequence[Choice] = (),
        *,
        quiet: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._quiet = quiet  # for choices of less weight than the window's main switch
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QAbstractButton] = {}
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.show_choices(choices)

    def show_choices(self, choices: Sequence[Choice]) -> None:
        """Offer these, none of them down yet."""
        for old in self._buttons.values():
            self._group.removeButton(old)
            self._row.removeWidget(old)
            old.deleteLater()
        self._buttons = {}
        for choice in choices:
            button: QAbstractButton = QToolButton(self) if self._quiet else QPushButton(self)
            button.setText(choice.title)
            button.setCheckable(True)
            button.setProperty("role", "tool" if self._quiet else "segment")
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.setAccessibleName(f"{self.accessibleName()}: {choice.title}")
            button.setToolTip(choice.tip)
            button.setMinimumWidth(button.sizeHint().width())
            button.clicked.connect(lambda _checked=False, name=choice.name: self.picked.emit(name))
            self._group.addButton(button)
            self._row.addWidget(button)
            self._buttons[choice.name] = button

    def show_choice(self, name: str) -> None:
        """Press the button of that name, or none if it is unknown; emits nothing."""
        self._group.setExclusive(name in self._buttons)
        for known, button in self._buttons.items():
            button.setChecked(known == name)
        self._group.setExclusive(True)

    def set_title(self, name: str, title: str) -> None:
        """Call a choice otherwise, as with a count."""
        self._buttons[name].setText(title)
        self._buttons[name].setMinimumWidth(self._buttons[name].sizeHint().width())

    @property
    def choice(self) -> str:
        """Name of the button that is down, or the empty string."""
        return next((name for name, button in self._buttons.items() if button.isChecked()), "")

    def button(self, name: str) -> QAbstractButton:
        """The button of a choice; KeyError if there is none."""
        return self._buttons[name]


def label(text: str, role: str = "", parent: QWidget | None = None) -> QLabel:
    """A plain text label of a style role."""
    made = QLabel(text, parent)
    made.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        made.setProperty("role", role)
    return made


def as_tip(words: str) -> str:
    """Words for a tooltip, shown as they are: what comes from data is never markup."""
    return f"<qt>{html.escape(words)}</qt>".replace("\n", "<br>") if "<" in words else words
