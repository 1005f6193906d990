"""Choose a walk's settings on seen classes only: `python -m tests.bench.choose_settings [emoji | digits]`.

A quarter of the seen classes is held out as validation classes, three draws; the baseline space is fitted on
the rest; settings are compared by mAP on the validation classes. No unseen class is looked at.
"""

from __future__ import annotations

import sys
from itertools import product

import numpy as np

from xview.data.protocol import Protocol, Task, select
from xview.data.records import draw_unseen
from xview.metrics.retrieval import evaluate
from xview.retrieval.field import build_field, choose_spaces
from xview.retrieval.graphs import FieldGraphs
from xview.retrieval.registry import RANKERS, build
from xview.spaces.baseline import fit_space
from xview.spaces.library import open_data, single_modal, unseen_classes

DRAWS = 3
SHARE = 0.25
GRID = [{"alpha": alpha, "k": k} for alpha, k in product((0.99, 0.95, 0.9, 0.8), (30, 15, 10))]


def validation_tasks(name: str) -> list[tuple[Task, dict]]:
    """Tasks among validation classes with the spaces to ask in, for every draw and direction."""
    opened = open_data(name)
    dataset, own = opened.dataset, single_modal(opened.spaces)
    tested = unseen_classes(dataset)
    seen = [c for c in dataset.classes if c not in tested]
    tasks = []
    for seed in range(DRAWS):
        held = draw_unseen(seen, max(2, round(SHARE * len(seen))), seed)
        drawn = dataset.with_unseen([*held, *tested])
        spaces = {s.name: s for s in own.values()}
        spaces["shared"] = fit_space(drawn, own)
        labels = [dataset.classes.index(c) for c in held]
        for query, gallery in product(dataset.collections, repeat=2):
            if query != gallery:
                task = select(drawn, Protocol(query=query, gallery=gallery))
                keep = np.isin(task.query_labels, labels), np.isin(task.gallery_labels, labels)
                rows = task.query_rows[keep[0]], task.gallery_rows[keep[1]]
                tasks.append((Task(task.protocol, task.queries, task.gallery, *rows, {}), spaces))
    return tasks


def main(name: str) -> None:
    found: dict[tuple[str, str, str], list[float]] = {}
    for task, spaces in validation_tasks(name):
        field = build_field(task, spaces, choose_spaces(spaces, task.protocol))
        graphs, rows = FieldGraphs(field), np.arange(len(task.query_rows))
        direction = f"{task.protocol.query} -> {task.protocol.gallery}"
        for ranker, values in [("knn", {}), *product(("homogeneous", "heterogeneous"), GRID)]:
            settings = RANKERS[ranker].settings.from_mapping(values)
            scores = build(ranker, field, settings, graphs).score_matrix(rows)
            ap = evaluate([(slice(0, len(rows)), scores)], task).measures["mAP"]
            found.setdefault((direction, ranker, str(values or "")), []).append(ap)
    for key, values in found.items():
        print(*key, f"{np.mean(values):.4f}")
    for ranker in ("homogeneous", "heterogeneous"):
        means = {
            str(v): np.mean([np.mean(a) for k, a in found.items() if k[1:] == (ranker, str(v))]) for v in GRID
        }
        best = max(means, key=means.__getitem__)
        print(f"best over all directions: {ranker} {best} {means[best]:.4f}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "emoji")
