"""Answers a `Resolved`: builds the rankers it names, asks them, and marks hits by the protocol."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from xview.arrays import Bools, Doubles, Floats, Ints
from xview.data.protocol import Classes, Protocol
from xview.errors import QueryError
from xview.retrieval.base import Explanation, OnProgress, Query, Ranker, part_of
from xview.retrieval.field import SpaceChoice, build_field, choose_spaces
from xview.retrieval.graphs import GEODESICS_KEPT, FieldGraphs, Recent
from xview.retrieval.registry import RANKERS, build, spaces_read
from xview.session.answers import Answer, Ranked
from xview.session.feedback import marked_query, marks_of
from xview.session.resolve import Resolved
from xview.session.state import ItemsQuery, ModifiedQuery, PictureQuery, RankerChoice, TextQuery
from xview.session.workspace import Workspace

_Where: TypeAlias = tuple[Protocol, SpaceChoice]
_FIELDS_KEPT = 4
BASELINE = "knn"
_RANKERS_KEPT = 8


Outside: TypeAlias = Mapping[str, Floats]
"""Where a query that is no item lies, by name of space: (d,) float32 unit features."""


class Engine:
    """Ranks in one workspace; keeps fields and rankers of the last requests. Threads may share it."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._graphs, self._rankers = Recent(_FIELDS_KEPT), Recent(_RANKERS_KEPT)
        self._geodesics = Recent(_FIELDS_KEPT)  # by gallery and space

    def answer(self, resolved: Resolved, outside: Outside | None = None) -> Answer:
        """Rank for a resolved request.

        Args:
            resolved: Of this engine's workspace, with spaces and a query.
            outside: Features of a picture or text query in the spaces that are read; an own space may lack.

        Raises:
            QueryError: There is nothing to ask, or an outside query came without features.
            SpaceError: A ranker needs a space that is not there.
        """
        spaces = _spaces_of(resolved)
        (label, ignored), marked = judged(resolved), marks_of(resolved)
        tell_space = resolved.other_spaces not in (None, spaces)

        def ranked(choice: RankerChoice, spaces: SpaceChoice) -> Ranked:
            query, ranker = (
                self._query(resolved, choice, spaces, outside),
                self.ranker(resolved, choice, spaces),
            )
            return Ranked(
                choice=choice,
                spaces=spaces,
                ranking=ranker.rank(marked_query(query, resolved)),
                task=resolved.task,
                label=label,
                ignored=ignored,
                title=f"{choice.title} · {spaces.shared}" if tell_space else choice.title,
                marked=marked,
                unmarked=ranker.rank(query) if resolved.feedback else None,
            )

        a = ranked(resolved.ranker, spaces)
        b = None
        if resolved.other is not None:
            b = ranked(resolved.other, resolved.other_spaces or spaces)
        shown = [r for r in (a, b) if r is not None and r.spaces == spaces]
        plain = next((r for r in shown if r.choice.name == BASELINE), None)
        return Answer(
            resolved=resolved,
            a=a,
            b=b,
            baseline=plain or ranked(RankerChoice(BASELINE, RANKERS[BASELINE].settings()), spaces),
            notes=_notes(resolved),
        )

    def prepare(self, resolved: Resolved, on_progress: OnProgress) -> None:
        """Do now what the chosen rankers' answers would otherwise wait for, or do without.

        Raises:
            SettingError: A truncation does not fit in memory.
        """
        spaces = _spaces_of(resolved)
        wanted = [(resolved.ranker, spaces)]
        if resolved.other is not None:
            wanted.append((resolved.other, resolved.other_spaces or spaces))
        for done, (choice, where) in enumerate(wanted):
            self.ranker(resolved, choice, where).prepare(part_of(on_progress, done, len(wanted)))

    def explain(
        self, resolved: Resolved, ranked: Ranked, position: int, outside: Outside | None = None
    ) -> Explanation:
        """Why gallery position `position` has its score in a ranking of `resolved`; raises as `answer`."""
        query, ranker = self.asked(resolved, ranked.choice, ranked.spaces, outside)
        return ranker.explain(query, position)

    def asked(
        self, resolved: Resolved, choice: RankerChoice, spaces: SpaceChoice, outside: Outside | None = None
    ) -> tuple[Query, Ranker]:
        """What is asked, marks included, and the ranker asked for it; raises as `answer`."""
        query = self._query(resolved, choice, spaces, outside)
        return marked_query(query, resolved), self.ranker(resolved, choice, spaces)

    def ranker(self, resolved: Resolved, choice: RankerChoice, spaces: SpaceChoice) -> Ranker:
        """The ranker of a choice over the request's items, whatever asks.

        Raises:
            SpaceError: It needs a space that is not there.
        """
        where: _Where = (resolved.task.protocol, spaces)

        def make() -> Ranker:
            geodesics = self._geodesics.get(_gallery(*where), lambda: Recent(GEODESICS_KEPT))
            graphs = self._graphs.get(
                where,
                lambda: FieldGraphs(build_field(resolved.task, self._workspace.spaces, spaces), geodesics),
            )
            return build(choice.name, graphs.field, choice.settings, graphs)

        return self._rankers.get((where, choice), make)

    def _query(
        self, resolved: Resolved, choice: RankerChoice, spaces: SpaceChoice, outside: Outside | None
    ) -> Query:
        """The query as a ranker over `spaces` reads it."""
        if isinstance(resolved.query, PictureQuery | TextQuery | ModifiedQuery):
            if outside is None:
                raise QueryError("the query is still being encoded")
            return self._placed(resolved, choice, spaces, outside)
        if not isinstance(resolved.query, ItemsQuery) or not len(resolved.query_rows):
            raise QueryError("choose a query: click a point, drop a picture, or type a text")
        if _stranger(resolved):
            named = {name for place in resolved.places for name in (place.shared, place.own_query) if name}
            means = {name: self._mean(resolved, name) for name in named}
            return self._placed(resolved, choice, spaces, means)
        weights = np.array(resolved.query.amounts, dtype=np.float64)
        return Query(rows=_positions(resolved.task.query_rows, resolved.query_rows), weights=weights)

    def _placed(
        self, resolved: Resolved, choice: RankerChoice, spaces: SpaceChoice, features: Outside
    ) -> Query:
        """A query from outside, in `spaces` and where else a fusion reads it."""

        def there(spaces: SpaceChoice) -> Query:
            return Query(shared=features[spaces.shared], own=features.get(spaces.own_query))

        protocol = resolved.task.protocol
        elsewhere = {
            name: there(choose_spaces(self._workspace.spaces, protocol, shared=name))
            for name in spaces_read(choice.settings)
            if name in features  # the fusion says which it misses
        }
        return replace(there(spaces), elsewhere=elsewhere)

    def _mean(self, resolved: Resolved, space: str) -> Floats:
        """Items the protocol did not choose ask with the weighted mean of their stored features."""
        assert isinstance(resolved.query, ItemsQuery)
        modality, weights = resolved.task.protocol.query, np.array(resolved.query.amounts)
        chosen = self._workspace.spaces[space].unit(modality)[resolved.query_rows]
        total: Doubles = np.einsum("q,qd->d", weights, chosen)
        return np.asarray(total / max(float(np.linalg.norm(total)), 1e-12), dtype=np.float32)


