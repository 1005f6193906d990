"""Where keys lead among cards in lines and columns."""

from __future__ import annotations

from PySide6.QtCore import Qt


def led_to(key: Qt.Key, current: int, count: int, columns: int, lines: int) -> int | None:
    """The cell a key leads to, perhaps outside 0 to `count` - 1; None where it leads nowhere.

    Args:
        key: Arrows, Home, End and page keys; left and right where there are columns.
        current: The cell now, negative for none: then the first one is next.
        count: Number of cells.
        columns: Cells side by side.
        lines: Lines of a page.
    """
    steps = {
        Qt.Key.Key_Up: -columns,
        Qt.Key.Key_Down: columns,
        Qt.Key.Key_PageUp: -lines * columns,
        Qt.Key.Key_PageDown: lines * columns,
    }
    if columns > 1:
        steps |= {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
    if key in steps:
        return 0 if current < 0 else current + steps[key]
    return {Qt.Key.Key_Home: 0, Qt.Key.Key_End: count - 1}.get(key)
