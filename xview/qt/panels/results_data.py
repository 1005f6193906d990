"""What a ranked list shows, as arrays: a hundred thousand results cost no Python objects."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt

from xview.arrays import Bools, Doubles, Ints

NEW = np.iinfo(np.int64).min  # a delta of an item that the other ranking does not hold


class Truth(IntEnum):
    """Whether a result is of the query's class."""

    UNKNOWN = -1
    MISS = 0
    HIT = 1


class Show(StrEnum):
    """Which results stay in the list."""

    ALL = "all"
    HITS = "hits"
    MISSES = "misses"


def _nothing(_row: int) -> str:
    return ""


@dataclass(frozen=True, eq=False, kw_only=True)
class ResultsData:
    """One ranking, best first. Callables take a row of the gallery's collection.

    Attributes:
        title: Name of the ranker, for people.
        key: Modality, as `Thumbnails` knows it.
        rows: (n,) int64 rows in the gallery's collection, best first.
        scores: (n,) float64 in the same order.
        correct: (n,) int8 of `Truth`.
        ignored: (n,) bool, items the protocol takes out.
        deltas: (n,) int64 places gained over the ranking compared with, `NEW` where that lacks the item;
            None where nothing is compared.
        deltas_against: What the deltas compare with, for tooltips, such as "k-NN".
        ap: Average precision of this query, or None where it has no match; without the marked items.
        ap_before: The same before anything was marked, or None where nothing is.
        marked: (n,) int8, 1 and -1 for items the user marked right and wrong; None where none is.
        reached: (n,) bool, items a way leads to, where the ranker follows ways; None where it does not.
        title_of, class_of, id_of: What to call an item.
        ignored_why: Why an ignored item is, such as "same artist".
    """

    title: str
    key: str
    rows: Ints
    scores: Doubles
    correct: npt.NDArray[np.int8]
    ignored: Bools
    deltas: Ints | None = None
    deltas_against: str = ""
    ap: float | None = None
    ap_before: float | None = None
    marked: npt.NDArray[np.int8] | None = None
    reached: Bools | None = None
    title_of: Callable[[int], str] = field(default=_nothing)
    class_of: Callable[[int], str] = field(default=_nothing)
    id_of: Callable[[int], str] = field(default=_nothing)
    ignored_why: Callable[[int], str] = field(default=_nothing)

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def ranks(self) -> Ints:
        """(n,) int64 rank from 1 among the items that count; 0 for ignored ones."""
        counted = ~self.ignored
        return np.where(counted, np.cumsum(counted), 0)

    @cached_property
    def place_of(self) -> Ints:
        """(largest row + 1,) int64 place of each row in this list, -1 where absent."""
        places = np.full(int(self.rows.max(initial=-1)) + 1, -1, dtype=np.int64)
        places[self.rows] = np.arange(len(self.rows))
        return places

    def kept(self, show: Show, *, ignored: bool = True) -> Ints:
        """Places the filter leaves, ascending; ignored items are among all only, and where wanted."""
        if show is Show.ALL:
            return np.flatnonzero(~self.ignored | ignored)
        wanted = Truth.HIT if show is Show.HITS else Truth.MISS
        return np.flatnonzero((self.correct == wanted) & ~self.ignored)

    @cached_property
    def decimals(self) -> int:
        """Of a score in words, so that the best one has three digits."""
        top = float(np.abs(self.scores).max(initial=0.0))
        return 2 if top == 0 else max(2, 1 - math.floor(math.log10(top)))

    def rank_text(self, place: int) -> str:
        """The rank; a dash for an ignored item, which has none."""
        return "–" if self.ignored[place] else str(self.ranks[place])

    def score_text(self, place: int) -> str:
        """The score with as many decimals as the best one needs; "no way" for what is out of reach."""
        if self.out_of_reach(place):
            return "no way"
        score = float(self.scores[place])
        return f"{score:.{self.decimals}f}" if self.decimals <= 4 else f"{score:.1e}"

    def out_of_reach(self, place: int) -> bool:
        """Whether no way leads to the item, so that its rank is by direct distance, behind the others."""
        return self.reached is not None and not self.reached[place]

    def delta_text(self, place: int) -> str:
        """▲4, ▼3, =, new; empty where nothing is compared or the item does not count."""
        if self.deltas is None or self.ignored[place]:
            return ""
        delta = int(self.deltas[place])
        if delta == NEW:
            return "new"
        return "=" if delta == 0 else f"{'▲' if delta > 0 else '▼'}{abs(delta)}"

    @property
    def marked_count(self) -> int:
        """Number of marked items."""
        return 0 if self.marked is None else int(np.count_nonzero(self.marked))

    def mark(self, place: int) -> int:
        """1 where the user marked the item right, -1 where wrong, else 0."""
        return 0 if self.marked is None else int(self.marked[place])

    def truth_text(self, place: int) -> str:
        """✓, ✗ or nothing."""
        return {Truth.HIT: "✓", Truth.MISS: "✗"}.get(Truth(int(self.correct[place])), "")

    def describe(self, place: int) -> str:
        """One result in words, for tooltips and screen readers; one line a fact."""
        row = int(self.rows[place])
        if self.ignored[place]:
            told = [f"not ranked: {self.title_of(row)}", f"ignored: {self.ignored_why(row)}"]
        else:
            told = [f"rank {self.ranks[place]}: {self.title_of(row)}"]
        if self.class_of(row):
            told.append(f"class {self.class_of(row)}")
        if self.out_of_reach(place):
            told.append("out of reach: no way leads there, so it ranks by direct distance, behind all others")
        else:
            told.append(f"score {self.scores[place]:.6g}")
        truth = Truth(int(self.correct[place]))
        if truth is not Truth.UNKNOWN:
            told.append("a hit: of the query's class" if truth is Truth.HIT else "a miss: of another class")
        if self.mark(place):
            told.append("marked right" if self.mark(place) > 0 else "marked wrong")
        moved = self.delta_text(place)
        if moved:
            how = {"new": "not ranked", "=": "at the same place"}.get(moved)
            against = self.deltas_against or "the ranking before"
            if how is None and self.deltas is not None:
                delta = int(self.deltas[place])
                how = f"{abs(delta)} {'up' if delta > 0 else 'down'} from its place"
            told.append(f"{how} in {against}")
        if self.id_of(row):
            told.append(f"id {self.id_of(row)}")
        return "\n".join(told)
