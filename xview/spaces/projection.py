"""Flat maps of a space: UMAP, t-SNE, PCA, or two-dimensional vectors as they are.

Importing this module loads none of them; `project` does, and belongs in a worker.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from scipy import linalg

from xview.arrays import AnyArray, Doubles, Floats
from xview.data.vectors import read_vectors
from xview.errors import DataError, SettingError, SpaceError, nearest_name
from xview.settings import Settings, setting
from xview.spaces.cache import cached
from xview.spaces.space import EmbeddingSpace

OnProgress: TypeAlias = Callable[[int, int], object]  # steps done, steps in all (0: nobody knows)

_FEW = 10  # points that are no manifold yet; they are drawn by PCA
_ONE_THREAD = 2_000  # points below which t-SNE's threads wait for each other longer than they work
_HIGHEST_SEED = 2**32 - 1


class Metric(StrEnum):
    """What makes two vectors near."""

    COSINE = "cosine"
    EUCLIDEAN = "euclidean"


def _seed() -> int:
    seed: int = setting(
        0, low=0, high=_HIGHEST_SEED, slider=(0, 100), help="Equal seeds draw equal maps on one machine."
    )
    return seed


@dataclass(frozen=True, slots=True, kw_only=True)
class UmapSettings(Settings):
    """UMAP (McInnes et al. 2018)."""

    n_neighbors: int = setting(
        15,
        low=2,
        high=1_000,
        slider=(2, 100),
        help="Neighbours a point is tied to, itself counted; more shows the whole, fewer the detail.",
    )
    min_dist: float = setting(
        0.1, low=0, high=1, help="How close points may lie on the map, in map units; 0 packs clusters tight."
    )
    metric: Metric = setting(Metric.COSINE, help="What makes two vectors near.")
    seed: int = _seed()


@dataclass(frozen=True, slots=True, kw_only=True)
class TsneSettings(Settings):
    """t-SNE (van der Maaten and Hinton 2008), Barnes-Hut, of unit vectors."""

    perplexity: float = setting(
        30.0, low=1, high=1_000, slider=(5, 100), help="Effective number of neighbours of a point."
    )
    seed: int = _seed()


@dataclass(frozen=True, slots=True, kw_only=True)
class PcaSettings(Settings):
    """The two principal components of unit vectors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AsIsSettings(Settings):
    """Two-dimensional vectors, drawn where they are."""


METHODS: Mapping[str, type[Settings]] = MappingProxyType(
    {"umap": UmapSettings, "tsne": TsneSettings, "pca": PcaSettings, "as-is": AsIsSettings}
)


def method_settings(method: str, values: Mapping[str, object] = MappingProxyType({})) -> Settings:
    """Settings of a method by name, from keys and text or JSON values.

    Raises:
        SettingError: No such method, or a setting it lacks or refuses.
    """
    if method not in METHODS:
        raise SettingError(f"no map {method!r}{nearest_name(method, METHODS)} (known: {', '.join(METHODS)})")
    return METHODS[method].from_mapping(values)


def method_of(settings: Settings) -> str:
    """The name of the method these settings are for."""
    return next(name for name, kind in METHODS.items() if type(settings) is kind)


def _nobody(_done: int, _total: int) -> None:
    pass


def project(vectors: AnyArray, settings: Settings, on_progress: OnProgress = _nobody) -> Floats:
    """Lay vectors out on a plane; the same vectors, settings and machine give the same map.

    Args:
        vectors: (n, d), n and d at least 1; for t-SNE and PCA as they are to be compared, such as unit rows.
        settings: Of one of `METHODS`.
        on_progress: Told after every step; what it raises ends the work. t-SNE tells nothing but its start.

    Returns:
        (n, 2) float32. Fewer than 10 points are drawn by PCA whatever the method, "as is" apart.

    Raises:
        SpaceError: Vectors that are not two-dimensional and should be drawn as they are; cosine of a zero
            or infinite vector.
    """
    few = len(vectors) < _FEW
    match settings:
        case AsIsSettings():
            flat = _as_is(vectors)
        case UmapSettings() if not few:
            from xview.spaces.umap_map import lay_out

            flat = lay_out(vectors, settings, on_progress)
        case TsneSettings() if not few:
            flat = _tsne(vectors, settings, on_progress)
        case _:
            flat = _pca(vectors)
    return np.ascontiguousarray(flat, dtype=np.float32)


