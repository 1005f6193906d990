"""Every ranker in both directions: what the tables, curves and examples of a report are taken from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from xview.data.protocol import Protocol, Task
from xview.errors import SpaceError
from xview.metrics.retrieval import Evaluation
from xview.metrics.table import judge as measure
from xview.retrieval.base import Ranker
from xview.retrieval.field import SpaceChoice, build_field
from xview.retrieval.graphs import FieldGraphs
from xview.retrieval.registry import build
from xview.session.state import RankerChoice
from xview.session.workspace import Workspace


@dataclass(frozen=True, eq=False, kw_only=True)
class Judged:
    """A ranker and its figures over all queries of a task."""

    choice: RankerChoice
    ranker: Ranker
    evaluation: Evaluation


@dataclass(frozen=True, eq=False, kw_only=True)
class Asked:
    """One direction with all its rankers, in the same order in every direction; they share the graphs."""

    task: Task
    spaces: SpaceChoice
    graphs: FieldGraphs
    judged: tuple[Judged, ...]

    @property
    def title(self) -> str:
        """Such as "sketches → images"."""
        return f"{self.task.protocol.query} → {self.task.protocol.gallery}"


def judge(
    workspace: Workspace,
    protocol: Protocol,
    spaces: SpaceChoice,
    choices: Sequence[RankerChoice],
    on_progress: Callable[[float], None],
) -> tuple[Asked, ...]:
    """Ask every query, in both directions where there are two.

    Raises:
        SpaceError: A ranker needs a space that is not there.
    """
    directions = [(protocol, spaces)]
    if protocol.query != protocol.gallery:
        directions.append((protocol.swapped(), spaces.swapped()))
    total = len(directions) * len(choices)
    asked = []
    for number, (one, named) in enumerate(directions):
        task = workspace.task(one)
        graphs = FieldGraphs(build_field(task, workspace.spaces, named))
        judged = []
        for place, choice in enumerate(choices, start=number * len(choices)):
            ranker = build(choice.name, graphs.field, choice.settings, graphs)

            def step(done: int, queries: int, place: int = place) -> None:
                on_progress((place + done / queries) / total)

            evaluation = measure(ranker, task, step)
            judged.append(Judged(choice=choice, ranker=ranker, evaluation=evaluation))
        asked.append(Asked(task=task, spaces=named, graphs=graphs, judged=tuple(judged)))
    return tuple(asked)


def fitting(
    choices: Sequence[RankerChoice], workspace: Workspace, protocol: Protocol, spaces: SpaceChoice
) -> tuple[tuple[RankerChoice, ...], tuple[str, ...]]:
    """The rankers these spaces can serve, and why the others are left out.

    Raises:
        SpaceError: No ranker is left.
    """
    field = build_field(workspace.task(protocol), workspace.spaces, spaces)
    kept, notes = [], []
    for choice in choices:
        try:
            build(choice.name, field, choice.settings)
            kept.append(choice)
        except SpaceError as error:
            notes.append(f"{choice.title} left out: {error}")
    if not kept:
        raise SpaceError(notes[0] if notes else "no ranker was named")
    return tuple(kept), tuple(notes)
