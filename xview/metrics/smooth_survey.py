"""The smooth shortest paths of a whole data set: how many there are of each length, and the longest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any, Self

import numpy as np

from xview.arrays import Doubles, Ints
from xview.data.cci.worlds import KnownWorld, world_of
from xview.data.records import Dataset
from xview.errors import DataError
from xview.graph.geodesic import ThresholdGraph
from xview.metrics.smooth_paths import Vertices, neighbour_lists, smooth_from_each, smooth_paths
from xview.retrieval.stepping_stones import Vertex
from xview.retrieval.stepping_stones import Vertices as Items


@dataclass(frozen=True, slots=True)
class SmoothPath:
    """A smooth shortest path.

    Attributes:
        items: From one gallery item to another, over stepping stones.
        lengths: Radians of the steps; the first is 0, as nothing comes before the first item.
        changes: Steps that change the scene; those between a picture and its own text do not.
    """

    items: tuple[Vertex, ...]
    lengths: tuple[float, ...]
    changes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """The smooth paths of a graph, each direction counted.

    Attributes:
        threshold: Of the graph, radians.
        sources: Gallery items that paths were followed from.
        strict, kind: How many paths there are of 0, 1, 2 ... changes, under both readings of
            `xview.metrics.smooth_paths`; both of one length.
        longest: Most changes first, then the shortest in radians; of a path there and back only one.
    """

    threshold: float
    sources: int
    strict: tuple[int, ...]
    kind: tuple[int, ...]
    longest: tuple[SmoothPath, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON; `from_json` reads it back."""
        return {
            "threshold": self.threshold,
            "sources": self.sources,
            "strict": list(self.strict),
            "kind": list(self.kind),
            "longest": [
                {
                    "items": [[item.modality, item.row] for item in path.items],
                    "lengths": list(path.lengths),
                    "changes": path.changes,
                }
                for path in self.longest
            ],
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Read `to_json`'s mapping."""
        return cls(
            threshold=values["threshold"],
            sources=values["sources"],
            strict=tuple(values["strict"]),
            kind=tuple(values["kind"]),
            longest=tuple(
                SmoothPath(
                    tuple(Vertex(modality, row) for modality, row in path["items"]),
                    tuple(path["lengths"]),
                    path["changes"],
                )
                for path in values["longest"]
            ),
        )


def world_for_smooth(dataset: Dataset) -> KnownWorld:
    """The scenes that smoothness is a matter of.

    Raises:
        DataError: The data has none.
    """
    world = world_of(dataset)
    if world is None:
        raise DataError(
            f"{dataset.name}: smooth paths need to know the scene each picture shows, which only made data "
            "tells; open cci, cci-full or css"
        )
    return world


def shown(items: Items, world: KnownWorld) -> Vertices:
    """What vertices of a geodesic graph show: paths lead from gallery item to gallery item."""
    return Vertices(
        scene=items.rows,
        image=np.arange(len(items)) < items.gallery,
        neighbours=neighbour_lists(world.neighbours, len(world.scenes)),
    )


def smooth_from_one(
    graph: ThresholdGraph, items: Items, world: KnownWorld, source: int
) -> tuple[SmoothPath, ...]:
    """The smooth shortest paths, kindly read, from one vertex to gallery items, ordered as in `Survey`.

    Args:
        graph, items: Over the same vertices.
        world: Of the same data.
        source: A vertex.
    """
    distances, before = graph.distances(np.array([source]))
    vertices = shown(items, world)
    found = smooth_paths(source, before[0], vertices, on_the_spot=True)
    told = (_told(path, distances[0], items, vertices.scene) for path in found)
    return tuple(sorted((path for path in told if path.changes), key=_rank))


def survey(
    graph: ThresholdGraph,
    items: Items,
    world: KnownWorld,
    most: int,
    on_progress: Callable[[float], None] = lambda _: None,
) -> Survey:
    """Follow the smooth paths of every gallery item; memory does not grow with their number.

    Args:
        graph, items: Over the same vertices.
        world: Of the same data.
        most: Longest paths to keep.
        on_progress: Told the share of items done; may raise to cancel.
    """
    vertices = shown(items, world)
    strict: dict[int, int] = {}
    kind: dict[int, int] = {}
    longest: dict[tuple[int, ...], SmoothPath] = {}
    for found in smooth_from_each(graph, vertices, on_progress):
        for counts, paths in ((strict, found.strict), (kind, found.kind)):
            for path in paths:
                changes = _changes(path, vertices.scene)
                counts[changes] = counts.get(changes, 0) + 1
        least = min((path.changes for path in longest.values()), default=0) if len(longest) >= most else 0
        for path in found.kind:
            if _changes(path, vertices.scene) >= least and path[::-1] not in longest:
                longest[path] = _told(path, found.distance, items, vertices.scene)
        if len(longest) > 2 * most:
            longest = _first(longest, most)
    length = 1 + max((0, *strict, *kind))
    return Survey(
        threshold=graph.threshold,
        sources=items.gallery,
        strict=tuple(strict.get(changes, 0) for changes in range(length)),
        kind=tuple(kind.get(changes, 0) for changes in range(length)),
        longest=tuple(_first(longest, most).values()),
    )


def _first(paths: dict[tuple[int, ...], SmoothPath], most: int) -> dict[tuple[int, ...], SmoothPath]:
    return dict(sorted(paths.items(), key=lambda pair: _rank(pair[1]))[:most])


def _rank(path: SmoothPath) -> tuple[int, float]:
    return -path.changes, sum(path.lengths)


def _changes(path: tuple[int, ...], scene: Ints) -> int:
    return sum(1 for _ in groupby(scene[list(path)].tolist())) - 1


def _told(path: tuple[int, ...], distance: Doubles, items: Items, scene: Ints) -> SmoothPath:
    lengths = (float(distance[b] - distance[a]) for a, b in pairwise(path))
    return SmoothPath(tuple(map(items.item, path)), (0.0, *lengths), _changes(path, scene))
