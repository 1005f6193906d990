"""Manual weights of a fusion's sources: as text, and dragged one at a time."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from xview.arrays import Doubles
from xview.errors import SettingError

DECIMALS = 3
"""Weights are written this precisely, and sum to 1 as written."""


def parse_weights(text: str, names: Sequence[str]) -> Doubles:
    """(s,) float64 weights as written, not normalised; equal ones where nothing is written.

    Raises:
        SettingError: They are not one number a source, 0 or more, not all 0.
    """
    if not text.strip():
        return np.ones(len(names))
    try:
        weights = np.array([float(part) for part in text.split(",")])
    except ValueError:
        raise SettingError(f"fusion: weights must be numbers such as '1, 2', got {text!r}") from None
    if len(weights) != len(names):
        raise SettingError(f"fusion: {len(weights)} weights for {len(names)} sources ({', '.join(names)})")
    if not np.isfinite(weights).all() or (weights < 0).any() or not weights.any():
        raise SettingError(f"fusion: weights must be 0 or more and not all 0, got {text!r}")
    return weights


def write_weights(weights: Sequence[float] | Doubles) -> str:
    """Weights scaled to sum to 1 with `DECIMALS` digits; what rounding leaves goes to the largest."""
    unit = 10**DECIMALS
    shares = np.asarray(weights, dtype=np.float64) / np.sum(weights) * unit
    whole = np.round(shares).astype(np.int64)
    whole[int(np.argmax(shares))] += unit - whole.sum()
    return ", ".join(f"{part / unit:g}" for part in whole.tolist())


def dragged(
    weights: Sequence[float] | Doubles, source: int, value: float, locked: Collection[int] = ()
) -> Doubles:
    """(s,) weights that sum to 1 after one of them was dragged to `value`.

    The others are scaled alike; where they are all 0 they share what is left evenly. Locked ones stay, and
    the dragged one gives way where they leave less room. With every other one locked nothing moves.

    Args:
        weights: (s,) that sum to 1.
        source: Which one was dragged.
        value: Where to.
        locked: Which others stay.
    """
    made = np.array(weights, dtype=np.float64)
    free = np.array([i != source and i not in locked for i in range(len(made))])
    if not free.any():
        return made
    held = sum(made[i] for i in range(len(made)) if i != source and not free[i])
    room = max(0.0, 1.0 - held)
    made[source] = min(max(value, 0.0), room)
    left, before = room - made[source], made[free].sum()
    made[free] = made[free] * left / before if before > 0 else left / free.sum()
    return made
