"""From mouse and modifiers to what the user means."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from xview.arrays import Ints
from xview.qt.maps.camera import Box, Camera
from xview.qt.maps.grid import PointGrid
from xview.qt.maps.scene import SelectionMode, Tool
from xview.qt.theme import Theme

CLICK = 4.0
"""A press that moves less, in pixels, is a click."""

GESTURES = (
    ("Ask with an item", "click on a map"),
    ("Lead the shortest path to an item", "Ctrl+click on a map (Cmd on macOS)"),
    ("Add an item to the selection, take it out", "Shift+click, Alt+click"),
    ("Select in a box, by a lasso", "Shift+drag, Ctrl+Shift+drag"),
)
"""What the mouse does on a map: what, and how."""

_Mod = Qt.KeyboardModifier


def intention(tool: Tool, modifiers: Qt.KeyboardModifier) -> tuple[Tool, SelectionMode]:
    """What a drag with these modifiers does under `tool`.

    Shift+drag draws a box and Ctrl+Shift (Cmd or Meta too) a lasso whatever the tool; under the box and lasso
    tools Shift alone adds. Alt always subtracts.
    """
    shift, alt = bool(modifiers & _Mod.ShiftModifier), bool(modifiers & _Mod.AltModifier)
    command = bool(modifiers & (_Mod.ControlModifier | _Mod.MetaModifier))
    if alt:
        mode = SelectionMode.SUBTRACT
    elif shift and not command and tool is not Tool.PAN:
        mode = SelectionMode.ADD
    else:
        mode = SelectionMode.REPLACE
    if shift and command:
        return Tool.LASSO, mode
    if tool is Tool.PAN and (shift or alt):
        return Tool.BOX, mode
    return tool, mode


def click_mode(modifiers: Qt.KeyboardModifier) -> SelectionMode | None:
    """Shift+click adds one item to the selection, Alt+click takes it out; None for a plain click."""
    if modifiers & _Mod.AltModifier:
        return SelectionMode.SUBTRACT
    return SelectionMode.ADD if modifiers & _Mod.ShiftModifier else None


def aims(modifiers: Qt.KeyboardModifier) -> bool:
    """Whether a click says where to go rather than what to ask: Ctrl (Cmd, Meta) and nothing else is held."""
    held = modifiers & ~_Mod.KeypadModifier
    return held in (_Mod.ControlModifier, _Mod.MetaModifier)


def cursor(tool: Tool, dragging: bool) -> Qt.CursorShape:
    """What the pointer looks like."""
    if tool is not Tool.PAN:
        return Qt.CursorShape.CrossCursor
    return Qt.CursorShape.ClosedHandCursor if dragging else Qt.CursorShape.ArrowCursor


@dataclass
class Drag:
    """A press that may become a pan, a box or a lasso; places in pixels."""

    tool: Tool
    mode: SelectionMode
    start: QPointF
    camera: Camera
    track: list[QPointF] = field(default_factory=list)
    moved: bool = False

    def move(self, to: QPointF) -> None:
        """Follow the pointer."""
        self.moved = self.moved or (to - self.start).manhattanLength() > CLICK
        if self.tool is Tool.LASSO and self.track and (to - self.track[-1]).manhattanLength() < 2:
            return
        self.track.append(to)

    @property
    def end(self) -> QPointF:
        """Where the pointer is."""
        return self.track[-1] if self.track else self.start

    def rows(self, grid: PointGrid) -> Ints:
        """Rows of the points inside the box or lasso."""
        if self.tool is Tool.BOX:
            x1, y1 = self.camera.to_map(self.start.x(), self.start.y())
            x2, y2 = self.camera.to_map(self.end.x(), self.end.y())
            return grid.in_box(Box(min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)))
        corners = [self.camera.to_map(place.x(), place.y()) for place in (self.start, *self.track)]
        return grid.in_polygon(np.array(corners))

    def paint(self, painter: QPainter, theme: Theme) -> None:
        """The box or lasso as it stands."""
        if self.tool is Tool.PAN or not self.moved:
            return
        colour = QColor(theme.bad if self.mode is SelectionMode.SUBTRACT else theme.accent)
        painter.setPen(QPen(colour, 1.4, Qt.PenStyle.DashLine))
        colour.setAlphaF(0.10)
        painter.setBrush(colour)
        if self.tool is Tool.BOX:
            painter.drawRect(QRectF(self.start, self.end).normalized())
        else:
            painter.drawPolygon(QPolygonF([self.start, *self.track]))
