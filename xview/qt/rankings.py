"""From a changed request to an answer on screen, without the window waiting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from safetensors.numpy import load_file

from xview.arrays import Floats
from xview.qt.background import Latest
from xview.qt.store import Store
from xview.qt.work import Work
from xview.retrieval.base import Explanation
from xview.session.engine import Answer, Engine, OutsideFeatures, Ranked
from xview.session.scene import place_outside
from xview.session.state import ItemsQuery, PictureQuery, QueryRef, Resolved, TextQuery
from xview.session.workspace import MapKey


@dataclass(frozen=True, eq=False)
class Reply:
    """An answer, and why one result is where it is.

    Attributes:
        answer: The rankings.
        row: Row of the explained result in the gallery's collection, or None where none is chosen.
        explained: The ranking it is explained in, A's or B's.
        explanation: Shares of its score.
        outside: By space, where a query that is no item belongs on its map.
    """

    answer: Answer
    row: int | None = None
    explained: Ranked | None = None
    explanation: Explanation | None = None
    outside: Mapping[str, tuple[float, float]] = field(default_factory=dict)


class Rankings(QObject):
    """Listens to the store, ranks in the background, and tells the newest reply only."""

    replied = Signal(object)  # Reply
    cleared = Signal(str)  # why there is nothing to show, in a sentence
    waiting = Signal(str)  # what an answer waits for
    busy = Signal(bool)
    broke = Signal(object)  # an exception that is a bug

    def __init__(self, store: Store, work: Work, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store, self._work = store, work
        self._engine = Engine(store.workspace)
        self._features: dict[tuple[QueryRef, str], Floats] = {}
        self._encoding: QueryRef | None = None
        self._latest = Latest("rankings", self)
        self._latest.done.connect(self._deliver)
        self._latest.failed.connect(self.cleared)
        self._latest.broke.connect(self.broke)
        self._latest.busy.connect(self.busy)
        self.reply: Reply | None = None
        store.changed.connect(self._follow)

    def close(self) -> None:
        """Stop the background thread."""
        self._latest.close()

    def refresh(self) -> None:
        """Ask again for what the store holds."""
        self._request(self._store.resolved)

    def _follow(self, old: Resolved, new: Resolved) -> None:
        if old.workspace.spaces is not new.workspace.spaces or old is new:
            self._engine = Engine(new.workspace)
            self._features.clear()
        same_why = (old.why, old.view.why_in_other) == (new.why, new.view.why_in_other)
        if old is new or not new.same_answer(old) or not same_why:
            self._request(new)

    def _request(self, resolved: Resolved) -> None:
        if resolved.spaces is None or resolved.query is None:
            self._latest.forget()
            self.reply = None
            self.cleared.emit(resolved.problem)
            return
        outside = None
        if not isinstance(resolved.query, ItemsQuery):
            outside = self._outside(resolved)
            if outside is None:
                return
        self._latest.request(partial(_compute, self._engine, resolved, outside, self.reply))

    def _deliver(self, reply: Reply) -> None:
        self.reply = reply
        self.replied.emit(reply)

    def _outside(self, resolved: Resolved) -> OutsideFeatures | None:
        """Features of a query from outside, or None while a worker makes them."""
        query, spaces = resolved.query, resolved.spaces
        assert query is not None and spaces is not None
        shared = self._features.get((query, spaces.shared))
        if shared is not None:
            return OutsideFeatures(shared=shared, own=self._features.get((query, spaces.own_query)))
        if self._encoding == query:
            return None
        self._encoding = query
        self._latest.forget()
        self.reply = None
        self.waiting.emit(f"Encoding {_called(query)} …")
        self._work.start(
            f"encoding {_called(query)}",
            "encode_outside",
            {
                "data": resolved.workspace.dataset.source,
                "unseen": resolved.workspace.unseen,
                "modality": resolved.task.protocol.query,
                "spaces": [name for name in (spaces.shared, spaces.own_query) if name],
                **({"picture": query.path} if isinstance(query, PictureQuery) else {}),
                **({"text": query.text} if isinstance(query, TextQuery) else {}),
            },
            partial(self._encoded, query),
            self._not_encoded,
        )
        return None

    def _encoded(self, query: QueryRef, run_dir: Path) -> None:
        self._encoding = None
        for space, vector in load_file(run_dir / "vectors.safetensors").items():
            self._features[query, space] = vector
        self.refresh()

    def _not_encoded(self, reason: str) -> None:
        self._encoding = None
        self.reply = None
        self.cleared.emit(reason or "encoding was cancelled")


def _places(resolved: Resolved, outside: OutsideFeatures | None) -> dict[str, tuple[float, float]]:
    """Where an outside query belongs on the maps of the spaces that rank it."""
    if outside is None or resolved.spaces is None:
        return {}
    features = {resolved.spaces.shared: outside.shared, resolved.spaces.own_query: outside.own}
    placed = {}
    for space, feature in features.items():
        layout = resolved.workspace.maps.get(MapKey(space, resolved.view.method_of(space)))
        if feature is not None and layout is not None:
            placed[space] = place_outside(resolved.workspace, space, layout, feature)
    return placed


def _called(query: QueryRef) -> str:
    return Path(query.path).name if isinstance(query, PictureQuery) else "the text"


def _compute(
    engine: Engine, resolved: Resolved, outside: OutsideFeatures | None, known: Reply | None
) -> Reply:
    """Runs in the background thread; an answer that still holds is not computed again."""
    if known is not None and resolved.same_answer(known.answer.resolved):
        reply = replace(known, row=None, explained=None, explanation=None)
    else:
        reply = Reply(engine.answer(resolved, outside), outside=_places(resolved, outside))
    answer = reply.answer
    explained = (answer.b if resolved.view.why_in_other else None) or answer.a
    if resolved.why is None:
        return reply
    rows = resolved.task.gallery_rows
    position = int(rows.searchsorted(resolved.why))
    if position >= len(rows) or rows[position] != resolved.why:
        return reply
    explanation = engine.explain(resolved, explained.choice, position, outside)
    return replace(reply, row=resolved.why, explained=explained, explanation=explanation)
