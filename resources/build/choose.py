"""What the defaults of the `cca` baseline were chosen by.

    python resources/build/choose.py emoji          # or digits

fits it on some of the seen classes and prints, for each config, the mean average precision of nearest
neighbours on the seen classes left out, over every pair of modalities, across groups. Unseen classes are
never looked at.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from itertools import permutations

import numpy as np
from sources import DATA

from xview.arrays import Floats
from xview.data import folder as folder_reader
from xview.data.protocol import Classes, Protocol, Task, select
from xview.data.records import Dataset
from xview.models.systems import cca
from xview.spaces.baseline import fit_seen
from xview.spaces.space import load_space, unit_rows

DRAWS = 5
LEFT_OUT = {"emoji": 10, "digits": 2}  # seen classes a draw holds out
CONFIGS = (
    [cca.DEFAULT]
    + [cca.Config(class_share=share) for share in (0.0, 0.3, 0.7, 1.0)]
    + [cca.Config(regularisation=ridge) for ridge in (0.1, 0.3, 3.0, 10.0)]
    + [cca.Config(weighting=power) for power in (0.0, 0.5, 2.0)]
    + [cca.Config(dim=dim) for dim in (16, 32, 128)]
)


def seen_part(data: Dataset) -> tuple[Dataset, dict[str, np.ndarray]]:
    """The data set without its unseen items, and the features of what is left."""
    collections, features = {}, {}
    for name, collection in data.collections.items():
        assert collection.seen is not None
        kept = np.flatnonzero(collection.seen)
        columns = ("ids", "titles", "labels", "groups", "instances")
        told = {c: None if getattr(collection, c) is None else getattr(collection, c)[kept] for c in columns}
        collections[name] = type(collection)(
            modality=name, kind=collection.kind, group_names=collection.group_names, **told
        )
        features[name] = load_space(data, name).parts[name][kept].astype(np.float32)
    return Dataset(name=data.name, source="", collections=collections, classes=data.classes), features


def mean_average_precision(task: Task, scores: Floats) -> float:
    """Over all queries; an item a query must ignore is taken out of its ranking."""
    precisions = []
    for i, row in enumerate(scores):
        kept = ~task.ignored(i)
        relevant = task.relevant(i)[kept][np.argsort(-row[kept], kind="stable")]
        places = np.flatnonzero(relevant) + 1
        precisions.append(np.mean(np.arange(1, len(places) + 1) / places))
    return float(np.mean(precisions))


def judged(data: Dataset, features: Mapping[str, np.ndarray], config: cca.Config) -> float:
    """Mean over the directions between modalities, on the classes `data` holds out."""
    found = fit_seen(data.collections, features, config)
    placed = {m: unit_rows(found.apply(m, v), m) for m, v in features.items()}
    results = []
    for query, gallery in permutations(features, 2):
        task = select(data, Protocol(query=query, gallery=gallery, query_classes=Classes.UNSEEN))
        scores = placed[query][task.query_rows] @ placed[gallery][task.gallery_rows].T
        results.append(mean_average_precision(task, scores))
    return float(np.mean(results))


def main(name: str) -> None:
    """Print the table."""
    data, features = seen_part(folder_reader.read(DATA / name))
    seen = sorted({data.classes[label] for c in data.collections.values() for label in c.labels})
    draws = []
    for seed in range(DRAWS):
        order = np.random.default_rng(seed).permutation(len(seen))[: LEFT_OUT[name]]
        draws.append(data.with_unseen([seen[i] for i in order]))
    for config in CONFIGS:
        results = [judged(draw, features, config) for draw in draws]
        changed = {k: v for k, v in config.to_mapping().items() if v != cca.DEFAULT.to_mapping()[k]}
        print(f"{np.mean(results):.3f} +- {np.std(results):.3f}  {changed or 'default'}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
