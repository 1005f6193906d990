"""The points of a plot: painted where they are found, and found where slow search finds them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtSvg import QSvgRenderer
from pytestqt.qtbot import QtBot

from xview.qt.panels.plots import CloudPlot
from xview.qt.panels.plots.points import REACH

COUNT = 3_000


@pytest.fixture
def cloud(qtbot: QtBot) -> CloudPlot:
    plot = CloudPlot()
    qtbot.addWidget(plot)
    plot.resize(420, 260)
    plot.setVisible(True)
    qtbot.waitExposed(plot)
    x, y = np.random.default_rng(0).normal(size=(2, COUNT))
    x[5] = y[7] = np.nan
    plot.show(x, 1e-3 * y, x_title="x", y_title="y")
    plot.grab()
    return plot


def slowly(plot: CloudPlot, place: QPoint) -> tuple[float, set[int]]:
    """Least distance of a point from a pixel, and whose it is."""
    away = np.hypot(*(plot._pixels(*plot._at) - [place.x(), place.y()]).T)
    return float(np.nanmin(away)), set(np.flatnonzero(away <= np.nanmin(away) + 1e-3).tolist())


@pytest.mark.parametrize("size", [(420, 260), (700, 300)])
def test_the_nearest_point_answers_at_any_size(cloud: CloudPlot, size: tuple[int, int]) -> None:
    cloud.resize(*size)
    cloud.grab()
    random = np.random.default_rng(1)
    found = 0
    for across, down in random.random((200, 2)) * size:
        place = QPoint(int(across), int(down))
        least, whose = slowly(cloud, place)
        hit = cloud._hit(place)
        assert (hit is not None) == (least <= REACH)
        if hit is not None:
            assert hit[0] in whose
            found += 1
    assert 20 < found < 200


def test_a_box_holds_what_lies_between_its_pixels(cloud: CloudPlot) -> None:
    box = QRect(QPoint(150, 60), QPoint(260, 140))
    across, down = cloud._pixels(*cloud._at).T
    inside = (across >= 150) & (across <= 260) & (down >= 60) & (down <= 140)
    assert 50 < inside.sum() < COUNT
    np.testing.assert_array_equal(cloud._dots.inside(box), np.flatnonzero(inside))


def test_points_are_painted_where_they_are_found(cloud: CloudPlot) -> None:
    x = np.array([0.0, 1.0, 2.0])
    cloud.show(x, x**2, x_title="x", y_title="y")
    cloud.grab()
    image = cloud.canvas.grab().toImage()
    ground = image.pixelColor(cloud.place(0) + QPoint(40, -60))
    for row in range(3):
        place = cloud.place(row)
        colour = image.pixelColor(place)
        assert colour.saturation() > 60 and colour != ground
        assert cloud._hit(place) == (row,)


def test_a_file_holds_outlines(cloud: CloudPlot, tmp_path: Path) -> None:
    path = tmp_path / "cloud.svg"
    assert cloud.save(path)
    told = path.read_text("utf-8")
    assert told.count("<path") >= COUNT - 2 and "<image" not in told
    assert QSvgRenderer(str(path)).isValid()


def test_no_points_are_no_trouble(cloud: CloudPlot) -> None:
    cloud.show(np.full(3, np.nan), np.zeros(3), x_title="x", y_title="y")
    cloud.grab()
    assert cloud.drawn == 0 and cloud._hit(QPoint(100, 100)) is None
