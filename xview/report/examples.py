"""A few queries worth looking at, with what every ranker finds for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from xview.report.content import Example, RankedList, Result
from xview.report.judge import Asked, Judged
from xview.report.pictures import Gallery

_RESULTS = 8


def examples(asked: Sequence[Asked], main: int, gallery: Gallery) -> tuple[Example, ...]:
    """Best, median and worst query of each direction by average precision under ranker number `main`."""
    return tuple(
        Example(
            role=role,
            direction=one.title,
            query=gallery.show(one.task.queries, int(one.task.query_rows[query])),
            matches=int(one.judged[main].evaluation.matches[query]),
            lists=tuple(_list(one, judged, query, gallery) for judged in one.judged),
        )
        for one in asked
        for role, query in chosen(one, main)
    )


def chosen(asked: Asked, main: int) -> Iterator[tuple[str, int]]:
    """Role and query number of the best, the median and the worst; a query appears once."""
    ap = asked.judged[main].evaluation.ap
    order = np.argsort(ap, kind="stable")[: np.count_nonzero(~np.isnan(ap))]  # NaN sorts last
    if not len(order):
        return
    taken: set[int] = set()
    for role, query in (("best", order[-1]), ("median", order[len(order) // 2]), ("worst", order[0])):
        if int(query) not in taken:
            taken.add(int(query))
            yield role, int(query)


def _list(asked: Asked, judged: Judged, query: int, gallery: Gallery) -> RankedList:
    task = asked.task
    scores = judged.ranker.score_matrix(np.array([query], dtype=np.int64))[0]
    order = np.argsort(-scores, kind="stable")
    order = order[~task.ignored(query)[order]][:_RESULTS]
    relevant = task.relevant(query)
    known = task.query_labels[query] >= 0
    return RankedList(
        ranker=judged.choice.title,
        ap=f"{judged.evaluation.ap[query]:.2f}",
        results=tuple(
            Result(
                rank=rank,
                score=_score(scores[position]),
                hit=bool(relevant[position]) if known and task.gallery_labels[position] >= 0 else None,
                item=gallery.show(task.gallery, int(task.gallery_rows[position])),
            )
            for rank, position in enumerate(order, start=1)
        ),
    )


def _score(value: float) -> str:
    """Three digits; walk scores are small and a card is narrow."""
    return f"{value:#.3g}" if abs(value) >= 1e-3 or value == 0 else f"{value:.1e}"
