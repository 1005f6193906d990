"""Answers a `Resolved`: builds the rankers it names, asks them, and marks hits by the protocol."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias, TypeVar

import numpy as np

from xview.arrays import Bools, Doubles, Floats, Ints
from xview.data.protocol import Protocol, Task
from xview.errors import QueryError
from xview.metrics.retrieval import per_query
from xview.retrieval.base import Explanation, OnProgress, Query, Ranker, Ranking, part_of
from xview.retrieval.field import SpaceChoice, build_field
from xview.retrieval.graphs import FieldGraphs
from xview.retrieval.registry import RANKERS, build
from xview.retrieval.walk import NOT_PREPARED
from xview.session.state import ItemsQuery, PictureQuery, RankerChoice, Resolved, TextQuery
from xview.session.workspace import Workspace

_Where: TypeAlias = tuple[Protocol, SpaceChoice]
_FIELDS_KEPT = 4
BASELINE = "knn"
_RANKERS_KEPT = 8


@dataclass(frozen=True, eq=False, kw_only=True)
class OutsideFeatures:
    """Unit float32 features of a query from outside: (d,) shared, and (dx,) own where there is one."""

    shared: Floats
    own: Floats | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class Ranked:
    """One ranker's answer, marked by the protocol.

    Attributes:
        choice: Ranker and settings.
        ranking: Scores, parts, notes.
        task: The items; positions below count in its gallery.
        label: Class of the query, -1 where unknown or mixed: then nothing is right or wrong.
        ignored: (n,) bool, taken out by the protocol for this query.
    """

    choice: RankerChoice
    ranking: Ranking
    task: Task
    label: int
    ignored: Bools

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
        """Non-interpolated AP over the items that count; NaN where nothing can match."""
        return per_query(self.ranking.scores, self.relevant, self.ignored).ap


@dataclass(frozen=True, eq=False, kw_only=True)
class Answer:
    """What came of a request.

    Attributes:
        resolved: The request.
        a: The chosen ranker's answer.
        b: The other ranker's under A|B, or None.
        baseline: Nearest neighbours' answer to hold the others against; `a` or `b` itself where that is it.
        notes: What the user must know of the query, in sentences.
    """

    resolved: Resolved
    a: Ranked
    b: Ranked | None
    baseline: Ranked
    notes: tuple[str, ...] = ()


class Engine:
    """Ranks in one workspace; keeps fields and rankers of the last requests. One thread at a time."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._graphs: OrderedDict[_Where, FieldGraphs] = OrderedDict()
        self._rankers: OrderedDict[tuple[_Where, RankerChoice], Ranker] = OrderedDict()

    def answer(self, resolved: Resolved, outside: OutsideFeatures | None = None) -> Answer:
        """Rank for a resolved request.

        Args:
            resolved: Of this engine's workspace, with spaces and a query.
            outside: Features of a picture or text query.

        Raises:
            QueryError: There is nothing to ask, or an outside query came without features.
            SpaceError: A ranker needs a space that is not there.
        """
        query, label, ignored = self._question(resolved, outside)

        def ranked(choice: RankerChoice) -> Ranked:
            ranking = self._ranker(resolved, choice).rank(query)
            return Ranked(choice=choice, ranking=ranking, task=resolved.task, label=label, ignored=ignored)

        a = ranked(resolved.ranker)
        b = None if resolved.other is None else ranked(resolved.other)
        plain = next((r for r in (a, b) if r is not None and r.choice.name == BASELINE), None)
        return Answer(
            resolved=resolved,
            a=a,
            b=b,
            baseline=plain or ranked(RankerChoice(BASELINE, RANKERS[BASELINE].settings())),
            notes=_notes(resolved, query),
        )

    def prepare(self, resolved: Resolved, on_progress: OnProgress) -> None:
        """Do now what the chosen rankers' answers would otherwise wait for, or do without.

        Raises:
            SettingError: A truncation does not fit in memory.
        """
        choices = [choice for choice in (resolved.ranker, resolved.other) if choice is not None]
        for done, choice in enumerate(choices):
            self._ranker(resolved, choice).prepare(part_of(on_progress, done, len(choices)))

    def explain(
        self, resolved: Resolved, choice: RankerChoice, position: int, outside: OutsideFeatures | None = None
    ) -> Explanation:
        """Why gallery position `position` has its score under `choice`; raises as `answer` does."""
        query, _, _ = self._question(resolved, outside)
        return self._ranker(resolved, choice).explain(query, position)

    def _ranker(self, resolved: Resolved, choice: RankerChoice) -> Ranker:
        if resolved.spaces is None:
            raise QueryError(resolved.problem)
        where = (resolved.task.protocol, resolved.spaces)
        if where not in self._graphs:
            self._graphs[where] = FieldGraphs(
                build_field(resolved.task, self._workspace.spaces, resolved.spaces)
            )
        _keep_newest(self._graphs, where, _FIELDS_KEPT)
        key = (where, choice)
        if key not in self._rankers:
            graphs = self._graphs[where]
            self._rankers[key] = build(choice.name, graphs.field, choice.settings, graphs)
        _keep_newest(self._rankers, key, _RANKERS_KEPT)
        return self._rankers[key]

    def _question(self, resolved: Resolved, outside: OutsideFeatures | None) -> tuple[Query, int, Bools]:
        """The query as the rankers read it, its class, and the gallery items taken out for it."""
        nothing = np.zeros(len(resolved.task.gallery_rows), dtype=np.bool_)
        if isinstance(resolved.query, PictureQuery | TextQuery):
            if outside is None:
                raise QueryError("the query is still being encoded")
            return Query(shared=outside.shared, own=outside.own), -1, nothing
        if not isinstance(resolved.query, ItemsQuery) or not len(resolved.query_rows):
            raise QueryError("choose a query: click a point, drop a picture, or type a text")
        task = resolved.task
        labels = np.unique(task.queries.labels[resolved.query_rows])
        label = int(labels[0]) if len(labels) == 1 else -1
        ignored = nothing.copy()
        for row in resolved.query_rows.tolist():
            ignored |= task.ignored_for(row)
        positions = _positions(task.query_rows, resolved.query_rows)
        if (positions >= 0).all():
            weights = np.array(resolved.query.amounts, dtype=np.float64)
            return Query(rows=positions, weights=weights), label, ignored
        return self._stranger(resolved), label, ignored

    def _stranger(self, resolved: Resolved) -> Query:
        """Items the protocol did not choose ask with the weighted mean of their stored features."""
        assert resolved.spaces is not None
        assert isinstance(resolved.query, ItemsQuery)
        modality, weights = resolved.task.protocol.query, np.array(resolved.query.amounts)

        def mean(space: str) -> Floats:
            chosen = self._workspace.spaces[space].unit(modality)[resolved.query_rows]
            total: Doubles = np.einsum("q,qd->d", weights, chosen)
            return np.asarray(total / max(float(np.linalg.norm(total)), 1e-12), dtype=np.float32)

        own = mean(resolved.spaces.own_query) if resolved.spaces.own_query else None
        return Query(shared=mean(resolved.spaces.shared), own=own)


def _notes(resolved: Resolved, query: Query) -> tuple[str, ...]:
    if not query.outside or not isinstance(resolved.query, ItemsQuery):
        return ()
    part = resolved.task.protocol.query_classes
    return (
        f"Not among the {part} items the protocol asks with: it asks from outside, the graph is unchanged.",
    )


def _positions(chosen: Ints, rows: Ints) -> Ints:
    """Position of each of `rows` in the ascending `chosen`, -1 where absent."""
    at = np.minimum(np.searchsorted(chosen, rows), len(chosen) - 1)
    return np.where(chosen[at] == rows, at, -1).astype(np.int64)


_K = TypeVar("_K")
_V = TypeVar("_V")


def _keep_newest(kept: OrderedDict[_K, _V], key: _K, most: int) -> None:
    kept.move_to_end(key)
    while len(kept) > most:
        kept.popitem(last=False)
