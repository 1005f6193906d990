"""Counting smooth shortest paths through images and texts (paper 002, section 4.3.2 and Table 3).

A path is smooth if scenes of adjacent vertices are reachable neighbours and those of non-adjacent ones are
not: every step changes one thing, and none of them could have been skipped. Only paths from image to image
count; texts are stepping stones and bear the scene of their image, which the paper leaves unsaid.

An image and its own text show the same scene, which is no change at all. Read strictly such a step is not
smooth; read kindly it is a step on the spot, and both are one stop of the path. `count_smooth` gives both.
(Allowing the step but not the one stop would change nothing: what is a step away from the text is a step away
from its image, too, so that every path over both would be redundant.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import NamedTuple

import numpy as np

from xview.arrays import Bools, Doubles, Ints
from xview.graph.geodesic import ThresholdGraph

_SOURCES = 64  # solved at a time: their distances are (64, n)


class Smooth(NamedTuple):
    """Numbers of smooth image-to-image shortest paths under both readings, each direction counted."""

    strict: int
    kind: int


@dataclass(frozen=True, eq=False, kw_only=True)
class Vertices:
    """What a graph's n vertices are.

    Attributes:
        scene: (n,) int64 scene of each vertex; -1 for a random vector, which no scene is near to.
        image: (n,) bool, False for texts and random vectors.
        neighbours: Scenes reachable from each scene, ascending.
    """

    scene: Ints
    image: Bools
    neighbours: tuple[Ints, ...]


def neighbour_lists(pairs: Ints, scenes: int) -> tuple[Ints, ...]:
    """The neighbours of each of `scenes` scenes from pairs (p, 2) of them, ascending."""
    both = np.concatenate([pairs, pairs[:, ::-1]])
    both = both[np.lexsort((both[:, 1], both[:, 0]))]
    ends = np.searchsorted(both[:, 0], np.arange(scenes + 1))
    return tuple(both[a:b, 1] for a, b in pairwise(ends))


def count_smooth(
    graph: ThresholdGraph, vertices: Vertices, on_progress: Callable[[float], None] = lambda _: None
) -> Smooth:
    """Smooth shortest paths of all image vertices to all others.

    A part of a smooth path is smooth, so paths are followed from their source as long as they stay smooth,
    over the few vertices that show a neighbouring scene. Of several shortest ways Dijkstra's is taken.

    Args:
        graph: Over the same n vertices.
        vertices: What they show.
        on_progress: Told the share of sources done; may raise to cancel.
    """
    strict = kind = 0
    for found in smooth_from_each(graph, vertices, on_progress):
        strict += len(found.strict)
        kind += len(found.kind)
    return Smooth(strict, kind)


class FromOne(NamedTuple):
    """Smooth paths from one image vertex under both readings, and how far every vertex is, (n,) radians."""

    source: int
    distance: Doubles
    strict: list[tuple[int, ...]]
    kind: list[tuple[int, ...]]


def smooth_from_each(
    graph: ThresholdGraph, vertices: Vertices, on_progress: Callable[[float], None] = lambda _: None
) -> Iterator[FromOne]:
    """The smooth shortest paths from each image vertex in turn; arguments as for `count_smooth`."""
    at = _vertices_by_scene(vertices)
    sources = np.flatnonzero(vertices.image)
    for start in range(0, len(sources), _SOURCES):
        chosen = sources[start : start + _SOURCES]
        distances, before = graph.distances(chosen)
        for source, distance, tree in zip(chosen.tolist(), distances, before, strict=True):
            strict, kind = (_paths(source, tree, vertices, at, on_the_spot=spot) for spot in (False, True))
            yield FromOne(source, distance, strict, kind)
        on_progress(min(1.0, (start + len(chosen)) / len(sources)))


def smooth_paths(
    source: int, before: Ints, vertices: Vertices, *, on_the_spot: bool
) -> list[tuple[int, ...]]:
    """The smooth shortest paths from one vertex to images, by the tree `before`, (n,), of its ways."""
    return _paths(source, before, vertices, _vertices_by_scene(vertices), on_the_spot=on_the_spot)


def _paths(
    source: int, before: Ints, vertices: Vertices, at: tuple[Ints, ...], *, on_the_spot: bool
) -> list[tuple[int, ...]]:
    """Depth first; a path goes on to the vertices whose way in the tree comes through its last one."""
    found: list[tuple[int, ...]] = []
    open_paths: list[tuple[int, ...]] = [(source,)]
    while open_paths:
        path = open_paths.pop()
        scene = int(vertices.scene[path[-1]])
        near = [*vertices.neighbours[scene].tolist(), *[scene] * on_the_spot]
        stops = [stop for stop, _ in groupby(vertices.scene[list(path)].tolist())]
        passed = [set(vertices.neighbours[stop].tolist()) for stop in stops[:-1]]
        for other in near:
            if other != scene and any(other in reachable for reachable in passed):
                continue
            for vertex in at[other].tolist():
                if before[vertex] == path[-1]:
                    longer = (*path, vertex)
                    open_paths.append(longer)
                    if vertices.image[vertex]:
                        found.append(longer)
    return found


def _vertices_by_scene(vertices: Vertices) -> tuple[Ints, ...]:
    order = np.argsort(vertices.scene, kind="stable")
    ends = np.searchsorted(vertices.scene[order], np.arange(len(vertices.neighbours) + 1))
    return tuple(order[a:b] for a, b in pairwise(ends))
