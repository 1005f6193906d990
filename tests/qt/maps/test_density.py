"""The density of many points against histograms and slow loops, without the compiled loops and with them."""

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPixmap

from tests.qt.maps.test_layer import pixels
from xview.qt.maps import compiled, density
from xview.qt.maps import crowd as crowds
from xview.qt.maps.camera import Camera
from xview.qt.maps.crowd import Crowd
from xview.qt.maps.layer import PointLayer
from xview.qt.maps.scene import Points
from xview.qt.maps.view import MapView

CAMERA = Camera(0.3, -0.2, 10.0, 203.0, 121.0)
PALETTE = ("#ff0000", "#0a64c8", "#123456")


@pytest.fixture(params=["numpy", "compiled"])
def kernels(request, monkeypatch):
    monkeypatch.setattr(compiled, "_ready", compiled.load() if request.param == "compiled" else None)


@pytest.fixture
def few_are_many(monkeypatch):
    monkeypatch.setattr(crowds, "DENSE", 300)


def many(n=5000, seed=1):
    random = np.random.default_rng(seed)
    plain = Points.plain(random.normal(size=(n, 2)) * 5)
    return replace(plain, colours=random.integers(0, 3, n), palette=PALETTE, shown=random.random(n) < 0.9)


def paint(crowd, part, ratio=1.0, camera=CAMERA, strength=1.0):
    pixmap = QPixmap(round(camera.width * ratio), round(camera.height * ratio))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    density.paint_density(painter, crowd, part, camera, ratio, pixmap.rect(), strength)
    painter.end()
    return pixels(pixmap)


def device_pixels(points, ratio, camera=CAMERA):
    """Column and row of each point's device pixel, as floats."""
    return (camera.to_screen(points.positions.astype(float)) * ratio).T


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_every_shown_point_is_counted_once_in_its_pixel(kernels, ratio):
    points = many()
    crowd = Crowd(points)
    height, width = round(121 * ratio), round(203 * ratio)
    bins = np.zeros((height, width, 2), np.uint64)
    weights = density._weights(crowd, crowd.plain)
    density._add_up(crowd, density._place(CAMERA, ratio, 0, 0), weights, bins)
    x, y = device_pixels(points, ratio)
    rgb = np.array([[int(name[i : i + 2], 16) for i in (1, 3, 5)] for name in PALETTE])[points.colours]
    low, half = np.uint64(0xFFFFFFFF), np.uint64(32)
    sums = (bins[..., 0] & low, bins[..., 0] >> half, bins[..., 1] >> half, bins[..., 1] & low)
    for found, amount in zip(sums, (np.ones(len(rgb)), *rgb.T), strict=True):
        expected, _, _ = np.histogram2d(
            y, x, (np.arange(height + 1), np.arange(width + 1)), weights=amount * points.shown
        )
        np.testing.assert_array_equal(found, expected)


def test_a_pixel_holds_a_million_points(kernels):
    crowd = Crowd(replace(Points.plain(np.zeros((1_000_000, 2))), palette=("#ffffff",)))
    bins = np.zeros((3, 3, 2), np.uint64)
    density._add_up(crowd, (1.0, 1.5, 1.5), density._weights(crowd, crowd.plain), bins)
    assert bins[1, 1].tolist() == [(255_000_000 << 32) + 1_000_000, (255_000_000 << 32) + 255_000_000]


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_a_pixel_is_the_mean_colour_of_the_points_around_it(qapp, kernels, ratio):
    points = many(300)
    crowd = Crowd(points)
    picture = paint(crowd, crowd.plain, ratio)
    x, y = np.floor(device_pixels(points, ratio)).astype(int)
    rgb = np.array([[int(name[i : i + 2], 16) for i in (1, 3, 5)] for name in PALETTE])[points.colours]
    around = {tuple(place) for place in density.pixels_around(ratio).tolist()}
    opacities = density.opacity_by_count(crowd.peak * len(around) / (CAMERA.scale * ratio) ** 2)
    expected = np.zeros(picture.shape)
    for row in range(picture.shape[0]):
        for column in range(picture.shape[1]):
            near = np.flatnonzero((abs(x - column) <= 2) & (abs(y - row) <= 2) & points.shown)
            near = [k for k in near if (y[k] - row, x[k] - column) in around]
            if near:
                opacity = opacities[min(len(near), len(opacities) - 1)]
                red, green, blue = rgb[near].mean(axis=0) * opacity
                expected[row, column] = blue, green, red, 255 * opacity
    np.testing.assert_allclose(picture, expected, atol=0.51)
    assert 100 < np.count_nonzero(expected[..., 3]) < expected[..., 3].size / 2


def test_both_ways_paint_alike(qapp, monkeypatch):
    points = many(20_000)
    points = replace(points, selected=points.colours == 1)
    crowd = Crowd(points)
    pictures = []
    for ready in (None, compiled.load()):
        monkeypatch.setattr(compiled, "_ready", ready)
        pictures.append([paint(crowd, part, 1.5, strength=0.4) for part in crowd.parts])
    np.testing.assert_array_equal(*pictures)


def test_opacity_grows_with_the_number_up_to_the_peak():
    opacity = density.opacity_by_count(1000.0)
    assert opacity[0] == 0 and opacity[1] >= density.FAINTEST and opacity[-1] == pytest.approx(1.0)
    assert (np.diff(opacity) > 0).all()
    assert len(density.opacity_by_count(1e12)) < 100_000


