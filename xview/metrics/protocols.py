"""The protocols of two person re-identification sets, RegDB and SYSU-MM01, on scores and identities.

Both leave queries without a match out and count them, and rank equal scores in gallery order.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np

from xview.arrays import AnyArray, Bools, Doubles, Ints
from xview.metrics.repeats import mean_of, spread_of
from xview.metrics.roles import RELEVANT, relevant_ranks, roles_of

CMC_LENGTH = 20
ALL_SEARCH_CAMERAS = (1, 2, 4, 5)  # those of SYSU-MM01 that see visible light
_SAME_PLACE = (3, 2)  # an infrared camera and the visible one beside it
_RANKS = (1, 5, 10, 20)

Split: TypeAlias = tuple[AnyArray, AnyArray, AnyArray]
"""Scores (m, n), query identities (m,), gallery identities (n,)."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Trial:
    """One trial's figures.

    Attributes:
        ap: (m,) float64 average precision over images, NaN where the query has no match.
        measures: mAP, rank1, rank5, rank10, rank20, mINP; means over queries with a match.
        cmc: (20,) float64 share of them with a match within the first 1, 2 ...
    """

    ap: Doubles
    measures: dict[str, float]
    cmc: Doubles

    @property
    def queries_without_match(self) -> int:
        """How many queries were left out."""
        return int(np.isnan(self.ap).sum())


@dataclass(frozen=True, eq=False)
class Trials:
    """Several trials of one protocol, at least one."""

    each: tuple[Trial, ...]

    @cached_property
    def measures(self) -> dict[str, float]:
        """Mean over trials."""
        return mean_of([trial.measures for trial in self.each])

    @cached_property
    def spread(self) -> dict[str, float]:
        """Sample standard deviation over trials; empty for a single one."""
        return spread_of([trial.measures for trial in self.each])

    @cached_property
    def cmc(self) -> Doubles:
        """(20,) mean over trials."""
        return np.asarray(np.mean([t.cmc for t in self.each], axis=0))


def regdb(splits: Iterable[Split]) -> Trials:
    """RegDB: all queries against all gallery images, whatever their camera; the mean over the splits given.

    The set has 10 splits of 206 identities with 10 images a modality. Each needs vectors from a model that
    was trained on its own training half: one model on all test halves has seen most of them.
    """
    return Trials(tuple(_trial(scores, q, g, np.zeros(np.shape(scores), bool)) for scores, q, g in splits))


def sysu_all_search(
    scores: AnyArray,
    query_ids: AnyArray,
    query_cameras: AnyArray,
    gallery_ids: AnyArray,
    gallery_cameras: AnyArray,
    *,
    trials: int = 10,
    seed: int = 0,
) -> Trials:
    """SYSU-MM01, all search, single shot (Wu et al. 2017): infrared queries, visible gallery.

    Each trial's gallery is one image of every identity from each of cameras 1, 2, 4 and 5 (301 in the test
    set). Queries of camera 3 skip camera 2, which stands in the same place. CMC counts distinct identities:
    a match's rank is 1 + the other identities seen before it; mAP and mINP count images.

    Args:
        scores: (m, n) over the whole test gallery: a walk walks on all of it, columns are sampled afterwards.
        query_ids, query_cameras: (m,).
        gallery_ids, gallery_cameras: (n,).
        trials: Galleries to draw.
        seed: Of the draws, see `draw_gallery`; programs differ in theirs, hence in the second decimal.
    """
    skipped = (query_cameras[:, None] == _SAME_PLACE[0]) & (gallery_cameras == _SAME_PLACE[1])
    judged = []
    for trial in range(trials):
        columns = draw_gallery(gallery_ids, gallery_cameras, seed=seed, trial=trial)
        part = scores[:, columns], query_ids, gallery_ids[columns], skipped[:, columns]
        judged.append(_trial(*part, by_identity=True))
    return Trials(tuple(judged))


def draw_gallery(identities: AnyArray, cameras: AnyArray, *, seed: int, trial: int) -> Ints:
    """Rows of one image per identity and camera of `ALL_SEARCH_CAMERAS`, ascending.

    Drawn by numpy's PCG64 from (seed, trial), identity after identity, camera after camera.
    """
    rng = np.random.default_rng([seed, trial])
    rows = []
    for identity in np.unique(identities):
        for camera in ALL_SEARCH_CAMERAS:
            images = np.flatnonzero((identities == identity) & (cameras == camera))
            if images.size:
                rows.append(images[rng.integers(images.size)])
    return np.sort(np.array(rows, dtype=np.int64))


def _trial(
    scores: AnyArray, query_ids: AnyArray, gallery_ids: AnyArray, skipped: Bools, *, by_identity: bool = False
) -> Trial:
    m = len(query_ids)
    if np.shape(scores) != (m, len(gallery_ids)):
        raise ValueError(f"scores of {m} x {len(gallery_ids)} expected, got shape {np.shape(scores)}")
    if not np.isfinite(scores).all():
        raise ValueError("scores must be finite; there is a NaN or an infinity among them")
    ap, inp, first = np.full(m, np.nan), np.full(m, np.nan), np.full(m, np.inf)
    for q in range(m):
        roles = roles_of(gallery_ids == query_ids[q], skipped[q])
        ranks = relevant_ranks(scores[q], roles)
        if ranks.size:
            ap[q] = np.mean(np.arange(1, ranks.size + 1) / ranks)
            inp[q] = ranks.size / ranks[-1]
            first[q] = _identities_until_match(scores[q], roles, gallery_ids) if by_identity else ranks[0]
    matched = np.isfinite(ap)
    if not matched.any():
        raise ValueError("no query has a match in the gallery")
    cmc = np.array([np.mean(first[matched] <= k) for k in range(1, CMC_LENGTH + 1)])
    measures = {"mAP": float(ap[matched].mean())}
    measures |= {f"rank{k}": float(cmc[k - 1]) for k in _RANKS}
    measures["mINP"] = float(inp[matched].mean())
    return Trial(ap=ap, measures=measures, cmc=cmc)


def _identities_until_match(scores: AnyArray, roles: AnyArray, gallery_ids: AnyArray) -> int:
    """1 + distinct identities that precede the first match."""
    returned = np.flatnonzero(roles <= RELEVANT)
    order = returned[np.argsort(-scores[returned], kind="stable")]
    first = int(np.argmax(roles[order] == RELEVANT))
    return 1 + len(np.unique(gallery_ids[order[:first]]))
