"""Ranker `knn`: cosine similarity in the shared space."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from xview.arrays import Doubles, Ints
from xview.graph.knn import similarities
from xview.retrieval.base import (
    Explanation,
    Field,
    OnProgress,
    Query,
    Ranking,
    Share,
    Side,
    gathered,
    unwatched,
)
from xview.retrieval.entry import check, own_answers
from xview.retrieval.feedback import moved
from xview.settings import Settings

SIMILARITY = "similarity"
FEEDBACK = "feedback"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnnSettings(Settings):
    """Nearest neighbours have nothing to set."""


class KnnRanker:
    """Scores are inner products of unit rows, in float64; a set of items adds up weight times similarity.

    Marks move the query (`xview.retrieval.feedback`).
    """

    def __init__(self, field: Field) -> None:
        self._field = field

    def prepare(self, on_progress: OnProgress = unwatched) -> None:
        """Nothing needs preparing."""

    def rank(self, query: Query) -> Ranking:
        """Score every gallery item; an item of the query itself scores 0."""
        check(query, self._field)
        direction = self._direction(query)
        parts = {SIMILARITY: self._towards(direction, query)}
        if len(query.marked):
            parts[FEEDBACK] = self._towards(moved(query, direction, self._marked(query)) - direction, query)
        return Ranking(scores=np.sum(list(parts.values()), axis=0), parts=parts)

    def score_blocks(self, rows: Ints, block: int = 128) -> Iterator[tuple[slice, Doubles]]:
        """`rank` of each item alone, `block` at a time."""
        for start in range(0, len(rows), block):
            asked = rows[start : start + block]
            scores = similarities(self._field.x_shared[asked].astype(np.float64), self._field.y_shared)
            if self._field.x_row_of_y is not None:
                scores[asked[:, None] == self._field.x_row_of_y] = 0.0
            yield slice(start, start + len(asked)), scores

    def score_matrix(self, rows: Ints) -> Doubles:
        """(len(rows), n) float64 similarities."""
        return gathered(self.score_blocks(rows), len(rows), len(self._field.y_shared))

    def explain(self, query: Query, position: int) -> Explanation:
        """Each query item's and each mark's weighted similarity.

        An outside query's similarity is the answer's own share.
        """
        check(query, self._field)
        if own_answers(query, self._field)[position]:
            return Explanation(0.0, ())
        answer = self._field.y_shared[position].astype(np.float64)
        if query.shared is not None:
            shares = [Share(Side.GALLERY, position, SIMILARITY, float(answer @ query.shared))]
        else:
            amounts = query.weights * (self._field.x_shared[query.rows] @ answer)
            shares = [
                Share(Side.QUERY, int(row), SIMILARITY, float(amount))
                for row, amount in zip(query.rows, amounts, strict=True)
            ]
        size = float(np.linalg.norm(self._direction(query)))
        given = size * query.amounts * (self._marked(query) @ answer)
        shares += [
            Share(Side.GALLERY, int(position), FEEDBACK, float(amount))
            for position, amount in zip(query.marked, given, strict=True)
        ]
        return Explanation.of(shares)

    def _towards(self, direction: Doubles, query: Query) -> Doubles:
        """(n,) inner products with the gallery; an item of the query itself has 0."""
        scores = similarities(direction[None, :], self._field.y_shared)[0]
        scores[own_answers(query, self._field)] = 0.0
        return np.asarray(scores)

    def _marked(self, query: Query) -> Doubles:
        """(f, d) features of the marks."""
        return self._field.y_shared[query.marked].astype(np.float64)

    def _direction(self, query: Query) -> Doubles:
        if query.shared is not None:
            return query.shared.astype(np.float64)
        return query.weights @ self._field.x_shared[query.rows].astype(np.float64)
