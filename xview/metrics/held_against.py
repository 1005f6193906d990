"""One modality's items in two views, one held against the other."""

from __future__ import annotations

import numpy as np

from xview.arrays import Doubles, Ints
from xview.data.records import Collection
from xview.metrics.distortion import LOCAL, Comparison, DistortionRequest
from xview.metrics.edges import lost_edges
from xview.metrics.hubness import occurrences
from xview.metrics.neighbourhoods import Neighbourhoods, compare
from xview.metrics.tearing import fragment
from xview.metrics.views import View
from xview.retrieval.base import OnProgress, part_of, unwatched

_COLUMNS = ("trustworthiness", "continuity", "rank_error_low", "rank_error_high", "overlap")


def held_against(
    reference: View,
    measured: View,
    collection: Collection,
    rows: Ints,
    request: DistortionRequest,
    on_progress: OnProgress = unwatched,
) -> Comparison:
    """Measure a view of items against another.

    Args:
        reference, measured: Views of the same n items, with lists as long as `request.sizes(n)` asks.
        collection: The items' modality.
        rows: (n,) theirs.
        request: Gives k, ks and the sample.
        on_progress: Told the share done, 0 to 1; may raise to cancel.
    """
    n, labels = len(rows), collection.labels[rows]
    ks = request.sizes(n)
    k = min(request.k, ks[-1])
    near = compare(
        reference.vectors,
        measured.vectors,
        ks,
        sample=None if request.sample is None else min(request.sample, n),
        on_progress=part_of(on_progress, 0, 3),
    )
    items = None if near.exact else near.items
    torn = lost_edges(reference.lists, measured.vectors, k, items, part_of(on_progress, 1, 3))
    bridged = lost_edges(measured.lists, reference.vectors, k, items, part_of(on_progress, 2, 3))
    before, here = ([fragment(view.lists, labels, size) for size in ks] for view in (reference, measured))
    own = {
        "torn": torn.of_items,
        "bridged": bridged.of_items,
        "cut off": here[ks.index(k)].cut_off(labels),
        "cut off before": before[ks.index(k)].cut_off(labels),
        "occurrence": occurrences(measured.lists[:, :k], n).astype(np.float64),
    }
    return Comparison(
        modality=collection.modality,
        reference=reference.name,
        measured=measured.name,
        rows=rows,
        labels=labels,
        seen=None if collection.seen is None else collection.seen[rows],
        k=k,
        neighbourhoods=near,
        figures=_at(near, k) | own,
        reference_fragments=before[ks.index(k)],
        measured_fragments=here[ks.index(k)],
        reference_shares=np.array([[c.largest for c in found.classes] for found in before]),
        measured_shares=np.array([[c.largest for c in found.classes] for found in here]),
        torn=torn,
        bridged=bridged,
    )


def _at(near: Neighbourhoods, k: int) -> dict[str, Doubles]:
    """The neighbourhood measures of every item at one k, NaN where not sampled."""
    column = int(np.flatnonzero(near.ks == k)[0])
    found = {name.replace("_", " "): np.full(near.n, np.nan) for name in _COLUMNS}
    for name in _COLUMNS:
        found[name.replace("_", " ")][near.items] = near.values(name)[:, column]
    return found | {LOCAL: 1 - found["overlap"]}
