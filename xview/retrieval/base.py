"""What every ranker reads and returns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Protocol, TypeAlias

import numpy as np

from xview.arrays import Bools, Doubles, Floats, Ints

OnProgress: TypeAlias = Callable[[float], None]  # told the share done, 0 to 1; may raise to cancel


def unwatched(_share: float) -> None:
    """Progress nobody watches."""


def part_of(on_progress: OnProgress, done: int, parts: int) -> OnProgress:
    """Progress of the part after the first `done` of `parts` equal ones, told as progress of the whole."""
    return lambda share: on_progress((done + share) / parts)


@dataclass(frozen=True, eq=False, kw_only=True)
class Stones:
    """All s items of another modality than the gallery's, as stepping stones between its items.

    Attributes:
        modality: Their name; row r of `vectors` is row r of its collection.
        vectors: (s, d) float32 unit rows of the shared space.
        x_rows: (m,) int64 which of them each item of X is; None where X is of another modality.
        pairs: Two (p, d) float32 arrays: items that training may look at, and each one's partner of the
            gallery's modality, the mean of those that show the same thing; p is 0 where none are known.
    """

    modality: str
    vectors: Floats
    x_rows: Ints | None
    pairs: tuple[Floats, Floats]


@dataclass(frozen=True, eq=False, kw_only=True)
class Surroundings:
    """What a field's items are called, and what its shared space holds beside them.

    Attributes:
        x_modality, y_modality: Names.
        x_rows, y_rows: (m,) and (n,) int64 rows in their collections.
        stones: One for every modality but Y's.
    """

    x_modality: str
    y_modality: str
    x_rows: Ints
    y_rows: Ints
    stones: tuple[Stones, ...] = ()


@dataclass(frozen=True, eq=False, kw_only=True)
class Field:
    """Unit float32 features of the m query-side items X and the n gallery items Y a protocol chose.

    Attributes:
        x_shared, y_shared: (m, d) and (n, d) in the shared space.
        x_own, y_own: (m, dx) and (n, dy) in the single-modal spaces, or None where there is none.
        x_row_of_y: (n,) int64 position of each gallery item in X, -1 where absent, when both sides are one
            modality (an item must not be its own answer); None otherwise.
        elsewhere: By name of a shared space, makes the field of the same items there, for late fusion;
            the space of this field itself may be among them and gives this very field.
        surroundings: Makes what lies around these items in the shared space, for ways through it; None
            where nothing is known of it.
    """

    x_shared: Floats
    y_shared: Floats
    x_own: Floats | None = None
    y_own: Floats | None = None
    x_row_of_y: Ints | None = None
    elsewhere: Mapping[str, Callable[[], Field]] = field(default_factory=dict)
    surroundings: Callable[[], Surroundings] | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class Query:
    """One question: items of X (one, or several with weights), or a feature from outside the data.

    Gallery items marked right or wrong may stand beside it (relevance feedback).

    Attributes:
        rows: (q,) int64 positions in X; empty for a query from outside.
        weights: (q,) float64, any sign; the multi-hot source.
        shared: (d,) float32 unit feature of an outside query in the shared space, or None.
        own: (dx,) float32 unit feature of an outside query in X's single-modal space, or None: then it
            walks on the gallery's side only.
        elsewhere: The same outside query as rankers in other shared spaces read it, by the space's name,
            for late fusion.
        marked: (f,) int64 positions in Y of items marked right or wrong.
        amounts: (f,) float64, what each mark weighs against the query itself; negative for wrong ones.
    """

    rows: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    weights: Doubles = field(default_factory=lambda: np.empty(0, dtype=np.float64))
    shared: Floats | None = None
    own: Floats | None = None
    elsewhere: Mapping[str, Query] = field(default_factory=dict)
    marked: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    amounts: Doubles = field(default_factory=lambda: np.empty(0, dtype=np.float64))

    @classmethod
    def item(cls, row: int) -> Query:
        """The query that is item `row` of X."""
        return cls(rows=np.array([row], dtype=np.int64), weights=np.ones(1))

    @property
    def outside(self) -> bool:
        """Whether the query is no item of the data."""
        return self.shared is not None


@dataclass(frozen=True, eq=False, kw_only=True)
class Ranking:
    """Scores of all n gallery items for one query.

    Attributes:
        scores: (n,) float64, higher is nearer; comparable within this ranking only.
        parts: The summands of the score by name, each (n,) float64 (directions, sources).
        notes: What the user must know of this answer, in sentences (no positive link, solved locally ...).
        reached: (n,) bool, which items a way leads to, for rankers that follow ways; the others rank behind
            them, but not because they are farther. None where every item is reached.
    """

    scores: Doubles
    parts: dict[str, Doubles] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    reached: Bools | None = None

    @cached_property
    def order(self) -> Ints:
        """(n,) int64 gallery positions, best first; ties keep gallery order."""
        return np.argsort(-self.scores, kind="stable").astype(np.int64)


class Side(StrEnum):
    """Where a bridge item stands."""

    QUERY = "query"
    GALLERY = "gallery"


@dataclass(frozen=True, slots=True)
class Share:
    """What one bridge item carried of a score.

    Attributes:
        side: `Side.QUERY` (a position in X) or `Side.GALLERY` (a position in Y).
        position: The bridge item's position on that side.
        part: Name of the summand of the score it belongs to.
        amount: Contribution in score units, any sign; over all shares they sum to the score.
    """

    side: Side
    position: int
    part: str
    amount: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one gallery item has its score: shares, largest first, that sum to it."""

    score: float
    shares: tuple[Share, ...]

    @classmethod
    def of(cls, shares: Iterable[Share]) -> Explanation:
        """The explanation these shares make, largest magnitude first."""
        ordered = tuple(sorted(shares, key=lambda share: -abs(share.amount)))
        return cls(sum(share.amount for share in ordered), ordered)


class Ranker(Protocol):
    """Answers queries over one Field; immutable once built, safe to use from one thread at a time."""

    def rank(self, query: Query) -> Ranking:
        """Score every gallery item for one query.

        Raises:
            QueryError: The query has no feature this ranker can use.
        """

    def prepare(self, on_progress: OnProgress = unwatched) -> None:
        """Do now what answers would otherwise wait for, or do without (graphs, offline stages)."""

    def score_blocks(self, rows: Ints, block: int = 128) -> Iterator[tuple[slice, Doubles]]:
        """The rows of `score_matrix` in order, at most `block` at a time, with their place in `rows`."""

    def score_matrix(self, rows: Ints) -> Doubles:
        """(len(rows), n) float64: the scores of each of these items of X alone, always solved exactly."""

    def explain(self, query: Query, position: int) -> Explanation:
        """Exact additive explanation of the score of gallery position `position`."""


def gathered(blocks: Iterable[tuple[slice, Doubles]], rows: int, columns: int) -> Doubles:
    """(rows, columns) float64: score blocks put together."""
    out = np.empty((rows, columns))
    for place, scores in blocks:
        out[place] = scores
    return out
