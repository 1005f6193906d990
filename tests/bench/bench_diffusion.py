"""Times of the walk: one query, a large gallery, all queries against the released program's steps.

    python -m tests.bench.bench_diffusion [query] [large] [all]

Synthetic 512-d features of overlapping classes: a 24-d mixture of 100 Gaussians, bent into 512 dimensions by
tanh of a random map per space, plus noise; the shared spaces see it through more noise. Times are medians;
compare ratios, taken in one run, rather than seconds.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import psutil
from joblib import Parallel, delayed
from scipy import sparse
from scipy.sparse.linalg import cg

from xview.arrays import Doubles, Floats, Ints
from xview.graph.affinity import affinity_of_lists, normalised
from xview.graph.knn import shortlist
from xview.retrieval.base import Field, Query, Side
from xview.retrieval.graphs import FieldGraphs, Manifold
from xview.retrieval.nearby import overlap
from xview.retrieval.walk import WalkRanker
from xview.retrieval.walk_settings import Truncation, WalkSettings

CLASSES, LATENT, WIDTH = 100, 24, 512
WHOLE = WalkSettings(truncation=Truncation.NONE)
ASKED = 40


def synthetic(m: int, n: int, seed: int = 0) -> Field:
    """m x n items of the same classes, with a single-modal space each and a noisier shared one."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(CLASSES, LATENT))
    x, y = (
        centres[rng.integers(0, CLASSES, count)] + 0.8 * rng.normal(size=(count, LATENT)) for count in (m, n)
    )
    shared = rng.normal(size=(LATENT, WIDTH)) / LATENT**0.5
    own_x, own_y = (rng.normal(size=(LATENT, WIDTH)) / LATENT**0.5 for _ in range(2))
    return Field(
        x_shared=_bent(x + 0.5 * rng.normal(size=x.shape), shared, rng),
        y_shared=_bent(y + 0.5 * rng.normal(size=y.shape), shared, rng),
        x_own=_bent(x, own_x, rng),
        y_own=_bent(y, own_y, rng),
    )


def _bent(latent: Doubles, across: Doubles, rng: np.random.Generator) -> Floats:
    out = (np.tanh(latent @ across) + 0.05 * rng.normal(size=(len(latent), WIDTH))).astype(np.float32)
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    return out


