"""UMAP of 20,000 vectors against umap-learn alone: started cold, warm, in steady state; and the cancel.

Run: python -m tests.bench.bench_maps
"""

import os
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as workers have it; read when the libraries load

import numpy as np

from xview.jobs.pool import WorkerPool
from xview.jobs.runner import Job, wait
from xview.jobs.tasks import WARM_UPS
from xview.spaces.projection import UmapSettings, project

N, D, CLASSES = 20_000, 512, 40
TASK = "tests.bench.bench_maps:draw"


def vectors(n=N):
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(CLASSES, D))
    noisy = centres[rng.integers(0, CLASSES, n)] + 1.2 * rng.normal(size=(n, D))
    return (noisy / np.linalg.norm(noisy, axis=1, keepdims=True)).astype(np.float32)


def draw(config, run_dir, reporter):
    """A task: draw the benchmark's vectors in a worker."""
    project(vectors(), UmapSettings(), reporter.step)


def peer(seeded):
    import umap

    seed = {"random_state": 0, "n_jobs": 1} if seeded else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return umap.UMAP(n_neighbors=15, metric="cosine", **seed).fit_transform(vectors())


def kept_neighbours(flat, k=15, sample=500):
    """Share of the true k nearest that are among the map's k nearest, over a sample."""
    space = vectors()
    rows = np.linspace(0, N - 1, sample).astype(int)
    true = np.argpartition(-(space[rows] @ space.T), k, axis=1)[:, : k + 1]
    away = np.linalg.norm(flat[rows][:, None] - flat[None], axis=2)
    near = np.argpartition(away, k, axis=1)[:, : k + 1]
    shared = [len(set(a) & set(b)) - 1 for a, b in zip(true.tolist(), near.tolist(), strict=True)]
    return float(np.mean(shared)) / k


def seconds(work):
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def cold(code):
    return seconds(lambda: subprocess.run([sys.executable, "-c", code], check=True))[0]


def cancel_delay(pool, folder, share):
    """Seconds from the cancel to the end of the job, asked once this share of the steps is done."""
    job = pool.submit(TASK, {}, folder)
    while job.progress is None or job.progress.done < share * job.progress.total:
        job.poll()
        time.sleep(0.005)
    job.cancel()
    start = time.perf_counter()
    while job.outcome is None:
        job.poll()
        time.sleep(0.005)
    return time.perf_counter() - start


def show(name, ours, theirs=None):
    ratio = "" if theirs is None else f"   {ours / theirs:5.2f} x umap-learn's"
    print(f"  {name:58} {ours:6.2f} s{ratio}", flush=True)


def main():
    print(f"UMAP of {N} x {D}, 15 neighbours by cosine, seeded unless said otherwise")
    theirs_cold = cold("from tests.bench.bench_maps import peer; peer(True)")
    show("umap-learn, new process", theirs_cold)
    code = "from tests.bench.bench_maps import *; project(vectors(), UmapSettings())"
    show("ours, new process", cold(code), theirs_cold)

    project(vectors(500), UmapSettings())  # compile
    peer(True)
    theirs, flat = seconds(lambda: peer(True))
    show(f"umap-learn, steady state (neighbours kept {kept_neighbours(flat):.3f})", theirs)
    unseeded, _ = seconds(lambda: peer(False))
    show("umap-learn, steady state, unseeded on all cores", unseeded)
    ours, flat = seconds(lambda: project(vectors(), UmapSettings()))
    show(f"ours, steady state (neighbours kept {kept_neighbours(flat):.3f})", ours, theirs)

    pool = WorkerPool({TASK: WARM_UPS["xview.jobs.tasks:project"]})
    with tempfile.TemporaryDirectory() as folder:
        show("ours, in a cold niced worker", seconds(lambda: wait(Job(TASK, {}, Path(folder) / "cold")))[0])
        pool.prepare(TASK)
        wait(pool.submit(TASK, {}, Path(folder) / "first"))
        warm, _ = seconds(lambda: wait(pool.submit(TASK, {}, Path(folder) / "warm")))
        show("ours, in a warm niced worker", warm, theirs)
        for share in (0.0, 0.03, 0.05, 0.5):
            show(
                f"cancel when {share:.0%} is done",
                cancel_delay(pool, Path(folder) / f"cancel-{share}", share),
            )
    pool.close()


if __name__ == "__main__":
    main()
