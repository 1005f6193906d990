"""How the graph grows with its threshold around what asks, so that a slider can tell counts at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from xview.arrays import Doubles, Ints
from xview.graph.growth import Counts
from xview.graph.growth import Growth as GraphGrowth
from xview.retrieval.geodesic_settings import WIDEST
from xview.session.engine import Engine, Outside, judged
from xview.session.paths import asked_ways
from xview.session.resolve import Resolved

_THRESHOLDS = 200


@dataclass(frozen=True, eq=False)
class Growth:
    """What the graph holds at every threshold up to `widest`, whatever is set now.

    Attributes:
        widest: Radians, a threshold that may be set; a wider graph would have to be built first.
        vertices, gallery: How many, and how many of them are gallery items.
        others: Gallery items that count as retrievable where a way leads to them, as in `Found`.
    """

    widest: float
    vertices: int
    gallery: int
    others: int
    _graph: GraphGrowth

    @cached_property
    def thresholds(self) -> Doubles:
        """(200,) float64 radians, even steps up to the widest; for curves."""
        return np.linspace(self.widest / _THRESHOLDS, self.widest, _THRESHOLDS)

    @cached_property
    def counts(self) -> Counts:
        """At `thresholds`, (200,) each."""
        return self._graph.at(self.thresholds)

    @property
    def edges(self) -> Ints:
        """(200,) int64 edges of the graph at `thresholds`."""
        return self.counts.edges

    @property
    def components(self) -> Ints:
        """(200,) int64 connected components that hold a gallery item."""
        return self.counts.components

    @property
    def retrievable(self) -> Ints:
        """(200,) int64 of the `others` that some way from the query leads to."""
        return self.counts.reached

    def at(self, threshold: float) -> tuple[int, int, int]:
        """Edges, components and retrievable items at any threshold up to `widest`, in radians.

        Exactly what a graph built there would tell; beyond `widest`, what it tells there. Microseconds.
        """
        edges, components, reached = self._graph.at(np.array([threshold]))
        return int(edges[0]), int(components[0]), int(reached[0])

    def threshold_of(self, mean_degree: float) -> float:
        """The least threshold at which vertices have so many edges in the mean; `widest` where none does."""
        lengths = self._graph.forest.edges
        wanted = int(np.ceil(mean_degree * self.vertices / 2))
        if not 0 < wanted <= len(lengths):
            return self.widest
        return float(np.nextafter(lengths[wanted - 1], np.inf))


def growth(engine: Engine, resolved: Resolved, outside: Outside | None = None) -> Growth:
    """How the graph of the user's `geodesic` settings grows with its threshold; raises as `paths.way`."""
    query, ranker = asked_ways(engine, resolved, outside)
    others = ~(judged(resolved)[1] | ranker.last(query))
    found = ranker.growth(query, others)
    return Growth(
        widest=min(found.widest, WIDEST),
        vertices=found.vertices,
        gallery=found.terminals,
        others=int(others.sum()),
        _graph=found,
    )
