import numpy as np
import pytest

from xview.qt.palette import (
    LEVELS,
    OKABE_ITO,
    class_colours,
    contrast,
    scale_colours,
    scale_levels,
)
from xview.qt.theme import DARK, LIGHT


def test_few_classes_wear_okabe_ito():
    assert class_colours(7, dark=False) == OKABE_ITO
    assert class_colours(3, dark=True) == OKABE_ITO[:3]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("count", [8, 14, 56, 100])
def test_every_class_has_its_own_colour_that_stands_off_the_ground(theme, count):
    colours = class_colours(count, theme.dark)
    assert len(set(colours)) == count
    assert class_colours(count, theme.dark)[:8] == class_colours(8, theme.dark)
    assert min(contrast(colour, theme.panel) for colour in colours[8:] or colours[4:6]) > 1.6


@pytest.mark.parametrize("dark", [False, True])
def test_fifty_six_colours_are_told_apart(dark):
    """No two nearer than a just visible step of 5 in CIELAB (Sharma 2003 calls 2.3 just noticeable)."""
    lab = np.array([cielab(colour) for colour in class_colours(56, dark)])
    distance = np.sqrt(np.square(lab[:, None] - lab[None]).sum(axis=2))
    assert distance[~np.eye(56, dtype=bool)].min() > 5


def cielab(colour):
    """sRGB to CIELAB under D65, by the standard's formulas: another space than the palette is chosen in."""
    srgb = np.array([int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)])
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ linear
    f = [t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in xyz / [0.95047, 1.0, 1.08883]]
    return 116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])


def test_a_class_keeps_its_colour_when_the_theme_turns():
    light, dark = class_colours(56, dark=False), class_colours(56, dark=True)
    assert [k for k in range(56) if light[k] != dark[k]] == [7]


def test_contrast_follows_wcag():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#123456", "#123456") == 1


def test_numbers_climb_the_scale():
    levels, (low, high) = scale_levels(np.linspace(-1, 1, 1001))
    assert (np.diff(levels) >= 0).all() and levels.min() == 0 and levels.max() == LEVELS - 1
    assert low == pytest.approx(-0.98) and high == pytest.approx(0.98)
    assert len(scale_colours()) == LEVELS


def test_an_outlier_does_not_flatten_the_scale():
    values = np.r_[np.linspace(0, 1, 999), 1e9]
    levels, _ = scale_levels(values)
    assert len(set(levels)) == LEVELS


@pytest.mark.parametrize(
    "values", [np.full(5, 3.0), np.full(4, np.nan), np.empty(0), np.array([1, np.inf, np.nan])]
)
def test_odd_numbers_have_a_place_too(values):
    levels, ends = scale_levels(values)
    assert levels.shape == values.shape and np.isfinite(ends).all()
    assert ((levels >= 0) & (levels < LEVELS)).all()


def test_more_classes_than_anybody_tells_apart_share_colours() -> None:
    colours = class_colours(1_200, dark=False)
    assert len(colours) == 1_200 and len(set(colours)) == 512
    assert colours[512:1_024] == colours[:512]
