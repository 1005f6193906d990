"""Weights of a fusion found on the seen classes, so that the tested ones have no part in their choice.

The seen classes rank among themselves, in the same direction and under the same rules as the protocol that
will be tested; the weights that reach the highest mAP there are kept. mAP is piecewise constant in the
weights, so nothing is differentiated: `METHOD` says what is tried.

A space trained on the seen classes ranks them better than it ranks unseen ones, and its sources may get more
weight than they earn where it counts. Nothing here can mend that.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from itertools import combinations, permutations
from math import comb
from typing import Any

import numpy as np

from xview.arrays import Doubles, Floats, Ints
from xview.data.protocol import Classes, Protocol, Task
from xview.data.records import Dataset
from xview.errors import DataError
from xview.metrics.fusion import fusion_of
from xview.metrics.roles import RELEVANT, roles_of
from xview.metrics.table import OnProgress, Request, field_of
from xview.retrieval.fusion import FusionRanker
from xview.retrieval.registry import build
from xview.spaces.library import OpenData

METHOD = (
    "A grid over all weights that sum to 1 (steps of .05 for two sources, .1 for three, coarser for more), "
    "then from its best point moves of weight from one source to another, half a step long and halved until "
    "they are below .005. Of equally good weights those nearest to the average are kept."
)
OVERFIT = (
    "Spaces trained on the seen classes rank them better than they rank unseen ones, so their sources may "
    "get more weight than they earn on the tested classes."
)
HELD = 64_000_000
"""Scores held at most, as float32; of more queries than that allows a sample is drawn."""
_FINEST = 0.005
_GRID = 100  # points of the grid at most
_FINE_STEPS = {2: 20, 3: 10}
_REFINED = 80  # evaluations after the grid at most
_CHUNK = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Weights found on seen classes.

    Attributes:
        names, weights: Of the sources; weights sum to 1.
        before: mAP on the seen classes of the fusion as it was set.
        average: The same with equal weights.
        after: The same with the weights found.
        queries, of: How many queries of seen classes were asked, and how many there are.
        error: Standard error of `after` for the queries left out; 0 where all were asked.
        tried: How many weights were tried.
        seed: Of the sample of queries; it plays no part where all were asked.
    """

    names: tuple[str, ...]
    weights: tuple[float, ...]
    before: float
    average: float
    after: float
    queries: int
    of: int
    error: float
    tried: int
    seed: int

    def to_json(self) -> dict[str, Any]:
        """Plain JSON of all of it, and the method in words."""
        return asdict(self) | {"method": METHOD, "caution": OVERFIT}


def seen_protocol(dataset: Dataset, protocol: Protocol) -> Protocol:
    """Where to find weights for a protocol: seen asks seen, all else alike.

    Raises:
        DataError: The data has no seen classes, or the protocol tests them.
    """
    if not dataset.has_split:
        raise DataError(
            f"{dataset.name} has no seen and unseen classes, so weights could only be found on what is "
            "tested; hold classes out first (--unseen), or set the weights by hand"
        )
    if protocol.query_classes is not Classes.UNSEEN:
        raise DataError(
            f"the protocol asks with {protocol.query_classes} classes, so weights found on the seen ones "
            "would be found on what is tested; ask with unseen classes"
        )
    return replace(protocol, query_classes=Classes.SEEN, gallery_classes=Classes.SEEN)


