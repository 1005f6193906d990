"""A late fusion judged over all queries: its sources alone, ways to weigh them, and who gains by which.

Average precision is that of `xview.metrics.retrieval`: over all returned items, NaN for a query without a
match. Areas and weights are those of thesis 003, Eq. 6.9-6.10, on the scores as the fusion scales them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from xview.arrays import Doubles
from xview.data.protocol import Task
from xview.metrics.retrieval import evaluate_versions
from xview.metrics.table import OnProgress, Request, field_of
from xview.retrieval.fusion import (
    FusionRanker,
    Mixing,
    adaptive_weights,
    mixed,
    positive_areas,
)
from xview.retrieval.registry import build
from xview.spaces.library import OpenData

GAIN = (
    "Average precision of the fusion less that of the source alone, query by query: gained where the fusion "
    "is better, lost where the source alone is. Queries without a match are left out."
)
_SAME = 1e-12  # of average precision: what rounding may make of equal ones


@dataclass(frozen=True, eq=False, kw_only=True)
class Mixture:
    """s sources and their fusions over the m queries of a task.

    Attributes:
        names: (s,) sources as written.
        areas: (s, m) float64 positive area of each source's score curve (Eq. 6.9).
        weights: (s, m) float64 adaptive weights (Eq. 6.10); they sum to 1 over sources.
        ap: (s, m) float64 average precision of each source alone, NaN where a query has no match.
        fused: By name of a way to weigh, (m,) float64 average precision of the fusion.
    """

    names: tuple[str, ...]
    areas: Doubles
    weights: Doubles
    ap: Doubles
    fused: Mapping[str, Doubles]


@dataclass(frozen=True, slots=True)
class Gain:
    """What a fusion gains over one of its sources alone; see `GAIN`.

    Attributes:
        gained, lost, same: Numbers of queries.
        mean: Mean change of average precision, NaN where no query has a match.
        most, least: Numbers of the queries that gained most and lost most (or gained least), -1 for none.
    """

    gained: int
    lost: int
    same: int
    mean: float
    most: int
    least: int


def mixture(
    ranker: FusionRanker, task: Task, ways: Mapping[str, Doubles | None], on_progress: OnProgress
) -> Mixture:
    """Judge each source alone and every way to weigh them, in one pass over the queries.

    Never more than a block of scores is held.

    Args:
        ranker: Any fusion; only its sources and its scale are used.
        task: What it ranks.
        ways: Name -> (s,) weights of the sources, 0 or more, in any scale; None weighs adaptively.
        on_progress: Told the queries answered, and of how many.
    """
    names, total = ranker.names, len(task.query_rows)
    areas, weights = np.empty((len(names), total)), np.empty((len(names), total))

    def blocks() -> Iterator[tuple[slice, Iterator[Doubles]]]:
        for place, scaled in ranker.source_blocks(np.arange(total)):
            areas[:, place], weights[:, place] = positive_areas(scaled), adaptive_weights(scaled)
            yield place, _versions(scaled, weights[:, place], ways)
            on_progress(place.stop, total)

    judged = [evaluation.ap for evaluation in evaluate_versions(blocks(), task, len(names) + len(ways))]
    return Mixture(
        names=names,
        areas=areas,
        weights=weights,
        ap=np.stack(judged[: len(names)]),
        fused=dict(zip(ways, judged[len(names) :], strict=True)),
    )


def _versions(scaled: Doubles, adaptive: Doubles, ways: Mapping[str, Doubles | None]) -> Iterator[Doubles]:
    """Each source's scores, then each fusion's, one (q, n) at a time."""
    yield from scaled
    for given in ways.values():
        yield mixed(adaptive, scaled) if given is None else np.tensordot(given / given.sum(), scaled, axes=1)


def judge_fusion(
    data: OpenData, request: Request, on_progress: OnProgress, also: Mapping[str, Doubles] | None = None
) -> tuple[Task, Mixture]:
    """`mixture` of a request whose ranker is a fusion, under every `Mixing`; also the items it is about.

    Args:
        data: Open.
        request: Its settings name the sources, their scale and the manual weights.
        on_progress: As of `mixture`.
        also: More weights to judge, by name.

    Raises:
        DataError: The protocol finds no items.
        SettingError: A source cannot be read, or weights do not fit the sources.
        SpaceError: A space that is named is not open.
    """
    task, graphs = field_of(data, request)
    ranker = fusion_of(build(request.ranker, graphs.field, request.settings, graphs))
    ways: dict[str, Doubles | None] = {
        Mixing.AVERAGE.value: np.ones(len(ranker.names)),
        Mixing.ADAPTIVE.value: None,
        Mixing.WEIGHTED.value: ranker.manual,
    }
    return task, mixture(ranker, task, ways | dict(also or {}), on_progress)


def fusion_of(ranker: object) -> FusionRanker:
    """The ranker, which is a fusion; TypeError where it is not."""
    if not isinstance(ranker, FusionRanker):
        raise TypeError(f"a fusion was expected, got {type(ranker).__name__}")
    return ranker


def gain(fused: Doubles, source: Doubles) -> Gain:
    """What the fusion gains over a source; both (m,) average precisions, NaN where a query has no match."""
    change = fused - source
    counted = np.flatnonzero(np.isfinite(change))
    if not counted.size:
        return Gain(0, 0, 0, float("nan"), -1, -1)
    kept = change[counted]
    return Gain(
        gained=int(np.count_nonzero(kept > _SAME)),
        lost=int(np.count_nonzero(kept < -_SAME)),
        same=int(np.count_nonzero(np.abs(kept) <= _SAME)),
        mean=float(kept.mean()),
        most=int(counted[np.argmax(kept)]),
        least=int(counted[np.argmin(kept)]),
    )
