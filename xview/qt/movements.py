"""What moved from A's shared space to B's, worked out while somebody watches."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from safetensors.numpy import load_file

from xview.arrays import Doubles
from xview.qt.background import Latest
from xview.qt.store import Store
from xview.qt.work import Run, Work
from xview.session.placement import (
    NEIGHBOURS,
    Movement,
    common_parts,
    layout_of,
    movement_of,
    turned_onto,
)
from xview.session.resolve import Resolved
from xview.session.state import Overlay
from xview.spaces.space import EmbeddingSpace


class Movements(QObject):
    """Keeps what is known of the two shared spaces on screen.

    Attributes:
        movement: On their maps; None while B ranks where A does, or that is not known.
        kept: (n,) share of its neighbours each item kept in the spaces themselves, in the movement's order;
            None while that is not known.
        problem: Why there is no movement, one sentence, or empty.
    """

    changed = Signal()
    broke = Signal(object)

    def __init__(self, store: Store, work: Work, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store, self._work = store, work
        self._watched = False
        self._maps: tuple[object, ...] = ()  # what `movement` is of, or will be
        self._spaces: tuple[EmbeddingSpace, EmbeddingSpace] | tuple[()] = ()  # what `kept` is of, or will be
        self._run: Run | None = None
        self.movement: Movement | None = None
        self.kept: Doubles | None = None
        self.problem = ""
        self._latest = Latest("movement", self)
        self._latest.done.connect(self._take)
        self._latest.failed.connect(self._fail)
        self._latest.broke.connect(self.broke)
        store.changed.connect(self._follow)

    def close(self) -> None:
        """Work nothing out any more."""
        self._watched = False
        self._latest.close()

    def watch(self, watched: bool) -> None:
        """Whether anybody looks at the figures; the maps' overlay is looked at in any case."""
        self._watched = watched
        self._refresh(self._store.resolved)

    @property
    def apart(self) -> bool:
        """Whether B ranks in another shared space than A."""
        b = self._store.resolved.other_spaces
        return b is not None and bool(turned_onto(self._store.resolved, b.shared))

    def _follow(self, _old: Resolved, new: Resolved) -> None:
        self._refresh(new)

    def _refresh(self, resolved: Resolved) -> None:
        a, b = resolved.spaces, resolved.other_spaces
        maps: tuple[object, ...] = ()
        spaces: tuple[EmbeddingSpace, EmbeddingSpace] | tuple[()] = ()
        if self.apart and a is not None and b is not None:
            spaces = (resolved.workspace.spaces[a.shared], resolved.workspace.spaces[b.shared])
            maps = (*spaces, layout_of(resolved, a.shared), layout_of(resolved, b.shared))
        if self._spaces and not _same(spaces, self._spaces):
            self._forget_kept()
        if self._maps and not _same(maps, self._maps):
            self._maps, self.movement, self.problem = (), None, ""
            self._latest.forget()
            self.changed.emit()
        drawn = bool(maps) and all(part is not None for part in maps)
        if drawn and not self._maps and (self._watched or resolved.view.overlay is Overlay.MOVEMENT):
            self._maps = maps
            self._latest.request(partial(movement_of, resolved))
        if spaces and not self._spaces and self._watched:
            self._spaces = spaces
            self._count_kept(resolved)

    def _take(self, movement: Movement | None) -> None:
        self.movement = movement
        self.changed.emit()

    def _fail(self, words: str) -> None:
        self.problem = words
        self.changed.emit()

    def _count_kept(self, resolved: Resolved) -> None:
        assert self._spaces and resolved.spaces is not None and resolved.other_spaces is not None
        workspace, a, b = resolved.workspace, resolved.spaces.shared, resolved.other_spaces.shared
        if sum(count for _, count in common_parts(*self._spaces)) <= NEIGHBOURS:
            return
        self._run = self._work.start(
            f"neighbours kept from {a} to {b}",
            "xview.jobs.compare:neighbours",
            {
                "data": workspace.dataset.source,
                "unseen": workspace.unseen,
                "a": a,
                "b": b,
                "k": NEIGHBOURS,
            },
            partial(self._take_kept, self._spaces),
        )

    def _take_kept(self, spaces: tuple[EmbeddingSpace, ...], run_dir: Path) -> None:
        if _same(spaces, self._spaces):
            self.kept, self._run = load_file(run_dir / "kept.safetensors")["kept"], None
            self.changed.emit()

    def _forget_kept(self) -> None:
        if self._run is not None:
            self._work.cancel(self._run)
        self._spaces, self.kept, self._run = (), None, None


def _same(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    """Whether these are the very same things."""
    return len(one) == len(other) and all(a is b for a, b in zip(one, other, strict=True))
