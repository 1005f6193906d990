"""The shortest way from what asks to an item, with what changes at each step (paper 002, Fig. 1, 3)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from xview.arrays import Bools
from xview.errors import QueryError
from xview.retrieval.base import Query
from xview.retrieval.field import SpaceChoice
from xview.retrieval.geodesic import GeodesicRanker
from xview.retrieval.geodesic_settings import RANKER, WIDEST
from xview.retrieval.stepping_stones import Vertex
from xview.session.engine import Engine, Outside, judged
from xview.session.resolve import Resolved
from xview.session.state import ItemsQuery
from xview.session.steps import Step, steps_of
from xview.session.walking import choice_of


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An item and how far it is, in radians.

    Attributes:
        item: Which.
        distance: Radians, along the graph or directly.
        right: Whether it is of the query's class; None where that class is unknown.
    """

    item: Vertex
    distance: float
    right: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A way and the graph it leads over.

    Attributes:
        target: The item it leads to.
        steps: From the item that asks, or else the first item after a query that is none, to the target;
            empty where there is no way.
        outside: Whether the query is no item: then the first step leads from it to an item.
        direct: Great-circle distance from the query to the target, radians.
        geodesic, euclidean: The nearest gallery items along the graph, of those it reaches, and directly;
            without the query's own items, those the protocol takes out and those marked wrong.
        threshold: Radians.
        vertices, stones: How many, and how many of them are stepping stones.
        edges: How many.
        components: Connected ones that hold a gallery item.
        retrievable, others: Gallery items some way from the query leads to, of how many; counted as above.
        notes: What the user must know, in sentences.
    """

    target: Vertex
    steps: tuple[Step, ...]
    outside: bool
    direct: float
    geodesic: tuple[Neighbour, ...]
    euclidean: tuple[Neighbour, ...]
    threshold: float
    vertices: int
    stones: int
    edges: int
    components: int
    retrievable: int
    others: int
    notes: tuple[str, ...]

    @property
    def differ(self) -> bool:
        """Whether the nearest along the graph is another than the nearest directly; False without either."""
        nearest = [items[0].item for items in (self.geodesic, self.euclidean) if items]
        return len(set(nearest)) > 1

    @property
    def length(self) -> float:
        """Of the whole way from the query, radians; inf where there is none."""
        return sum(step.length for step in self.steps) if self.steps else float("inf")


def way(
    engine: Engine,
    resolved: Resolved,
    target: int | Vertex | None = None,
    outside: Outside | None = None,
    top: int = 5,
) -> Found:
    """The way from whatever asks to an item, over the user's settings of ranker `geodesic`.

    Args:
        engine: Whose graphs serve.
        resolved: The request.
        target: A position in the gallery, or an item of the gallery or among the stepping stones; None for
            the gallery's nearest along the graph.
        outside: Features of a query from outside.
        top: Neighbours of either kind to tell.

    Raises:
        QueryError: There is nothing to ask, nothing can be reached and no target is given, or that is no
            vertex of the graph.
        SpaceError: A space is missing.
        SettingError: The threshold joins too many pairs.
    """
    query, ranker = asked_ways(engine, resolved, outside)
    label, ignored = judged(resolved)
    ranking = ranker.rank(query)
    assert ranking.reached is not None
    others = ~(ignored | ranker.last(query))
    order = ranking.order[(ranking.reached & others)[ranking.order]]
    end = _vertex(ranker, target) if target is not None else int(order[0]) if len(order) else -1
    if end < 0:
        raise QueryError(_nowhere(ranker, query, others))
    direct = ranker.direct(query)
    nearest = np.argsort(np.where(others, direct, np.inf), kind="stable")
    labels = resolved.task.gallery_labels

    def neighbour(at: int, distance: float) -> Neighbour:
        return Neighbour(vertices.item(at), distance, bool(labels[at] == label) if label >= 0 else None)

    graph, vertices = ranker.graph, ranker.vertices
    return Found(
        target=vertices.item(end),
        steps=_steps(resolved, ranker, query, end),
        outside=query.outside and _stranger(resolved) is None,
        direct=float(ranker.direct(query, np.array([end]))[0]),
        geodesic=tuple(neighbour(at, -float(ranking.scores[at])) for at in order[:top].tolist()),
        euclidean=tuple(
            neighbour(at, float(direct[at])) for at in nearest[: min(top, int(others.sum()))].tolist()
        ),
        threshold=graph.threshold,
        vertices=len(vertices),
        stones=len(vertices) - vertices.gallery,
        edges=graph.edges,
        components=len(np.unique(graph.components()[: vertices.gallery])),
        retrievable=len(order),
        others=int(others.sum()),
        notes=ranking.notes,
    )


def asked_ways(
    engine: Engine, resolved: Resolved, outside: Outside | None = None
) -> tuple[Query, GeodesicRanker]:
    """What is asked, and the ranker that finds ways, with the user's settings; raises as `way`."""
    query, ranker = engine.asked(resolved, choice_of(resolved, RANKER), where(resolved), outside)
    assert isinstance(ranker, GeodesicRanker)
    return query, ranker


