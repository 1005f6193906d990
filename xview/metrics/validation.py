"""One figure to choose a checkpoint by: mean mAP of nearest neighbours over all directions."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import permutations

import numpy as np

from xview.arrays import AnyArray, Ints
from xview.data.protocol import Protocol, Task
from xview.data.records import Dataset
from xview.metrics.retrieval import evaluate


def mean_map(dataset: Dataset, vectors: Mapping[str, AnyArray], rows: Mapping[str, Ints]) -> float:
    """Mean over all ordered pairs of modalities of mAP by cosine, classes deciding what is relevant.

    Args:
        dataset: Labels, and groups: a query skips gallery items of its own group, as the protocols do.
        vectors: By modality, (n, d) embeddings of the items in `rows`.
        rows: By modality, (n,) rows of the collections.

    Returns:
        From 0 to 1; NaN where no query has a match.
    """
    unit = {m: x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12) for m, x in vectors.items()}
    found = []
    for query, gallery in permutations(rows, 2):
        if len(rows[query]) and len(rows[gallery]):
            protocol = Protocol(query=query, gallery=gallery)
            sides = dataset.collection(query), dataset.collection(gallery)
            task = Task(protocol, *sides, rows[query], rows[gallery], {})
            scores = np.asarray(unit[query] @ unit[gallery].T, dtype=np.float64)
            found.append(evaluate([(slice(0, len(scores)), scores)], task).measures["mAP"])
    counted = [value for value in found if not np.isnan(value)]
    return float(np.mean(counted)) if counted else float("nan")
