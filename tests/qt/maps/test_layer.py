from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage

from xview.qt.maps.camera import Camera
from xview.qt.maps.crowd import Crowd
from xview.qt.maps.layer import PointLayer
from xview.qt.maps.marks import MARKS
from xview.qt.maps.scene import Points

CAMERA = Camera(0.0, 0.0, 10.0, 200.0, 120.0)


def pixels(pixmap):
    image = pixmap.toImage().convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4).copy()


def crowd(n=400):
    random = np.random.default_rng(6)
    points = Points.plain(random.normal(size=(n, 2)) * 5, random.integers(0, MARKS, n))
    return replace(points, colours=random.integers(0, 3, n), palette=("#ff0000", "#00ff00", "#0000ff"))


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_a_panned_layer_is_the_layer_painted_anew(qapp, ratio):
    points, kept = Crowd(crowd()), PointLayer()
    kept.pixmap(points, CAMERA, 7, ratio)
    for dx, dy in [(6, 0), (0, -4), (-14, 10), (150, 30), (-1000, 0), (0, 2)]:
        camera = kept._camera.panned(dx, dy)
        np.testing.assert_array_equal(
            pixels(kept.pixmap(points, camera, 7, ratio)),
            pixels(PointLayer().pixmap(points, camera, 7, ratio)),
        )


def test_small_pans_add_up(qapp):
    """Forty pans of 0.3 pixels end where one of 12 does, not where rounding each would."""
    points, kept, camera = Crowd(crowd()), PointLayer(), CAMERA
    kept.pixmap(points, camera, 7, 1.0)
    for _ in range(40):
        camera = camera.panned(0.3, 0)
        last = kept.pixmap(points, camera, 7, 1.0)
    np.testing.assert_array_equal(
        pixels(last), pixels(PointLayer().pixmap(points, CAMERA.panned(12, 0), 7, 1.0))
    )


@pytest.mark.parametrize("ratio", [1.0, 2.0])
@pytest.mark.parametrize("mark", range(MARKS))
def test_a_mark_is_painted_where_its_point_is(qapp, ratio, mark):
    points = replace(Points.plain(np.array([[3.0, 2.0]]), np.array([mark])), palette=("#ff0000",))
    picture = pixels(PointLayer().pixmap(Crowd(points), CAMERA, 9, ratio))
    assert picture.shape[:2] == (120 * ratio, 200 * ratio)
    rows, columns = np.nonzero(picture[..., 3] > 100)
    assert np.mean(columns) + 0.5 == pytest.approx(130 * ratio, abs=1.2)
    assert np.mean(rows) + 0.5 == pytest.approx(40 * ratio, abs=1.2)
    assert 6 * ratio <= np.ptp(columns) + 1 <= 13 * ratio
    assert QColor(picture[rows[0], columns[0], 2], 0, 0).red() > 0


def test_marks_differ_by_shape(qapp):
    shapes = set()
    for mark in range(MARKS):
        points = Points.plain(np.zeros((1, 2)), np.array([mark]))
        shapes.add((pixels(PointLayer().pixmap(Crowd(points), CAMERA, 12, 1.0))[..., 3] > 100).tobytes())
    assert len(shapes) == MARKS


@pytest.mark.parametrize("colour", [0, 700, 1499])
def test_a_mark_has_its_colour_among_very_many(qapp, colour):
    palette = tuple(f"#{16 + 7 * k:06x}" for k in range(1500))
    points = Points.plain(np.array([[0.0, 0.0]]), np.array([2]))
    points = replace(points, colours=np.array([colour]), palette=palette)
    picture = pixels(PointLayer().pixmap(Crowd(points), CAMERA, 10, 2.0))
    blue, green, red, opacity = picture[120, 200].astype(float)
    expected = QColor(palette[colour])
    shade = np.array([red, green, blue]) / opacity * 255
    np.testing.assert_allclose(shade, [expected.red(), expected.green(), expected.blue()], atol=2)


def test_hidden_points_leave_no_trace(qapp):
    points = crowd()
    hidden = replace(points, shown=np.zeros(len(points), bool))
    layer = PointLayer()
    assert pixels(layer.pixmap(Crowd(points), CAMERA, 7, 1.0)).any()
    assert not pixels(layer.pixmap(Crowd(hidden), CAMERA, 7, 1.0)).any()


def test_points_outside_the_selection_fade(qapp):
    points = replace(Points.plain(np.array([[-5.0, 0.0], [5.0, 0.0]])), selected=np.array([True, False]))
    opacity = pixels(PointLayer().pixmap(Crowd(points), CAMERA, 9, 1.0))[60, :, 3]
    assert opacity[50] > 3 * opacity[150] > 0


def test_no_class_buries_another(qapp):
    """Two classes on one spot, the second given last: both are seen."""
    random = np.random.default_rng(7)
    points = Points.plain(random.normal(size=(4000, 2)) * 2)
    points = replace(points, colours=np.repeat([0, 1], 2000), palette=("#ff0000", "#0000ff"))
    picture = pixels(PointLayer().pixmap(Crowd(points), CAMERA, 5, 1.0))[40:80, 80:120].astype(int)
    reddish = (picture[..., 2] > picture[..., 0]).mean()
    assert 0.35 < reddish < 0.65


@pytest.mark.parametrize(
    ("positions", "marks"),
    [
        (np.zeros((3, 3)), None),
        (np.zeros(4), None),
        (np.array([[0.0, np.nan]]), None),
        (np.array([[np.inf, 0.0]]), None),
        (np.zeros((3, 2)), np.zeros(2)),
    ],
)
def test_points_that_make_no_map_are_refused(positions, marks):
    with pytest.raises(ValueError, match="must be"):
        Points.plain(positions, marks)
