"""The tables of a report: the data, the evaluation, the classes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from xview.arrays import Doubles, Ints
from xview.metrics.retrieval import MEASURES
from xview.report.content import Cell, ClassRow, Row
from xview.report.judge import Asked, Judged
from xview.session.workspace import Workspace


def heading(measure: str) -> str:
    """What a column of this measure is called."""
    return measure.replace("rank", "rank-")


def modality_rows(workspace: Workspace, chosen: Mapping[str, Ints]) -> tuple[tuple[str, ...], ...]:
    """Name, kind, items, chosen items and their classes, groups of each modality.

    Args:
        workspace: What is open.
        chosen: Rows by modality that the protocol's parts of the split hold.
    """
    rows = []
    for name, collection in workspace.dataset.collections.items():
        labels = collection.labels[chosen[name]]
        rows.append(
            (
                name,
                str(collection.kind),
                f"{len(collection):,}",
                f"{len(labels):,}",
                f"{len(np.unique(labels[labels >= 0])):,}",
                ", ".join(collection.group_names) or "none",
            )
        )
    return tuple(rows)


def evaluation_rows(asked: Asked) -> tuple[Row, ...]:
    """One row a ranker, the best figure of each measure marked."""
    best = {name: _best(judged.evaluation.measures[name] for judged in asked.judged) for name in MEASURES}
    return tuple(
        Row(
            ranker=judged.choice.title,
            cells=tuple(
                Cell(text=text, best=text == best[name])
                for name in MEASURES
                for text in [_figure(judged.evaluation.measures[name])]
            ),
            queries=judged.evaluation.queries,
            without_match=judged.evaluation.queries_without_match,
            parameters=parameters(judged),
        )
        for judged in asked.judged
    )


def parameters(judged: Judged) -> str:
    """The settings a ranker ran with, such as "lambda 0.5, alpha 0.99"."""
    values = judged.choice.settings.to_mapping()
    told = [
        f"{key} {value:g}" if isinstance(value, float) else f"{key} {value}"
        for key, value in values.items()
        if value != ""
    ]
    return ", ".join(told) or "nothing to set"


def class_rows(asked: Asked, main: int, classes: Sequence[str]) -> tuple[ClassRow, ...]:
    """Mean average precision of each class that asks, worst first by ranker number `main`."""
    labels = asked.task.query_labels
    rows = []
    for label in np.unique(labels[labels >= 0]):
        mine = labels == label
        rows.append(
            ClassRow(
                name=classes[label],
                queries=int(mine.sum()),
                shares=tuple(_mean(judged.evaluation.ap[mine]) for judged in asked.judged),
            )
        )
    return tuple(sorted(rows, key=lambda row: (row.shares[main] is None, row.shares[main] or 0.0)))


def _mean(ap: Doubles) -> float | None:
    known = ap[~np.isnan(ap)]
    return float(known.mean()) if known.size else None


def _figure(value: float) -> str:
    return "none" if math.isnan(value) else f"{value:.3f}"


def _best(values: Iterable[float]) -> str:
    known = [value for value in values if not math.isnan(value)]
    return _figure(max(known)) if known else ""
