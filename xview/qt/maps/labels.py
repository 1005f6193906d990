"""Where to put small labels so that no two overlap."""

from __future__ import annotations

import numpy as np

from xview.arrays import Doubles

_REACH = (13.0, 22.0, 33.0, 46.0, 62.0, 80.0)
_DIRECTIONS = 16


def place_labels(
    anchors: Doubles, sizes: Doubles, bounds: tuple[float, float], avoid: Doubles, clear: Doubles
) -> Doubles:
    """Centres of labels near their anchors: never on one another, off the things to avoid where possible.

    Greedy in the order given, so put the labels that matter first. Near places come before far ones and
    upper ones before lower ones.

    Args:
        anchors: (k, 2) pixels the labels belong to.
        sizes: (k, 2) width and height of each label in pixels.
        bounds: Width and height of the screen, which labels stay inside.
        avoid: (a, 2) pixels better not covered, such as other anchors.
        clear: (a,) pixels to keep free around each of those.
    Returns:
        (k, 2) centres; NaN where no free place was found.
    """
    turns = np.arange(_DIRECTIONS) * (2 * np.pi / _DIRECTIONS)
    ways = np.stack([np.sin(turns), -np.cos(turns)], axis=1)
    ways = ways[np.argsort(np.abs(np.arange(_DIRECTIONS) - _DIRECTIONS / 2))[::-1]]
    detour = (np.arange(len(_REACH))[:, None] + np.linspace(0, 0.9, _DIRECTIONS)).ravel()
    centres = np.full((len(anchors), 2), np.nan)
    for k, (anchor, size) in enumerate(zip(anchors, sizes, strict=True)):
        half = size / 2
        around = np.concatenate([anchor + ways * (reach + half * np.abs(ways)) for reach in _REACH])
        inside = ((around >= half) & (around <= bounds - half)).all(axis=1)
        taken = np.isfinite(centres[:k, 0])
        room = (sizes[:k][taken] + size) / 2
        clashes = (np.abs(around[:, None] - centres[:k][taken]) < room).all(axis=2).any(axis=1)
        near = (np.abs(avoid - anchor) < _REACH[-1] + size + clear[:, None]).all(axis=1)
        covered = np.abs(around[:, None] - avoid[near]) < half + clear[near, None]
        cost = np.where(inside & ~clashes, covered.all(axis=2).sum(axis=1) * 1.5 + detour, np.inf)
        best = int(np.argmin(cost))
        if np.isfinite(cost[best]):
            centres[k] = around[best]
    return centres
