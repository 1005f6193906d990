"""What happens to a run's figures before they are lines: smoothing, and no more points than pixels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from xview.arrays import Doubles

TOTAL = "loss"
"""Name of the sum of a run's loss terms."""
_BLOCK = 64
_LEAST_WEIGHT = 1e-4  # to the power of _BLOCK it is still a number


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCurves:
    """The curves of one run.

    Attributes:
        key, name: Of the run.
        losses, measures: By name, (steps, values), both (n,), steps ascending.
        steps_per_epoch: To tell epochs from steps; 0 unknown.
    """

    key: str
    name: str
    losses: Mapping[str, tuple[Doubles, Doubles]] = field(default_factory=dict)
    measures: Mapping[str, tuple[Doubles, Doubles]] = field(default_factory=dict)
    steps_per_epoch: float = 0.0


def smooth(values: Doubles, weight: float) -> Doubles:
    """Exponential moving average without the bias of its start, as TensorBoard draws it.

    s_t = (1 - w) * sum_i w^(t-i) x_i / (1 - w^(t+1)); what is not finite is left out of the sums and stays
    where it is.

    Args:
        values: x, (n,).
        weight: w, [0, 1); 0 leaves the values as they are.
    """
    known = np.isfinite(values)
    if weight < _LEAST_WEIGHT or not known.any():
        return values.copy()
    x = values[known]
    sums = np.empty_like(x)
    powers = weight ** np.arange(1, _BLOCK + 1)
    carried = 0.0
    for start in range(0, len(x), _BLOCK):
        block = x[start : start + _BLOCK]
        power = powers[: len(block)]
        sums[start : start + _BLOCK] = power * (carried + (1 - weight) * np.cumsum(block / power))
        carried = sums[start + len(block) - 1]
    found = values.copy()
    found[known] = sums / (1 - weight ** np.arange(1, len(x) + 1))
    return found


def decimate(x: Doubles, y: Doubles, pixels: int) -> tuple[Doubles, Doubles]:
    """At most two points a pixel, the lowest and the highest of each, in order: no peak is lost.

    Args:
        x, y: (n,), `x` ascending.
        pixels: Width of the plot.
    """
    if len(x) <= 2 * pixels:
        return x, y
    edges = np.linspace(0, len(x), pixels + 1).astype(np.int64)[:-1]
    filled_low, filled_high = np.where(np.isnan(y), np.inf, y), np.where(np.isnan(y), -np.inf, y)
    width = np.diff(np.append(edges, len(x)))
    owner = np.repeat(np.arange(pixels), width)
    low, high = np.minimum.reduceat(filled_low, edges), np.maximum.reduceat(filled_high, edges)
    first_low = _first(filled_low == low[owner], edges)
    first_high = _first(filled_high == high[owner], edges)
    chosen = np.unique(np.concatenate([first_low, first_high]))
    return x[chosen], y[chosen]


def _first(hits: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Position of the first hit in each block that starts at an edge."""
    places = np.where(hits, np.arange(len(hits)), len(hits))
    return np.asarray(np.minimum.reduceat(places, edges))


def nearest(x: Doubles, at: float) -> int:
    """Position of the ascending `x` nearest to a number; -1 where there is none."""
    if not len(x):
        return -1
    place = int(np.clip(np.searchsorted(x, at), 1, max(1, len(x) - 1)))
    if len(x) == 1:
        return 0
    return place - 1 if at - x[place - 1] <= x[place] - at else place
