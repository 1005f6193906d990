"""A 10 x 10 map of mAP over lambda and alpha: one sweep against filling every cell by itself, in one run.

Of the emoji set (sketches -> images) on unseen classes, where graphs are factorised, and on seen classes,
where every seed's own list is solved by conjugate gradients. Cells filled alone are a sample, taken to all
100.

Then what was left out: one eigendecomposition for ten alphas instead of a factorisation each; and the steps
of conjugate gradients inside a seed's list for ten alphas in a row, from nothing, from the last solution, and
from the line through the last two.

Beside seconds on the clock stand those of the processor: other work on the machine does not count in them.

Run: python -m tests.bench.bench_sweep
"""

import time

import numpy as np

from xview.data.protocol import Classes, Protocol
from xview.graph.truncation import seed_areas
from xview.metrics.axes import spaced
from xview.metrics.sweep import SweepRequest, sweep
from xview.metrics.table import Request, field_of, fill
from xview.retrieval.base import Side
from xview.retrieval.field import choose_spaces
from xview.retrieval.graphs import Manifold
from xview.retrieval.walk_settings import WalkSettings
from xview.spaces.library import open_data

SIDE, SAMPLE, SEEDS = 10, 8, 20


def timed(what, *arguments):
    """What comes of it; seconds on the clock and of the processor."""
    clock, work = time.perf_counter(), time.process_time()
    result = what(*arguments)
    return result, np.array([time.perf_counter() - clock, time.process_time() - work])


def told(spent):
    return f"{spent[0]:6.1f} s ({spent[1]:6.1f} s of processor)"


def request_of(data, classes):
    protocol = Protocol(query="sketches", gallery="images", query_classes=classes, gallery_classes=classes)
    spaces = choose_spaces(data.spaces, protocol)
    request = Request(protocol=protocol, spaces=spaces, ranker="heterogeneous", settings=WalkSettings())
    axes = spaced(WalkSettings, "lambda", 0, 1, SIDE), spaced(WalkSettings, "alpha", 0.5, 0.99, SIDE)
    return SweepRequest(request=request, axes=axes)


def compare(data, classes):
    wanted = request_of(data, classes)
    fill(data, [wanted.request])  # loads what is compiled
    found, seconds = timed(sweep, data, wanted)
    places = np.random.default_rng(0).choice(SIDE * SIDE, SAMPLE, replace=False)
    lams, alphas = (axis.values for axis in wanted.axes)
    alone, worst = np.zeros(2), 0.0
    for i, j in (divmod(int(place), SIDE) for place in places):
        (row,), spent = timed(fill, data, [wanted.at((lams[i], alphas[j]))])
        alone += spent
        worst = max(worst, *(abs(found.measures[name][i, j] - value) for name, value in row.measures.items()))
    naive = alone / SAMPLE * SIDE * SIDE
    print(f"{classes} classes, {found.queries:,} queries, best mAP {np.max(found.measures['mAP']):.4f}")
    ratio = naive / seconds
    print(f"  one sweep of {SIDE} x {SIDE}            {told(seconds)}")
    print(
        f"  every cell alone (of {SAMPLE} cells)  {told(naive)}, {ratio[0]:.1f} ({ratio[1]:.1f}) x the sweep"
    )
    print(f"  largest difference            {worst:.1e}")


def steps_of(matrix, b, alpha, guess, tol=1e-6):
    """Conjugate gradients from a guess: solution and steps."""
    f = guess.copy()
    residual = b - f + alpha * (matrix @ f)
    direction, size, count = residual.copy(), residual @ residual, 0
    while size > tol**2 * (b @ b):
        pushed = direction - alpha * (matrix @ direction)
        step = size / (direction @ pushed)
        f += step * direction
        residual -= step * pushed
        size, before = residual @ residual, size
        direction = residual + size / before * direction
        count += 1
    return f, count


def warm_starts(data):
    wanted = request_of(data, Classes.SEEN)
    _, graphs = field_of(data, wanted.request)
    steps = graphs.graph(Side.GALLERY, Manifold.OWN, 30, 3.0).steps.matrix
    vectors = graphs.features(Side.GALLERY, Manifold.OWN)
    seeds = np.random.default_rng(0).choice(len(vectors), SEEDS, replace=False)
    areas, counts = seed_areas(vectors, 1_000, seeds), np.zeros(3)
    for number, seed in enumerate(seeds):
        rows = areas.indices[areas.indptr[number] : areas.indptr[number + 1]]
        matrix, b = steps[rows][:, rows], (rows == seed).astype(float)
        nothing, last, known = np.zeros(len(rows)), [], []
        for alpha in wanted.axes[1].values:
            at = -np.log(1 - alpha)
            line = known[-1] if known else nothing
            if len(known) > 1:
                line = line + (at - last[-1]) / (last[-1] - last[-2]) * (known[-1] - known[-2])
            guesses = nothing, known[-1] if known else nothing, line
            solved = [steps_of(matrix, b, alpha, guess) for guess in guesses]
            counts += [count for _, count in solved]
            last.append(at)
            known.append(solved[0][0])
    print(f"steps of conjugate gradients for {SIDE} alphas, mean of {SEEDS} seeds of {len(vectors):,}")
    for begun, count in zip(("from nothing", "from the last", "from the last two"), counts, strict=True):
        print(f"  {begun:<20}{count / SEEDS:6.0f}")


def eigen(data):
    """All alphas from one eigendecomposition against a factorisation each, on the unseen images."""
    _, graphs = field_of(data, request_of(data, Classes.UNSEEN).request)
    steps = graphs.graph(Side.GALLERY, Manifold.OWN, 30, 3.0).steps
    hops = graphs.links("released", 15, 3.0).yx
    alphas = request_of(data, Classes.UNSEEN).axes[1].values

    def factorised():
        return [
            graphs.diffuser(Side.GALLERY, Manifold.OWN, 30, 3.0, alpha, 1e-6).solve_many(hops)
            for alpha in alphas
        ]

    def decomposed():
        values, vectors = np.linalg.eigh(steps.matrix.toarray())
        turned = vectors.T @ hops.toarray()
        return [(vectors @ (turned / (1 - alpha * values)[:, None])).T for alpha in alphas]

    one, first = timed(factorised)
    two, second = timed(decomposed)
    worst = max(abs(a - b).max() for a, b in zip(one, two, strict=True))
    print(f"{SIDE} alphas on {steps.matrix.shape[0]:,} vertices, largest difference {worst:.0e}")
    print(f"  a factorisation each          {told(first)}")
    print(f"  one eigendecomposition        {told(second)}")


def main():
    data = open_data("emoji")
    for classes in (Classes.UNSEEN, Classes.SEEN):
        compare(data, classes)
    eigen(data)
    warm_starts(data)


if __name__ == "__main__":
    main()