def ranker_of(engine: Engine, resolved: Resolved) -> GeodesicRanker:
    """The ranker that finds ways, with the user's settings, whatever asks.

    Raises:
        QueryError: There are no spaces to follow ways in.
        SpaceError: A space is missing.
    """
    ranker = engine.ranker(resolved, choice_of(resolved, RANKER), where(resolved))
    assert isinstance(ranker, GeodesicRanker)
    return ranker


def where(resolved: Resolved) -> SpaceChoice:
    """The spaces ways lead through: those of A, or those of B where only B follows ways.

    Raises:
        QueryError: There are none.
    """
    if resolved.spaces is None:
        raise QueryError(resolved.problem)
    if resolved.ranker.name != RANKER and resolved.other is not None and resolved.other.name == RANKER:
        return resolved.other_spaces or resolved.spaces
    return resolved.spaces


def _nowhere(ranker: GeodesicRanker, query: Query, others: Bools) -> str:
    """That none of these gallery items is reached, and the threshold, in thousandths, at which one is."""
    if not others.any():
        return "no way leads on from what asks: nothing else answers; choose other classes"
    met = ranker.growth(query, others).met
    nearest = float(met[0] if len(met) else ranker.direct(query)[others].min())
    return (
        f"no way leads on from what asks over steps below {ranker.graph.threshold:.3f} rad; "
        f"raise the threshold to {min(math.floor(1000 * nearest + 1) / 1000, WIDEST):.3f}, or the degree"
    )


def _vertex(ranker: GeodesicRanker, target: int | Vertex) -> int:
    if isinstance(target, int):
        return target
    vertex = ranker.vertices.vertex(target)
    if vertex < 0:
        raise QueryError(
            f"no way can end here: this item of {target.modality} is neither in the gallery nor a stepping "
            "stone; choose other classes, or let ways lead over other modalities"
        )
    return vertex


def stones_of(resolved: Resolved) -> tuple[str, ...]:
    """Modalities whose items may be stepping stones: all others of the space that ways lead through.

    Raises:
        QueryError: There is no such space.
    """
    shared = resolved.workspace.spaces[where(resolved).shared]
    return tuple(name for name in shared.modalities if name != resolved.task.protocol.gallery)


def _steps(resolved: Resolved, ranker: GeodesicRanker, query: Query, vertex: int) -> tuple[Step, ...]:
    found = ranker.path(query, vertex)
    if found is None:
        return ()
    items, lengths = found.vertices, found.lengths
    if not query.outside:
        lengths = (0.0, *lengths)
    elif (stranger := _stranger(resolved)) is not None:
        # an item that the protocol did not choose; the way may begin at the vertex that it is
        items, lengths = (stranger, *items), (0.0, *lengths)
        if items[1] == stranger:
            items, lengths = items[1:], (0.0, *lengths[2:])
    return steps_of(resolved.workspace.dataset, items, lengths)


def _stranger(resolved: Resolved) -> Vertex | None:
    """The one item that asks from outside, None where several do, or what is no item."""
    if isinstance(resolved.query, ItemsQuery) and len(resolved.query_rows) == 1:
        return Vertex(resolved.task.protocol.query, int(resolved.query_rows[0]))
    return None
