"""Evaluation tables: rankers by directions, over one class split or several."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any, Self, TypeAlias

import numpy as np

from xview.arrays import Doubles
from xview.data.protocol import Classes, Protocol, Task, select
from xview.data.records import draw_unseen
from xview.errors import DataError, SpaceError
from xview.metrics.repeats import mean_of, spread_of
from xview.metrics.retrieval import Evaluation, evaluate
from xview.retrieval.base import Ranker
from xview.retrieval.field import SpaceChoice, build_field
from xview.retrieval.graphs import FieldGraphs
from xview.retrieval.registry import build, ranker_kind
from xview.settings import Settings
from xview.spaces.library import BASELINE, OpenData, open_data, unseen_classes

OnProgress: TypeAlias = Callable[[int, int], object]  # done, total
_UNITS = 1_000  # of progress, per request and split


def _nobody(_done: int, _total: int) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One line to be filled: a ranker in one direction."""

    protocol: Protocol
    spaces: SpaceChoice
    ranker: str
    settings: Settings

    def to_json(self) -> dict[str, Any]:
        """Plain JSON; `from_json` reads it back."""
        return {
            "protocol": asdict(self.protocol),
            "spaces": asdict(self.spaces),
            "ranker": self.ranker,
            "settings": self.settings.to_mapping(),
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Read `to_json`'s mapping.

        Raises:
            SettingError: Unknown ranker or setting.
        """
        protocol = dict(values["protocol"])
        for part in ("query_classes", "gallery_classes"):
            protocol[part] = Classes(protocol[part])
        return cls(
            protocol=Protocol(**protocol),
            spaces=SpaceChoice(**values["spaces"]),
            ranker=values["ranker"],
            settings=ranker_kind(values["ranker"]).settings.from_mapping(values["settings"]),
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class Row:
    """One line filled: an evaluation for each class split, one where the data's own split was kept.

    Attributes:
        request: What was asked.
        evaluations: At least one.
        splits: Held-out classes of each, empty where the data's own split was kept.
    """

    request: Request
    evaluations: tuple[Evaluation, ...]
    splits: tuple[tuple[str, ...], ...] = field(default=())

    @cached_property
    def measures(self) -> dict[str, float]:
        """Mean over the splits."""
        return mean_of([evaluation.measures for evaluation in self.evaluations])

    @cached_property
    def spread(self) -> dict[str, float]:
        """Sample standard deviation over the splits; empty for a single one."""
        return spread_of([evaluation.measures for evaluation in self.evaluations])

    def to_json(self) -> dict[str, Any]:
        """Plain JSON: ranker, direction, parameters, measures, numbers of queries (over all splits)."""
        protocol = self.request.protocol
        told: dict[str, Any] = {
            "ranker": self.request.ranker,
            "query": protocol.query,
            "gallery": protocol.gallery,
            "query_classes": protocol.query_classes.value,
            "gallery_classes": protocol.gallery_classes.value,
            "across_groups": protocol.across_groups,
            "spaces": asdict(self.request.spaces),
            "parameters": self.request.settings.to_mapping(),
            "measures": _finite(self.measures),
            "queries": sum(evaluation.queries for evaluation in self.evaluations),
            "queries_without_match": sum(e.queries_without_match for e in self.evaluations),
        }
        if self.splits:
            told |= {"spread": _finite(self.spread), "splits": [list(split) for split in self.splits]}
        return told

    def curves(self) -> dict[str, Any]:
        """Plain JSON: `cmc` from rank 1 and `pr` with recall and precision, means over the splits."""
        shortest = min(len(evaluation.cmc) for evaluation in self.evaluations)
        cmc = np.mean([evaluation.cmc[:shortest] for evaluation in self.evaluations], axis=0)
        precision = np.mean([evaluation.precision for evaluation in self.evaluations], axis=0)
        if not np.isfinite(precision).all():  # no query had a match
            return {"cmc": [], "pr": {"recall": [], "precision": []}}
        recall = self.evaluations[0].recall
        return {"cmc": cmc.tolist(), "pr": {"recall": recall.tolist(), "precision": precision.tolist()}}


def _finite(figures: Mapping[str, float]) -> dict[str, float | None]:
    """JSON has no NaN; a figure nothing counts towards is null."""
    return {name: value if math.isfinite(value) else None for name, value in figures.items()}


def judge(ranker: Ranker, task: Task, on_progress: OnProgress = _nobody) -> Evaluation:
    """Ask a ranker every query of a task; `on_progress` is told the queries answered."""
    total = len(task.query_rows)

    def blocks() -> Iterator[tuple[slice, Doubles]]:
        for place, scores in ranker.score_blocks(np.arange(total)):
            yield place, scores
            on_progress(place.stop, total)

    return evaluate(blocks(), task)


def field_of(data: OpenData, request: Request) -> tuple[Task, FieldGraphs]:
    """The items a request is about, and their features.

    Raises:
        DataError: The protocol finds no items.
        SpaceError: It names a space that is not open.
    """
    choice = request.spaces
    for name in choice.names:
        if name not in data.spaces:
            told = f"; {data.problems[0]}" if data.problems else ""
            raise SpaceError(f"no space {name!r} (known: {', '.join(data.spaces) or 'none'}){told}")
    task = select(data.dataset, request.protocol)
    return task, FieldGraphs(build_field(task, data.spaces, choice))


def fill(data: OpenData, requests: Sequence[Request], on_progress: OnProgress = _nobody) -> list[Row]:
    """A row for each request, in order; rankers of one direction share its graphs.

    Raises:
        DataError, SpaceError: As `field_of`, or a ranker needs a space that is not there.
    """
    fields: dict[tuple[Protocol, SpaceChoice], tuple[Task, FieldGraphs]] = {}
    total = len(requests) * _UNITS
    rows = []
    for number, request in enumerate(requests):
        key = (request.protocol, request.spaces)
        if key not in fields:
            fields[key] = field_of(data, request)
        task, graphs = fields[key]
        ranker = build(request.ranker, graphs.field, request.settings, graphs)

        def step(done: int, queries: int, before: int = number * _UNITS) -> None:
            on_progress(before + done * _UNITS // queries, total)

        rows.append(Row(request=request, evaluations=(judge(ranker, task, step),)))
    return rows


def fill_over_splits(
    source: str, requests: Sequence[Request], splits: int, on_progress: OnProgress = _nobody
) -> list[Row]:
    """As `fill`, over class splits drawn with seeds 0, 1 ... `splits` - 1.

    Each holds out as many classes as the data's own split, and the shared baseline is fitted again on the
    classes that remain seen; features stay as they are. What was trained is left out: it has seen classes
    it would be judged on.

    Raises:
        DataError: The data has no class split to draw again, or cannot be read.
        SpaceError: A space was trained, or is a shared one that is not the `cca` baseline.
    """
    own = open_data(source, trained=False)
    held = unseen_classes(own.dataset)
    _check_redrawable(own, requests)
    total = splits * len(requests) * _UNITS
    drawn = [draw_unseen(own.dataset.classes, len(held), seed) for seed in range(splits)]
    filled = []
    for number, unseen in enumerate(drawn):
        before = number * len(requests) * _UNITS

        def step(done: int, _total: int, before: int = before) -> None:
            on_progress(before + done, total)

        filled.append(fill(open_data(source, unseen, trained=False), requests, step))
    return [
        Row(
            request=request, evaluations=tuple(rows[i].evaluations[0] for rows in filled), splits=tuple(drawn)
        )
        for i, request in enumerate(requests)
    ]


def _check_redrawable(data: OpenData, requests: Sequence[Request]) -> None:
    if not unseen_classes(data.dataset):
        raise DataError(
            f"{data.dataset.name} has no seen and unseen classes, so there is no split to draw again"
        )
    for request in requests:
        space = data.spaces.get(request.spaces.shared)
        if space is not None and space.shared and space.made_by.get("system") != BASELINE:
            raise SpaceError(
                f"space {space.name!r} was not fitted by {BASELINE}, so it cannot be fitted again without "
                "the classes another split holds out; evaluate it on the data's own split"
            )
