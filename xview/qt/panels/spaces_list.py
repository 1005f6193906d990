"""The open spaces: what each holds, what made it, whether its map is on screen, how it was projected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QMenu,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from xview.qt.flow import Flow
from xview.qt.panels.parts import Choice, ElidedLabel, label
from xview.qt.theme import SPACE


@dataclass(frozen=True, slots=True, kw_only=True)
class SpaceInfo:
    """One space.

    Attributes:
        name: Its stable name.
        modalities: Whose vectors it holds.
        count, dimension: n vectors of d numbers.
        made_by: What made it, in a few words ("cca on seen classes").
        detail: All of its provenance, for the tooltip.
        used_as: What the current ranker reads it for, such as "shared" or "query's own"; empty if nothing.
        shown: Whether its map is on screen.
        method: Name of the projection its map is drawn by.
        comparable: Whether B of A | B could rank here and does not.
        busy: What is being done with it ("UMAP 40 %"), or empty.
    """

    name: str
    modalities: tuple[str, ...]
    count: int
    dimension: int
    made_by: str = ""
    detail: str = ""
    used_as: str = ""
    shown: bool = True
    method: str = ""
    comparable: bool = False
    busy: str = ""


class SpacesList(QWidget):
    """Spaces one below the other."""

    shown_asked = Signal(str, bool)  # space, whether to show its map
    method_asked = Signal(str, str)  # space, projection method
    use_asked = Signal(str)  # space: read this one for ranking
    compare_asked = Signal(str)  # space: rank in it, too, as B of A | B

    def __init__(self, methods: Sequence[Choice], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Spaces")
        self._methods = tuple(methods)
        self.rows: dict[str, SpaceRow] = {}
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(SPACE)
        self._column.addStretch()
        scroll = QScrollArea()
        scroll.setWidget(inside)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its rows take the keyboard
        for surface in (inside, scroll.viewport()):
            surface.setAutoFillBackground(False)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._empty = label("No spaces. Open data that has vectors, or encode it.", "muted")
        self._empty.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        layout.addWidget(self._empty)
        layout.addWidget(scroll, 1)
        self.show_spaces(())

    def show_spaces(self, spaces: Sequence[SpaceInfo]) -> None:
        """Show these spaces; rows of known ones are kept, so that the keyboard's place is too."""
        for name in [name for name in self.rows if name not in {space.name for space in spaces}]:
            row = self.rows.pop(name)
            self._column.removeWidget(row)
            row.deleteLater()
        for place, space in enumerate(spaces):
            row = self.rows.get(space.name) or self._add(space.name)
            row.show_info(space)
            self._column.insertWidget(place, row)
        self._empty.setVisible(not spaces)

    def _add(self, name: str) -> SpaceRow:
        row = SpaceRow(self._methods)
        row.box.clicked.connect(lambda on: self.shown_asked.emit(name, on))
        row.method_asked.connect(lambda method: self.method_asked.emit(name, method))
        row.use_asked.connect(lambda: self.use_asked.emit(name))
        row.compare_asked.connect(lambda: self.compare_asked.emit(name))
        self.rows[name] = row
        return row


class SpaceRow(QFrame):
    """One space: a box to show its map, its size, modalities, maker, role and projection."""

    method_asked = Signal(str)
    use_asked = Signal()
    compare_asked = Signal()

    def __init__(self, methods: Sequence[Choice]) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.box = QCheckBox()
        self.box.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._name = ElidedLabel(role="title")
        self._size = ElidedLabel(role="muted")
        self._size.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._maker = ElidedLabel(role="muted")
        self._use = ElidedLabel(role="muted")
        self.method = QToolButton()
        self.method.setProperty("role", "plate")
        self.method.setStyleSheet("QToolButton::menu-indicator { image: none; }")  # the text has its own
        self.method.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.method.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        menu = QMenu(self.method)
        menu.setToolTipsVisible(True)
        for choice in methods:
            action = menu.addAction(choice.title)
            action.setToolTip(choice.tip)
            action.triggered.connect(partial(self.method_asked.emit, choice.name))
        menu.addSeparator()
        menu.addAction("Use this space for ranking").triggered.connect(self.use_asked)
        self.compare = menu.addAction("Compare with this space (B)")
        self.compare.setToolTip("Show the ranking in this space beside the present one")
        self.compare.triggered.connect(self.compare_asked)
        self.method.setMenu(menu)
        self._titles = {choice.name: choice.title for choice in methods}
        head = QHBoxLayout()
        head.setSpacing(SPACE)
        head.addWidget(self.box)
        head.addWidget(self._name, 1)
        size = Flow(spacing=SPACE)  # in a narrow place the button stands below
        size.addWidget(self._size)
        size.addWidget(self.method)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE, SPACE - 1, SPACE, SPACE - 1)
        column.setSpacing(1)
        column.addLayout(head)
        column.addLayout(size)
        column.addWidget(self._maker)
        column.addWidget(self._use)

    def show_info(self, space: SpaceInfo) -> None:
        """Show a space. Emits nothing."""
        self.box.setChecked(space.shown)
        self.box.setAccessibleName(f"Show the map of {space.name}")
        self.box.setToolTip("Show its map")
        self._name.setText(space.name)
        self._name.set_tip(space.detail)
        whose = "" if space.modalities == (space.name,) else " + ".join(space.modalities)
        self._size.setText(f"{space.count:,} × {space.dimension}")
        self._size.set_tip(
            f"{space.count:,} vectors of {space.dimension} numbers: {', '.join(space.modalities)}"
        )
        self._maker.setText("  ".join(filter(None, (space.made_by, whose))))
        self._maker.set_tip(space.detail)
        self._maker.setVisible(bool(self._maker.text()))
        self.compare.setVisible(space.comparable)
        self._use.setText(space.busy or (f"✓ {space.used_as}" if space.used_as else ""))
        self._use.setVisible(bool(space.busy or space.used_as))
        self._use.set_tip("" if space.busy or not space.used_as else "The ranker reads this space")
        self.method.setText(f"{self._titles.get(space.method, space.method or 'Project')} ▾")
        self.method.setAccessibleName(f"Projection of {space.name}")
        self.method.setToolTip("Project this space again by another method")
