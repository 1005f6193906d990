"""Colours of the data: Okabe-Ito for few classes, spread out in OKLab for many, viridis for numbers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import cycle, islice

import numpy as np

from xview.arrays import AnyArray, Doubles

OKABE_ITO = ("#e69f00", "#56b4e9", "#009e73", "#cc79a7", "#0072b2", "#d55e00", "#f0e442")
_EIGHTH = {False: "#3c3c3c", True: "#c8c8c8"}
"""Okabe-Ito ends in black, which nobody sees on a dark ground: its eighth colour is a grey instead."""

_VIRIDIS = ("#440154", "#46327e", "#365c8d", "#277f8e", "#1fa187", "#4ac16d", "#a0da39", "#fde725")
LEVELS = 64
"""Steps of a colour scale; finer ones cannot be told apart on a mark of a few pixels."""
_DISTINCT = 512  # colours; nobody tells more apart, and choosing them takes its time
_RANKED = 200_000  # numbers whose quantiles are found at once


@lru_cache(maxsize=32)
def class_colours(count: int, dark: bool) -> tuple[str, ...]:
    """`count` colours as #rrggbb, the same for the same count; the first seven are Okabe-Ito's, 512 differ.

    Beyond eight, each next colour is the candidate farthest in OKLab (Ottosson 2020) from those already
    chosen, among colours that stand off a light ground and a dark one, so that a class keeps its colour when
    the theme turns.
    """
    known = [*OKABE_ITO, _EIGHTH[dark]]
    if count <= len(known):
        return tuple(known[:count])
    candidates = _candidates()
    lab = _oklab(candidates)
    chosen = list(known)
    taken = _oklab(np.array([_rgb(colour) for colour in (*OKABE_ITO, *_EIGHTH.values())]))
    distance = np.min([_squared(lab, colour) for colour in taken], axis=0)
    while len(chosen) < min(count, _DISTINCT):
        best = int(np.argmax(distance))
        chosen.append(_hex(candidates[best]))
        distance = np.minimum(distance, _squared(lab, lab[best]))
    return tuple(islice(cycle(chosen), count))


@lru_cache(maxsize=4)
def scale_colours(levels: int = LEVELS) -> tuple[str, ...]:
    """Viridis from low to high as `levels` colours #rrggbb."""
    stops = np.array([_rgb(colour) for colour in _VIRIDIS])
    at = np.linspace(0, len(stops) - 1, levels)
    low = np.minimum(at.astype(int), len(stops) - 2)
    mixed = stops[low] + (stops[low + 1] - stops[low]) * (at - low)[:, None]
    return tuple(_hex(colour) for colour in mixed)


@lru_cache(maxsize=4)
def diverging_colours(dark: bool, levels: int = LEVELS) -> tuple[str, ...]:
    """Blue over the ground's grey to vermilion, both of Okabe-Ito, as `levels` colours #rrggbb."""
    stops = np.array([_rgb(colour) for colour in ("#0072b2", "#2c303a" if dark else "#f2f2f2", "#d55e00")])
    at = np.linspace(0, 2, levels)
    return tuple(_hex([np.interp(place, [0, 1, 2], channel) for channel in stops.T]) for place in at)


def scale_levels(values: AnyArray, levels: int = LEVELS) -> tuple[AnyArray, tuple[float, float]]:
    """Place numbers on a colour scale, ignoring the outer 1 % at each end so one outlier cannot flatten it.

    Args:
        values: (n,) numbers; NaN takes the lowest level.
    Returns:
        Level of each value, (n,) int64 in [0, levels), and the values at the two ends of the scale; the ends
        of more than 200,000 numbers are those of as many drawn from them.
    """
    numbers = np.asarray(values, float)
    some = numbers
    if len(numbers) > _RANKED:
        some = numbers[np.random.default_rng(0).integers(0, len(numbers), _RANKED)]
    some = some[np.isfinite(some)]
    low, high = np.quantile(some, [0.01, 0.99]) if some.size else (0.0, 1.0)
    span = high - low if high > low else 1.0
    place = (numbers - low) * (levels / span)
    np.fmax(place, 0, out=place)  # of a number and NaN, the number
    np.fmin(place, levels - 1, out=place)
    return place.astype(np.int64), (float(low), float(high))


def contrast(one: str, other: str) -> float:
    """Contrast of two colours #rrggbb by WCAG 2: 1 for equal ones, 21 for black on white."""
    light = sorted(float(_linear(_rgb(colour)) @ [0.2126, 0.7152, 0.0722]) for colour in (one, other))
    return (light[1] + 0.05) / (light[0] + 0.05)


def _candidates() -> Doubles:
    """Colours neither grey nor glaring that stand off the ground, (n, 3) in [0, 1]."""
    steps = np.linspace(0, 1, 16)
    grid = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), -1).reshape(-1, 3)
    lab = _oklab(grid)
    chroma = np.hypot(lab[:, 1], lab[:, 2])
    return grid[(lab[:, 0] > 0.43) & (lab[:, 0] < 0.82) & (chroma > 0.06) & (chroma < 0.19)]


def _squared(colours: Doubles, other: Doubles) -> Doubles:
    return np.asarray(np.square(colours - other).sum(axis=1))


def _linear(rgb: Doubles) -> Doubles:
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def _oklab(rgb: Doubles) -> Doubles:
    to_lms = np.array(
        [
            [0.4122214708, 0.5363325363, 0.0514459929],
            [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ]
    )
    to_lab = np.array(
        [
            [0.2104542553, 0.7936177850, -0.0040720468],
            [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ]
    )
    return np.asarray(np.cbrt(_linear(rgb) @ to_lms.T) @ to_lab.T)


def _rgb(colour: str) -> Doubles:
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255


def _hex(rgb: Sequence[float] | Doubles) -> str:
    red, green, blue = (round(float(part) * 255) for part in rgb)
    return f"#{red:02x}{green:02x}{blue:02x}"
