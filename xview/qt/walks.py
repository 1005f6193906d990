"""Walks and heaviest paths of the newest request, computed in the background."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, Signal

from xview.data.protocol import Task
from xview.qt.background import Latest
from xview.qt.rankings import Rankings, Reply
from xview.qt.store import Store
from xview.retrieval.registry import WALKS
from xview.retrieval.walk_paths import Path
from xview.session.engine import Engine
from xview.session.resolve import Resolved
from xview.session.state import Overlay, RankerChoice
from xview.session.walking import Walking, choice_of, paths_to, walk, walker_of


@dataclass(frozen=True, eq=False, kw_only=True)
class Walks:
    """What can be drawn of one answer.

    Attributes:
        task: The items.
        main: The walk of the ranker on screen, or None while no walk is to be seen.
        beside: The homogeneous walk for shared maps, while the heterogeneous one is on the others; else None.
        paths: The heaviest ways to the chosen result.
        pathfinder: The ranker these belong to, or None.
    """

    task: Task
    main: Walking | None = None
    beside: Walking | None = None
    paths: tuple[Path, ...] = ()
    pathfinder: RankerChoice | None = None


class WalkService(QObject):
    """Follows the rankings: walks while the maps show one, finds paths while a result is explained."""

    found = Signal(object)  # Walks
    failed = Signal(str)  # why there is no walk
    broke = Signal(object)  # an exception that is a bug

    def __init__(self, store: Store, rankings: Rankings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store, self._rankings = store, rankings
        self._both = False
        self._asked: tuple[object, ...] = ()
        self._latest = Latest("walks", self)
        self._latest.done.connect(self.found)
        self._latest.failed.connect(self.failed)
        self._latest.broke.connect(self.broke)
        rankings.replied.connect(lambda _reply: self._refresh())
        rankings.cleared.connect(lambda _reason: self._forget())
        rankings.waiting.connect(lambda _words: self._forget())
        store.changed.connect(lambda _old, _new: self._refresh())

    def close(self) -> None:
        """Stop the background thread."""
        self._latest.close()

    @property
    def busy(self) -> bool:
        """Whether a walk is on its way."""
        return self._latest.working

    def show_both(self, both: bool) -> None:
        """Whether to walk homogeneously beside heterogeneously."""
        self._both = both
        self._refresh()

    def _refresh(self) -> None:
        """Ask for what the newest answer lacks; nothing before there is one."""
        reply, resolved = self._rankings.reply, self._store.resolved
        if reply is None or not resolved.same_answer(reply.answer.resolved):
            return
        walking = resolved.view.overlay is Overlay.WALK
        asked = (reply.answer, reply.row, reply.explained, walking, self._both and walking)
        if asked == self._asked:
            return
        self._asked = asked
        if not walking and reply.row is None:
            self._latest.forget()
            self.found.emit(Walks(task=resolved.task))
            return
        self._latest.request(
            partial(_compute, self._rankings.engine, resolved, reply, self._both, self._latest.go_on)
        )

    def _forget(self) -> None:
        self._asked = ()
        self._latest.forget()
        self.found.emit(Walks(task=self._store.resolved.task))


def _compute(
    engine: Engine, resolved: Resolved, reply: Reply, both: bool, go_on: Callable[[], None]
) -> Walks:
    choice, spaces = walker_of(resolved)
    main, beside = None, None
    if resolved.view.overlay is Overlay.WALK:
        own = spaces.own_query and spaces.own_gallery
        both = both and bool(own)
        first = choice_of(resolved, "heterogeneous") if both and choice.name != "heterogeneous" else choice
        main = walk(engine, resolved, first, spaces, reply.features, go_on)
        if both:
            other = choice if choice.name == "homogeneous" else choice_of(resolved, "homogeneous")
            beside = walk(engine, resolved, other, spaces, reply.features, go_on)
    explained = reply.explained
    finder = (choice, spaces) if main is not None else None
    if explained is not None and explained.choice.name in WALKS:
        finder = explained.choice, explained.spaces
    if reply.row is None or finder is None:
        return Walks(task=resolved.task, main=main, beside=beside)
    position = int(resolved.task.gallery_rows.searchsorted(reply.row))
    go_on()
    paths = paths_to(engine, resolved, *finder, position, reply.features)
    return Walks(task=resolved.task, main=main, beside=beside, paths=paths, pathfinder=finder[0])
