"""How many of its neighbours an item keeps from one space to another."""

from __future__ import annotations

import numpy as np

from xview.arrays import Doubles, Floats, Ints
from xview.errors import SpaceError
from xview.graph.knn import nearest, without
from xview.retrieval.base import OnProgress, unwatched
from xview.spaces.space import EmbeddingSpace

KEPT = (
    "Share of an item's {k} nearest neighbours by cosine in A's shared space that are among its {k} nearest "
    "in B's, of all items both spaces hold, whatever their modality; 1: all stayed."
)
_BLOCK = 50_000  # items whose lists are held against each other at once


def kept_neighbours(
    reference: Floats, measured: Floats, k: int, on_progress: OnProgress = unwatched
) -> Doubles:
    """Share of each item's k nearest in one space that are among its k nearest in another (Q_NX by item).

    Exact to 30,000 items; beyond, neighbour lists are approximate as `xview.graph.knn.nearest` says.

    Args:
        reference, measured: (n, d) and (n, e) float32 unit rows; row i of both is the same item.
        k: Neighbours, 1 to n - 1; an item is not its own.
        on_progress: Told the share done.

    Returns:
        (n,) float64 in [0, 1]; k / (n - 1) is chance.

    Raises:
        SettingError: k is out of range.
        ValueError: The arrays do not pair up.
    """
    if len(reference) != len(measured):
        raise ValueError(f"the arrays must pair up, got {len(reference)} and {len(measured)} items")
    lists = []
    for done, vectors in enumerate((reference, measured), start=1):
        lists.append(_neighbours(vectors, k))
        on_progress(done / 2)
    shares = np.empty(len(reference))
    for start in range(0, len(shares), _BLOCK):
        one, other = (rows[start : start + _BLOCK] for rows in lists)
        shares[start : start + _BLOCK] = (one[:, :, None] == other[:, None, :]).any(axis=2).mean(axis=1)
    return shares


def kept_between(
    a: EmbeddingSpace, b: EmbeddingSpace, k: int, on_progress: OnProgress = unwatched
) -> Doubles:
    """(n,) as `kept_neighbours`, of the items of the modalities both hold: in A's order, one after another.

    Raises:
        SettingError: k is out of range.
        SpaceError: The spaces have no modality in common, or a vector has no direction.
    """
    common = [modality for modality in a.modalities if modality in b.modalities]
    if not common:
        raise SpaceError(f"spaces {a.name!r} and {b.name!r} have no modality in common")
    before, after = (np.concatenate([space.unit(modality) for modality in common]) for space in (a, b))
    return kept_neighbours(before, after, k, on_progress)


def _neighbours(vectors: Floats, k: int) -> Ints:
    """(n, k) rows of the nearest others."""
    rows, similarities = nearest(vectors, vectors, k + 1)
    return without(rows, similarities, np.arange(len(vectors)))[0]
