"""`MapTools`: what a plain drag does on every map, as three buttons that exclude one another."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSizePolicy, QToolButton, QWidget

from xview.qt.icons import icon
from xview.qt.maps.scene import Tool

_TIPS = {
    Tool.PAN: "Pan by dragging (G). Shift+drag draws a box, Ctrl+Shift+drag a lasso",
    Tool.BOX: "Select a box by dragging (B). Shift adds, Alt subtracts",
    Tool.LASSO: "Select with a lasso by dragging (S). Shift adds, Alt subtracts",
}


class MapTools(QWidget):
    """Pan, box or lasso; `chosen(object)` carries the `Tool` the user pressed."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons = {tool: tool_button(self, tool.value, tip) for tool, tip in _TIPS.items()}
        group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        for tool, button in self.buttons.items():
            button.setCheckable(True)
            group.addButton(button)
            row.addWidget(button)
            button.clicked.connect(lambda _checked=False, tool=tool: self.chosen.emit(tool))
        self.show_tool(Tool.PAN)

    def show_tool(self, tool: Tool) -> None:
        """Mark the tool in force, without telling anybody."""
        self.buttons[tool].setChecked(True)

    def changeEvent(self, event: QEvent) -> None:
        """Redraw the icons when the theme turns."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            for tool, button in self.buttons.items():
                button.setIcon(icon(tool.value))


def tool_button(parent: QWidget, name: str, tip: str) -> QToolButton:
    """A small flat button with an icon, a tooltip and an accessible name."""
    button = QToolButton(parent)
    button.setIcon(icon(name))
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    button.setProperty("role", "tool")
    return button
