"""The walk behind a request: which rankers walk, their frames, and the heaviest ways to a result."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from xview.arrays import Doubles
from xview.data.protocol import Task
from xview.errors import QueryError
from xview.metrics.retrieval import per_query
from xview.retrieval.base import Query
from xview.retrieval.field import SpaceChoice
from xview.retrieval.registry import RANKERS, WALKS
from xview.retrieval.walk import WalkRanker
from xview.retrieval.walk_paths import Path, heaviest_paths
from xview.retrieval.walk_steps import WalkSteps, walk_steps
from xview.session.engine import Engine, Outside, judged
from xview.session.feedback import marks_of
from xview.session.resolve import Resolved
from xview.session.state import RankerChoice


@dataclass(frozen=True, eq=False, kw_only=True)
class Walking:
    """One ranker's walk from the query.

    Attributes:
        choice: The ranker, its truncation included (which the walk leaves aside).
        task: The items; X is its queries, Y its gallery.
        steps: The frames.
        precision: (frames,) average precision of the ranking each frame gives, marked items taken out; NaN
            where nothing can match.
    """

    choice: RankerChoice
    task: Task
    steps: WalkSteps
    precision: Doubles


def walker_of(resolved: Resolved) -> tuple[RankerChoice, SpaceChoice]:
    """The walk to show: ranker A's, or B's where only that walks, or else one the spaces allow.

    Raises:
        QueryError: There are no spaces to walk in.
    """
    if resolved.spaces is None:
        raise QueryError(resolved.problem)
    if resolved.ranker.name in WALKS:
        return resolved.ranker, resolved.spaces
    if resolved.other is not None and resolved.other.name in WALKS:
        return resolved.other, resolved.other_spaces or resolved.spaces
    both = resolved.spaces.own_query and resolved.spaces.own_gallery
    return choice_of(resolved, "heterogeneous" if both else "homogeneous"), resolved.spaces


def choice_of(resolved: Resolved, ranker: str) -> RankerChoice:
    """A ranker with the settings the user gave it."""
    return RankerChoice(ranker, resolved.view.settings_of(ranker))


def walk(
    engine: Engine,
    resolved: Resolved,
    choice: RankerChoice,
    spaces: SpaceChoice,
    outside: Outside | None = None,
    go_on: Callable[[], None] = lambda: None,
) -> Walking:
    """The walk of one ranker from the request's query and marks.

    Args:
        engine: Whose graphs serve.
        resolved: The request.
        choice, spaces: A walk of `WALKS` and where it walks.
        outside: Features of a query from outside.
        go_on: Called between steps; may raise to cancel.

    Raises:
        QueryError: There is nothing to ask.
        SpaceError: A space is missing.
    """
    query, ranker = _asked(engine, resolved, choice, spaces, outside)
    steps = walk_steps(ranker, query, go_on)
    label, ignored = judged(resolved)
    ignored = ignored | (marks_of(resolved) != 0)
    relevant = (resolved.task.gallery_labels == label) & (label >= 0)
    precision = [
        per_query(steps.scores(frame), relevant, ignored).ap if relevant.any() else math.nan
        for frame in range(len(steps))
    ]
    return Walking(choice=choice, task=resolved.task, steps=steps, precision=np.array(precision))


def paths_to(
    engine: Engine,
    resolved: Resolved,
    choice: RankerChoice,
    spaces: SpaceChoice,
    position: int,
    outside: Outside | None = None,
) -> tuple[Path, ...]:
    """The heaviest ways of a walk from the query to a gallery position; raises as `walk`."""
    query, ranker = _asked(engine, resolved, choice, spaces, outside)
    return heaviest_paths(ranker, query, position)


def _asked(
    engine: Engine,
    resolved: Resolved,
    choice: RankerChoice,
    spaces: SpaceChoice,
    outside: Outside | None,
) -> tuple[Query, WalkRanker]:
    query, ranker = engine.asked(resolved, choice, spaces, outside)
    if not isinstance(ranker, WalkRanker):
        raise QueryError(f"{RANKERS[choice.name].title} does not walk; choose one of {', '.join(WALKS)}")
    return query, ranker
