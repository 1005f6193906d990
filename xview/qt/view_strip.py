"""How the maps look: colour, overlay, projection, which items."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QWidget

from xview.qt.flow import Flow
from xview.qt.maps.tools import MapTools
from xview.qt.panels.parts import label
from xview.qt.store import Store
from xview.qt.theme import SPACE
from xview.session.resolve import Resolved
from xview.session.state import ColourBy, Overlay
from xview.spaces.projection import METHODS


class ViewStrip(QWidget):
    """One row under the maps, more where the window is narrow; bound to the store."""

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.colour = _combo(
            "Colour by", ColourBy, lambda word: store.ask(colour_by=ColourBy(word), hidden=frozenset())
        )
        self.overlay = _combo("Overlay", Overlay, lambda word: store.ask(overlay=Overlay(word)))
        self.method = _combo("Map", METHODS, lambda word: store.ask(method=word, methods=()))
        self.all_items = QCheckBox("All items")
        self.all_items.setToolTip("Show items that the protocol did not choose, too")
        self.all_items.toggled.connect(lambda on: store.ask(all_items=on))
        self.tools = MapTools(self)
        row = Flow(self, 2 * SPACE)
        row.addWidget(self.tools)
        for name, combo in (("Colour", self.colour), ("Overlay", self.overlay), ("Map", self.method)):
            row.addWidget(_named(name, combo))
        row.addWidget(self.all_items)
        store.changed.connect(self._follow)
        self._follow(None, store.resolved)

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


def _combo(name: str, words: Iterable[str], ask: Callable[[str], object]) -> QComboBox:
    combo = QComboBox()
    combo.setAccessibleName(name)
    combo.addItems([str(word) for word in words])
    combo.textActivated.connect(ask)
    return combo


def _named(name: str, combo: QComboBox) -> QWidget:
    pair = QWidget()
    row = QHBoxLayout(pair)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(SPACE)
    row.addWidget(label(name, "muted"))
    row.addWidget(combo)
    return pair
