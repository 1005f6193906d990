"""Judging rankers on all queries of a protocol, in a worker."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal
from safetensors.numpy import load_file

from xview.arrays import Doubles, Ints
from xview.data.protocol import Protocol
from xview.metrics.table import Request
from xview.qt.store import Store
from xview.qt.work import Run, Work
from xview.retrieval.field import SpaceChoice
from xview.retrieval.registry import RANKERS
from xview.session.resolve import Resolved, resolve

CALM_MS = 400
"""A slider must rest this long before its setting is judged."""
UNASKED_LIMIT = 30_000_000
"""Scores up to which the ranker on screen is judged without being asked: a second or two of a worker."""

Row: TypeAlias = dict[str, Any]


class Evaluations(QObject):
    """Keeps the judgements of the open spaces; judges the ranker on screen where that is cheap."""

    judged = Signal()  # what is known, or what of it is shown, changed
    moved = Signal()  # started, further on, or ended

    def __init__(self, store: Store, work: Work, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store, self._work = store, work
        self._spaces = store.workspace.spaces
        self._ap: dict[Request, Doubles] = {}
        self._first: dict[Request, Ints] = {}
        self._rows: dict[Request, Row] = {}
        self._asked: set[Request] = set()  # judged for their own sake, not because they were on screen
        self._hopeless: set[Request] = set()  # failed or cancelled before
        self._shown: list[Request] = []
        self._closed = False
        self._runs: list[tuple[Run, tuple[Request, ...]]] = []
        self._calm = QTimer(self, singleShot=True, interval=CALM_MS)
        self._calm.timeout.connect(self.judge_unasked)
        store.changed.connect(self._follow)
        work.changed.connect(self.moved)

    def close(self) -> None:
        """Judge no more."""
        self._closed = True
        self._calm.stop()

    def run(self) -> None:
        """Judge every ranker the open spaces allow under the present rules, in both directions."""
        protocol = self._store.resolved.task.protocol
        wanted: list[Request] = []
        for direction in dict.fromkeys((protocol, protocol.swapped())):
            resolved = resolve(replace(self._store.state, protocol=direction), self._store.workspace)
            for spaces in dict.fromkeys((resolved.spaces, resolved.other_spaces or resolved.spaces)):
                wanted += possible_requests(resolved, spaces)
        self._asked.update(wanted)
        self._start("evaluation of all rankers", wanted)
        self._tell()

    def cancel(self) -> None:
        """Stop judging."""
        for run, _ in self._runs:
            self._work.cancel(run)

    def ap(self, request: Request | None = None) -> Doubles | None:
        """(m,) average precision of each query, NaN without match, of ranker A by default; None unknown."""
        request = request or self._request_now()
        return None if request is None else self._ap.get(request)

    def first_hit(self, request: Request) -> Ints | None:
        """(m,) rank of each query's first match, 0 where there is none; None unknown."""
        return self._first.get(request)

    def judge(self, title: str, requests: Sequence[Request]) -> None:
        """Judge those of these that are not known or under way; ones that failed before are tried again."""
        self._hopeless.difference_update(requests)
        self._start(title, list(requests))

    def coming(self, request: Request) -> bool:
        """Whether it is being judged."""
        return any(request in batch for _, batch in self._runs)

    def hopeless(self, request: Request) -> bool:
        """Whether judging it failed or was cancelled before."""
        return request in self._hopeless

    def worst_first(self, request: Request | None = None) -> Ints | None:
        """Query numbers by rising average precision, those without a match left out; None if unknown."""
        ap = self.ap(request)
        if ap is None:
            return None
        order = np.argsort(ap, kind="stable")
        return order[: int(np.isfinite(ap).sum())].astype(np.int64)

    @property
    def run_in_hand(self) -> Run | None:
        """The evaluation that runs now."""
        return self._runs[0][0] if self._runs else None

    def judgements(self) -> list[tuple[Request, Row]]:
        """What was judged under the present classes and groups: what the user asked for, and ranker A."""
        rules, now = _rules(self._store.resolved.task.protocol), self._request_now()
        return [
            (request, row)
            for request, row in self._rows.items()
            if (request in self._asked or request == now) and _rules(request.protocol) == rules
        ]

    def _request_now(self) -> Request | None:
        resolved = self._store.resolved
        if resolved.spaces is None:
            return None
        return request_of(resolved, resolved.spaces, resolved.ranker.name)

    def _follow(self, old: Resolved, new: Resolved) -> None:
        if new.workspace.spaces is not self._spaces:
            self._forget(new, other_data=old is new)
        if not new.same_answer(old):
            self._tell()
        self._calm.start()

    def _forget(self, new: Resolved, *, other_data: bool) -> None:
        """Keep only the judgements whose spaces are what they were, of the same data."""
        before, self._spaces = self._spaces, new.workspace.spaces

        def holds(request: Request) -> bool:
            return not other_data and all(
                name in before and self._spaces.get(name) is before[name] for name in request.spaces.names
            )

        gone = [run for run, batch in self._runs if not all(map(holds, batch))]
        self._runs = [(run, batch) for run, batch in self._runs if run not in gone]
        for run in gone:
            self._work.cancel(run)
        self._ap = {request: ap for request, ap in self._ap.items() if holds(request)}
        self._first = {request: ranks for request, ranks in self._first.items() if holds(request)}
        self._rows = {request: row for request, row in self._rows.items() if holds(request)}
        self._asked = set(filter(holds, self._asked))
        self._hopeless = set(filter(holds, self._hopeless))

    def judge_unasked(self) -> None:
        """Where that is cheap and nothing else runs: all rankers of fresh data, else the one on screen."""
        task, request = self._store.resolved.task, self._request_now()
        scores = len(task.query_rows) * len(task.gallery_rows)
        if self._closed or request is None or self._runs or request in self._ap or request in self._hopeless:
            return
        if not self._asked and scores * len(RANKERS) <= UNASKED_LIMIT:
            self.run()
        elif scores <= UNASKED_LIMIT:
            self._start(f"average precision under {RANKERS[request.ranker].title}", [request])

    def _tell(self) -> None:
        """Say so if other judgements are shown now."""
        shown = [request for request, _ in self.judgements()]
        if shown != self._shown:
            self._shown = shown
            self.judged.emit()

    def _start(self, title: str, requests: list[Request]) -> None:
        coming = {request for _, batch in self._runs for request in batch}
        requests = [request for request in requests if request not in self._rows and request not in coming]
        if not requests:
            return
        workspace, batch = self._store.workspace, tuple(requests)
        run = self._work.start(
            title,
            "evaluate",
            {
                "data": workspace.dataset.source,
                "unseen": workspace.unseen,
                "requests": [request.to_json() for request in requests],
            },
            partial(self._take, batch),
            partial(self._lose, batch),
        )
        self._runs.append((run, batch))
        self.moved.emit()

    def _take(self, batch: tuple[Request, ...], run_dir: Path) -> None:
        if self._ended(batch):
            rows = json.loads((run_dir / "rows.json").read_text("utf-8"))
            ap = load_file(run_dir / "ap.safetensors")
            first = load_file(run_dir / "first_hit.safetensors")
            for place, request in enumerate(batch):
                self._rows[request] = rows[place]
                self._ap[request] = ap[str(place)]
                self._first[request] = first[str(place)]
            self._shown = [request for request, _ in self.judgements()]
            self.judged.emit()

    def _lose(self, batch: tuple[Request, ...], _reason: str) -> None:
        if self._ended(batch):
            self._hopeless.update(batch)

    def _ended(self, batch: tuple[Request, ...]) -> bool:
        """Whether a run that ended was about what is open; what is on screen now comes next."""
        others = [(run, requests) for run, requests in self._runs if requests is not batch]
        wanted, self._runs = len(others) < len(self._runs), others
        self.moved.emit()
        self._calm.start()
        return wanted


def _rules(protocol: Protocol) -> tuple[object, ...]:
    """All of a protocol but its direction."""
    return protocol.query_classes, protocol.gallery_classes, protocol.across_groups


def possible_requests(resolved: Resolved, spaces: SpaceChoice | None) -> list[Request]:
    """Every ranker these spaces can serve, in the present direction with the user's settings."""
    if spaces is None:
        return []
    own = bool(spaces.own_query and spaces.own_gallery)
    return [request_of(resolved, spaces, name) for name, kind in RANKERS.items() if own or not kind.needs_own]


def request_of(resolved: Resolved, spaces: SpaceChoice, ranker: str) -> Request:
    """A ranker in these spaces, in the present direction with the user's settings."""
    return Request(
        protocol=resolved.task.protocol,
        spaces=spaces,
        ranker=ranker,
        settings=resolved.view.settings_of(ranker),
    )
