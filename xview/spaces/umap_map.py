"""UMAP with an exact neighbour search, progress and a cancel. Imported only where a map is drawn."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from sklearn.neighbors import NearestNeighbors

from xview.arrays import AnyArray, Floats, Ints
from xview.graph.knn import FLAT_LIMIT, shortlist
from xview.spaces.projection import Metric, OnProgress, UmapSettings
from xview.spaces.space import unit_rows

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # that tensorflow is not installed
    import umap

_ASKED_AT_ONCE = 2_000
_Search: TypeAlias = Callable[[slice], tuple[Ints, AnyArray]]


def lay_out(vectors: AnyArray, settings: UmapSettings, on_progress: OnProgress) -> Floats:
    """(n, 2) map of (n, d) vectors, n at least 4; see `xview.spaces.projection.project`."""
    vectors = np.asarray(vectors, dtype=np.float32)
    n = len(vectors)
    epochs = 500 if n <= 10_000 else 200  # umap-learn's own rule
    asks = len(range(0, n, _ASKED_AT_ONCE))
    steps = asks + epochs
    neighbors = min(settings.n_neighbors, n - 1)
    near = _nearest(vectors, neighbors, settings.metric, lambda done: on_progress(done, steps))
    with warnings.catch_warnings():  # of disconnected graphs and what transform() cannot do
        warnings.simplefilter("ignore")
        model = umap.UMAP(
            n_neighbors=neighbors,
            min_dist=settings.min_dist,
            metric=settings.metric.value,
            n_epochs=epochs,
            random_state=settings.seed,
            n_jobs=1,
            precomputed_knn=(*near, None),
            disconnection_distance=np.inf,
            tqdm_kwds=_Ticker.listening(lambda done: on_progress(asks + done, steps)),
        )
        flat: Floats = model.fit_transform(vectors)
    return flat


def _nearest(
    vectors: AnyArray, k: int, metric: Metric, on_step: Callable[[int], object]
) -> tuple[Ints, Floats]:
    """Rows and distances of everybody's k nearest, themselves among them, both (n, k).

    umap-learn's own search is approximate and compiles for most of a minute; this one compiles nothing, and
    is exact but for float32 rounding by Euclidean distance and by cosine up to 30,000 vectors. More are
    asked at once, not in steps that can be stopped: then an index repays building.
    """
    n = len(vectors)
    search = _by_cosine(vectors, k) if metric is Metric.COSINE else _by_distance(vectors, k)
    step = _ASKED_AT_ONCE if n <= FLAT_LIMIT else n
    rows, away = np.empty((n, k), dtype=np.int64), np.empty((n, k), dtype=np.float32)
    for done, start in enumerate(range(0, n, step)):
        on_step(done)
        asked = slice(start, start + step)
        rows[asked], away[asked] = search(asked)
    return rows, away


def _by_cosine(vectors: AnyArray, k: int) -> _Search:
    unit = unit_rows(vectors, "a map by cosine")

    def search(asked: slice) -> tuple[Ints, AnyArray]:
        rows = shortlist(unit[asked], unit, k)
        away = np.empty(rows.shape, dtype=np.float32)
        for i, (vector, near) in enumerate(zip(unit[asked], rows, strict=True)):
            away[i] = 1 - unit[near] @ vector
        return rows, np.where(away < 1e-6, 0, away)  # rounding would part equal vectors

    return search


def _by_distance(vectors: AnyArray, k: int) -> _Search:
    index = NearestNeighbors(n_neighbors=k).fit(vectors)

    def search(asked: slice) -> tuple[Ints, AnyArray]:
        away, rows = index.kneighbors(vectors[asked])
        return rows, away

    return search


class _Ticker:
    """A stream for umap-learn's progress bar that reads the bar back as steps done."""

    def __init__(self, on_step: Callable[[int], object]) -> None:
        self._on_step = on_step
        self._open = True

    @classmethod
    def listening(cls, on_step: Callable[[int], object]) -> dict[str, object]:
        """umap-learn's `tqdm_kwds` that call `on_step` some 20 times a second."""
        return {
            "file": cls(on_step),
            "bar_format": "{n}",
            "disable": False,
            "mininterval": 0.05,
            "miniters": 1,
        }

    def write(self, text: str) -> None:
        """Called by tqdm; an exception of `on_step` leaves through it once, then the stream is deaf."""
        if self._open and text.strip().isdigit():
            self._open = False
            self._on_step(int(text))
            self._open = True

    def flush(self) -> None:
        """Nothing is held back."""
