"""Smooth paths from an item of the present request, told step by step, and the request to survey them all."""

from __future__ import annotations

from dataclasses import dataclass

from xview.data.records import Dataset
from xview.errors import QueryError
from xview.metrics.smooth_survey import SmoothPath, smooth_from_one, world_for_smooth
from xview.metrics.table import Request
from xview.retrieval.geodesic_settings import RANKER
from xview.retrieval.stepping_stones import Vertex
from xview.session.engine import Engine
from xview.session.paths import ranker_of, where
from xview.session.resolve import Resolved
from xview.session.steps import Step, steps_of
from xview.session.walking import choice_of


@dataclass(frozen=True, slots=True)
class SmoothWay:
    """A smooth path as steps.

    Attributes:
        steps: From its first item to its last.
        changes: Of the scene; steps between a picture and its own text make none.
        length: Radians.
    """

    steps: tuple[Step, ...]
    changes: int
    length: float


@dataclass(frozen=True, eq=False)
class SmoothWays:
    """All smooth paths from an item.

    Attributes:
        counts: How many there are of 0, 1, 2 ... changes.
        ways: The longest of them: most changes first, then the shortest in radians.
    """

    counts: tuple[int, ...]
    ways: tuple[SmoothWay, ...]


def smooth_from(engine: Engine, resolved: Resolved, source: Vertex, most: int = 50) -> SmoothWays:
    """The smooth shortest paths from an item to gallery items, over the user's `geodesic` settings.

    Args:
        engine: Whose graphs serve.
        resolved: The request; what asks in it does not matter.
        source: A gallery item, or a stepping stone.
        most: Ways to tell.

    Raises:
        DataError: The data does not tell what scenes its pictures show.
        QueryError: The item is no vertex of the graph.
        SpaceError: A space is missing.
        SettingError: The threshold joins too many pairs.
    """
    dataset = resolved.workspace.dataset
    world = world_for_smooth(dataset)
    ranker = ranker_of(engine, resolved)
    vertex = ranker.vertices.vertex(source)
    if vertex < 0:
        raise QueryError(
            f"no smooth path can begin here: this item of {source.modality} is neither in the gallery nor "
            "a stepping stone; choose other classes, or let ways lead over text"
        )
    found = smooth_from_one(ranker.graph, ranker.vertices, world, vertex)
    counts = [0] * (1 + max((path.changes for path in found), default=0))
    for path in found:
        counts[path.changes] += 1
    return SmoothWays(tuple(counts), tuple(retold(dataset, path) for path in found[:most]))


def retold(dataset: Dataset, path: SmoothPath) -> SmoothWay:
    """A smooth path, such as a survey finds, step by step."""
    return SmoothWay(steps_of(dataset, path.items, path.lengths), path.changes, sum(path.lengths))


def survey_request(resolved: Resolved) -> Request:
    """What `xview.jobs.paths:smooth` takes to survey the smooth paths of all gallery items.

    Raises:
        QueryError: There are no spaces to follow ways in.
    """
    return Request(
        protocol=resolved.task.protocol,
        spaces=where(resolved),
        ranker=RANKER,
        settings=choice_of(resolved, RANKER).settings,
    )
