"""mAP of 5,000 queries on 18,000 items: ours against a numpy argsort loop and scikit-learn, in one run.

Run: python -m tests.bench.bench_metrics
"""

import time

import numpy as np
from sklearn.metrics import average_precision_score

from xview.data.protocol import Classes, Protocol, select
from xview.data.records import Collection, Dataset, Kind
from xview.metrics.retrieval import evaluate

QUERIES, GALLERY, CLASSES, BLOCK = 5_000, 18_000, 40, 250


def collection(modality, labels):
    ids = np.array([f"{modality}-{i}" for i in range(len(labels))])
    return Collection(modality=modality, kind=Kind.VECTOR, ids=ids, titles=ids, labels=labels)


def problem(rng):
    sides = {}
    vectors = {}
    centres = rng.normal(size=(CLASSES, 64))
    for modality, count in (("query", QUERIES), ("gallery", GALLERY)):
        labels = rng.integers(0, CLASSES, count)
        noisy = centres[labels] + 3 * rng.normal(size=(count, 64))
        vectors[modality] = noisy / np.linalg.norm(noisy, axis=1, keepdims=True)
        sides[modality] = collection(modality, labels)
    names = tuple(str(c) for c in range(CLASSES))
    data = Dataset(name="bench", source="", collections=sides, classes=names)
    protocol = Protocol(
        query="query", gallery="gallery", query_classes=Classes.ALL, gallery_classes=Classes.ALL
    )
    return select(data, protocol), vectors["query"] @ vectors["gallery"].T


def argsort_loop(task, scores):
    found = []
    for query, row in enumerate(scores):
        hits = np.flatnonzero(task.relevant(query)[np.argsort(-row)]) + 1
        found.append(np.mean(np.arange(1, hits.size + 1) / hits))
    return np.array(found)


def sklearn_loop(task, scores):
    return np.array([average_precision_score(task.relevant(q), row) for q, row in enumerate(scores)])


def ours(task, scores):
    blocks = ((slice(a, a + BLOCK), scores[a : a + BLOCK]) for a in range(0, len(scores), BLOCK))
    return evaluate(blocks, task).ap


def timed(what, *arguments):
    start = time.perf_counter()
    result = what(*arguments)
    return result, time.perf_counter() - start


def main():
    task, scores = problem(np.random.default_rng(0))
    ours(task, scores)  # compiles once per installation
    fast, seconds = timed(ours, task, scores)
    loop, loop_seconds = timed(argsort_loop, task, scores)
    part = 300
    sk, sk_seconds = timed(sklearn_loop, task, scores[:part])
    sk_seconds *= QUERIES / part
    assert np.allclose(fast, loop) and np.allclose(fast[:part], sk)
    print(f"mAP of {QUERIES} x {GALLERY}, every measure and curve included: {fast.mean():.4f}")
    print(f"  xview.metrics.retrieval.evaluate   {seconds:6.2f} s")
    print(
        f"  numpy argsort loop (AP only)       {loop_seconds:6.2f} s   {loop_seconds / seconds:4.1f} x ours"
    )
    print(f"  scikit-learn loop (AP only, est.)  {sk_seconds:6.2f} s   {sk_seconds / seconds:4.1f} x ours")


if __name__ == "__main__":
    main()
