"""What can be done with the selected items: a plate over the maps while there are any."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QWidget

from xview.qt.panels.parts import label
from xview.qt.store import Store
from xview.qt.theme import SPACE
from xview.session.resolve import Resolved


class SelectionBar(QFrame):
    """Bound to the store; whoever places it hears `resized_by_content`."""

    ask_selection = Signal()  # make the selected items the query
    resized_by_content = Signal()

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setAccessibleName("Selection")
        self.count = label("", "muted")
        self.ask = _button(
            "Query", "Query by selection", "Ask with all selected items of one modality at once  [Q]"
        )
        self.ask.clicked.connect(self.ask_selection)
        self.isolate = _button("Isolate", "Isolate selection", "Show the selected items only")
        self.isolate.setCheckable(True)
        self.isolate.toggled.connect(lambda on: store.ask(isolated=on))
        self.clear = _button("Clear", "Clear selection", "Select nothing  [Esc]")
        self.clear.clicked.connect(lambda: store.ask(selection=(), isolated=False))
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE, 1, 2, 1)
        row.setSpacing(2)
        for widget in (self.count, self.ask, self.isolate, self.clear):
            row.addWidget(widget)
        store.changed.connect(self._follow)
        self._follow(None, store.resolved)

    def _follow(self, _old: Resolved | None, new: Resolved) -> None:
        with QSignalBlocker(self.isolate):
            self.isolate.setChecked(new.view.isolated)
        count = sum(len(rows) for _, rows in new.view.selection)
        self.count.setText(f"{count:,} selected")
        self.setVisible(count > 0)
        if count:
            self.adjustSize()
            self.raise_()
            self.resized_by_content.emit()


def _button(text: str, name: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setProperty("role", "tool")
    button.setText(text)
    button.setAccessibleName(name)
    button.setToolTip(tip)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
