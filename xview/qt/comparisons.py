"""A and B of the bars held against each other over all queries, while somebody watches."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

from PySide6.QtCore import QObject, QTimer, Signal

from xview.metrics.compare import Comparison, MeanChange, mean_change
from xview.metrics.table import Request
from xview.qt.background import Latest
from xview.qt.evaluations import CALM_MS, UNASKED_LIMIT, Evaluations, request_of
from xview.qt.store import Store
from xview.session.resolve import Resolved

Pair: TypeAlias = tuple[Request, Request]


class Stage(StrEnum):
    """How far the comparison of what is on screen is."""

    OFF = "off"  # there is no B, or nothing can be ranked
    ALIKE = "alike"  # B is A
    WAITING = "waiting"  # to be asked for: it takes long, failed or was cancelled before
    JUDGING = "judging"
    KNOWN = "known"


def pair_of(resolved: Resolved) -> Pair | None:
    """What A and B are asked; None where one of them is missing."""
    if resolved.spaces is None or resolved.other is None:
        return None
    a = request_of(resolved, resolved.spaces, resolved.ranker.name)
    return a, request_of(resolved, resolved.other_spaces or resolved.spaces, resolved.other.name)


class Comparisons(QObject):
    """Has both judged where that is not known yet, and keeps the comparison of what is on screen.

    Attributes:
        comparison: Of A and B on screen; None while that is not known.
        mean: Its mean change with interval and p; None while they are being drawn.
    """

    changed = Signal()  # the comparison, its mean change, or what A and B are
    moved = Signal()  # judging started, got on, or ended
    broke = Signal(object)

    def __init__(self, store: Store, evaluations: Evaluations, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store, self._evaluations = store, evaluations
        self._pair: Pair | None = None
        self._watched = False
        self.comparison: Comparison | None = None
        self.mean: MeanChange | None = None
        self._means = Latest("comparison", self)
        self._means.done.connect(self._take_mean)
        self._means.broke.connect(self.broke)
        self._calm = QTimer(self, singleShot=True, interval=CALM_MS)
        self._calm.timeout.connect(self._judge_unasked)
        store.changed.connect(self._follow)
        evaluations.judged.connect(self._refresh)
        evaluations.moved.connect(self.moved)
        self._refresh()

    def close(self) -> None:
        """Compare no more."""
        self._watched = False
        self._calm.stop()
        self._means.close()

    def watch(self, watched: bool) -> None:
        """Whether anybody looks: then what is cheap is judged without being asked for."""
        self._watched = watched
        if watched:
            self._refresh()
            self._judge_unasked()

    def run(self) -> None:
        """Judge A and B on all queries."""
        if self._pair is not None:
            self._evaluations.judge("comparison of A and B", self._pair)

    @property
    def pair(self) -> Pair | None:
        """What A and B are asked."""
        return self._pair

    @property
    def stage(self) -> Stage:
        """How far it is."""
        if self._pair is None:
            return Stage.OFF
        if self._pair[0] == self._pair[1]:
            return Stage.ALIKE
        if self.comparison is not None:
            return Stage.KNOWN
        unknown = [request for request in self._pair if self._evaluations.ap(request) is None]
        coming = all(map(self._evaluations.coming, unknown))
        soon = self._calm.isActive() and self._cheap and not self._hopeless
        return Stage.JUDGING if coming or soon else Stage.WAITING

    def _follow(self, _old: Resolved, _new: Resolved) -> None:
        if self._watched:
            self._calm.start()
        self._refresh()

    def _refresh(self) -> None:
        """Take up what is known of the pair on screen."""
        pair = pair_of(self._store.resolved)
        moved, self._pair = pair != self._pair, pair
        a, b = (None, None) if pair is None else map(self._evaluations.ap, pair)
        if pair is None or a is None or b is None or pair[0] == pair[1]:
            moved |= self.comparison is not None
            self.comparison = self.mean = None
            self._means.forget()
        elif self.comparison is None or self.comparison.ap_a is not a or self.comparison.ap_b is not b:
            first_a, first_b = map(self._evaluations.first_hit, pair)
            assert first_a is not None and first_b is not None
            self.comparison = Comparison(ap_a=a, ap_b=b, first_a=first_a, first_b=first_b)
            self.mean, change, moved = None, self.comparison.change, True
            self._means.request(lambda: mean_change(change))
        if moved:
            self.changed.emit()

    def _take_mean(self, mean: MeanChange) -> None:
        self.mean = mean
        self.changed.emit()

    @property
    def _cheap(self) -> bool:
        task = self._store.resolved.task
        return len(task.query_rows) * len(task.gallery_rows) <= UNASKED_LIMIT

    @property
    def _hopeless(self) -> bool:
        return self._pair is not None and any(map(self._evaluations.hopeless, self._pair))

    def _judge_unasked(self) -> None:
        """Judge what somebody looks at, where that takes a second or two and did not fail before."""
        if self._watched and self.stage is Stage.WAITING and self._cheap and not self._hopeless:
            self.run()
        self.moved.emit()
