"""Ranker `fusion`: late fusion of other rankers' scores (thesis 003, section 6.3.3).

Cosines are fused as they are (`scale = none`, Eq. 6.8-6.11 as printed). Scores of a walk live on another
scale than cosines, so by default each source is divided, query by query, by its largest magnitude: that keeps
signs and zeros, which positive areas are made of, and puts every source into [-1, 1].
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from xview.arrays import Doubles, Ints
from xview.errors import QueryError, SettingError
from xview.retrieval.base import Explanation, OnProgress, Query, Ranker, Ranking, Share, part_of, unwatched
from xview.settings import Settings, setting

_PLUS = r'\+(?=(?:[^"]*"[^"]*")*[^"]*$)(?![^(]*\))'  # neither in quotes nor in parentheses


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


class FusionRanker:
    """Weighted sum of other rankers' scaled scores; the weights of one query sum to 1."""

    def __init__(self, settings: FusionSettings, sources: Mapping[str, Ranker]) -> None:
        """Fuse `sources`, named as in explanations and in the order of the weights.

        Raises:
            SettingError: There is no source, or the weights do not fit the sources.
        """
        if not sources:
            raise SettingError("fusion: there is no ranker to fuse; name some in sources")
        self.settings, self._sources = settings, dict(sources)
        self._manual = _parse_weights(settings, list(sources))

    def prepare(self, on_progress: OnProgress = unwatched) -> None:
        """Prepare every source."""
        for done, ranker in enumerate(self._sources.values()):
            ranker.prepare(part_of(on_progress, done, len(self._sources)))
        on_progress(1.0)

    def rank(self, query: Query) -> Ranking:
        """Score every gallery item; parts are the sources' weighted scores, notes tell the weights."""
        rankings = {name: ranker.rank(query) for name, ranker in self._sources.items()}
        weights, scaled = self._weigh(np.stack([r.scores for r in rankings.values()])[:, None, :])
        parts = {name: weights[i, 0] * scaled[i, 0] for i, name in enumerate(rankings)}
        told = ", ".join(f"{name} {weights[i, 0]:.2f}" for i, name in enumerate(rankings))
        notes = [f"{name}: {note}" for name, ranking in rankings.items() for note in ranking.notes]
        scores = np.sum(list(parts.values()), axis=0)
        return Ranking(scores=scores, parts=parts, notes=(f"Fusion weights: {told}.", *notes))

    def score_blocks(self, rows: Ints, block: int = 128) -> Iterator[tuple[slice, Doubles]]:
        """`rank` of each item alone, `block` at a time."""
        for blocks in zip(*(r.score_blocks(rows, block) for r in self._sources.values()), strict=True):
            weights, scaled = self._weigh(np.stack([scores for _, scores in blocks]))
            yield blocks[0][0], np.einsum("sq,sqn->qn", weights, scaled)

    def score_matrix(self, rows: Ints) -> Doubles:
        """(len(rows), n) float64 fused scores."""
        weights, scaled = self._weigh(np.stack([r.score_matrix(rows) for r in self._sources.values()]))
        return np.asarray(np.einsum("sq,sqn->qn", weights, scaled))

    def explain(self, query: Query, position: int) -> Explanation:
        """Every source's shares times what the fusion multiplies that source with; parts are sources."""
        scores = np.stack([ranker.rank(query).scores for ranker in self._sources.values()])[:, None, :]
        factors = self._weigh(scores)[0][:, 0] / self._sizes(scores)[:, 0, 0]
        return Explanation.of(
            Share(share.side, share.position, name, share.amount * float(factor))
            for (name, ranker), factor in zip(self._sources.items(), factors, strict=True)
            for share in ranker.explain(query, position).shares
        )

    def _weigh(self, scores: Doubles) -> tuple[Doubles, Doubles]:
        """Weights (s, q) and scaled scores (s, q, n) of scores (s, q, n)."""
        scaled = scores / self._sizes(scores)
        if self.settings.mode is Mixing.ADAPTIVE:
            return adaptive_weights(scaled), scaled
        weights = np.ones(len(scores)) if self.settings.mode is Mixing.AVERAGE else self._manual
        return np.broadcast_to((weights / weights.sum())[:, None], scores.shape[:2]), scaled

    def _sizes(self, scores: Doubles) -> Doubles:
        """(s, q, 1) what each source's scores are divided by."""
        if self.settings.scale is Scale.NONE:
            return np.ones((*scores.shape[:2], 1))
        largest = np.abs(scores).max(axis=2, keepdims=True)
        return np.where(largest > 0, largest, 1.0)


