"""A threshold graph and geodesic queries on it, beside the dense route where that fits; processor time.

    python -m tests.bench.bench_geodesic [--items 50000] [--width 512] [--dense 4000]

The dense route is the whole matrix of distances, cut at the same threshold, under scipy's dense Dijkstra.
"""

import argparse
import time
from functools import partial

import numpy as np
from scipy.sparse.csgraph import dijkstra

from xview.jobs.detached import peak_memory
from xview.retrieval.base import Field, Query
from xview.retrieval.geodesic import GeodesicRanker
from xview.retrieval.geodesic_settings import GeodesicSettings
from xview.retrieval.graphs import FieldGraphs
from xview.spaces.space import unit_rows

DIMENSIONS = 8  # of the manifold the items lie near
ASKED = 20


def items(n, width):
    rng = np.random.default_rng(0)
    latent = rng.normal(size=(n, DIMENSIONS)) @ rng.normal(size=(DIMENSIONS, width))
    return unit_rows((latent + 0.3 * rng.normal(size=(n, width))).astype(np.float32), "made up")


def seconds(work):
    start = time.process_time()
    made = work()
    return time.process_time() - start, made


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--items", type=int, default=50_000)
    parser.add_argument("--width", type=int, default=512)
    parser.add_argument("--dense", type=int, default=4_000)
    args = parser.parse_args()
    print(
        "| items x width | edges | build s | query ms | own item | from outside | dense build s | dense ms |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for n in (args.dense, args.items):
        vectors = items(n, args.width)
        field = Field(
            x_shared=vectors[:ASKED], y_shared=vectors, x_row_of_y=np.r_[:ASKED, [-1] * (n - ASKED)]
        )
        ranker = GeodesicRanker(GeodesicSettings(degree=10), FieldGraphs(field))
        build, _ = seconds(ranker.prepare)
        strange = unit_rows(vectors[:ASKED] + 0.001, "made up")
        inside = [1e3 * seconds(partial(ranker.rank, Query.item(row)))[0] for row in range(ASKED)]
        outside = [1e3 * seconds(partial(ranker.rank, Query(shared=one)))[0] for one in strange]
        dense = ["too large"] * 2
        if n <= args.dense:
            threshold = ranker.graph.threshold
            took, lengths = seconds(partial(whole, vectors, threshold))
            one, _ = seconds(partial(dijkstra, lengths, indices=[0]))
            dense = [f"{took:.2f}", f"{1e3 * one:.0f}"]
        cells = [f"{n:,} x {args.width}", f"{ranker.graph.edges:,}", f"{build:.1f}"]
        cells += [f"{np.median([*inside, *outside]):.1f}", f"{np.median(inside):.1f}"]
        print("| " + " | ".join([*cells, f"{np.median(outside):.1f}", *dense]) + " |", flush=True)
    print(f"\nmost memory {peak_memory() / 2**20:,.0f} MB")


def whole(vectors, threshold):
    apart = np.arccos(np.clip(vectors @ vectors.T, -1, 1))
    return np.where(apart < threshold, apart, 0.0)


if __name__ == "__main__":
    main()
