"""What a request is answered with: rankings with what the ground truth says of them. No Qt."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from xview.arrays import Bools, Floats, Ints
from xview.data.protocol import Protocol, Task
from xview.metrics.retrieval import per_query
from xview.retrieval.base import Ranking
from xview.retrieval.field import SpaceChoice
from xview.retrieval.walk import NOT_PREPARED
from xview.session.resolve import Resolved
from xview.session.state import RankerChoice

_Where: TypeAlias = tuple[Protocol, SpaceChoice]
_FIELDS_KEPT = 4
BASELINE = "knn"
_RANKERS_KEPT = 8


Outside: TypeAlias = Mapping[str, Floats]
"""Where a query that is no item lies, by name of space: (d,) float32 unit features."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Ranked:
    """One ranker's answer, marked by the protocol.

    Attributes:
        choice: Ranker and settings.
        spaces: What it read.
        ranking: Scores, parts, notes.
        task: The items; positions below count in its gallery.
        label: Class of the query, -1 where unknown or mixed: then nothing is right or wrong.
        ignored: (n,) bool, taken out by the protocol for this query.
        title: What people call it: the ranker, and its space where A and B rank in different ones.
        marked: (n,) int8, 1 and -1 for items the user marked right and wrong.
        unmarked: The ranking without these marks, or None where there are none.
    """

    choice: RankerChoice
    spaces: SpaceChoice
    ranking: Ranking
    task: Task
    label: int
    ignored: Bools
    title: str
    marked: npt.NDArray[np.int8]
    unmarked: Ranking | None

    @cached_property
    def relevant(self) -> Bools:
        """(n,) bool, of the query's class; all False where the class is unknown."""
        return np.asarray((self.task.gallery_labels == self.label) & (self.label >= 0))

    @property
    def prepared(self) -> bool:
        """Whether the ranker had made all it needs; if not, `Engine.prepare` makes its answers better."""
        return not any(note.endswith(NOT_PREPARED) for note in self.ranking.notes)

    @cached_property
    def rank_of(self) -> Ints:
        """(n,) int64 rank of each gallery position, from 1, ignored items not counted and 0 themselves."""
        ranks = np.zeros(len(self.ignored), dtype=np.int64)
        counted = self.ranking.order[~self.ignored[self.ranking.order]]
        ranks[counted] = np.arange(1, len(counted) + 1)
        return ranks

    @cached_property
    def average_precision(self) -> float:
        """Non-interpolated AP over the items that count; NaN where nothing can match.

        Marked items are taken out (residual ranking): they would tell of the marks, not of the ranker.
        """
        return self._precision(self.ranking)

    @cached_property
    def precision_before(self) -> float:
        """AP of the same residual ranking had nothing been marked; NaN without marks or match."""
        return math.nan if self.unmarked is None else self._precision(self.unmarked)

    def _precision(self, ranking: Ranking) -> float:
        return per_query(ranking.scores, self.relevant, self.ignored | (self.marked != 0)).ap


@dataclass(frozen=True, eq=False, kw_only=True)
class Answer:
    """What came of a request.

    Attributes:
        resolved: The request.
        a: The chosen ranker's answer.
        b: The other ranker's under A|B, or None.
        baseline: Nearest neighbours' answer in A's spaces to hold the others against; `a` or `b` itself
            where that is it.
        notes: What the user must know of the query, in sentences.
    """

    resolved: Resolved
    a: Ranked
    b: Ranked | None
    baseline: Ranked
    notes: tuple[str, ...] = ()
