"""How well a modified picture is found: R@K without its source in the gallery (paper 002, section 4)."""

from __future__ import annotations

import numpy as np

from xview.arrays import Floats, Ints

RECALLS = (1, 5, 10, 50)
_BLOCK = 512

MEASURES = {
    "mAP": "Mean over queries of 1 / rank of the target: average precision where one item is right.",
    **{f"R@{k}": f"Share of queries whose target is among the first {k}." for k in RECALLS},
}


def ranks(composed: Floats, gallery: Floats, sources: Ints, targets: Ints) -> Ints:
    """(p,) int64 rank of each target from 1; its source does not count, equal similarities stand before it.

    Args:
        composed: (p, d) float32 unit rows.
        gallery: (n, d) float32 unit rows, all pictures.
        sources, targets: (p,) rows of the gallery.
    """
    found = np.empty(len(composed), dtype=np.int64)
    for start in range(0, len(composed), _BLOCK):
        part = slice(start, start + _BLOCK)
        similarities = composed[part] @ gallery.T
        at = np.arange(len(similarities))
        own = similarities[at, targets[part]].copy()
        similarities[at, sources[part]] = -np.inf
        similarities[at, targets[part]] = -np.inf
        found[part] = 1 + (~(similarities < own[:, None])).sum(axis=1)  # NaN is no success
    return found


def recall(found: Ints) -> dict[str, float]:
    """`MEASURES` of some ranks, (p,)."""
    figures = {"mAP": float((1.0 / found).mean())}
    return figures | {f"R@{k}": float((found <= k).mean()) for k in RECALLS}
