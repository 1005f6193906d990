"""What a walk draws over one map: its mass as halos, its bridges, and the heaviest ways to a result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from xview.arrays import Doubles, Ints
from xview.data.protocol import Task
from xview.qt.maps.scene import Bridge, Lines, Overlay, Tone
from xview.retrieval.base import Side
from xview.retrieval.walk_paths import Path
from xview.session.scene import Scene
from xview.session.walking import Walking

LINKS = 12  # of each kind
BRIDGES = 15


def walk_overlay(
    scene: Scene, drawn: Overlay, walking: Walking, frame: int, paths: Sequence[Path]
) -> Overlay:
    """A frame of a walk over a map, with the query's stars.

    Halo areas are mass, each side's against its own heaviest item in this frame: one side's mass enters the
    other over links that leave little of it, and it grows by some hundred times until the fixed point.
    Negative mass, of wrong results, has no halo. Lines on shared maps are the links over which the query
    enters Y and those that carry most of X's mass across now; elsewhere diamonds stand where it enters. Where
    a result is explained, lines are the heaviest paths to it.

    Args:
        scene: The map.
        drawn: What is drawn there anyway.
        walking: The walk.
        frame: 0 to the number of its frames - 1.
        paths: To the chosen result; empty where none is chosen.
    """
    lines = path_lines(scene, walking.task, paths) if paths else _links(scene, drawn, walking, frame)
    hits = tuple(hit for hit in drawn.hits if paths and hit.index in _ends(scene, walking.task, paths))
    return replace(
        drawn,
        hits=hits,
        bridges=() if scene.shared else _anchors(scene, walking),
        lines=lines,
        mass=_mass(scene, walking, frame),
    )


def path_lines(scene: Scene, task: Task, paths: Sequence[Path]) -> tuple[Lines, ...]:
    """The steps of paths whose two ends are on this map, as strong as the paths are heavy."""
    heaviest = max((abs(path.share) for path in paths), default=0.0)
    strengths: dict[tuple[int, int], float] = {}
    for path in paths:
        points = [_points(scene, task, stop.side, np.array([stop.position])) for stop in path.stops]
        for one, other in pairwise(points):
            if one.size and other.size and heaviest:
                ends = int(one[0]), int(other[0])
                strengths[ends] = max(strengths.get(ends, 0.0), abs(path.share) / heaviest)
    return _lines(list(strengths), list(strengths.values()))


def _mass(scene: Scene, walking: Walking, frame: int) -> Doubles:
    mass = np.zeros(len(scene))
    for side in Side:
        if not walking.steps.weight(side):
            continue  # it does not count
        here = np.clip(walking.steps.side(side).mass(frame), 0.0, None)
        points = _points(scene, walking.task, side, np.arange(len(here)))
        if points.size and here.max(initial=0.0) > 0:
            mass[points] += here / here.max()
    return mass


def _anchors(scene: Scene, walking: Walking) -> tuple[Bridge, ...]:
    """Diamonds where the query enters Y, as large as its share of mass there."""
    hop = np.abs(walking.steps.y.source)
    if not walking.steps.weight(Side.GALLERY) or not hop.any():
        return ()
    best = np.argsort(-hop, kind="stable")[:BRIDGES]
    best = best[hop[best] > 0]
    points = _points(scene, walking.task, Side.GALLERY, best)
    shares = hop[best] / hop.sum()
    return tuple(Bridge(int(p), float(share)) for p, share in zip(points, shares, strict=False))


def _links(scene: Scene, drawn: Overlay, walking: Walking, frame: int) -> tuple[Lines, ...]:
    """From the one query item to where it enters Y, and from X to where its mass crosses now."""
    steps, task = walking.steps, walking.task
    pairs: list[tuple[int, int]] = []
    strengths: list[float] = []
    anchors = _anchors(scene, walking)
    if len(drawn.queries) == 1 and scene.shared:
        largest = max((anchor.share for anchor in anchors), default=1.0)
        pairs += [(drawn.queries[0], anchor.index) for anchor in anchors]
        strengths += [anchor.share / largest for anchor in anchors]
    rows, columns, carried = steps.crossings(frame, LINKS)
    starts, ends = _points(scene, task, Side.QUERY, rows), _points(scene, task, Side.GALLERY, columns)
    if starts.size and ends.size:
        pairs += list(zip(starts.tolist(), ends.tolist(), strict=True))
        strengths += (np.abs(carried) / np.abs(carried).max()).tolist()
    return _lines(pairs, strengths)


def _lines(pairs: list[tuple[int, int]], strengths: list[float]) -> tuple[Lines, ...]:
    if not pairs:
        return ()
    return (Lines(np.array(pairs, dtype=np.int64), Tone.PATH, np.array(strengths)),)


def _ends(scene: Scene, task: Task, paths: Sequence[Path]) -> set[int]:
    last = np.array([path.stops[-1].position for path in paths], dtype=np.int64)
    return set(_points(scene, task, Side.GALLERY, last).tolist())


def _points(scene: Scene, task: Task, side: Side, positions: Ints) -> Ints:
    """Points of items of one side of the task; empty where the map lacks their modality."""
    if side is Side.QUERY:
        return scene.points(task.protocol.query, task.query_rows[positions])
    return scene.points(task.protocol.gallery, task.gallery_rows[positions])
