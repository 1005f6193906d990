"""Fixtures of the panels: pictures of numbered items, and rankings made of arrays."""

from __future__ import annotations

import os
from collections.abc import Iterator

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pytest
from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from xview.data.records import NoPayloads
from xview.qt.panels.results_data import ResultsData
from xview.qt.thumbnails import Thumbnails


def png(colour: str, width: int = 32, height: int = 32) -> bytes:
    image = QImage(width, height, QImage.Format.Format_ARGB32)
    image.fill(QColor(colour))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(buffer.data().data())


class Colours(NoPayloads):
    """Item r is a picture of one colour."""

    def picture(self, row: int) -> bytes | None:
        return png(QColor.fromHsv(row * 37 % 360, 200, 200).name())


@pytest.fixture
def thumbnails(qtbot: QtBot) -> Iterator[Thumbnails]:
    made = Thumbnails(size=48)
    made.set_source("images", Colours())
    yield made
    made.close()


def ranking(rows: list[int] | np.ndarray, **other: object) -> ResultsData:
    """A ranking of these rows; even rows are hits."""
    order = np.asarray(rows, dtype=np.int64)
    given: dict[str, object] = {
        "title": "Heterogeneous",
        "key": "images",
        "rows": order,
        "scores": np.linspace(1.0, 0.1, len(order)),
        "correct": (order % 2 == 0).astype(np.int8),
        "ignored": np.zeros(len(order), dtype=np.bool_),
        "title_of": lambda row: f"item {row}",
        "class_of": lambda row: "even" if row % 2 == 0 else "odd",
        "id_of": lambda row: f"id-{row}",
    }
    return ResultsData(**(given | other))  # type: ignore[arg-type]
