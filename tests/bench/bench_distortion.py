"""Trustworthiness and continuity of 20,000 items: ours against scikit-learn, in one run.

    python -m tests.bench.bench_distortion [items]

512-d features of overlapping classes (`bench_diffusion.synthetic`) against their two leading principal
components, and against a noisier 512-d space. scikit-learn gives trustworthiness alone, so it is called a
second time with the arrays exchanged for continuity; it holds the whole n x n matrix (8 GB at 20,000), so on
a machine with less to spare ask for fewer items. Each is measured in a process of its own, whose peak memory
includes Python, the libraries and the vectors. Seconds of all cores tell more where others use the machine.
"""

from __future__ import annotations

import os
import sys
import time
from multiprocessing import get_context
from multiprocessing.connection import Connection

import numpy as np
import psutil

from tests.bench.bench_diffusion import synthetic
from xview.arrays import Doubles, Floats

ITEMS, K = 20_000, 15
KS = (1, 2, 5, 10, 15, 20, 30, 50, 70, 100)


def problem(n: int) -> tuple[Floats, Floats, Floats]:
    """A space, a map and another space of n items."""
    field = synthetic(n, 100)
    centred = field.x_own - field.x_own.mean(axis=0)
    axes = np.linalg.eigh(centred.T @ centred)[1]
    return field.x_own, np.ascontiguousarray(centred @ axes[:, -2:]), field.x_shared


def ours(reference: Floats, measured: Floats, ks: tuple[int, ...]) -> Doubles:
    from xview.metrics.neighbourhoods import compare

    compare(reference[:300], measured[:300], ks)  # compiles once per installation
    start = clocks()
    found = compare(reference, measured, ks)
    seconds = clocks() - start
    at = ks.index(K)
    return np.array([*seconds, found.mean("trustworthiness")[at], found.mean("continuity")[at]])


def sklearns(reference: Floats, measured: Floats, _ks: tuple[int, ...]) -> Doubles:
    from sklearn.manifold import trustworthiness

    start = clocks()
    both = [trustworthiness(*pair, n_neighbors=K) for pair in ((reference, measured), (measured, reference))]
    return np.array([*clocks() - start, *both])


def clocks() -> Doubles:
    """Seconds passed, and seconds of all cores that this process used."""
    return np.array([time.perf_counter(), time.process_time()])


def _child(channel: Connection, n: int, which: int, measure: str, ks: tuple[int, ...]) -> None:
    spaces = problem(n)
    found = globals()[measure](spaces[0], spaces[which], ks)
    channel.send((found, peak()))


def peak() -> int:
    """The most memory this process has held, in bytes."""
    if os.name == "nt":
        return int(psutil.Process().memory_info().peak_wset)
    import resource

    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return held if sys.platform == "darwin" else held * 1024


def alone(*task: object) -> tuple[Doubles, float]:
    """What a measure finds in a process of its own, and how many MB it held at most."""
    context = get_context("spawn")
    mine, its = context.Pipe()
    child = context.Process(target=_child, args=(its, *task))
    child.start()
    its.close()
    found, held = mine.recv()
    child.join()
    return found, held / 2**20


def main() -> None:
    """Print a table for a map and for a space."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else ITEMS
    for which, what in ((1, "its 2-d map"), (2, "another 512-d space")):
        print(f"{n:,} items in 512 d against {what}, k = {K}: trustworthiness, continuity")
        theirs, held = alone(n, which, "sklearns", (K,))
        _line("scikit-learn, called twice", theirs, held, theirs)
        for ks in ((K,), KS):
            found, held = alone(n, which, "ours", ks)
            assert np.abs(found[2:] - theirs[2:]).max() < 1e-6
            _line(f"xview, every measure and item, {len(ks)} k up to {ks[-1]}", found, held, theirs)


def _line(name: str, found: Doubles, held: float, theirs: Doubles) -> None:
    seconds, of_cores, trust, continuity = found
    print(
        f"  {name:<46} {trust:.7f} {continuity:.7f}  {seconds:6.2f} s ({theirs[0] / seconds:4.1f} x), "
        f"{of_cores:6.2f} s of all cores ({theirs[1] / of_cores:4.1f} x), {held:5.0f} MB",
        flush=True,
    )


if __name__ == "__main__":
    main()