def project_space(space: EmbeddingSpace, settings: Settings, on_progress: OnProgress = _nobody) -> Floats:
    """(total, 2) float32 map of a space: its modalities in order, their items in row order.

    A map shipped with the space is taken where the settings are the defaults; others are computed once and
    kept in the cache. Vectors are compared by direction, but for Euclidean UMAP and "as is".

    Raises:
        SpaceError: As `project`, or a modality has a vector without direction.
    """
    method = method_of(settings)
    if settings == METHODS[method]():
        shipped = _shipped(space, method)
        if shipped is not None:
            return shipped

    def make() -> dict[str, AnyArray]:
        as_stored = isinstance(settings, AsIsSettings) or (
            isinstance(settings, UmapSettings) and settings.metric is Metric.EUCLIDEAN
        )
        parts = [space.parts[m] if as_stored else space.unit(m) for m in space.modalities]
        return {"map": project(np.concatenate(parts), settings, on_progress)}

    words = json.dumps(settings.to_mapping(), sort_keys=True)
    return np.asarray(cached(f"map 1 {method} {space.fingerprint} {words}", make)["map"], dtype=np.float32)


def _shipped(space: EmbeddingSpace, method: str) -> Floats | None:
    if space.stored is None or method not in space.stored.maps:
        return None
    try:
        flat = np.asarray(read_vectors(space.stored.maps[method]), dtype=np.float32)
    except DataError:
        return None  # it is told where the space is opened; here it is drawn again
    return flat if flat.shape == (len(space), 2) else None


def place(new: AnyArray, vectors: AnyArray, flat: AnyArray, k: int = 5) -> Floats:
    """Put new vectors on a finished map without moving anything on it.

    Each lands at the mean of its k nearest vectors' places, weighted by 1 / squared distance, so a copy of
    a vector lands on it. That is near its neighbours, not where a map drawn with it would have put it.

    Args:
        new: (q, d).
        vectors: (n, d) of the points on the map, n at least 1.
        flat: (n, 2), the map.
        k: Neighbours, cut to n.

    Returns:
        (q, 2) float32.
    """
    squares = np.einsum("nd,nd->n", vectors, vectors, dtype=np.float64)
    placed = np.empty((len(new), 2), dtype=np.float32)
    for i, vector in enumerate(new):
        coarse = squares - 2 * (vectors @ vector).astype(np.float64)
        near = np.argpartition(coarse, min(k, len(vectors)) - 1)[:k]
        away = np.asarray(vectors[near], dtype=np.float64) - vector
        weights = 1 / np.maximum((away**2).sum(axis=1), 1e-12)
        placed[i] = weights @ flat[near] / weights.sum()
    return placed


def _as_is(vectors: AnyArray) -> AnyArray:
    if vectors.shape[1] != 2:
        raise SpaceError(
            f"only two-dimensional vectors can be drawn as they are, these have {vectors.shape[1]}; "
            "choose umap, tsne or pca"
        )
    return vectors


def _pca(vectors: AnyArray) -> Doubles:
    """(n, 2) principal components, each axis turned so that its largest loading is positive."""
    wide = np.asarray(vectors, dtype=np.float64)
    wide = wide - wide.mean(axis=0)
    d = wide.shape[1]
    if d == 1:
        return np.hstack([wide, np.zeros_like(wide)])
    _, axes = linalg.eigh(wide.T @ wide, subset_by_index=[d - 2, d - 1])
    axes = axes[:, ::-1]
    axes = axes * np.where(axes[np.abs(axes).argmax(axis=0), [0, 1]] < 0, -1, 1)
    return np.asarray(wide @ axes)


def _tsne(vectors: AnyArray, settings: TsneSettings, on_progress: OnProgress) -> Floats:
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    on_progress(0, 0)
    n = len(vectors)
    model = TSNE(
        perplexity=min(settings.perplexity, (n - 1) / 3),  # it asks for three times as many neighbours
        init=_small(_pca(vectors)),
        random_state=settings.seed,
    )
    with threadpool_limits(limits=1 if n < _ONE_THREAD else None):
        flat: Floats = model.fit_transform(np.asarray(vectors, dtype=np.float32))
    return flat


def _small(start: Doubles) -> Floats:
    """A start for t-SNE: standard deviation 1e-4 along the first axis (Kobak and Berens 2019)."""
    return np.asarray(start / max(start[:, 0].std(), 1e-12) * 1e-4, dtype=np.float32)