def timed(work: Callable[[], object]) -> float:
    """Seconds that `work` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def line(what: str, value: str) -> None:
    """One row of the table."""
    print(f"{what:<72} {value:>20}", flush=True)


def one_query() -> None:
    """A heterogeneous query on 18,000 x 15,000, both directions."""
    graphs = FieldGraphs(synthetic(18_000, 15_000))
    ranker = WalkRanker(WHOLE, Manifold.OWN, graphs)
    line("18,000 x 15,000: graphs and links", f"{timed(ranker.prepare):.1f} s")
    line("  first query (loads numba)", f"{1e3 * timed(lambda: ranker.rank(Query.item(0))):.0f} ms")
    times = [timed(lambda row=row: ranker.rank(Query.item(row))) for row in range(1, ASKED)]
    line("  one query, both directions solved to 1e-6", _milliseconds(times))
    for change in ({"lam": 0.2}, {"alpha": 0.95}, {"k_q": 10}):
        other = WalkRanker(replace(WHOLE, **change), Manifold.OWN, graphs)
        first = timed(lambda other=other: other.rank(Query.item(ASKED - 1)))
        line(f"  the same query after {change}", f"{1e3 * first:.1f} ms")


def large_gallery() -> None:
    """A query on a gallery of 100,000: in its neighbourhood, and on the whole graph."""
    graphs = FieldGraphs(synthetic(5_000, 100_000))
    local = WalkRanker(WHOLE, Manifold.OWN, graphs)
    whole = WalkRanker(replace(WHOLE, local=False), Manifold.OWN, graphs)
    line("5,000 x 100,000: graphs and links", f"{timed(local.prepare):.1f} s")
    local.rank(Query.item(0)), whole.rank(Query.item(0))
    near = [timed(lambda row=row: local.rank(Query.item(row))) for row in range(1, ASKED)]
    far = [timed(lambda row=row: whole.rank(Query.item(row))) for row in range(1, ASKED)]
    same = [
        overlap(local.rank(Query.item(row)).scores, whole.rank(Query.item(row)).scores)
        for row in range(1, ASKED)
    ]
    steps = graphs.graph(Side.GALLERY, Manifold.OWN, 30, 3.0).steps.matrix
    plain = _scipy_query(steps, graphs)
    line("  one query in its neighbourhood", _milliseconds(near))
    line("  one query on the whole graph", _milliseconds(far))
    line("  scipy CG to 1e-6, the gallery's direction alone", _milliseconds(plain))
    line("  top-100 overlap of local and whole, mean / least", f"{np.mean(same):.4f} / {min(same):.2f}")
    line("  what it says", local.rank(Query.item(1)).notes[-1])


def _scipy_query(steps: sparse.csr_array, graphs: FieldGraphs) -> list[float]:
    laplacian = sparse.csr_array(sparse.eye_array(steps.shape[0]) - 0.99 * steps).astype(np.float32)
    links = graphs.links(WHOLE.links, 15, 3.0).yx.astype(np.float32)
    return [
        timed(lambda row=row: cg(laplacian, links[:, [row]].toarray()[:, 0], rtol=1e-6, maxiter=1_000))
        for row in range(1, 11)
    ]


def all_queries() -> None:
    """All 5,000 queries of an 18,000 gallery, both directions, against the released program's steps.

    The two take turns, a thousand of our queries and some of its seeds, so that both meet the same machine.
    """
    field = synthetic(5_000, 18_000)
    line("5,000 x 18,000, all queries: memory with features and program", f"{_memory(field):.2f} GB")
    ranker = WalkRanker(WHOLE, Manifold.OWN, FieldGraphs(field))
    prepared = timed(ranker.prepare)
    released = Released(field)
    blocks, walked, solved = ranker.score_blocks(np.arange(5_000)), 0.0, 0.0
    for turn in range(TURNS):
        walked += timed(lambda: [next(blocks, None) for _ in range(8)])
        solved += released.seeds(turn)
    total, theirs = prepared + walked, released.common + solved + released.sums()
    line("  graphs and links", f"{prepared:.1f} s")
    line("  walks, both directions, to 1e-6 on the whole graph", f"{walked:.1f} s")
    line("  total", f"{total:.1f} s")
    line("  released program: lists, graphs, links", f"{released.common:.1f} s")
    line("  released program: seeds, 20 steps each, extrapolated", f"{solved:.1f} s")
    line("  released program: total", f"{theirs:.1f} s")
    line("  ratio", f"{theirs / total:.1f}")


def _memory(field: Field) -> float:
    """Peak resident memory, in GB, while the first queries are answered."""
    ranker, peak = WalkRanker(WHOLE, Manifold.OWN, FieldGraphs(field)), 0
    for _ in ranker.score_blocks(np.arange(640)):
        peak = max(peak, psutil.Process().memory_info().rss)
    return peak / 1e9


TURNS = 5  # of eight blocks of our queries
SEEDS = 300  # of the released program's, a turn and side


class Released:
    """The released program for the same scores, truncated to 1,000, by its own steps.

    Each side: lists of 1,000 by faiss, the mutual graph of 30 cubed, then for every seed the Laplacian
    sliced twice by scipy and 20 steps of scipy's float32 CG, in joblib's threads. Both directions: lists of
    15 in the shared space and the weighted sum of 15 rows a query. Seeds and sums are timed on samples and
    extrapolated, the rest in full.
    """

    def __init__(self, field: Field) -> None:
        start = time.perf_counter()
        self._sides = []
        for own in (field.x_own, field.y_own):
            assert own is not None
            lists = shortlist(own, own, 1_000)
            self._sides.append((_float32_laplacian(lists, own), lists))
        self._shapes = [
            (len(field.x_shared), len(field.y_shared)),
            (len(field.y_shared), len(field.x_shared)),
        ]
        shortlist(field.x_shared, field.y_shared, 15)
        shortlist(field.y_shared, field.x_shared, 15)
        self.common = time.perf_counter() - start

    def seeds(self, turn: int) -> float:
        """Seconds of one turn's share of all seeds, extrapolated from `SEEDS` of each side."""
        workers, seconds = Parallel(n_jobs=-1, prefer="threads"), 0.0
        for laplacian, lists in self._sides:
            seeds = np.linspace(0, len(lists) - 1, SEEDS * TURNS).astype(np.int64)[turn::TURNS]
            work = timed(
                lambda lists=lists, laplacian=laplacian, seeds=seeds: workers(
                    delayed(_released_seed)(laplacian, lists[seed]) for seed in seeds
                )
            )
            seconds += work / len(seeds) * len(lists) / TURNS
        return seconds

    def sums(self) -> float:
        """Seconds to sum every query's rows, both directions."""
        return sum(_released_sums(queries, base) for queries, base in self._shapes)


def _released_sums(queries: int, base: int, sample: int = 500) -> float:
    """Seconds to sum the rows of `queries` queries: a sparse product with results of 1,000 a row."""
    rng = np.random.default_rng(0)
    starts = np.arange(base + 1) * 1_000
    results = sparse.csr_array(
        (rng.random(base * 1_000, np.float32), rng.integers(0, base, base * 1_000), starts),
        shape=(base, base),
    )
    links = sparse.random_array((sample, base), density=15 / base, rng=rng, dtype=np.float32, format="csr")
    return timed(lambda: (links @ results).toarray()) / sample * queries


def _float32_laplacian(lists: Ints, features: Floats) -> sparse.csr_array:
    rows = lists[:, 1:30]
    similarity = np.stack([features[near] @ feature for near, feature in zip(rows, features, strict=True)])
    steps = normalised(affinity_of_lists(rows, similarity.astype(np.float64), 3.0))
    return sparse.csr_array(sparse.eye_array(len(features)) - 0.99 * steps).astype(np.float32)


def _released_seed(laplacian: sparse.csr_array, near: Ints) -> Floats:
    part = laplacian[near][:, near]
    source = np.zeros(len(near), dtype=np.float32)
    source[0] = 1
    return np.asarray(cg(part, source, rtol=1e-6, maxiter=20)[0])


def _milliseconds(times: list[float]) -> str:
    return f"{1e3 * np.median(times):.1f} ms (p95 {1e3 * np.percentile(times, 95):.1f})"


if __name__ == "__main__":
    parts = {"query": one_query, "large": large_gallery, "all": all_queries}
    for name in sys.argv[1:] or parts:
        parts[name]()
