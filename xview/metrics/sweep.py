"""A ranker's measures over the values of one or two of its settings, from shared partial results.

Decisions
    2026-11-22  A walk's two directions are solved once for all lambda, and judged for all of them block by
                block. What costs most to make anew (the graph, then the solver) changes slowest.
    2026-11-22  No eigendecomposition (it saves 0.4 of 4 s of a 10 x 10 map of 765 items) and no warm start
                from the last alphas (20 to 30 % fewer steps): `tests/bench/bench_sweep.py` measures both.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product
from typing import Any, Self, TypeAlias

import numpy as np

from xview.arrays import Doubles
from xview.data.protocol import Task
from xview.errors import SettingError
from xview.metrics.axes import Axis, make_axis
from xview.metrics.retrieval import MEASURES, Evaluation, evaluate_versions
from xview.metrics.table import Request, field_of, judge
from xview.retrieval.base import Ranker
from xview.retrieval.graphs import FieldGraphs
from xview.retrieval.registry import build, ranker_kind
from xview.retrieval.walk import WalkRanker
from xview.spaces.library import OpenData

LAMBDA = "lambda"
SLOWEST = ("k", "gamma", "alpha", "tol", "n_trunc", "k_q", LAMBDA)
"""Settings of a walk by what a change makes anew: the graph, the solver, the offline stage, the links ..."""
MOST_CELLS = 10_000
FOR_UNDERSTANDING = (
    "Measured on unseen classes: for understanding, not for choosing. Choose settings on the seen classes."
)

_UNITS = 1_000  # of progress, per pass
_PREPARED = 0.5  # of a pass's progress when a ranker is ready to answer

OnProgress: TypeAlias = Callable[[int, int], object]  # done, total; may raise to cancel


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepRequest:
    """What to sweep over.

    Attributes:
        request: Protocol, spaces, ranker, and the settings that are not swept over.
        axes: One or two, of different settings.
    """

    request: Request
    axes: tuple[Axis, ...]

    def __post_init__(self) -> None:
        """Check the axes.

        Raises:
            SettingError: There are none, more than two, two of one setting, or too many cells.
        """
        keys = [axis.key for axis in self.axes]
        if not 1 <= len(set(keys)) == len(keys) <= 2:
            told = ", ".join(keys) or "none"
            raise SettingError(f"a sweep is over one or two different settings, got {told}")
        if math.prod(self.shape) > MOST_CELLS:
            raise SettingError(
                f"{math.prod(self.shape):,} cells are more than a sweep's {MOST_CELLS:,}; take fewer values"
            )

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of values of each axis."""
        return tuple(len(axis.values) for axis in self.axes)

    def at(self, values: Sequence[float]) -> Request:
        """The request of the cell with these values of the axes."""
        changed = dict(zip((axis.key for axis in self.axes), values, strict=True))
        settings = type(self.request.settings)
        return replace(
            self.request, settings=settings.from_mapping({**self.request.settings.to_mapping(), **changed})
        )

    def to_json(self) -> dict[str, Any]:
        """Plain JSON; `from_json` reads it back."""
        return {"request": self.request.to_json(), "axes": [asdict(axis) for axis in self.axes]}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Read `to_json`'s mapping.

        Raises:
            SettingError: Unknown ranker or setting, or a value out of range.
        """
        request = Request.from_json(values["request"])
        axes = [make_axis(type(request.settings), axis["key"], axis["values"]) for axis in values["axes"]]
        return cls(request=request, axes=tuple(axes))


@dataclass(frozen=True, eq=False, kw_only=True)
class Sweep:
    """What a sweep found so far.

    Attributes:
        request: What was asked.
        measures: By name in `MEASURES`, an array with one dimension an axis; NaN where a cell is still to
            come, or where no query has a match.
        level: The measures of nearest neighbours in the same shared space, which has nothing to set.
        queries, queries_without_match: Numbers, the same in every cell.
    """

    request: SweepRequest
    measures: dict[str, Doubles]
    level: dict[str, float]
    queries: int
    queries_without_match: int

    def best(self, measure: str) -> tuple[int, ...] | None:
        """Place of the highest value, the first of equal ones; None while there is none."""
        found = self.measures[measure]
        if np.isnan(found).all():
            return None
        return tuple(int(place) for place in np.unravel_index(np.nanargmax(found), found.shape))

    def place_of(self, settings: Mapping[str, Any]) -> tuple[int, ...] | None:
        """Place of the cell with these settings by key, or None where no cell has them."""
        return place_in(self.request.axes, settings)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON: what was asked and found, the best cell of every measure; null where there is none."""
        asked = self.request.request
        axes = self.request.axes

        def cell(measure: str) -> dict[str, Any] | None:
            place = self.best(measure)
            if place is None:
                return None
            where = {axis.key: axis.values[i] for axis, i in zip(axes, place, strict=True)}
            return {"at": where, "value": float(self.measures[measure][place])}

        told = asked.to_json()
        parameters = told.pop("settings")
        return {
            **told,
            "parameters": {key: value for key, value in parameters.items() if key not in self._keys},
            "over": [asdict(axis) for axis in axes],
            "measures": {name: _nested(found) for name, found in self.measures.items()},
            "best": {name: cell(name) for name in self.measures},
            "knn": {name: value if math.isfinite(value) else None for name, value in self.level.items()},
            "queries": self.queries,
            "queries_without_match": self.queries_without_match,
        }

    @classmethod
    def from_json(cls, request: SweepRequest, values: Mapping[str, Any]) -> Self:
        """Read `to_json`'s figures of `request` back."""
        return cls(
            request=request,
            measures={name: np.array(found, dtype=np.float64) for name, found in values["measures"].items()},
            level={name: math.nan if value is None else value for name, value in values["knn"].items()},
            queries=values["queries"],
            queries_without_match=values["queries_without_match"],
        )

    @property
    def _keys(self) -> tuple[str, ...]:
        return tuple(axis.key for axis in self.request.axes)


