"""Ranker `fusion`: late fusion of other rankers' scores (thesis 003, section 6.3.4).

Cosines are fused as they are (`scale = none`, Eq. 6.8-6.11 as printed). Scores of a walk live on another
scale than cosines, so by default each source is divided, query by query, by its largest magnitude: that keeps
signs and zeros, which positive areas are made of, and puts every source into [-1, 1].
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np

from xview.arrays import Doubles, Ints
from xview.errors import SettingError
from xview.retrieval.base import Explanation, OnProgress, Query, Ranker, Ranking, Share, part_of, unwatched
from xview.retrieval.fusion_weights import parse_weights
from xview.settings import Settings, setting


class Mixing(StrEnum):
    """Where the weights of the sources come from."""

    WEIGHTED = "weighted"
    AVERAGE = "average"
    ADAPTIVE = "adaptive"


class Scale(StrEnum):
    """How scores of different sources are made comparable."""

    LARGEST = "largest"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class FusionSettings(Settings):
    """Which rankers to fuse, and how."""

    mode: Mixing = setting(
        Mixing.ADAPTIVE,
        help="weighted: by your weights; average: all alike; adaptive: by each query's score curves, "
        "a source whose scores fall off sharply counts more.",
    )
    weights: str = setting(
        "",
        help="Weights of the sources in their order, such as '1, 2'; only for mode weighted; empty is equal.",
    )
    sources: str = setting(
        "",
        help="Rankers to fuse, such as 'knn + heterogeneous(lambda=0.3, k=50)', or in another shared space, "
        """such as 'knn + knn@"cycle_match 1 · textual"'; empty is every ranker these spaces allow.""",
    )
    scale: Scale = setting(
        Scale.LARGEST,
        help="largest: divide a source's scores by their largest magnitude, query by query; none: do not.",
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class FusedRanking(Ranking):
    """A fusion's ranking with what it was made of.

    Attributes:
        sources: (s,) names, in the order of the weights.
        scaled: (s, n) float64 scores of each source after scaling.
        weights: (s,) float64 that were used; they sum to 1.
    """

    sources: tuple[str, ...]
    scaled: Doubles
    weights: Doubles

    @cached_property
    def areas(self) -> Doubles:
        """(s,) positive area of each source's scores (Eq. 6.9)."""
        return positive_areas(self.scaled)

    @cached_property
    def adaptive(self) -> Doubles:
        """(s,) the weights these areas lead to (Eq. 6.10), used or not."""
        return adaptive_weights(self.scaled[:, None, :])[:, 0]


