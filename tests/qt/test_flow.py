"""Rows break where the width ends."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from xview.qt.flow import Flow

GAP = 6


class Box(QWidget):
    def __init__(self, width: int, height: int) -> None:
        super().__init__()
        self._size = QSize(width, height)

    def sizeHint(self) -> QSize:
        return self._size


def rows_by_hand(widths: list[int], width: int) -> list[list[int]]:
    rows: list[list[int]] = [[]]
    used = 0
    for k, wanted in enumerate(widths):
        if rows[-1] and used + GAP + wanted > width:
            rows.append([])
            used = 0
        used += wanted + (GAP if rows[-1] else 0)
        rows[-1].append(k)
    return rows


@pytest.mark.parametrize("width", [30, 100, 106, 107, 150, 163, 170, 400])
def test_items_stand_as_when_placed_by_hand(qtbot: QtBot, width: int) -> None:
    sizes = [(50, 20), (50, 30), (51, 10), (90, 20), (30, 20)]
    holder = QWidget()
    qtbot.addWidget(holder)
    flow = Flow(holder, GAP)
    boxes = [Box(*size) for size in sizes]
    for box in boxes:
        flow.addWidget(box)
    hidden = Box(500, 500)
    flow.addWidget(hidden)
    hidden.hide()
    rows = rows_by_hand([w for w, _ in sizes], width)
    heights = [max(sizes[k][1] for k in row) for row in rows]
    assert flow.heightForWidth(width) == sum(heights) + GAP * (len(rows) - 1)
    holder.resize(width, flow.heightForWidth(width))
    holder.show()
    top = 0
    for row, height in zip(rows, heights, strict=True):
        left = 0
        for k in row:
            box = boxes[k].geometry()
            assert box.left() == left
            assert abs(2 * (box.top() - top) + box.height() - height) <= 1  # centred
            left += sizes[k][0] + GAP
        top += height + GAP
    assert flow.minimumSize().width() <= 90
