"""One figure to choose a checkpoint by: mean mAP of nearest neighbours over all directions.

Decisions
    2026-11-22  Average precision alone is taken after every epoch, by one sort of whole numbers a block: the
                measures and curves of `evaluate` took a third of an epoch's time on the bundled emoji.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import permutations

import numpy as np

from xview.arrays import AnyArray, Bools, Doubles, Floats, Ints
from xview.data.protocol import Protocol, Task
from xview.data.records import Dataset
from xview.errors import SpaceError

_BLOCK = 1 << 17  # scores sorted at a time; more leave the cache


def mean_map(dataset: Dataset, vectors: Mapping[str, AnyArray], rows: Mapping[str, Ints]) -> float:
    """Mean over all ordered pairs of modalities of mAP by cosine, classes deciding what is relevant.

    Args:
        dataset: Labels, and groups: a query skips gallery items of its own group, as the protocols do.
        vectors: By modality, (n, d) embeddings of the items in `rows`.
        rows: By modality, (n,) rows of the collections.

    Returns:
        From 0 to 1; NaN where no query has a match.

    Raises:
        SpaceError: An embedding is not finite.
    """
    unit = {m: _unit(x, m) for m, x in vectors.items()}
    found = []
    for query, gallery in permutations(rows, 2):
        if len(rows[query]) and len(rows[gallery]):
            protocol = Protocol(query=query, gallery=gallery)
            sides = dataset.collection(query), dataset.collection(gallery)
            found.append(
                _map(unit[query], unit[gallery], Task(protocol, *sides, rows[query], rows[gallery], {}))
            )
    counted = [value for value in found if not np.isnan(value)]
    return float(np.mean(counted)) if counted else float("nan")


def _unit(vectors: AnyArray, modality: str) -> Floats:
    if not np.isfinite(vectors).all():
        raise SpaceError(
            f"the embeddings of {modality} are not finite; lower the learning rate, or resume an earlier run"
        )
    unit: Floats = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return unit.astype(np.float32, copy=False)


def _map(queries: Floats, gallery: Floats, task: Task) -> float:
    """(m, d) and (n, d) unit rows -> mean average precision of the queries that have a match."""
    step = max(1, _BLOCK // len(gallery))
    found = []
    ignored = _ignored(task)
    for start in range(0, len(queries), step):
        block = slice(start, start + step)
        relevant = task.query_labels[block, None] == task.gallery_labels[None, :]
        relevant &= task.gallery_labels >= 0
        found.append(
            average_precisions(
                queries[block] @ gallery.T, relevant, None if ignored is None else ignored[block]
            )
        )
    ap = np.concatenate(found)
    return float(np.nanmean(ap)) if not np.isnan(ap).all() else float("nan")


def _ignored(task: Task) -> Bools | None:
    """(m, n) what each query skips, equal for the queries of a group; None where nothing is skipped."""
    groups = task.queries.groups
    if groups is None:
        return None
    mine = groups[task.query_rows]
    out = np.zeros((len(task.query_rows), len(task.gallery_rows)), np.bool_)
    for group in np.unique(mine):
        members = np.flatnonzero(mine == group)
        out[members] = task.ignored(int(members[0]))
    return out


def average_precisions(scores: Floats, relevant: Bools, ignored: Bools | None = None) -> Doubles:
    """Non-interpolated average precision of every row; all arguments (m, n), n below 2**31.

    Args:
        scores: Float32, finite; higher is nearer, equal ones are ranked in gallery order.
        relevant: What matches.
        ignored: What is taken out before ranking, or None.

    Returns:
        (m,) from 0 to 1, NaN where nothing matches.
    """
    m, n = scores.shape
    if ignored is not None:
        relevant = relevant & ~ignored
    bits = (scores + np.float32(0)).view(np.int32)  # + 0 makes -0 a 0
    # As whole numbers negative floats fall where they should rise; ~ then puts the nearest first
    order = ~np.where(bits < 0, bits ^ np.int32(0x7FFFFFFF), bits).astype(np.int64)
    if ignored is not None:
        order[ignored] = np.iinfo(np.int32).max
    keys = (order << 32) | (np.arange(n, dtype=np.int64) << 1) | relevant
    keys.sort(axis=1)
    hit = (keys & 1).astype(np.bool_)
    counts = hit.sum(axis=1)
    row, rank = np.nonzero(hit)
    starts = np.cumsum(counts) - counts
    precision = (np.arange(len(row)) - starts[row] + 1) / (rank + 1)
    total = np.bincount(row, weights=precision, minlength=m)
    return np.where(counts > 0, total / np.maximum(counts, 1), np.nan)
