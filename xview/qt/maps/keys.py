"""Keys of a map: pan, zoom, fit, choose a tool, walk from item to item."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF, Qt

from xview.arrays import Doubles
from xview.qt.maps.camera import Box
from xview.qt.maps.scene import Tool

if TYPE_CHECKING:
    from xview.qt.maps.canvas import MapCanvas

_STEP = 60.0  # pixels an arrow key pans
_ZOOM = 1.3
_NEAR = 60.0  # pixels around an item in which the next one is looked for first
_WAYS = {
    Qt.Key.Key_Left: (-1.0, 0.0),
    Qt.Key.Key_Right: (1.0, 0.0),
    Qt.Key.Key_Up: (0.0, -1.0),
    Qt.Key.Key_Down: (0.0, 1.0),
}
_FACTORS = {Qt.Key.Key_Plus: _ZOOM, Qt.Key.Key_Equal: _ZOOM, Qt.Key.Key_Minus: 1 / _ZOOM}
_TOOLS = {Qt.Key.Key_G: Tool.PAN, Qt.Key.Key_B: Tool.BOX, Qt.Key.Key_S: Tool.LASSO}


def press(canvas: MapCanvas, key: Qt.Key, held: Qt.KeyboardModifier) -> bool:
    """Do what `key` means on a map; False where it means nothing."""
    bare = held & ~Qt.KeyboardModifier.KeypadModifier == Qt.KeyboardModifier.NoModifier
    if key in _WAYS:
        x, y = _WAYS[key]
        if held & Qt.KeyboardModifier.ControlModifier:
            _walk(canvas, x, y)
        else:
            canvas.look_at(canvas.camera.panned(-x * _STEP, -y * _STEP))
    elif key in _FACTORS:
        canvas.look_at(canvas.camera.zoomed(_FACTORS[key], canvas.width() / 2, canvas.height() / 2))
    elif key in (Qt.Key.Key_0, Qt.Key.Key_Home):
        canvas.home()
    elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
        canvas.click(canvas.hover.index, held)
    elif key == Qt.Key.Key_Escape:
        canvas.escape()
    elif key in _TOOLS and bare:
        canvas.set_tool(_TOOLS[key])
    else:
        return False
    return True


def next_ahead(ways: Doubles, x: float, y: float) -> int:
    """Which of (n, 2) ways leads to the nearest place in direction (x, y), or -1.

    Only places within 45 degrees count; a pixel aside costs two ahead.
    """
    ahead = ways @ (x, y)
    aside = np.abs(ways @ (-y, x))
    cost = np.where((ahead > 0.5) & (aside <= ahead), ahead + 2 * aside, np.inf)
    return int(np.argmin(cost)) if cost.size and np.isfinite(cost.min()) else -1


def _walk(canvas: MapCanvas, x: float, y: float) -> None:
    """Hover the nearest item in a direction, from the hovered one or the middle."""
    camera, hover = canvas.camera, canvas.hover
    here = canvas.place_of(hover.index) if hover.index >= 0 else QRectF(canvas.rect()).center()
    at_x, at_y = camera.to_map(here.x(), here.y())
    for reach in (_NEAR, 8 * _NEAR, math.inf):  # most items need not be looked at
        rows = canvas.crowd.rows(Box(at_x, at_y, at_x, at_y).grown(reach / camera.scale))
        rows = rows[camera.box.mask(canvas.points.positions[rows])]
        ways = camera.to_screen(canvas.points.positions[rows]) - (here.x(), here.y())
        found = next_ahead(ways, x, y)
        if found >= 0 and 2 * np.abs(ways[found]).sum() <= reach:  # none beyond costs less
            hover.set(int(rows[found]))
            return