def _gallery(protocol: Protocol, spaces: SpaceChoice) -> tuple[str, Classes, str]:
    """What the items of a gallery and their vectors depend on, whatever asks."""
    return protocol.gallery, protocol.gallery_classes, spaces.shared


def _spaces_of(resolved: Resolved) -> SpaceChoice:
    if resolved.spaces is None:
        raise QueryError(resolved.problem)
    return resolved.spaces


def judged(resolved: Resolved) -> tuple[int, Bools]:
    """The query's class, -1 where unknown or mixed, and (n,) the gallery items taken out for it.

    What a modified picture's class is nobody knows; the picture it begins with is taken out.
    """
    task, ignored = resolved.task, np.zeros(len(resolved.task.gallery_rows), dtype=np.bool_)
    if not len(resolved.query_rows):
        return -1, ignored
    for row in resolved.query_rows.tolist():
        ignored |= task.ignored_for(row)
    if isinstance(resolved.query, ModifiedQuery):
        return -1, ignored
    labels = np.unique(task.queries.labels[resolved.query_rows])
    return int(labels[0]) if len(labels) == 1 else -1, ignored


def _stranger(resolved: Resolved) -> bool:
    """Whether items ask that the protocol did not choose."""
    rows = resolved.query_rows if isinstance(resolved.query, ItemsQuery) else resolved.query_rows[:0]
    return bool(len(rows)) and bool((_positions(resolved.task.query_rows, rows) < 0).any())


def _notes(resolved: Resolved) -> tuple[str, ...]:
    if not _stranger(resolved):
        return ()
    part = resolved.task.protocol.query_classes
    return (
        f"Not among the {part} items the protocol asks with: it asks from outside, the graph is unchanged.",
    )


def _positions(chosen: Ints, rows: Ints) -> Ints:
    """Position of each of `rows` in the ascending `chosen`, -1 where absent."""
    at = np.minimum(np.searchsorted(chosen, rows), len(chosen) - 1)
    return np.where(chosen[at] == rows, at, -1).astype(np.int64)
