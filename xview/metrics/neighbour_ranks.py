"""Ranks of each item's nearest in one space among all items of another."""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import cdist

from xview.arrays import Doubles, Floats, Ints
from xview.retrieval.base import OnProgress

_BLOCK_VALUES = 1 << 22  # float64 distances a block may hold (32 MB)


def neighbour_ranks(
    reference: Floats, measured: Floats, items: Ints, k: int, on_progress: OnProgress
) -> tuple[Ints, Ints]:
    """Where each space's k nearest stand in the other, by Euclidean distance, ties by position.

    Args:
        reference: (n, d) finite.
        measured: (n, e) finite.
        items: (s,) positions whose neighbours are taken, each ranked among the other n - 1 items.
        k: Neighbours, 1 to n - 1.
        on_progress: Told the share done; may raise to cancel.

    Returns:
        Ranks from 1, (s, k) each, nearest first: in `reference` of the nearest in `measured`, and reversed.
    """
    low, high = np.empty((2, len(items), k), dtype=np.int64)
    step = max(1, _BLOCK_VALUES // len(reference))
    for start in range(0, len(items), step):
        on_progress(start / len(items))
        block = slice(start, start + step)
        orders, ranks = zip(*(_ranked(space, items[block]) for space in (reference, measured)), strict=True)
        low[block] = np.take_along_axis(ranks[0], orders[1][:, 1 : k + 1], axis=1)
        high[block] = np.take_along_axis(ranks[1], orders[0][:, 1 : k + 1], axis=1)
    on_progress(1.0)
    return low, high


def _ranked(space: Floats, rows: Ints) -> tuple[Ints, Ints]:
    """All items nearest first, the item itself before them, and each item's place: (b, n) each."""
    distances: Doubles = cdist(space[rows].astype(np.float64), space, "sqeuclidean")
    distances[np.arange(len(rows)), rows] = -1
    order = np.argsort(distances, axis=1, kind="stable")
    places = np.empty_like(order)
    np.put_along_axis(places, order, np.arange(len(space))[None, :], axis=1)
    return order, places