@pytest.mark.parametrize(("ratio", "across"), [(1.0, 3), (1.5, 5), (2.0, 5), (3.0, 7)])
def test_a_lone_point_is_as_large_on_every_screen(qapp, kernels, ratio, across):
    crowd = Crowd(replace(Points.plain(np.array([[3.0, 2.0]])), palette=("#ff0000",)))
    camera = Camera(0.0, 0.0, 10.0, 200.0, 120.0)
    rows, columns = np.nonzero(paint(crowd, crowd.plain, ratio, camera)[..., 3])
    assert np.ptp(columns) + 1 == np.ptp(rows) + 1 == across
    assert columns.mean() == int(130 * ratio) and rows.mean() == int(40 * ratio)


# in the layer


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("selected", [0, 100, 2000])
def test_a_panned_density_is_the_density_painted_anew(qapp, kernels, few_are_many, ratio, selected):
    crowd = Crowd(replace(many(), selected=np.arange(5000) < selected))
    kept = PointLayer()
    kept.pixmap(crowd, CAMERA, 4, ratio)
    for dx, dy in [(6, 0), (0, -4), (-14, 10), (60, 30), (-1000, 0), (0, 2)]:
        camera = kept._camera.panned(dx, dy)
        np.testing.assert_array_equal(
            pixels(kept.pixmap(crowd, camera, 4, ratio)),
            pixels(PointLayer().pixmap(crowd, camera, 4, ratio)),
        )


def test_zooming_in_turns_density_into_marks(qapp, kernels, few_are_many):
    """Marks are at least four pixels wide and tell modalities apart; the density has no shapes."""
    points = many()
    flat, shaped = Crowd(points), Crowd(replace(points, marks=(np.arange(5000) % 2).astype(np.uint8)))
    near = CAMERA.zoomed(12, 100, 60)
    for camera, alike in ((CAMERA, True), (near, False)):
        assert flat.dense(camera.box)[1] == alike
        pictures = [pixels(PointLayer().pixmap(crowd, camera, 6, 1.0)) for crowd in (flat, shaped)]
        assert np.array_equal(*pictures) == alike


def test_selected_points_stand_out_of_the_density(qapp, kernels, few_are_many):
    points = many()
    before = pixels(PointLayer().pixmap(Crowd(points), CAMERA, 6, 1.0))[..., 3].astype(int)
    (row,) = np.flatnonzero(points.shown)[:1]
    chosen = replace(points, selected=np.arange(5000) == row)
    after = pixels(PointLayer().pixmap(Crowd(chosen), CAMERA, 6, 1.0))[..., 3].astype(int)
    column, line = np.floor(device_pixels(chosen, 1.0)[:, row]).astype(int)
    assert after[line, column] > 180
    assert np.median(after[before > 0]) < 0.3 * np.median(before[before > 0])


def test_hidden_points_leave_no_trace_in_the_density(qapp, kernels, few_are_many):
    points = many()
    red = replace(points, shown=points.shown & (points.colours == 0))
    picture = pixels(PointLayer().pixmap(Crowd(red), CAMERA, 6, 1.0))
    assert picture[..., 2].any() and not picture[..., :2].any()


# on the widget


@pytest.fixture
def view(qtbot, few_are_many):
    view = MapView()
    qtbot.addWidget(view)
    view.resize(420, 440)
    with qtbot.waitExposed(view):
        view.show()
    return view


def test_the_count_says_when_a_density_is_shown(view, monkeypatch):
    monkeypatch.setattr(compiled, "warm_up", lambda: None)
    view.set_points(many().positions, np.arange(5000) % 2)
    assert view.count.text() == "5,000 of 5,000 · density" and "Zoom in" in view.count.toolTip()
    view.set_selection([1, 2])
    assert view.count.text() == "2 selected · 5,000 of 5,000 · density"
    view.canvas.look_at(view.canvas.camera.zoomed(50, 200, 200))
    assert "density" not in view.count.text() and not view.count.toolTip()


ALONE = """
import sys, numpy as np
from PySide6.QtWidgets import QApplication
app = QApplication([])
from xview.qt.maps import compiled
from xview.qt.maps.view import MapView
points = np.random.default_rng(0).normal(size=(60_000, 2))
view = MapView()
view.resize(400, 300)
view.show()
view.set_points(points[:10_000])
view.canvas.grab()
assert "numba" not in sys.modules and compiled._loading is None
view.set_points(points)
assert compiled.kernels() is None
cold = view.canvas.grab().toImage()
compiled._loading.join()
assert compiled.kernels() is not None
view.canvas.refresh()
warm = view.canvas.grab().toImage()
assert cold == warm
canvas = view.canvas
assert (cold.width(), cold.height()) == (canvas.width() * 2, canvas.height() * 2), cold.size()
view.set_points(np.concatenate([np.tile([[1.0, 2.0]], (60_000, 1)), [[-4.0, -4.0], [5.0, 5.0]]]))
picture, place = view.canvas.grab().toImage(), view.canvas.place_of(0)
ground = picture.pixelColor(0, 0)
inked = [
    (column, row)
    for row in range(round(2 * place.y()) - 9, round(2 * place.y()) + 10)
    for column in range(round(2 * place.x()) - 9, round(2 * place.x()) + 10)
    if picture.pixelColor(column, row) != view.palette().window().color()
    and picture.pixelColor(column, row).lightness() < 200
]
assert inked
columns, rows = zip(*inked)
assert abs(sum(columns) / len(columns) + 0.5 - 2 * place.x()) < 1.1
assert abs(sum(rows) / len(rows) + 0.5 - 2 * place.y()) < 1.1
assert max(columns) - min(columns) == 4 == max(rows) - min(rows)
print("fine")
"""


def test_a_window_at_twice_the_scale_starts_cold_and_shows_the_same_warm():
    """No numba for small maps; a large one is on screen before it is loaded, and looks the same after."""
    done = subprocess.run(
        [sys.executable, "-c", ALONE],
        env={**os.environ, "QT_SCALE_FACTOR": "2", "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout.strip() == "fine", done.stderr
