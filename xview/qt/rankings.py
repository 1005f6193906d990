"""From a changed request to an answer on screen, without the window waiting."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from safetensors.numpy import load_file

from xview.arrays import Floats
from xview.data.cci.scenes import Scene
from xview.data.cci.words import differences
from xview.data.records import Dataset
from xview.errors import QueryError, XViewError
from xview.qt.background import Latest
from xview.qt.infos import result_lists
from xview.qt.panels.results_data import ResultsData
from xview.qt.store import Store
from xview.qt.work import Run, Work
from xview.retrieval.base import Explanation
from xview.session.answers import Answer, Ranked
from xview.session.engine import Engine, Outside
from xview.session.outside import Place, called, places_wanted, placing
from xview.session.resolve import Resolved
from xview.session.scene import place_outside
from xview.session.state import ItemsQuery, ModifiedQuery
from xview.session.workspace import MapKey
from xview.spaces.space import unit_rows


@dataclass(frozen=True, slots=True)
class Change:
    """What a system says of the picture it modified: figures by name, and words it had not learnt."""

    told: tuple[tuple[str, float], ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Reply:
    """An answer, and why one result is where it is.

    Attributes:
        answer: The rankings.
        lists: Those of A and B as the panel lists them.
        features: Of a query that is no item, else None.
        change: Of a modified picture, else None.
        outside: By space, where a query that is no item belongs on its map.
        row: Row of the explained result in the gallery's collection, or None where none is chosen.
        explained: The ranking it is explained in, A's or B's.
        explanation: Shares of its score.
        differs: In made worlds, what leads from the query's scene to that of the explained result, in words.
        final: Whether all was done to make the answer better.
        problem: Why that did not succeed, or empty.
    """

    answer: Answer
    lists: tuple[ResultsData, ResultsData | None]
    features: Outside | None = None
    change: Change | None = None
    outside: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    row: int | None = None
    explained: Ranked | None = None
    explanation: Explanation | None = None
    differs: tuple[str, ...] = ()
    final: bool = True
    problem: str = ""


class Rankings(QObject):
    """Listens to the store, ranks in the background, and tells the newest reply only.

    An answer that a truncation's offline stage will change is given at once, and again when that is made.
    """

    replied = Signal(object)  # Reply
    cleared = Signal(str)  # why there is nothing to show, in a sentence
    waiting = Signal(str)  # what an answer waits for
    told = Signal(str)  # what went wrong while the answer stays
    broke = Signal(object)  # an exception that is a bug

    def __init__(self, store: Store, work: Work, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store, self._work = store, work
        self._engine = Engine(store.workspace)
        self._features: dict[Place, Floats] = {}
        self._changes: dict[Place, Change] = {}
        self._encoding: dict[tuple[Place, ...], Run] = {}
        self._latest = Latest("rankings", self)
        self._latest.done.connect(self._deliver)
        self._latest.failed.connect(self._fail)
        self._latest.broke.connect(self.broke)
        self.reply: Reply | None = None
        store.changed.connect(self._follow)

    def close(self) -> None:
        """Stop the background thread."""
        self._latest.close()

    @property
    def engine(self) -> Engine:
        """What answers for the data now open; other threads may ask it, too."""
        return self._engine

    @property
    def busy(self) -> bool:
        """Whether an answer is on its way."""
        return self._latest.working

    def refresh(self) -> None:
        """Ask again for what the store holds."""
        self._request(self._store.resolved)

    def _follow(self, old: Resolved, new: Resolved) -> None:
        if old is new or old.workspace.spaces is not new.workspace.spaces:
            self._engine = Engine(new.workspace)
            if old is new or not new.same_answer(old):
                self._forget()
        same_why = (old.why, old.view.why_in_other) == (new.why, new.view.why_in_other)
        same_places = isinstance(new.query, ItemsQuery) or _layouts(old) == _layouts(new)
        if old is new or not (new.same_answer(old) and same_why and same_places):
            self._request(new)

    def _forget(self) -> None:
        """Other spaces are read: nothing known holds."""
        self.reply = None
        self._features.clear()
        self._changes.clear()
        for run in self._encoding.values():
            self._work.cancel(run)
        self._encoding = {}

    def _request(self, resolved: Resolved) -> None:
        if resolved.spaces is None or resolved.query is None:
            self._latest.forget()
            self._fail(resolved.problem)
            return
        outside = None
        if not isinstance(resolved.query, ItemsQuery):
            outside = self._outside(resolved)
            if outside is None:
                return
        change = self._changes.get((resolved.query, resolved.task.protocol.query, resolved.spaces.shared))
        self._latest.request(partial(_compute, self._engine, resolved, outside, change, self.reply))

    def _deliver(self, reply: Reply) -> None:
        self.reply = reply
        self.replied.emit(reply)
        if reply.problem:
            self.told.emit(reply.problem)
        if not reply.final:
            resolved, go_on = self._store.resolved, self._latest.go_on
            self._latest.request(partial(_improve, self._engine, resolved, reply, go_on))

    def _fail(self, reason: str) -> None:
        self.reply = None
        self.cleared.emit(reason)

    # queries from outside

    def _outside(self, resolved: Resolved) -> Outside | None:
        """Features of a query from outside, or None while a worker makes them."""
        query = resolved.query
        assert query is not None
        try:
            wanted = places_wanted(resolved)
        except QueryError as error:
            self._latest.forget()
            self._fail(str(error))
            return None
        if all(place in self._features for place in wanted):
            return {place[2]: self._features[place] for place in wanted}
        self._latest.forget()
        self.reply = None
        self.waiting.emit(f"Encoding {called(query)} …")
        if wanted not in self._encoding:
            task, config = placing(query, wanted)
            workspace = resolved.workspace
            self._encoding[wanted] = self._work.start(
                f"encoding {called(query)}",
                task,
                {"data": workspace.dataset.source, "unseen": workspace.unseen, **config},
                partial(self._encoded, wanted, self._encoding),
                partial(self._not_encoded, wanted, self._encoding),
            )
        return None

    def _encoded(self, wanted: tuple[Place, ...], encoding: dict[Any, Run], run_dir: Path) -> None:
        if encoding is not self._encoding:
            return  # of other data
        del encoding[wanted]
        vectors = load_file(run_dir / "vectors.safetensors")
        self._features.update({place: unit_rows(vectors[place[2]][None], "the query")[0] for place in wanted})
        if isinstance(wanted[0][0], ModifiedQuery):
            said = json.loads((run_dir / "told.json").read_text("utf-8"))
            self._changes[wanted[0]] = Change(tuple(said["told"].items()), tuple(said["unknown"]))
        if self._waits_for(wanted):
            self.refresh()

    def _not_encoded(self, wanted: tuple[Place, ...], encoding: dict[Any, Run], reason: str) -> None:
        if encoding is not self._encoding:
            return
        del encoding[wanted]
        if self._waits_for(wanted):
            self._fail(reason or "Encoding was cancelled.")

    def _waits_for(self, wanted: tuple[Place, ...]) -> bool:
        """Whether these features are what the newest request needs."""
        resolved = self._store.resolved
        if resolved.spaces is None or wanted[0][0] != resolved.query:
            return False
        with contextlib.suppress(QueryError):
            return wanted == places_wanted(resolved)
        return False


def _layouts(resolved: Resolved) -> list[int]:
    """Which layouts an outside query is placed on, by identity."""
    maps = resolved.workspace.maps
    return [id(maps.get(MapKey(name, resolved.view.method_of(name)))) for name in resolved.read]


def _placed(resolved: Resolved, outside: Outside | None) -> dict[str, tuple[float, float]]:
    """Where an outside query belongs on the maps of the spaces that rank it."""
    placed = {}
    for space, feature in (outside or {}).items():
        layout = resolved.workspace.maps.get(MapKey(space, resolved.view.method_of(space)))
        if layout is not None:
            placed[space] = place_outside(resolved.workspace, space, layout, feature)
    return placed


# what runs in the background thread


def _compute(
    engine: Engine, resolved: Resolved, outside: Outside | None, change: Change | None, known: Reply | None
) -> Reply:
    """An answer that still holds is not computed again, its explanation and places on the maps are."""
    if known is not None and resolved.same_answer(known.answer.resolved):
        reply = replace(known, row=None, explained=None, explanation=None, differs=(), problem="")
    else:
        answer = engine.answer(resolved, outside)
        reply = Reply(answer, result_lists(answer), features=outside, change=change)
        shown = [r for r in (reply.answer.a, reply.answer.b, reply.answer.baseline) if r is not None]
        for ranked in shown:
            # kept, so that the window need not compute them
            _ = ranked.average_precision, ranked.precision_before, ranked.rank_of
        for listed in filter(None, reply.lists):
            _ = listed.ranks, listed.place_of, listed.decimals
        reply = replace(reply, final=all(ranked.prepared for ranked in shown))
    return _explained(engine, resolved, replace(reply, outside=_placed(resolved, outside)))


def _improve(engine: Engine, resolved: Resolved, reply: Reply, go_on: Callable[[], None]) -> Reply:
    """The answer again after what the rankers were missing is made."""
    try:
        engine.prepare(resolved, lambda _share: go_on())
    except XViewError as error:
        return replace(reply, final=True, problem=str(error))
    return replace(_compute(engine, resolved, reply.features, reply.change, None), final=True)


def _explained(engine: Engine, resolved: Resolved, reply: Reply) -> Reply:
    rows = resolved.task.gallery_rows
    if resolved.why is None:
        return reply
    position = int(rows.searchsorted(resolved.why))
    if position >= len(rows) or rows[position] != resolved.why:
        return reply
    ranked = (reply.answer.b if resolved.view.why_in_other else None) or reply.answer.a
    explanation = engine.explain(resolved, ranked, position, reply.features)
    differs = _differs(resolved, resolved.why)
    return replace(reply, row=resolved.why, explained=ranked, explanation=explanation, differs=differs)


def _differs(resolved: Resolved, row: int) -> tuple[str, ...]:
    """What leads from the scene of a query of one item to that of a result; nothing in other data."""
    scenes = _scenes(resolved.workspace.dataset) if len(resolved.query_rows) == 1 else None
    return () if scenes is None else differences(scenes[int(resolved.query_rows[0])], scenes[row])


@lru_cache(maxsize=1)
def _scenes(dataset: Dataset) -> tuple[Scene, ...] | None:
    from xview.data.cci.worlds import scenes_of  # brings what draws scenes, which other data does without

    return scenes_of(dataset)
