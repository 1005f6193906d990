"""What can be done with the selected items: a plate over the maps while there are any."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from xview.qt.panels.parts import label
from xview.qt.store import Store
from xview.qt.theme import SPACE
from xview.session.state import Resolved


class SelectionBar(QFrame):
    """Bound to the store; whoever places it hears `resized_by_content`."""

    ask_selection = Signal()  # make the selected items the query
    resized_by_content = Signal()

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setAccessibleName("Selection")
        self.count = label("", "muted")
        self.ask = QPushButton("Query by selection")
        self.ask.setToolTip("Ask with all selected items of one modality at once  [Q]")
        self.ask.clicked.connect(self.ask_selection)
        self.isolate = QPushButton("Isolate selection")
        self.isolate.setCheckable(True)
        self.isolate.setToolTip("Show the selected items only")
        self.isolate.toggled.connect(lambda on: store.ask(isolated=on))
        self.clear = QPushButton("Clear selection")
        self.clear.setToolTip("Select nothing  [Esc]")
        self.clear.clicked.connect(lambda: store.ask(selection=(), isolated=False))
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * SPACE, SPACE // 2, SPACE // 2, SPACE // 2)
        row.setSpacing(SPACE)
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