def find_weights(data: OpenData, request: Request, on_progress: OnProgress, *, seed: int = 0) -> Found:
    """The weights of a fusion's sources that serve the seen classes best; see `METHOD`.

    Args:
        data: No label and no vector of an unseen item is used.
        request: The fusion and the protocol that will be tested; its settings say what is held against.
        on_progress: Told how far it is.
        seed: Of the sample of queries, where there are too many scores to hold (`HELD`).

    Raises:
        DataError: As `seen_protocol`, or no query of a seen class has a match.
        SettingError, SpaceError: As `field_of`, or a source cannot be built.
    """
    task, graphs = field_of(data, replace(request, protocol=seen_protocol(data.dataset, request.protocol)))
    ranker = fusion_of(build(request.ranker, graphs.field, request.settings, graphs))
    s, m, n = len(ranker.names), len(task.query_rows), len(task.gallery_rows)
    most = max(1, HELD // (s * n))
    rows = np.arange(m)
    if most < m:
        rows = np.sort(np.random.default_rng(seed).choice(m, most, replace=False))
    held = _Held(ranker, task, rows, lambda share: on_progress(round(400 * share), 1000))
    best, tried = _search(held.mean, s, lambda share: on_progress(400 + round(600 * share), 1000))
    after = held.precisions(best)
    return Found(
        names=ranker.names,
        weights=tuple(best.tolist()),
        before=held.mean(held.weights),
        average=held.mean(np.full(s, 1 / s)),
        after=float(np.nanmean(after)),
        queries=len(rows),
        of=m,
        error=_standard_error(after, m) if len(rows) < m else 0.0,
        tried=tried,
        seed=seed,
    )


def _standard_error(sample: Doubles, of: int) -> float:
    """Of the mean of a sample drawn without replacement from `of`."""
    kept = sample[np.isfinite(sample)]
    return (
        float(kept.std(ddof=1) / np.sqrt(kept.size) * np.sqrt(1 - kept.size / of)) if kept.size > 1 else 0.0
    )


def grid(sources: int) -> list[Doubles]:
    """(s,) weights at even steps over the simplex, corners among them; at most 100, or the corners alone."""
    steps = _FINE_STEPS.get(sources, 5)
    while steps > 1 and comb(steps + sources - 1, sources - 1) > _GRID:
        steps -= 1
    bars = combinations(range(steps + sources - 1), sources - 1)
    return [(np.diff([-1, *places, steps + sources - 1]) - 1) / steps for places in bars]


def _search(
    value: Callable[[Doubles], float], sources: int, on_progress: Callable[[float], object]
) -> tuple[Doubles, int]:
    """The weights of the largest value, and how many were tried."""
    points, known = grid(sources), dict[tuple[int, ...], float]()
    most = len(points) + (_REFINED if sources > 1 else 0)

    def merit(weights: Doubles) -> tuple[float, float]:
        key = tuple(np.round(weights * 1e9).astype(np.int64).tolist())
        if key not in known:
            known[key] = round(value(weights), 12)
            on_progress(len(known) / most)
        return known[key], -round(float(np.square(weights - 1 / sources).sum()), 9)

    best = max(points, key=merit)
    step = float(np.min([p[p > 0].min() for p in points])) / 2  # half a step of the grid
    while step >= _FINEST and len(known) < most:
        moved = [
            weights for weights in _moves(best, step) if len(known) < most and merit(weights) > merit(best)
        ]
        if moved:
            best = max(moved, key=merit)
        else:
            step /= 2
    on_progress(1.0)
    return best, len(known)


def _moves(weights: Doubles, step: float) -> Iterator[Doubles]:
    """A step of weight from each source that has any to each other one."""
    for giver, taker in permutations(range(len(weights)), 2):
        amount = min(step, weights[giver])
        if amount > 1e-9:
            moved = weights.copy()
            moved[giver] -= amount
            moved[taker] += amount
            yield moved


class _Held:
    """Scaled scores of the chosen queries, and what matches; judges weights again and again."""

    def __init__(
        self, ranker: FusionRanker, task: Task, rows: Ints, on_progress: Callable[[float], object]
    ) -> None:
        s, n = len(ranker.names), len(task.gallery_rows)
        self._scores: Floats = np.empty((s, len(rows), n), dtype=np.float32)
        self.weights = np.empty((s, len(rows)))
        for place, scaled in ranker.source_blocks(rows):
            self._scores[:, place], self.weights[:, place] = scaled, ranker.weigh(scaled)
            on_progress(place.stop / len(rows))
        self._roles = np.stack([roles_of(task.relevant(q), task.ignored(q)) for q in rows.tolist()])
        self._counts = np.count_nonzero(self._roles == RELEVANT, axis=1)
        if not self._counts.any():
            raise DataError("no query of a seen class has a match in the gallery, so no weights can be found")
        self._chunks = [slice(start, start + _CHUNK) for start in range(0, len(rows), _CHUNK)]
        self._threads = os.cpu_count() or 1

    def mean(self, weights: Doubles) -> float:
        """mAP under weights (s,), or (s, q) by query."""
        return float(np.nanmean(self.precisions(weights)))

    def precisions(self, weights: Doubles) -> Doubles:
        """(q,) average precision, NaN for a query without a match."""
        with ThreadPoolExecutor(self._threads) as threads:
            return np.concatenate(list(threads.map(lambda chunk: self._judge(chunk, weights), self._chunks)))

    def _judge(self, chunk: slice, weights: Doubles) -> Doubles:
        from xview.metrics import kernels

        scores = self._scores[:, chunk]
        given = weights.astype(np.float32)
        fused = (
            np.tensordot(given, scores, axes=1)
            if given.ndim == 1
            else np.einsum("sq,sqn->qn", given[:, chunk], scores)
        )
        counts = self._counts[chunk]
        offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        ranks = np.empty(offsets[-1], dtype=np.int64)
        kernels.relevant_ranks(fused.astype(np.float64), self._roles[chunk], offsets, ranks)
        row = np.repeat(np.arange(len(counts)), counts)
        precision = (np.arange(len(ranks)) - offsets[row] + 1) / ranks
        total = np.bincount(row, weights=precision, minlength=len(counts))
        return np.where(counts > 0, total / np.maximum(counts, 1), np.nan)
