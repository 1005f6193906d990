"""The heaviest ways of a query's mass to one result, over bridges and manifold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from xview.graph.paths import heaviest_ways
from xview.retrieval.base import Query, Side
from xview.retrieval.entry import check, own_answers
from xview.retrieval.hop_then_walk import one_hot
from xview.retrieval.walk import HOP_THEN_WALK, WALK_THEN_HOP, WalkRanker


@dataclass(frozen=True, slots=True)
class Stop:
    """An item on the way: its side, and its position there."""

    side: Side
    position: int


@dataclass(frozen=True, slots=True)
class Path:
    """One way from the query to a result.

    Attributes:
        part: The walk it belongs to: hop then walk, or walk then hop.
        stops: First to last. It begins with the query's item where that is one of the data, and with the
            marked item where a mark is its source; it ends with the result.
        weight: One term of the Neumann series of the score: where the mass enters, times alpha S along every
            edge, times the link across, times the direction's weight (lambda or its rest).
        share: `weight` over the result's score: the part of it that came this very way. Ways are many, so
            shares are small; where no truncation holds the ranking back, those of all ways sum to 1.
    """

    part: str
    stops: tuple[Stop, ...]
    weight: float
    share: float


def heaviest_paths(ranker: WalkRanker, query: Query, position: int, count: int = 5) -> tuple[Path, ...]:
    """The heaviest way over each bridge, heaviest first; at most `count`.

    Bridges are the items where the mass enters Y (hop then walk) and those it leaves X from (walk then hop).
    Truncations are left aside.

    Raises:
        QueryError: As `WalkRanker.rank`.
    """
    check(query, ranker.field)
    if own_answers(query, ranker.field)[position]:
        return ()
    lam, ways = ranker.settings.lam, ranker.ways
    hop, start, _ = ranker.sources(query)
    score = float(ranker.rank(query).scores[position])
    gallery, queries = (ways.diffuser(side) for side in (Side.GALLERY, Side.QUERY))
    result, entering = one_hot(len(hop), position), ways.links.xy[:, [position]].toarray()[:, 0]
    found = []
    for way in heaviest_ways(gallery.steps.matrix, gallery.alpha, result, hop, count):
        stops = tuple(Stop(Side.GALLERY, vertex) for vertex in reversed(way.vertices))
        came = _hopped_from(query, ways.links.yx, stops[0].position)
        found.append((HOP_THEN_WALK, (*came, *stops), (1 - lam) * way.weight))
    for way in heaviest_ways(queries.steps.matrix, queries.alpha, start, entering, count):
        stops = tuple(Stop(Side.QUERY, vertex) for vertex in way.vertices)
        found.append((WALK_THEN_HOP, (*stops, Stop(Side.GALLERY, position)), lam * way.weight))
    found.sort(key=lambda one: -abs(one[2]))
    return tuple(
        Path(part, stops, weight, weight / score if score else 0.0)
        for part, stops, weight in found[:count]
        if weight
    )


def _hopped_from(query: Query, links: sparse.csc_array, anchor: int) -> tuple[Stop, ...]:
    """The query's item that carries most to that anchor; none from outside, or where only a mark does."""
    if query.outside:
        return ()
    carried = np.abs(links[[anchor]][:, query.rows].toarray()[0] * query.weights)
    best = int(carried.argmax())
    return (Stop(Side.QUERY, int(query.rows[best])),) if carried[best] > 0 else ()
