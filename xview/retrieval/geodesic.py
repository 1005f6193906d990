"""Ranker `geodesic`: shortest ways over a threshold graph, texts as stepping stones (paper 002).

The score of a gallery item is minus the geodesic distance from the query, in radians. Items that no way leads
to are out of reach, which is not the same as far: they rank behind all others, by direct distance.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from xview.arrays import Bools, Doubles, Floats, Ints
from xview.errors import QueryError
from xview.graph.geodesic import ThresholdGraph, degree_graph, nearest_direct, path_to, threshold_graph
from xview.graph.growth import Growth, forest_of, growth_of
from xview.retrieval.base import Explanation, OnProgress, Query, Ranking, Share, Side, gathered, unwatched
from xview.retrieval.entry import check, own_answers
from xview.retrieval.geodesic_settings import WIDEST, GeodesicSettings
from xview.retrieval.graphs import FieldGraphs
from xview.retrieval.stepping_stones import Vertex, Vertices, vertices_of

WAY = "way"
NO_WAY = "no way"
_BLOCK = 1 << 24  # float64 distances held at a time
_DEGREE_STEP = 32.0  # graphs are built for so many edges a vertex, doubled, so a slider rarely builds another


@dataclass(frozen=True, slots=True)
class ShortestPath:
    """The shortest way to an item.

    Attributes:
        vertices: Items from the query, if that is an item, to the answer.
        lengths: Radians of its steps; the first leads from the query also where that is no item, and then
            there are as many steps as items.
    """

    vertices: tuple[Vertex, ...]
    lengths: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class _Found:
    """One query's ways: (v + e,) distance and vertex before, over v vertices and e entries from outside."""

    distance: Doubles
    before: Ints
    sources: Floats  # (s, d) aligned vectors of what asks
    entries: Ints  # (e,) positions in X, -1 from outside the data