class FusionRanker:
    """Weighted sum of other rankers' scaled scores; the weights of one query sum to 1.

    Attributes:
        settings: How to fuse.
        manual: (s,) float64 weights set by hand, in force in mode weighted; they sum to 1.
    """

    def __init__(self, settings: FusionSettings, sources: Mapping[str, Ranker]) -> None:
        """Fuse `sources`, named as in explanations and in the order of the weights.

        Raises:
            SettingError: There is no source, or the weights do not fit the sources.
        """
        if not sources:
            raise SettingError("fusion: there is no ranker to fuse; name some in sources")
        self.settings, self._sources = settings, dict(sources)
        manual = parse_weights(settings.weights, list(sources))
        self.manual: Doubles = manual / manual.sum()

    @property
    def names(self) -> tuple[str, ...]:
        """(s,) the sources, in the order of the weights."""
        return tuple(self._sources)

    def prepare(self, on_progress: OnProgress = unwatched) -> None:
        """Prepare every source."""
        for done, ranker in enumerate(self._sources.values()):
            ranker.prepare(part_of(on_progress, done, len(self._sources)))
        on_progress(1.0)

    def rank(self, query: Query) -> FusedRanking:
        """Score every gallery item; parts are the sources' weighted scores, notes tell the weights."""
        rankings = {name: ranker.rank(query) for name, ranker in self._sources.items()}
        scaled = self._scaled(np.stack([r.scores for r in rankings.values()])[:, None, :])
        weights, scaled = self.weigh(scaled)[:, 0], scaled[:, 0]
        parts = {name: weights[i] * scaled[i] for i, name in enumerate(rankings)}
        told = ", ".join(f"{name} {weights[i]:.2f}" for i, name in enumerate(rankings))
        notes = [f"{name}: {note}" for name, ranking in rankings.items() for note in ranking.notes]
        return FusedRanking(
            scores=np.sum(list(parts.values()), axis=0),
            parts=parts,
            notes=(f"Fusion weights: {told}.", *notes),
            sources=self.names,
            scaled=scaled,
            weights=weights,
        )

    def source_blocks(self, rows: Ints, block: int = 128) -> Iterator[tuple[slice, Doubles]]:
        """Scaled scores (s, b, n) of every source for each item alone, `block` items at a time."""
        for blocks in zip(*(r.score_blocks(rows, block) for r in self._sources.values()), strict=True):
            yield blocks[0][0], self._scaled(np.stack([scores for _, scores in blocks]))

    def score_blocks(self, rows: Ints, block: int = 128) -> Iterator[tuple[slice, Doubles]]:
        """`rank` of each item alone, `block` at a time."""
        for place, scaled in self.source_blocks(rows, block):
            yield place, mixed(self.weigh(scaled), scaled)

    def score_matrix(self, rows: Ints) -> Doubles:
        """(len(rows), n) float64 fused scores."""
        scaled = self._scaled(np.stack([r.score_matrix(rows) for r in self._sources.values()]))
        return mixed(self.weigh(scaled), scaled)

    def explain(self, query: Query, position: int) -> Explanation:
        """Every source's shares times what the fusion multiplies that source with; parts are sources."""
        scores = np.stack([ranker.rank(query).scores for ranker in self._sources.values()])[:, None, :]
        factors = self.weigh(self._scaled(scores))[:, 0] / self._sizes(scores)[:, 0, 0]
        return Explanation.of(
            Share(share.side, share.position, name, share.amount * float(factor))
            for (name, ranker), factor in zip(self._sources.items(), factors, strict=True)
            for share in ranker.explain(query, position).shares
        )

    def weigh(self, scaled: Doubles) -> Doubles:
        """(s, q) weights of scaled scores (s, q, n), as the settings say."""
        if self.settings.mode is Mixing.ADAPTIVE:
            return adaptive_weights(scaled)
        even = np.full(len(scaled), 1 / len(scaled))
        weights = even if self.settings.mode is Mixing.AVERAGE else self.manual
        return np.broadcast_to(weights[:, None], scaled.shape[:2])

    def _scaled(self, scores: Doubles) -> Doubles:
        return scores / self._sizes(scores)

    def _sizes(self, scores: Doubles) -> Doubles:
        """(s, q, 1) what each source's scores are divided by."""
        if self.settings.scale is Scale.NONE:
            return np.ones((*scores.shape[:2], 1))
        largest = np.abs(scores).max(axis=2, keepdims=True)
        return np.where(largest > 0, largest, 1.0)


def positive_areas(scores: Doubles) -> Doubles:
    """Positive area of score curves (Eq. 6.9): the sum over the last axis, the n items, of what exceeds 0."""
    return np.asarray(np.clip(scores, 0.0, None).sum(axis=-1))


def adaptive_weights(scores: Doubles) -> Doubles:
    """Weight of each source for each query: 1 / its positive area, normalised (Eq. 6.9-6.10).

    Args:
        scores: (s, q, n).

    Returns:
        (s, q), summing to 1 over sources. A source without a positive score says nothing and weighs 0; if
        none has one, all weigh alike.
    """
    area = positive_areas(scores)
    weights = np.divide(1.0, area, out=np.zeros_like(area), where=area > 0)
    weights[:, ~(area > 0).any(axis=0)] = 1.0
    return np.asarray(weights / weights.sum(axis=0))


def mixed(weights: Doubles, scores: Doubles) -> Doubles:
    """(q, n) fused scores (Eq. 6.8, 6.11) of scores (s, q, n) under weights (s, q)."""
    return np.asarray(np.einsum("sq,sqn->qn", weights, scores))