def place_in(axes: Sequence[Axis], settings: Mapping[str, Any]) -> tuple[int, ...] | None:
    """Place of these settings by key on the axes, or None where an axis leaves the value out."""
    if any(settings.get(axis.key) not in axis.values for axis in axes):
        return None
    return tuple(axis.values.index(settings[axis.key]) for axis in axes)


def sweep(
    data: OpenData,
    request: SweepRequest,
    on_progress: OnProgress = lambda _done, _total: None,
    on_part: Callable[[Sweep], object] = lambda _part: None,
) -> Sweep:
    """Judge a ranker at every value, or pair of values, of a sweep.

    Args:
        data: What is open.
        request: What to sweep over.
        on_progress: Told the work done and all of it; may raise to cancel.
        on_part: Told what was found so far, whenever more cells are.

    Raises:
        DataError: The protocol finds no items.
        SpaceError: A space is missing.
        ConvergenceError: A solver gave up.
    """
    return sweep_task(*field_of(data, request.request), request, on_progress, on_part)


def sweep_task(
    task: Task,
    graphs: FieldGraphs,
    request: SweepRequest,
    on_progress: OnProgress = lambda _done, _total: None,
    on_part: Callable[[Sweep], object] = lambda _part: None,
) -> Sweep:
    """`sweep` on items already chosen; what their graphs know already is not made again."""
    ranker_kind(request.request.ranker).make(request.request.settings, graphs)  # refuses before the work
    knn = judge(build("knn", graphs.field), task)
    found = Sweep(
        request=request,
        measures={name: np.full(request.shape, np.nan) for name in MEASURES},
        level=knn.measures,
        queries=knn.queries,
        queries_without_match=knn.queries_without_match,
    )
    passes = list(_passes(request))
    for number, places in enumerate(passes):

        def step(share: float, before: int = number) -> None:
            on_progress(round((before + share) * _UNITS), len(passes) * _UNITS)

        values = ([axis.values[i] for axis, i in zip(request.axes, at, strict=True)] for at in places)
        cells = [request.at(chosen) for chosen in values]
        ranker = build(cells[0].ranker, graphs.field, cells[0].settings, graphs)
        lambdas = [cell.settings.to_mapping().get(LAMBDA, 0.0) for cell in cells]
        judged = _judge(ranker, task, lambdas, len(passes), step)
        for at, evaluation in zip(places, judged, strict=True):
            for name, value in evaluation.measures.items():
                found.measures[name][at] = value
        on_part(found)
    return found


def _passes(request: SweepRequest) -> Iterator[list[tuple[int, ...]]]:
    """Places of the cells that share a pass, which differ in lambda alone; what is costly changes slowest."""
    keys = [axis.key for axis in request.axes]
    outer = sorted(
        (place for place, key in enumerate(keys) if key != LAMBDA),
        key=lambda place: SLOWEST.index(keys[place]) if keys[place] in SLOWEST else -1,
    )
    for chosen in product(*(range(request.shape[place]) for place in outer)):
        fixed = dict(zip(outer, chosen, strict=True))
        inner = [range(n) if place not in fixed else (fixed[place],) for place, n in enumerate(request.shape)]
        yield list(product(*inner))


def _judge(
    ranker: Ranker, task: Task, lambdas: Sequence[float], times: int, step: Callable[[float], None]
) -> list[Evaluation]:
    """One evaluation for each lambda; a ranker without it gets one."""
    ranker.prepare(lambda share: step(_PREPARED * share))
    total = len(task.query_rows)

    def blocks() -> Iterator[tuple[slice, Iterator[Doubles]]]:
        for place, versions in _versions(ranker, np.arange(total), lambdas):
            yield place, versions
            step(_PREPARED + (1 - _PREPARED) * place.stop / total)

    return evaluate_versions(blocks(), task, len(lambdas), times=times)


def _versions(
    ranker: Ranker, rows: Any, lambdas: Sequence[float]
) -> Iterator[tuple[slice, Iterator[Doubles]]]:
    """Blocks of queries with their scores under each lambda, as `WalkRanker.score_blocks` weighs them."""
    if isinstance(ranker, WalkRanker):
        for place, walked, hopped in ranker.direction_blocks(rows):
            yield place, ((1 - lam) * walked + lam * hopped for lam in lambdas)
    else:
        for place, scores in ranker.score_blocks(rows):
            yield place, iter((scores,))


def _nested(found: Any) -> Any:
    """Lists of lists with None for NaN."""
    if found.ndim:
        return [_nested(part) for part in found]
    return float(found) if math.isfinite(found) else None
