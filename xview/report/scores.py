"""Sorted score curves of a fusion's sources for one query (thesis 003, Fig. 6.5)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xview.report.content import ScoreCurves
from xview.report.curves import Series, dashes, draw
from xview.report.examples import chosen
from xview.report.judge import Asked
from xview.retrieval.base import Query
from xview.retrieval.fusion import FusionRanker

_POINTS = 400  # of a curve
_COLOURS = 8  # the page has
DEFINITION = (
    "Scores of each source of the fusion for the median query, scaled as the fusion does, sorted. The area "
    "above 0 under a curve is small where scores fall off sharply; adaptive weights are its inverse, made to "
    "sum to 1 (thesis 003, Eq. 6.9-6.10)."
)


def score_curves(asked: Asked, main: int, number: int) -> ScoreCurves | None:
    """The curves for the median example of a direction; None without a fusion, or a query that matches.

    Args:
        asked: The direction, judged.
        main: Number of the ranker the examples are chosen by.
        number: Of the direction, to keep the element's ids apart.
    """
    queries = [query for role, query in chosen(asked, main) if role == "median"]
    fusions = [judged.ranker for judged in asked.judged if isinstance(judged.ranker, FusionRanker)]
    if not queries or not fusions:
        return None
    ranking = fusions[0].rank(Query.item(queries[0]))
    row = int(asked.task.query_rows[queries[0]])
    places = _numbers([judged.choice.name for judged in asked.judged], ranking.sources)
    ranks = np.arange(1, ranking.scaled.shape[1] + 1)
    shown = np.unique(np.linspace(0, len(ranks) - 1, _POINTS).astype(int))
    series = [
        Series(ranks[shown], np.sort(scores)[::-1][shown], place)
        for scores, place in zip(ranking.scaled, places, strict=True)
    ]
    told = zip(places, ranking.sources, ranking.weights, ranking.areas, strict=True)
    return ScoreCurves(
        query=str(asked.task.queries.titles[row]),
        drawing=draw(
            series,
            title=f"sorted scores of the fusion's sources, {asked.title}",
            x_title="rank in the source",
            y_title="score",
            salt=f"scores{number}",
        ),
        keys=tuple(
            (place, dashes(place), f"{source}, weight {weight:.2f}, area {area:.0f}")
            for place, source, weight, area in told
        ),
    )


def _numbers(rankers: Sequence[str], sources: Sequence[str]) -> list[int]:
    """The number of each source's colour: its ranker's where all are shown, else one of its own."""
    if set(sources) <= set(rankers):
        return [rankers.index(source) for source in sources]
    return [place % _COLOURS for place in range(len(sources))]
