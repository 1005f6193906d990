"""What happens to a run's figures before they are lines: smoothing, and no more points than pixels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from xview.arrays import Bools, Doubles, Ints

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


class Series:
    """A curve that grows: it takes what is new only, however long its past.

    Attributes:
        x, y: (n,) steps and values; views that stay valid when more is taken.
    """

    def __init__(self) -> None:
        self.x = self.y = np.empty(0)
        self._kept = np.empty((2, 64))

    def take(self, steps: Sequence[float], values: Sequence[float]) -> None:
        """Show these points; where they do not begin with the known ones everything is read again."""
        known = len(self.x)
        if known and (
            len(steps) < known or steps[known - 1] != self.x[-1] or values[known - 1] != self.y[-1]
        ):
            known = 0
        count = len(steps)
        if count > self._kept.shape[1] or not known:  # views given out are never written into
            kept = np.empty((2, max(64, 2 * count)))
            kept[:, :known] = self._kept[:, :known]
            self._kept = kept
        self._kept[0, known:count] = steps[known:]
        self._kept[1, known:count] = values[known:]
        self.x, self.y = self._kept[0, :count], self._kept[1, :count]


class Smooth:
    """Exponential moving average without the bias of its start, as TensorBoard draws it.

    s_t = (1 - w) * sum_i w^(t-i) x_i / (1 - w^(t+1)); what is not finite is left out of the sums and stays
    where it is. Of a curve that grew only the new end is computed.

    Args:
        weight: w, [0, 1); 0 leaves the values as they are.
    """

    def __init__(self, weight: float) -> None:
        self.weight = weight
        self._last = (0.0, 0)  # the sum, and how many are in it
        self._seen = self._found = np.empty(0)

    def __call__(self, values: Doubles) -> Doubles:
        """(n,) average of (n,) values."""
        if self.weight < _LEAST_WEIGHT:
            return values
        known = len(self._seen)
        if known and (len(values) < known or values[known - 1] != self._seen[-1]):
            known, self._last = 0, (0.0, 0)
        self._seen = values
        self._found = np.concatenate([self._found[:known], self._average(values[known:])])
        return self._found

    def _average(self, values: Doubles) -> Doubles:
        known = np.isfinite(values)
        x, weight = values[known], self.weight
        sums = np.empty(len(x))
        powers = weight ** np.arange(1, _BLOCK + 1)
        carried, count = self._last
        for start in range(0, len(x), _BLOCK):
            block = x[start : start + _BLOCK]
            power = powers[: len(block)]
            sums[start : start + _BLOCK] = power * (carried + (1 - weight) * np.cumsum(block / power))
            carried = float(sums[start + len(block) - 1])
        found = values.astype(np.float64)
        found[known] = sums / (1 - weight ** np.arange(count + 1, count + len(x) + 1))
        self._last = carried, count + len(x)
        return found


def decimate(x: Doubles, y: Doubles, span: float, pixels: int) -> tuple[Doubles, Doubles]:
    """At most two points a pixel, the lowest and the highest of each, in order: no peak is lost.

    Args:
        x, y: (n,), `x` ascending.
        span: What the axis spans, in units of `x`.
        pixels: How many pixels that is.
    """
    column = np.floor((x - x[:1]) * (pixels / span)) if span > 0 else np.zeros(len(x))
    starts = np.flatnonzero(np.diff(column, prepend=-1))
    if 2 * len(starts) >= len(x):
        return x, y
    owner = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(x)))
    unknown = np.isnan(y)
    low, high = np.where(unknown, np.inf, y), np.where(unknown, -np.inf, y)
    lowest = _first(low == np.minimum.reduceat(low, starts)[owner], starts)
    highest = _first(high == np.maximum.reduceat(high, starts)[owner], starts)
    chosen = np.unique(np.concatenate([lowest, highest]))
    return x[chosen], y[chosen]


def _first(hits: Bools, starts: Ints) -> Ints:
    """Position of the first hit of each block that begins at a start."""
    places = np.where(hits, np.arange(len(hits)), len(hits))
    return np.asarray(np.minimum.reduceat(places, starts), dtype=np.int64)


def nearest(x: Doubles, at: float) -> int:
    """Position of the ascending `x` nearest to a number; -1 where there is none."""
    if not len(x):
        return -1
    place = int(np.clip(np.searchsorted(x, at), 1, max(1, len(x) - 1)))
    if len(x) == 1:
        return 0
    return place - 1 if at - x[place - 1] <= x[place] - at else place


def on_axis(x: Doubles, y: Doubles, *, log: bool) -> tuple[Doubles, Doubles]:
    """What can be drawn, as numbers of the axis: a logarithmic one takes those above 0."""
    drawable = np.isfinite(y) & (y > 0) if log else np.isfinite(y)
    return x[drawable], np.log10(y[drawable]) if log else y[drawable]
