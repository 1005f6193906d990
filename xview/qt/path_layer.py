"""What a shortest way draws over one map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from xview.qt.maps.scene import Overlay, Route, Stop
from xview.retrieval.stepping_stones import Vertex
from xview.session.scene import Scene

if TYPE_CHECKING:
    from xview.session.steps import Step


def path_overlay(
    scene: Scene,
    drawn: Overlay,
    steps: Sequence[Step],
    gallery: str,
    current: Vertex | None,
    *,
    alone: bool = True,
) -> Overlay:
    """A way over a map, with the query's stars; results and what carried them make room if it is `alone`.

    Items whose modality the map lacks are leapt over. A way from what is no item begins at its star, where
    there is one.

    Args:
        scene: The map.
        drawn: What is drawn there anyway.
        steps: From the query to the destination; empty where there is no way.
        gallery: The modality that is retrieved; items of others are stepping stones.
        current: The item looked at, or None.
        alone: Whether only the way is drawn.
    """
    route = _route(scene, drawn, steps, gallery, current)
    if alone:
        return replace(drawn, hits=(), bridges=(), lines=(), route=route)
    return drawn if route is None else replace(drawn, bridges=(), route=route)


def _route(
    scene: Scene, drawn: Overlay, steps: Sequence[Step], gallery: str, current: Vertex | None
) -> Route | None:
    from_outside = bool(steps) and steps[0].length > 0 and len(drawn.outside) == 1
    start = drawn.outside[0] if from_outside else None
    stops: list[Stop] = []
    leap = False
    for number, step in enumerate(steps, int(bool(steps) and steps[0].length > 0)):
        points = scene.points(step.item.modality, [step.item.row])
        if len(points):
            stone = step.item.modality != gallery
            stops.append(Stop(int(points[0]), number, stone=stone, leap=leap))
        leap = not len(points)
    if not stops:
        return None
    here = [] if current is None else scene.points(current.modality, [current.row]).tolist()
    return Route(tuple(stops), here[0] if here else -1, start)
