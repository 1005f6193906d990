"""How the maps look: colour, overlay, projection, which items; and what can be done with a selection."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QPushButton, QWidget

from xview.qt.maps.tools import MapTools
from xview.qt.panels.parts import label
from xview.qt.store import Store
from xview.qt.theme import SPACE
from xview.session.state import ColourBy, Overlay, Resolved
from xview.spaces.projection import METHODS


class ViewStrip(QWidget):
    """One row under the maps, bound to the store."""

    ask_selection = Signal()  # make the selected items the query

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self.colour = self._combo(
            "Colour by", ColourBy, lambda word: store.ask(colour_by=ColourBy(word), hidden=frozenset())
        )
        self.overlay = self._combo("Overlay", Overlay, lambda word: store.ask(overlay=Overlay(word)))
        self.method = self._combo("Map", METHODS, lambda word: store.ask(method=word, methods=()))
        self.all_items = QCheckBox("All items")
        self.all_items.setToolTip("Show items that the protocol did not choose, too")
        self.all_items.toggled.connect(lambda on: store.ask(all_items=on))
        self.selected = label("", "muted")
        self.ask = QPushButton("Query by selection")
        self.ask.setToolTip("Ask with all selected items of one modality at once  [Q]")
        self.ask.clicked.connect(self.ask_selection)
        self.isolate = QPushButton("Isolate selection")
        self.isolate.setCheckable(True)
        self.isolate.setToolTip("Show the selected items only")
        self.isolate.toggled.connect(lambda on: store.ask(isolated=on))
        self.clear = QPushButton("Clear selection")
        self.clear.clicked.connect(lambda: store.ask(selection=(), isolated=False))
        self.tools = MapTools(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE)
        row.addWidget(self.tools)
        for name, combo in (("Colour", self.colour), ("Overlay", self.overlay), ("Map", self.method)):
            row.addWidget(label(name, "muted"))
            row.addWidget(combo)
            row.addSpacing(SPACE)
        row.addWidget(self.all_items)
        row.addStretch()
        for widget in (self.selected, self.ask, self.isolate, self.clear):
            row.addWidget(widget)
        store.changed.connect(self._follow)
        self._follow(None, store.resolved)

    def _combo(self, name: str, words: Iterable[str], ask: Callable[[str], object]) -> QComboBox:
        combo = QComboBox()
        combo.setAccessibleName(name)
        combo.addItems([str(word) for word in words])
        combo.textActivated.connect(ask)
        return combo

    def _follow(self, _old: Resolved | None, new: Resolved) -> None:
        for combo, word in (
            (self.colour, new.view.colour_by),
            (self.overlay, new.view.overlay),
            (self.method, new.view.method),
        ):
            with QSignalBlocker(combo):
                combo.setCurrentText(word)
        with QSignalBlocker(self.all_items):
            self.all_items.setChecked(new.view.all_items)
        with QSignalBlocker(self.isolate):
            self.isolate.setChecked(new.view.isolated)
        count = sum(len(rows) for _, rows in new.view.selection)
        self.selected.setText(f"{count:,} selected")
        for widget in (self.selected, self.ask, self.isolate, self.clear):
            widget.setVisible(count > 0)
