"""The shortest way between two items of a modality, with what changes at each step (paper 002, Fig. 1, 3)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xview.data.cci.folder import read_world
from xview.data.cci.scenes import Scene
from xview.data.cci.words import differences
from xview.data.open import locate
from xview.data.protocol import Classes, Protocol
from xview.data.records import Dataset
from xview.errors import QueryError, SpaceError
from xview.graph.knn import similarities
from xview.retrieval.base import Query
from xview.retrieval.field import SpaceChoice, build_field
from xview.retrieval.geodesic import GeodesicRanker, GeodesicSettings
from xview.retrieval.graphs import FieldGraphs
from xview.retrieval.stepping_stones import Vertex
from xview.session.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Step:
    """One item of a way.

    Attributes:
        item: Which.
        length: Radians from the item before; 0 for the first.
        changes: What to do to the scene before to see this one, in sentences; None where scenes are unknown.
    """

    item: Vertex
    length: float
    changes: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An item and how far it is, in radians."""

    item: Vertex
    distance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A way and the graph it leads over.

    Attributes:
        steps: From the first item to the last; empty where there is no way.
        direct: Great-circle distance of both ends, radians.
        geodesic, euclidean: The nearest other items of the modality along the graph, of those it reaches,
            and directly.
        threshold: Radians.
        vertices, stones: How many, and how many of them are stepping stones.
        edges: How many.
        components: Connected ones that hold an item of the modality.
        retrievable: Other items of the modality that some way from the first leads to.
        notes: What the user must know, in sentences.
    """

    steps: tuple[Step, ...]
    direct: float
    geodesic: tuple[Neighbour, ...]
    euclidean: tuple[Neighbour, ...]
    threshold: float
    vertices: int
    stones: int
    edges: int
    components: int
    retrievable: int
    notes: tuple[str, ...]


class Ways:
    """Shortest ways between all items of one modality, in one space."""

    def __init__(self, workspace: Workspace, modality: str, shared: str, settings: GeodesicSettings) -> None:
        """Build the graph's vertices; the graph itself when it is first asked.

        Raises:
            SpaceError: There is no such space, or the modality has no vectors there.
        """
        if shared not in workspace.spaces:
            raise SpaceError(f"no space {shared!r} (known: {', '.join(workspace.spaces) or 'none'})")
        protocol = Protocol(
            query=modality, gallery=modality, query_classes=Classes.ALL, gallery_classes=Classes.ALL
        )
        field = build_field(workspace.task(protocol), workspace.spaces, SpaceChoice(shared=shared))
        self.modality, self._vectors = modality, field.y_shared
        self._ranker = GeodesicRanker(settings, FieldGraphs(field))
        self._scenes = scenes_of(workspace.dataset)

    def between(self, one: int, other: int | None = None, top: int = 5) -> Found:
        """The way between two rows, or from one to its nearest along the graph.

        Raises:
            QueryError: No other item can be reached, and none is named.
            SettingError: The threshold joins too many pairs.
        """
        ranking = self._ranker.rank(Query.item(one))
        assert ranking.reached is not None
        others = np.arange(len(self._vectors)) != one
        reached = ranking.reached & others
        order = ranking.order[reached[ranking.order]]
        if other is None:
            if not len(order):
                raise QueryError("no way leads on from this item; raise the degree or the threshold")
            other = int(order[0])
        cosines = similarities(self._vectors[[one]].astype(np.float64), self._vectors)[0]
        direct = np.arccos(np.clip(cosines, -1, 1))
        nearest = np.argsort(np.where(others, direct, np.inf), kind="stable")[: min(top, len(direct) - 1)]
        graph, vertices = self._ranker.graph, self._ranker.vertices
        return Found(
            steps=self._steps(one, other),
            direct=float(direct[other]),
            geodesic=tuple(Neighbour(self._item(row), -float(ranking.scores[row])) for row in order[:top]),
            euclidean=tuple(Neighbour(self._item(row), float(direct[row])) for row in nearest),
            threshold=graph.threshold,
            vertices=len(vertices),
            stones=len(vertices) - vertices.gallery,
            edges=graph.edges,
            components=len(np.unique(graph.components()[: vertices.gallery])),
            retrievable=int(reached.sum()),
            notes=ranking.notes,
        )

    def _item(self, row: int) -> Vertex:
        return Vertex(self.modality, int(row))

    def _steps(self, one: int, other: int) -> tuple[Step, ...]:
        if one == other:
            return (Step(self._item(one), 0.0),)
        way = self._ranker.path(Query.item(one), other)
        if way is None:
            return ()
        before = (None, *way.vertices)
        return tuple(
            Step(item, length, self._changes(last, item))
            for last, item, length in zip(before, way.vertices, (0.0, *way.lengths), strict=False)
        )

    def _changes(self, last: Vertex | None, item: Vertex) -> tuple[str, ...] | None:
        if last is None or self._scenes is None:
            return None
        return differences(self._scenes[last.row], self._scenes[item.row])


def scenes_of(dataset: Dataset) -> tuple[Scene, ...] | None:
    """The scene each row of every modality shows, in made worlds (CCI); None in other data.

    Raises:
        DataError: The world's file is damaged.
    """
    world = read_world(locate(dataset.source))
    return None if world is None else world.scenes
