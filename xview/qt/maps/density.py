"""Density: very many points as one picture, in which colour is their mean and opacity their number.

A point counts for the pixel it lies in and for those around it within a logical pixel, as a small mark would.
Opacity grows with the logarithm of the number, up to the map's own peak at this scale: it says the same
wherever one pans to, on every screen.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter

from xview.arrays import AnyArray, Doubles, Ints
from xview.qt.maps import compiled
from xview.qt.maps.camera import Box, Camera
from xview.qt.maps.crowd import Crowd, Part

FAINTEST = 0.3
"""Opacity of a pixel with one point near it, before the number counts."""
_FEWEST = 4.0  # points around a pixel that look full where none are denser
_LEVELS = 1 << 16  # numbers told apart
_BAND = 1 << 18  # pixels painted at once
_CHUNK = 1 << 20  # points added up at once, without kernels

Words = npt.NDArray[np.uint64]


def paint_density(
    painter: QPainter, crowd: Crowd, part: Part, camera: Camera, ratio: float, window: QRect, strength: float
) -> None:
    """Paint one window of the screen, in bands that fit a processor's cache.

    Args:
        painter: In device pixels.
        crowd: Whose `part` is painted.
        part: Which of its points.
        camera: View.
        ratio: Device pixels per logical one.
        window: In device pixels.
        strength: Opacity where points are as dense as they get, in (0, 1].
    """
    around = pixels_around(ratio)
    margin = int(around.max())
    weights = _weights(crowd, part)
    opacities = strength * opacity_by_count(crowd.peak * len(around) / (camera.scale * ratio) ** 2)
    width = window.width()
    height = min(max(_BAND // width, 1), window.height())
    bins = np.empty((height + 2 * margin, width + 2 * margin, 2), np.uint64)
    image = np.empty((height, width), np.uint32)
    for top in range(window.top(), window.bottom() + 1, height):
        bins[:] = 0
        _add_up(crowd, _place(camera, ratio, window.left() - margin, top - margin), weights, bins)
        _shade(bins, around, opacities, image)
        rows = min(height, window.bottom() + 1 - top)
        band = QImage(image.data, width, rows, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
        painter.drawImage(window.left(), top, band)


def pixels_around(ratio: float) -> Ints:
    """Down and right, (k, 2), to the device pixels whose points count for a pixel: a disc around it."""
    reach = max(1, round(ratio))
    down, right = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    near = down**2 + right**2 <= reach**2 + 0.5
    return np.stack([down[near], right[near]], axis=1).astype(np.int64)


def opacity_by_count(peak: float) -> Doubles:
    """Opacity in [0, 1] by the number of points around a pixel, full from `peak` on; (m,), 0 for none."""
    full = max(peak, _FEWEST)
    counts = np.arange(min(int(np.ceil(full)), _LEVELS) + 1)
    opacity = FAINTEST + (1 - FAINTEST) * np.log1p(counts) / np.log1p(min(full, _LEVELS))
    opacity[0] = 0.0
    return np.asarray(np.minimum(opacity, 1.0))


def _weights(crowd: Crowd, part: Part) -> Words:
    """What a point of each look adds to its pixel, (looks, 2): red and one, green and blue."""
    rgb = np.array([(c.red(), c.green(), c.blue()) for c in map(QColor, crowd.palette)], np.uint64)
    weights = np.zeros((2 * len(rgb) + 1, 2), np.uint64)
    weights[part.first : part.last, 0] = rgb[:, 0] << np.uint64(32) | np.uint64(1)
    weights[part.first : part.last, 1] = rgb[:, 1] << np.uint64(32) | rgb[:, 2]
    return weights


def _place(camera: Camera, ratio: float, left: int, top: int) -> tuple[float, float, float]:
    """Scale, right and down: device pixels from (left, top) are x scale + right and -y scale + down."""
    scale = camera.scale * ratio
    right = camera.width / 2 * ratio - camera.x * scale - left
    return scale, right, camera.height / 2 * ratio + camera.y * scale - top


def _add_up(crowd: Crowd, place: tuple[float, float, float], weights: Words, bins: Words) -> None:
    """As the kernel of this name; without it all points of the rows of cells between are looked at."""
    grid, kernels = crowd.grid, compiled.kernels()
    height, width = bins.shape[:2]
    scale, right, down = place
    box = Box(-right / scale, (down - height) / scale, (width - right) / scale, down / scale)
    firsts, lasts = grid.slices(box.grown(1 / scale))
    if kernels is not None:
        kernels.add_up(grid.x, grid.y, crowd.looks, firsts, lasts, *place, weights, bins)
        return
    scale, right, down = (np.float64(value) for value in place)
    flat = bins.reshape(-1)
    for first in range(int(firsts[0]), int(lasts[-1]), _CHUNK):
        some = slice(first, min(first + _CHUNK, int(lasts[-1])))
        across, along = grid.x[some] * scale + right, grid.y[some] * -scale + down
        inside = (across >= 0) & (across < width) & (along >= 0) & (along < height)
        inside &= weights[crowd.looks[some], 0] > 0
        pixel = along[inside].astype(np.int64) * width + across[inside].astype(np.int64)
        words = weights[crowd.looks[some][inside]]
        np.add.at(flat, 2 * pixel, words[:, 0])
        np.add.at(flat, 2 * pixel + 1, words[:, 1])


def _shade(bins: Words, around: Ints, opacities: Doubles, image: AnyArray) -> None:
    """As the kernel of this name."""
    kernels, margin = compiled.kernels(), int(around.max())
    if kernels is not None:
        downs, rights = np.ascontiguousarray(around.T)
        kernels.shade(bins, downs, rights, margin, opacities, image)
        return
    height, width = image.shape
    sums = np.zeros((height, width, 2), np.uint64)
    for down, right in (around + margin).tolist():
        sums += bins[down : down + height, right : right + width]
    half, low = np.uint64(32), np.uint64(0xFFFFFFFF)
    image[:] = 0
    some = (sums[..., 0] & low) > 0
    first, second = sums[some].T
    count = first & low
    opacity = opacities[np.minimum(count, np.uint64(len(opacities) - 1))]
    share = opacity / count
    parts = (opacity * 255, (first >> half) * share, (second >> half) * share, (second & low) * share)
    alpha, red, green, blue = ((part + 0.5).astype(np.uint32) for part in parts)
    image[some] = alpha << 24 | red << 16 | green << 8 | blue
