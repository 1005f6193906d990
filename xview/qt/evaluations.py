"""Judging rankers on all queries of a protocol, in a worker."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from PySide6.QtCore import QObject, Signal
from safetensors.numpy import load_file

from xview.arrays import Doubles, Ints
from xview.data.protocol import Protocol
from xview.qt.store import Store
from xview.qt.work import Run, Work
from xview.retrieval.field import SpaceChoice
from xview.retrieval.registry import RANKERS
from xview.session.state import RankerChoice, Resolved, ViewState, resolve

UNASKED_LIMIT = 30_000_000
"""Scores up to which the ranker on screen is judged without being asked: a second or two of a worker."""

Row: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Setup:
    """What a judgement holds for."""

    protocol: Protocol
    spaces: SpaceChoice
    choice: RankerChoice


class Evaluations(QObject):
    """Keeps every judgement of the open spaces; judges the ranker on screen in passing where that is cheap."""

    judged = Signal()  # a judgement arrived
    moved = Signal()  # started, further on, or ended

    def __init__(self, store: Store, work: Work, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store, self._work = store, work
        self._spaces = store.workspace.spaces
        self._ap: dict[Setup, Doubles] = {}
        self._rows: dict[Setup, Row] = {}
        self._runs: list[tuple[Run, tuple[Setup, ...]]] = []
        store.changed.connect(self._follow)
        work.changed.connect(self.moved)

    def run(self) -> None:
        """Judge every ranker the open spaces allow under the present rules, in both directions."""
        protocol = self._store.resolved.task.protocol
        state = self._store.state
        wanted = []
        for direction in dict.fromkeys((protocol, protocol.swapped())):
            resolved = resolve(replace(state, protocol=direction), self._store.workspace)
            wanted += [_setup(resolved, name) for name in _possible(resolved)]
        self._start("evaluation of all rankers", [s for s in wanted if s is not None])

    def cancel(self) -> None:
        """Stop judging."""
        for run, _ in self._runs:
            self._work.cancel(run)

    def ap(self) -> Doubles | None:
        """(m,) average precision of each query under ranker A, NaN without match; None if unknown."""
        setup = _setup(self._store.resolved, self._store.resolved.ranker.name)
        return None if setup is None else self._ap.get(setup)

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

    def setup_of(self, row: Row) -> Setup | None:
        """What a row of `rows` was judged for."""
        return next((setup for setup, known in self._rows.items() if known == row), None)

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
        self.judge_unasked()

    def judge_unasked(self) -> None:
        """Judge the ranker on screen where that is cheap, nothing else runs, and it is not known yet."""
        resolved = self._store.resolved
        scores = len(resolved.task.query_rows) * len(resolved.task.gallery_rows)
        setup = _setup(resolved, resolved.ranker.name)
        if setup is not None and setup not in self._ap and not self._runs and scores <= UNASKED_LIMIT:
            self._start(f"average precision under {setup.choice.title}", [setup])

    def _start(self, title: str, setups: list[Setup]) -> None:
        setups = [setup for setup in setups if setup not in self._rows]
        if not setups:
            return
        workspace = self._store.workspace
        run = self._work.start(
            title,
            "evaluate",
            {
                "data": workspace.dataset.source,
                "unseen": workspace.unseen,
                "requests": [
                    {
                        "protocol": asdict(setup.protocol),
                        "spaces": asdict(setup.spaces),
                        "ranker": setup.choice.name,
                        "settings": setup.choice.settings.to_mapping(),
                    }
                    for setup in setups
                ],
            },
            partial(self._take, tuple(setups), workspace.spaces),
            self._lost,
        )
        self._runs.append((run, tuple(setups)))
        self.moved.emit()

    def _take(self, setups: tuple[Setup, ...], spaces: object, run_dir: Path) -> None:
        self._forget(setups)
        if spaces is not self._spaces:
            return
        rows = json.loads((run_dir / "rows.json").read_text("utf-8"))
        ap = load_file(run_dir / "ap.safetensors")
        for place, setup in enumerate(setups):
            self._rows[setup] = rows[place]
            self._ap[setup] = ap[str(place)]
        self.judged.emit()
        self.judge_unasked()

    def _lost(self, _reason: str) -> None:
        self._forget(())

    def _forget(self, setups: tuple[Setup, ...]) -> None:
        self._runs = [(r, s) for r, s in self._runs if r.job.outcome is None and s != setups]
        self.moved.emit()


def _possible(resolved: Resolved) -> tuple[str, ...]:
    """Rankers the chosen spaces can serve."""
    if resolved.spaces is None:
        return ()
    own = bool(resolved.spaces.own_query and resolved.spaces.own_gallery)
    return tuple(name for name, kind in RANKERS.items() if own or not kind.needs_own)


def _setup(resolved: Resolved, ranker: str) -> Setup | None:
    if resolved.spaces is None:
        return None
    view: ViewState = resolved.view
    return Setup(resolved.task.protocol, resolved.spaces, RankerChoice(ranker, view.settings_of(ranker)))