def adaptive_weights(scores: Doubles) -> Doubles:
    """Weight of each source for each query: 1 / its positive area, normalised (Eq. 6.9-6.10).

    Args:
        scores: (s, q, n).

    Returns:
        (s, q), summing to 1 over sources. A source without a positive score says nothing and weighs 0; if
        none has one, all weigh alike.
    """
    area = np.clip(scores, 0.0, None).sum(axis=2)
    weights = np.divide(1.0, area, out=np.zeros_like(area), where=area > 0)
    weights[:, ~(area > 0).any(axis=0)] = 1.0
    return np.asarray(weights / weights.sum(axis=0))


class Elsewhere:
    """A ranker of another shared space than the one queries from outside are placed in."""

    def __init__(self, ranker: Ranker, space: str) -> None:
        self._ranker, self._space = ranker, space
        self.prepare, self.score_blocks = ranker.prepare, ranker.score_blocks
        self.score_matrix = ranker.score_matrix

    def rank(self, query: Query) -> Ranking:
        """As the ranker does.

        Raises:
            QueryError: The query is no item of the data.
        """
        self._check(query)
        return self._ranker.rank(query)

    def explain(self, query: Query, position: int) -> Explanation:
        """As the ranker does; errors as in `rank`."""
        self._check(query)
        return self._ranker.explain(query, position)

    def _check(self, query: Query) -> None:
        if query.outside:
            raise QueryError(
                f"fusion: a query from outside has no place in {self._space!r}; "
                "ask with an item, or fuse rankers of one space"
            )


@dataclass(frozen=True, slots=True)
class Source:
    """A ranker to fuse: its name, another shared space or none, and its settings as written."""

    ranker: str
    space: str
    settings: dict[str, str]


def parse_sources(text: str) -> dict[str, Source]:
    """`knn@"run 1" + heterogeneous(lambda=0.3, k=50)`, by source as written.

    Raises:
        SettingError: The text does not read like that, or names a source twice.
    """
    found: dict[str, Source] = {}
    for written in (part.strip() for part in re.split(_PLUS, text)):
        match = re.fullmatch(r'(\w+)\s*(?:@\s*"([^"]+)")?\s*(?:\(([^()]*)\))?', written)
        pairs = [pair.partition("=") for pair in (match[3] or "").split(",") if pair.strip()] if match else []
        if match is None or not all(equals for _, equals, _ in pairs):
            raise SettingError(
                f"fusion: cannot read source {written!r}; write sources like "
                """'knn@"another space" + heterogeneous(lambda=0.3, k=50)'"""
            )
        if written in found:
            raise SettingError(f"fusion: source {written!r} is named twice")
        settings = {key.strip(): value.strip() for key, _, value in pairs}
        found[written] = Source(match[1], match[2] or "", settings)
    return found


def _parse_weights(settings: FusionSettings, names: list[str]) -> Doubles:
    if not settings.weights.strip():
        return np.ones(len(names))
    try:
        weights = np.array([float(part) for part in settings.weights.split(",")])
    except ValueError:
        raise SettingError(
            f"fusion: weights must be numbers such as '1, 2', got {settings.weights!r}"
        ) from None
    if len(weights) != len(names):
        raise SettingError(f"fusion: {len(weights)} weights for {len(names)} sources ({', '.join(names)})")
    if not np.isfinite(weights).all() or (weights < 0).any() or not weights.any():
        raise SettingError(f"fusion: weights must be 0 or more and not all 0, got {settings.weights!r}")
    return weights
