"""Whether distortion explains failure: a query's average precision against a figure of its neighbourhood."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xview.arrays import Doubles, Ints

CORRELATION = (
    "Spearman's rank correlation over the queries that have both figures, with Bonett and Wright's (2000) "
    "95 % interval: tanh(atanh(rho) ± 1.96 sqrt((1 + rho²/2) / (n - 3))). It takes queries for independent, "
    "which those of one class are not. Within classes: the same of ranks less their class's mean, so that a "
    "class that is hard and distorted as a whole counts for nothing."
)
_Z = 1.959964


@dataclass(frozen=True, slots=True, kw_only=True)
class Correlation:
    """Spearman's rho of n pairs; NaN where fewer than 4, or where one side does not vary.

    Attributes:
        rho: -1 to 1.
        low, high: 95 % interval, see `CORRELATION`.
        within: rho within classes.
        n: Pairs counted.
    """

    rho: float
    low: float
    high: float
    within: float
    n: int


@dataclass(frozen=True, eq=False, kw_only=True)
class Failure:
    """One direction's queries.

    Attributes:
        query, gallery: Modalities.
        figure: Which figure the distortion is, a name of `xview.metrics.distortion.FIGURES`.
        rows: (m,) int64 rows of the queries whose figure was measured, in their collection.
        labels: (m,) int64 their classes.
        ap: (m,) float64 average precision of k-NN in the measured space; NaN without a match.
        distortion: (m,) float64 the figure of each query.
        correlation: Of the two.
    """

    query: str
    gallery: str
    figure: str
    rows: Ints
    labels: Ints
    ap: Doubles
    distortion: Doubles
    correlation: Correlation


def correlate(x: Doubles, y: Doubles, labels: Ints) -> Correlation:
    """Rank correlation of x (m,) and y (m,), pairs with a NaN left out; labels (m,) are the classes."""
    from scipy.stats import rankdata  # slow to load, and the window loads this module as it starts

    kept = np.isfinite(x) & np.isfinite(y)
    n = int(kept.sum())
    ranks = [rankdata(values[kept]) for values in (x, y)]
    rho = _pearson(*ranks) if n > 3 else float("nan")
    if not np.isfinite(rho):
        nothing = float("nan")
        return Correlation(rho=nothing, low=nothing, high=nothing, within=nothing, n=n)
    # At +-1 the transform is infinite, and so is the interval's end: it stays there.
    centre = np.arctanh(np.clip(rho, -1 + 1e-15, 1 - 1e-15))
    half = _Z * np.sqrt((1 + rho**2 / 2) / (n - 3))
    _, group = np.unique(labels[kept], return_inverse=True)
    sizes = np.bincount(group)
    inside = [r - (np.bincount(group, weights=r) / sizes)[group] for r in ranks]
    return Correlation(
        rho=rho,
        low=float(np.tanh(centre - half)),
        high=float(np.tanh(centre + half)),
        within=_pearson(*inside),
        n=n,
    )


def _pearson(x: Doubles, y: Doubles) -> float:
    x, y = x - x.mean(), y - y.mean()
    scale = float(np.sqrt((x @ x) * (y @ y)))
    return float(np.clip((x @ y) / scale, -1, 1)) if scale > 1e-12 else float("nan")
