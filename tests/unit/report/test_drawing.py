"""Maps and curves: what is drawn is what was given."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from xview.report import curves, maps, pictures


def drawn(layout, colour_of):
    shown = maps.draw(layout, colour_of, tuple(maps.MARKS))
    encoded = shown.picture.removeprefix("data:image/webp;base64,")
    with Image.open(io.BytesIO(base64.b64decode(encoded))) as picture:
        return shown, np.asarray(picture.convert("RGBA")).astype(int)


def layout(points, label, chosen=None):
    count = len(points)
    return maps.Layout(
        title="space",
        method="PCA",
        points=np.asarray(points, dtype=np.float32),
        modality=np.zeros(count, dtype=np.int64),
        label=np.asarray(label, dtype=np.int64),
        chosen=np.ones(count, dtype=bool) if chosen is None else np.asarray(chosen),
    )


def place_of(pixels, colour):
    """Centre of the pixels of that colour as shares of width and height, from the lower left."""
    wanted = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])
    rows, columns = np.nonzero((abs(pixels[..., :3] - wanted).max(axis=-1) < 12) & (pixels[..., 3] > 180))
    assert rows.size, colour
    return columns.mean() / pixels.shape[1], 1 - rows.mean() / pixels.shape[0]


def test_points_lie_where_they_belong_in_their_class_colour_on_a_clear_ground():
    colour_of = {4: "#e69f00", 7: "#0072b2"}
    corners = [(-1, -1), (1, 1), (-1, 1), (1, -1)]
    shown, pixels = drawn(layout(corners, [4, 7, 7, 4]), colour_of)
    assert (pixels[..., 3] == 0).mean() > 0.95
    amber, blue = place_of(pixels, "#e69f00"), place_of(pixels, "#0072b2")
    assert amber[1] < 0.2 and blue[1] > 0.8  # two below, two above
    assert amber[0] == pytest.approx(0.5, abs=0.05)
    assert shown.caption == "PCA, 4 of 4 items coloured"


def test_items_not_chosen_are_grey_and_far_ones_are_counted():
    near = np.random.default_rng(0).normal(size=(400, 2))
    points = np.concatenate([near, [[500.0, 500.0]]])
    chosen = np.arange(401) < 10
    shown, pixels = drawn(layout(points, np.zeros(401), chosen), {0: "#e69f00"})
    assert "10 of 401 items coloured" in shown.caption
    outside = int(re.search(r"(\d+) outside", shown.caption)[1])
    assert 1 <= outside < 20
    solid = pixels[pixels[..., 3] > 180][:, :3]
    assert len(solid) and (solid[:, 0] > 150).all() and (solid[:, 2] < 90).all()  # amber only
    faint = pixels[(pixels[..., 3] > 20) & (pixels[..., 3] < 90)][:, :3]
    assert np.ptp(faint, axis=1).mean() < 40  # grey


@pytest.mark.parametrize("points", [[(0, 0)], [(1, 1)] * 5, [(0, 0), (1, 0)]])
def test_degenerate_maps_are_drawn(points):
    _, pixels = drawn(layout(points, [0] * len(points)), {0: "#e69f00"})
    place_of(pixels, "#e69f00")


@pytest.mark.parametrize("count", [1, 7, 8, 60])
def test_class_colours_differ_and_stand_off_light_and_dark(count):
    chosen = maps.colours(count)
    assert len(set(chosen)) == count
    rgb = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in chosen])
    brightness = rgb @ [0.2126, 0.7152, 0.0722]
    assert (brightness < 235).all() and (brightness > 28).all()


def test_curves_take_colours_and_fonts_from_the_page():
    x = np.arange(1, 6)
    series = [curves.Series(x, np.linspace(0.1 * n, 0.9, 5)) for n in range(5)]
    titled = curves.draw(series, title='a "b" <c> & d', x_title="rank", y_title="share", salt="one")
    for number in range(5):
        assert f"stroke: var(--series-{number})" in titled
    assert "var(--muted)" in titled and "var(--line)" in titled
    assert not re.search(r"#0[123]0[0-9a-f]0[123]", titled)
    assert "<style" not in titled and "<metadata" not in titled and "font-family" not in titled
    assert 'aria-label="a &quot;b&quot; &lt;c> &amp; d"' in titled
    assert ">rank</text>" in titled


def test_curves_pass_through_their_points():
    svg = curves.draw(
        [curves.Series(np.array([0.0, 0.5, 1.0]), np.array([0.0, 1.0, 0.0]))],
        title="tent",
        x_title="x",
        y_title="y",
        salt="two",
    )
    path = next(path for path in re.findall(r"<path d=\"([^\"]*)\"[^>]*series-0", svg))
    points = np.array(re.findall(r"[ML] ([\d.]+) ([\d.]+)", path), dtype=float)
    assert points[1, 0] == pytest.approx(points[[0, 2], 0].mean())
    assert points[0, 1] == pytest.approx(points[2, 1]) and points[1, 1] < points[0, 1]


def test_two_plots_of_one_page_share_no_ids():
    series = [curves.Series(np.arange(3), np.arange(3))]
    both = "".join(
        curves.draw(series, title="t", x_title="x", y_title="y", salt=salt) for salt in ("one", "two")
    )
    ids = re.findall(r' id="([^"]+)"', both)
    assert ids and len(ids) == len(set(ids))


def test_thumbnails_are_small_and_refuse_what_is_no_picture():
    out = io.BytesIO()
    Image.new("RGBA", (1200, 300), (10, 200, 10, 128)).save(out, "PNG")
    encoded = pictures.thumbnail(out.getvalue()).removeprefix("data:image/webp;base64,")
    with Image.open(io.BytesIO(base64.b64decode(encoded))) as small:
        assert small.size == (144, 36)
        assert small.mode == "RGBA"
    assert pictures.thumbnail(b"no picture") == ""
    assert pictures.thumbnail(out.getvalue()[:60]) == ""
    bomb = io.BytesIO()
    Image.new("1", (9000, 9000)).save(bomb, "PNG")
    assert pictures.thumbnail(bomb.getvalue()) == ""