class GeodesicRanker:
    """Shortest ways from the query; graphs and recent answers are shared through `FieldGraphs`.

    Of several items that ask, and of results marked right, which ask beside them, the nearest counts. The
    query's own items and results marked wrong are last; ways may still lead over them.
    """

    def __init__(self, settings: GeodesicSettings, graphs: FieldGraphs) -> None:
        self.settings, self._graphs, self._field = settings, graphs, graphs.field

    def prepare(self, on_progress: OnProgress = unwatched) -> None:
        """Build the graph.

        Raises:
            SettingError: The threshold joins too many pairs.
        """
        self._graph(on_progress)
        on_progress(1.0)

    @cached_property
    def vertices(self) -> Vertices:
        """What the graph joins."""
        s = self.settings
        return self._graphs.vertices.get(
            self._place, lambda: vertices_of(self._field, stones=s.stones, align=s.align)
        )

    @property
    def graph(self) -> ThresholdGraph:
        """The graph over `vertices`."""
        return self._graph(unwatched)

    def rank(self, query: Query) -> Ranking:
        """Score every gallery item for one query; items of the query itself are last.

        Raises:
            QueryError: The query names no item of the field with a positive weight and brings no feature.
            SettingError: The threshold joins too many pairs.
        """
        found, last = self._found(query), self.last(query)
        distance = found.distance[: self.vertices.gallery]
        scores = self._scores(distance, last, found.sources)
        reached = np.isfinite(distance)
        parts = {WAY: np.where(reached, scores, 0.0)}
        if not reached.all():
            parts[NO_WAY] = np.where(reached, 0.0, scores)
        notes = (*self._notes(query, reached), *self.vertices.notes)
        return Ranking(scores=scores, parts=parts, notes=notes, reached=reached)

    def score_blocks(self, rows: Ints, block: int = 128) -> Iterator[tuple[slice, Doubles]]:
        """`rank` of each item alone, at most `block` at a time, fewer where distances would not fit."""
        step = max(1, min(block, _BLOCK // len(self.vertices)))
        for start in range(0, len(rows), step):
            asked = rows[start : start + step]
            graph, sources, vectors = self._enter(self.graph, asked, self._field.x_shared[asked])
            distance = graph.reach(sources)[:, : self.vertices.gallery]
            lasts = (own_answers(Query.item(row), self._field) for row in asked.tolist())
            each = zip(distance, lasts, vectors[:, None, :], strict=True)
            yield slice(start, start + len(asked)), np.stack([self._scores(*one) for one in each])

    def score_matrix(self, rows: Ints) -> Doubles:
        """(len(rows), n) float64: the scores of each of these items of X alone."""
        return gathered(self.score_blocks(rows), len(rows), self.vertices.gallery)

    def explain(self, query: Query, position: int) -> Explanation:
        """What each item on the way added to it: the steps since the item before it.

        Stepping stones that stand on neither side count to the item after them.
        """
        ranking = self.rank(query)
        assert ranking.reached is not None
        if self.last(query)[position] or not ranking.reached[position]:
            part = WAY if ranking.reached[position] else NO_WAY
            return Explanation.of([Share(Side.GALLERY, position, part, float(ranking.scores[position]))])
        x_of = np.full(len(self.vertices) + 1, -1, dtype=np.int64)
        x_of[self.vertices.of_x] = np.arange(len(self.vertices.of_x))
        shares, told = [], 0.0
        found = self._found(query)
        for _, vertex in pairwise(path_to(position, found.before)):
            so_far = float(found.distance[vertex])
            if vertex < self.vertices.gallery:
                shares.append(Share(Side.GALLERY, vertex, WAY, told - so_far))
            elif x_of[vertex] >= 0:
                shares.append(Share(Side.QUERY, int(x_of[vertex]), WAY, told - so_far))
            else:
                continue
            told = so_far
        return Explanation.of(shares)

    def path(self, query: Query, vertex: int) -> ShortestPath | None:
        """The shortest way to a vertex, which a gallery position is, too; None where there is none."""
        found = self._found(query)
        if not np.isfinite(found.distance[vertex]):
            return None
        way = path_to(vertex, found.before)
        lengths = tuple(float(found.distance[b] - found.distance[a]) for a, b in pairwise(way))
        entry = way[0] - len(self.vertices)
        if entry < 0:
            return ShortestPath(tuple(map(self.vertices.item, way)), lengths)
        items, asking = tuple(map(self.vertices.item, way[1:])), int(found.entries[entry])
        return ShortestPath(items if asking < 0 else (self.vertices.x_item(asking), *items), lengths)

    def direct(self, query: Query, vertices: Ints | None = None) -> Doubles:
        """(n,) float64 great-circle distances to the nearest of what asks, in radians.

        Args:
            query: What asks.
            vertices: (n,) whose; all gallery items' where none are given.
        """
        vectors = self._field.y_shared if vertices is None else self.vertices.vectors[vertices]
        return nearest_direct(self._found(query).sources, vectors)

    def growth(self, query: Query, counted: Bools) -> Growth:
        """What the graphs of all thresholds hold, up to the widest that is kept for these settings.

        Args:
            query: What asks.
            counted: (n,) which gallery items count where a way leads to them.

        Raises:
            QueryError, SettingError: As `rank`.
        """
        check(query, self._field)
        widest, size, n = self._widest(), len(self.vertices), self.vertices.gallery
        key = (*self._place, "forest", widest.threshold)
        forest = self._graphs.geodesics.get(key, lambda: forest_of(widest, n))
        rows, features, right = self._asking(query)
        entered, sources, _ = self._enter(widest, rows, features)
        inside = np.concatenate([sources[sources < size], right])
        begin = entered.lengths.indptr[size]  # of the edges that leave what is no vertex
        starts = np.concatenate([inside, entered.lengths.indices[begin:]]).astype(np.int64)
        lengths = np.concatenate([np.zeros(len(inside)), entered.lengths.data[begin:]])
        return growth_of(forest, n, starts, lengths, counted)

    def last(self, query: Query) -> Bools:
        """(n,) bool: the query's own items and those marked wrong, which rank behind all others."""
        last = own_answers(query, self._field)
        last[query.marked[query.amounts < 0]] = True
        return last

    @property
    def _place(self) -> tuple[bool, bool]:
        return self.settings.stones, self.settings.align

    def _graph(self, on_progress: OnProgress) -> ThresholdGraph:
        s = self.settings

        def make() -> ThresholdGraph:
            widest = self._widest(on_progress)
            return widest.below(s.threshold) if s.threshold else widest.of_degree(s.degree)

        return self._graphs.geodesics.get((*self._place, s.degree, s.threshold), make)

    def _widest(self, on_progress: OnProgress = unwatched) -> ThresholdGraph:
        """The graph that this one is cut from, as are those of most other settings."""
        s, vectors = self.settings, self.vertices.vectors
        if len(vectors) < 2:
            return threshold_graph(vectors, s.threshold or WIDEST)

        def wide(degree: float) -> ThresholdGraph:
            key = (*self._place, degree)
            return self._graphs.geodesics.get(key, lambda: degree_graph(vectors, degree, on_progress))

        if s.threshold:
            known = wide(_DEGREE_STEP)
            if s.threshold <= known.threshold:
                return known
            key = (*self._place, "wide", s.threshold)
            return self._graphs.geodesics.get(key, lambda: threshold_graph(vectors, s.threshold, on_progress))
        step = _DEGREE_STEP
        while step < s.degree:
            step *= 2
        return wide(step)

    def _found(self, query: Query) -> _Found:
        check(query, self._field)
        features = (query.rows, query.weights, query.shared, query.marked, query.amounts)
        asked = tuple(None if array is None else array.tobytes() for array in features)
        return self._graphs.answers.get((self.settings, asked), lambda: self._find(query))

    def _find(self, query: Query) -> _Found:
        rows, features, right = self._asking(query)
        graph, sources, vectors = self._enter(self.graph, rows, features)
        distance, before = graph.nearest_way(np.unique(np.concatenate([sources, right])))
        entries = rows[sources >= len(self.vertices)]
        return _Found(distance, before, np.concatenate([vectors, self._field.y_shared[right]]), entries)

    def _asking(self, query: Query) -> tuple[Ints, Floats, Ints]:
        """Items of X that ask (-1: none) and their vectors; gallery items marked right, which ask as well."""
        right = query.marked[query.amounts > 0]
        if query.shared is not None:
            return np.array([-1]), query.shared[None, :], right
        rows = query.rows[query.weights > 0]
        if not len(rows):
            raise QueryError("geodesic: no item asks with a weight above 0")
        return rows, self._field.x_shared[rows], right

    def _enter(
        self, graph: ThresholdGraph, rows: Ints, features: Floats
    ) -> tuple[ThresholdGraph, Ints, Floats]:
        """A graph with vertices for these items of X (-1: none), which they are, and their vectors there."""
        placed = self.vertices.placed(features)
        known = np.where(rows >= 0, self.vertices.of_x[rows], -1)
        strangers = np.flatnonzero(known < 0)
        if not len(strangers):
            return graph, known, placed
        known[strangers] = len(self.vertices) + np.arange(len(strangers))
        return graph.entered(self.vertices.vectors, placed[strangers]), known, placed

    def _scores(self, distance: Doubles, last: Bools, sources: Floats) -> Doubles:
        """(n,) scores of one query from its distances, inf where there is no way."""
        reached = np.isfinite(distance)
        scores = -distance
        if not reached.all():
            farthest = distance[reached].max(initial=0.0)
            nearest = (sources @ self._field.y_shared.T).max(axis=0)
            direct = np.arccos(np.clip(nearest, -1, 1)).astype(np.float64)
            scores[~reached] = -(farthest + direct[~reached])
        scores[last] = np.nextafter(scores.min(), -np.inf)
        return scores

    def _notes(self, query: Query, reached: Bools) -> Iterator[str]:
        out = int(np.count_nonzero(~reached))
        if out:
            yield (
                f"{out:,} of {len(reached):,} gallery items are out of reach: no way leads there "
                f"from the query over steps below {self.graph.threshold:.3g} rad."
            )
        if (query.weights <= 0).any():
            yield "Items with a weight of 0 or less do not ask: the nearest of the others counts."
        if len(query.marked):
            yield "Results marked right ask, too, and the nearest counts; those marked wrong are put last."
