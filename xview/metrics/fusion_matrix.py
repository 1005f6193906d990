"""Scores of some queries against some gallery items, ordered by class (thesis 003, Fig. 6.6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from xview.arrays import AnyArray, Doubles, Floats, Ints
from xview.data.protocol import Task
from xview.retrieval.fusion import FusionRanker, adaptive_weights

MOST = 300
"""Items of a side at most: more are no longer cells one could click."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Subset:
    """Some queries and gallery items, each side ordered by class.

    Attributes:
        queries, gallery: (r,) and (c,) int64 numbers in the task's `query_rows` and `gallery_rows`.
        of_queries, of_gallery: How many there were to choose from.
    """

    queries: Ints
    gallery: Ints
    of_queries: int
    of_gallery: int


@dataclass(frozen=True, eq=False, kw_only=True)
class ScoreMatrix:
    """Scaled scores of a subset under every source.

    Attributes:
        names: (s,) sources as written.
        scores: (s, r, c) float32.
        weights: (s, r) float64 adaptive weights of the queries, from their whole score curves.
    """

    names: tuple[str, ...]
    scores: Floats
    weights: Doubles

    def fused(self, weights: Doubles | None) -> Floats:
        """(r, c) float32 fused scores under weights (s,) that sum to 1, or adaptive ones for None."""
        if weights is None:
            return np.asarray(np.einsum("sr,src->rc", self.weights, self.scores), dtype=np.float32)
        return np.asarray(np.tensordot(weights, self.scores, axes=1), dtype=np.float32)


def score_matrix(ranker: FusionRanker, queries: Ints, gallery: Ints) -> ScoreMatrix:
    """Score numbers `queries` of the query side against numbers `gallery` of the gallery."""
    s = len(ranker.names)
    scores = np.empty((s, len(queries), len(gallery)), dtype=np.float32)
    weights = np.empty((s, len(queries)))
    for place, scaled in ranker.source_blocks(queries):
        scores[:, place], weights[:, place] = scaled[:, :, gallery], adaptive_weights(scaled)
    return ScoreMatrix(names=ranker.names, scores=scores, weights=weights)


def seeded_subset(task: Task, each: int, seed: int) -> Subset:
    """`each` items of a class and side, drawn by PCG64 from `seed`; of the classes both sides have.

    Where that makes more than `MOST` a side, classes are drawn first.
    """
    both = np.intersect1d(task.query_labels, task.gallery_labels)
    both = both[both >= 0]
    rng = np.random.default_rng(seed)
    most = max(1, MOST // each)
    classes = np.sort(rng.choice(both, most, replace=False)) if len(both) > most else both
    queries = _drawn(task.query_labels, classes, each, rng)
    return Subset(
        queries=queries,
        gallery=_drawn(task.gallery_labels, classes, each, rng),
        of_queries=len(task.query_rows),
        of_gallery=len(task.gallery_rows),
    )


def selected_subset(task: Task, selected: Mapping[str, AnyArray], seed: int = 0) -> Subset:
    """The selected rows by modality that the protocol chose, at most `MOST` a side.

    A side without any shows all its items of the other side's classes.
    """
    protocol = task.protocol
    none = np.empty(0, dtype=np.int64)
    queries = np.flatnonzero(np.isin(task.query_rows, selected.get(protocol.query, none)))
    gallery = np.flatnonzero(np.isin(task.gallery_rows, selected.get(protocol.gallery, none)))
    if not len(queries):
        queries = np.flatnonzero(np.isin(task.query_labels, task.gallery_labels[gallery]))
    elif not len(gallery):
        gallery = np.flatnonzero(np.isin(task.gallery_labels, task.query_labels[queries]))
    rng = np.random.default_rng(seed)
    return Subset(
        queries=_ordered(task.query_labels, _at_most(queries, rng)),
        gallery=_ordered(task.gallery_labels, _at_most(gallery, rng)),
        of_queries=len(queries),
        of_gallery=len(gallery),
    )


def _drawn(labels: Ints, classes: Ints, each: int, rng: np.random.Generator) -> Ints:
    """Numbers of `each` items a class, or of all where there are fewer, ordered by class."""
    found = [np.flatnonzero(labels == label) for label in classes]
    kept = [np.sort(rng.choice(rows, each, replace=False)) if len(rows) > each else rows for rows in found]
    return np.concatenate(kept).astype(np.int64) if kept else np.empty(0, dtype=np.int64)


def _at_most(rows: AnyArray, rng: np.random.Generator) -> AnyArray:
    return rng.choice(rows, MOST, replace=False) if len(rows) > MOST else rows


def _ordered(labels: Ints, rows: AnyArray) -> Ints:
    """By class, then in the data's order."""
    return np.asarray(rows[np.lexsort((rows, labels[rows]))], dtype=np.int64)
