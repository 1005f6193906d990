"""Points as numbers: which is nearest, how far they reach."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint

from xview.arrays import AnyArray, Doubles

REACH = 8
"""Pixels from the mouse within which a point or a curve answers."""


def nearest_pixel(pixels: Doubles, place: QPoint) -> int | None:
    """Number of the point nearest to a place within reach, the last of equals (it is drawn on top), or None.

    Args:
        pixels: (n, 2); NaN where a point is not drawn.
    """
    if not len(pixels):
        return None
    away = np.hypot(pixels[:, 0] - place.x(), pixels[:, 1] - place.y())[::-1]
    if np.isnan(away).all():
        return None
    best = int(np.nanargmin(away))
    return len(pixels) - 1 - best if away[best] <= REACH else None


def span(values: AnyArray) -> tuple[float, float]:
    """Least and greatest finite value, (0, 1) where there is none."""
    known = values[np.isfinite(values)]
    return (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
