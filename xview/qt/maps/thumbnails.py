"""Where pictures stand on a map that is zoomed in: none upon another, the rest stay points."""

from __future__ import annotations

import numpy as np

from xview.arrays import Doubles

LIMIT = 200
"""Points on screen up to which pictures replace points."""
SMALLEST, LARGEST = 28.0, 72.0


def thumbnail_side(count: int, width: float, height: float) -> float:
    """Edge of a picture in pixels when `count` points share a screen of `width` x `height`."""
    share = np.sqrt(width * height / max(count, 1)) * 0.55
    return float(np.clip(share, SMALLEST, LARGEST))


def without_overlap(places: Doubles, side: float) -> list[int]:
    """Rows of `places` whose squares of edge `side` do not overlap, taken greedily in the order given.

    Args:
        places: (n, 2) pixels, n a few hundred at most.
        side: Edge in pixels, > 0.
    """
    cells: dict[tuple[int, int], list[int]] = {}
    kept = []
    for row, (x, y) in enumerate(places.tolist()):
        column, line = int(x // side), int(y // side)
        near = (
            other
            for across in (-1, 0, 1)
            for down in (-1, 0, 1)
            for other in cells.get((column + across, line + down), ())
        )
        if all(max(abs(places[other] - (x, y))) >= side for other in near):
            cells.setdefault((column, line), []).append(row)
            kept.append(row)
    return kept
