"""The modality gap: how far apart two modalities lie in a space made to hold both (Liang et al. 2022)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xview.arrays import Doubles, Floats

GAP = (
    "Distance between the means of the two modalities' unit vectors (Liang et al. 2022), 0 to 2. Its "
    "direction's share is the part of the variance of all items, about their common mean, that lies along "
    "it; separation is the chance that an item of the first modality lies further along it than one of the "
    "second: .5 is mixed, 1 parted by a plane."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """The gap between two modalities of one space.

    Attributes:
        space: Where.
        first, second: The modalities.
        distance: Between the means of their unit vectors, 0 to 2.
        share: Of all variance that lies along the direction between the means, 0 to 1.
        separation: Area under the ROC curve of the projection as a guess of the modality, .5 to 1.
    """

    space: str
    first: str
    second: str
    distance: float
    share: float
    separation: float


def direction(x: Floats, y: Floats) -> Doubles:
    """(d,) float64 from the mean of y (n, d) to the mean of x (m, d), unit length; zeros where they meet."""
    away = x.mean(axis=0, dtype=np.float64) - y.mean(axis=0, dtype=np.float64)
    length = np.linalg.norm(away)
    return np.asarray(away / length if length > 0 else np.zeros_like(away))


def measure_gap(space: str, first: str, x: Floats, second: str, y: Floats) -> tuple[Gap, Doubles, Doubles]:
    """The gap, and how far along its direction every item lies from the point between the means.

    Args:
        space: Its name.
        first, second: The modalities' names.
        x, y: (m, d) and (n, d) float32 unit rows.

    Returns:
        The gap, (m,) and (n,) float64.
    """
    from scipy.stats import rankdata  # slow to load, and the window loads this module as it starts

    means = x.mean(axis=0, dtype=np.float64), y.mean(axis=0, dtype=np.float64)
    along = direction(x, y)
    middle = float((means[0] + means[1]) @ along) / 2
    px, py = (np.asarray(v.astype(np.float64) @ along) - middle for v in (x, y))
    everything = np.concatenate([x, y]).astype(np.float64)
    variance = float(everything.var(axis=0).sum())
    ranks = rankdata(np.concatenate([px, py]))[: len(px)]
    wins = float(ranks.sum()) - len(px) * (len(px) + 1) / 2
    gap = Gap(
        space=space,
        first=first,
        second=second,
        distance=float(np.linalg.norm(means[0] - means[1])),
        share=float(np.concatenate([px, py]).var()) / variance if variance > 0 else float("nan"),
        separation=wins / (len(px) * len(py)),
    )
    return gap, px, py
