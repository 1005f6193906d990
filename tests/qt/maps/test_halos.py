"""Halos on pixels: as large as told, where told, sharp at any scale."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QBuffer, QRect
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtSvg import QSvgGenerator

from xview.qt.maps.halos import paint_halos

COLOUR = QColor("#3366cc")


def painted(places, sizes, ratio=1.0) -> QImage:
    image = QImage(round(120 * ratio), round(120 * ratio), QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(QColor("white"))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint_halos(painter, np.array(places, dtype=float).reshape(-1, 2), np.array(sizes, dtype=float), COLOUR)
    assert painter.transform().isIdentity() or ratio != 1.0
    painter.end()
    return image


def covered(image: QImage) -> np.ndarray:
    """Where a pixel is mostly of the colour, (height, width)."""
    rows = [[image.pixelColor(x, y).red() < 153 for x in range(image.width())] for y in range(image.height())]
    return np.array(rows)


@pytest.mark.parametrize("ratio", [1.0, 2.0])
@pytest.mark.parametrize("size", [3.0, 10.0, 25.0, 36.0])
def test_a_halo_is_a_disc_of_its_diameter_around_its_place(qapp, size, ratio):
    inside = covered(painted([(60, 50)], [size], ratio))
    assert inside.sum() == pytest.approx(np.pi / 4 * (size * ratio) ** 2, rel=0.12, abs=4)
    y, x = np.argwhere(inside).mean(axis=0) + 0.5
    assert (x / ratio, y / ratio) == pytest.approx((60, 50), abs=0.6)


def test_small_and_large_ones_together_each_keep_their_size(qapp):
    places, sizes = [(20, 20), (70, 70), (110, 20)], [4.0, 36.0, 12.0]
    together = covered(painted(places, sizes))
    apart = np.any(
        [covered(painted([place], [size])) for place, size in zip(places, sizes, strict=True)], axis=0
    )
    assert (together == apart).mean() > 0.999


def test_none_paint_nothing(qapp):
    assert not covered(painted([], [])).any()


def test_a_picture_that_is_scaled_later_gets_true_ellipses(qapp):
    buffer, generator = QBuffer(), QSvgGenerator()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    generator.setOutputDevice(buffer)
    generator.setViewBox(QRect(0, 0, 120, 120))
    painter = QPainter(generator)
    paint_halos(painter, np.array([[60.0, 50.0]]), np.array([10.0]), COLOUR)
    painter.end()
    text = bytes(buffer.data().data()).decode()
    assert "<image" not in text and ("<circle" in text or "<path" in text or "<ellipse" in text)
