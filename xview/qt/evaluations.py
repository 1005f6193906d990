"""Judging rankers on all queries of a protocol, in a worker."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal
from safetensors.numpy import load_file

from xview.arrays import Doubles, Ints
from xview.metrics.table import Request
from xview.qt.store import Store
from xview.qt.work import Run, Work
from xview.retrieval.registry import RANKERS
from xview.session.state import Resolved, resolve

CALM_MS = 400
"""A slider must rest this long before its setting is judged."""
UNASKED_LIMIT = 30_000_000
"""Scores up to which the ranker on screen is judged without being asked: a second or two of a worker."""

Row: TypeAlias = dict[str, Any]


class Evaluations(QObject):
    """Keeps the judgements of the open spaces; judges the ranker on screen where that is cheap."""

    judged = Signal()  # a judgement arrived
    moved = Signal()  # started, further on, or ended

    def __init__(self, store: Store, work: Work, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store, self._work = store, work
        self._spaces = store.workspace.spaces
        self._ap: dict[Request, Doubles] = {}
        self._rows: dict[Request, Row] = {}
        self._runs: list[tuple[Run, tuple[Request, ...]]] = []
        self._calm = QTimer(self, singleShot=True, interval=CALM_MS)
        self._calm.timeout.connect(self.judge_unasked)
        store.changed.connect(self._follow)
        work.changed.connect(self.moved)

    def run(self) -> None:
        """Judge every ranker the open spaces allow under the present rules, in both directions."""
        protocol = self._store.resolved.task.protocol
        wanted: list[Request] = []
        for direction in dict.fromkeys((protocol, protocol.swapped())):
            resolved = resolve(replace(self._store.state, protocol=direction), self._store.workspace)
            wanted += possible_requests(resolved)
        self._start("evaluation of all rankers", wanted)

    def run_unasked(self) -> None:
        """Judge every ranker where that is cheap."""
        task = self._store.resolved.task
        if len(task.query_rows) * len(task.gallery_rows) * len(RANKERS) <= UNASKED_LIMIT:
            self.run()

    def cancel(self) -> None:
        """Stop judging."""
        for run, _ in self._runs:
            self._work.cancel(run)

    def ap(self) -> Doubles | None:
        """(m,) average precision of each query under ranker A, NaN without match; None if unknown."""
        request = _request(self._store.resolved, self._store.resolved.ranker.name)
        return None if request is None else self._ap.get(request)

    def worst_first(self) -> Ints | None:
        """Query numbers by rising average precision, those without a match left out; None if unknown."""
        ap = self.ap()
        if ap is None:
            return None
        order = np.argsort(ap, kind="stable")
        return order[: int(np.isfinite(ap).sum())].astype(np.int64)

    @property
    def run_in_hand(self) -> Run | None:
        """The evaluation that runs now."""
        return self._runs[0][0] if self._runs else None

    def request_of(self, row: Row) -> Request | None:
        """What a row of `rows` was judged for."""
        return next((request for request, known in self._rows.items() if known == row), None)

    def rows(self) -> list[Row]:
        """Every judgement made of the open spaces, newest last."""
        return list(self._rows.values())

    def _follow(self, _old: Resolved, new: Resolved) -> None:
        if new.workspace.spaces is not self._spaces:
            self._spaces = new.workspace.spaces
            self.cancel()
            self._ap.clear()
            self._rows.clear()
            self.judged.emit()
        self._calm.start()

    def judge_unasked(self) -> None:
        """Judge the ranker on screen where that is cheap, nothing else runs, and it is not known yet."""
        resolved = self._store.resolved
        scores = len(resolved.task.query_rows) * len(resolved.task.gallery_rows)
        request = _request(resolved, resolved.ranker.name)
        if request is not None and request not in self._ap and not self._runs and scores <= UNASKED_LIMIT:
            self._start(f"average precision under {RANKERS[request.ranker].title}", [request])

    def _start(self, title: str, requests: list[Request]) -> None:
        requests = [request for request in requests if request not in self._rows]
        if not requests:
            return
        workspace = self._store.workspace
        run = self._work.start(
            title,
            "evaluate",
            {
                "data": workspace.dataset.source,
                "unseen": workspace.unseen,
                "requests": [request.to_json() for request in requests],
            },
            partial(self._take, tuple(requests), workspace.spaces),
            self._lost,
        )
        self._runs.append((run, tuple(requests)))
        self.moved.emit()

    def _take(self, requests: tuple[Request, ...], spaces: object, run_dir: Path) -> None:
        self._forget(requests)
        if spaces is not self._spaces:
            return
        rows = json.loads((run_dir / "rows.json").read_text("utf-8"))
        ap = load_file(run_dir / "ap.safetensors")
        for place, request in enumerate(requests):
            self._rows[request] = rows[place]
            self._ap[request] = ap[str(place)]
        self.judged.emit()
        self.judge_unasked()

    def _lost(self, _reason: str) -> None:
        self._forget(())

    def _forget(self, requests: tuple[Request, ...]) -> None:
        self._runs = [(r, s) for r, s in self._runs if r.job.outcome is None and s != requests]
        self.moved.emit()


def possible_requests(resolved: Resolved) -> list[Request]:
    """Every ranker the chosen spaces can serve, in the present direction with the user's settings."""
    if resolved.spaces is None:
        return []
    own = bool(resolved.spaces.own_query and resolved.spaces.own_gallery)
    asked = [_request(resolved, name) for name, kind in RANKERS.items() if own or not kind.needs_own]
    return [request for request in asked if request is not None]


def _request(resolved: Resolved, ranker: str) -> Request | None:
    if resolved.spaces is None:
        return None
    return Request(
        protocol=resolved.task.protocol,
        spaces=resolved.spaces,
        ranker=ranker,
        settings=resolved.view.settings_of(ranker),
    )
