"""mAP of the walks against lambda: one solve a walk, whatever the number of lambdas."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from xview.metrics.axes import numbers, spaced
from xview.metrics.sweep import LAMBDA, SweepRequest, sweep_task
from xview.metrics.table import Request
from xview.report.curves import Series, draw
from xview.report.judge import Asked, Judged

_VALUES = 11
DEFINITION = (
    "mAP at every lambda from 0, the walk on the gallery's side alone, to 1, that on the query's side alone; "
    "k-NN, which has no lambda, as a level. On unseen classes it is there to understand, not to choose by."
)


def lambda_curves(asked: Asked, number: int, on_progress: Callable[[float], None]) -> str:
    """The curves of one direction as an <svg> element, empty where no ranker has a lambda.

    Args:
        asked: The direction, judged; its graphs are used again.
        number: Of the direction, to keep the element's ids apart.
        on_progress: Told the share done.
    """
    walks = [(place, judged) for place, judged in enumerate(asked.judged) if _has_lambda(judged)]
    curves = []
    for done, (place, judged) in enumerate(walks):

        def step(part: int, total: int, before: int = done) -> None:
            on_progress((before + part / total) / len(walks))

        settings = judged.choice.settings
        axis = spaced(type(settings), LAMBDA, 0, 1, _VALUES)
        request = Request(
            protocol=asked.task.protocol, spaces=asked.spaces, ranker=judged.choice.name, settings=settings
        )
        found = sweep_task(asked.task, asked.graphs, SweepRequest(request=request, axes=(axis,)), step)
        curves.append(Series(np.array(axis.values), found.measures["mAP"], place))
    on_progress(1.0)
    if not curves:
        return ""
    levels = [
        Series(np.array([0.0, 1.0]), np.full(2, judged.evaluation.measures["mAP"]), place)
        for place, judged in enumerate(asked.judged)
        if judged.choice.name == "knn"
    ]
    return draw(
        [*levels, *curves],
        title=f"mAP against lambda, {asked.title}",
        x_title="lambda",
        y_title="mAP",
        salt=f"lambda{number}",
    )


def _has_lambda(judged: Judged) -> bool:
    return any(parameter.key == LAMBDA for parameter in numbers(type(judged.choice.settings)))
