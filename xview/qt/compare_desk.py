"""The compare dock, bound to the store, the comparison of A and B, and the maps."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from xview.arrays import Doubles, Ints
from xview.metrics.compare import BROKEN, FIXED, SAME, Comparison, MeanChange, Reading, by_class
from xview.metrics.table import Request
from xview.qt.comparisons import Comparisons, Pair, Stage
from xview.qt.desk import Desk
from xview.qt.evaluations import Evaluations
from xview.qt.maps_desk import MapsDesk
from xview.qt.movement_desk import MovementDesk
from xview.qt.movements import Movements
from xview.qt.panels.compare import ComparePanel
from xview.qt.panels.compare_plots import Pictured
from xview.qt.panels.item_table import Column, Items
from xview.qt.store import Store
from xview.qt.thumbnails import Thumbnails
from xview.retrieval.field import SpaceChoice, shared_candidates
from xview.retrieval.registry import RANKERS
from xview.session.resolve import Resolved
from xview.session.state import ColourBy, selection_of

FIGURE = "AP change, B − A"
_WORDS = {FIXED: "▲ {} fixed", BROKEN: "▼ {} broken", SAME: "= {} same"}


class CompareDesk(Desk):
    """A row or point asks its query under A and B, a bar selects its queries on the maps."""

    told = Signal(str, str)  # level, words

    def __init__(
        self,
        store: Store,
        evaluations: Evaluations,
        comparisons: Comparisons,
        movements: Movements,
        thumbnails: Thumbnails,
        maps: MapsDesk,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._evaluations, self._comparisons = store, evaluations, comparisons
        self._thumbnails, self._maps = thumbnails, maps
        self.movement = MovementDesk(store, movements, thumbnails, maps, self)
        self.movement.hide()  # until the panel takes it in
        self._panel: ComparePanel | None = None
        self._reading = Reading.AP
        self._shown: tuple[Comparison, Reading] | None = None
        self._coloured: Comparison | None = None  # what the maps' figure is of
        self._offers: list[Callable[[], object]] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        comparisons.changed.connect(self._refresh)
        comparisons.moved.connect(self._refresh)
        store.changed.connect(self._follow)

    @property
    def panel(self) -> ComparePanel:
        """What is shown, made when it is first needed."""
        if self._panel is None:
            self._panel = ComparePanel(self._thumbnails, self.movement, self)
            self._column.addWidget(self._panel)
            self._panel.asked.connect(self._ask)
            self._panel.selected.connect(self._select)
            self._panel.coloured.connect(self._colour)
            self._panel.reading_asked.connect(self._read)
            self._panel.stepped.connect(self.walk_broken)
            self._panel.offer_taken.connect(lambda place: self._offers[place]())
            self._panel.run_asked.connect(self._comparisons.run)
            self._panel.cancel_asked.connect(self._evaluations.cancel)
        return self._panel

    def look(self) -> None:
        """Compare while the dock is in front."""
        self.movement.set_seen(True)
        self._comparisons.watch(True)
        self._refresh()

    def look_away(self) -> None:
        """Compare no longer."""
        self._comparisons.watch(False)
        self.movement.set_seen(False)

    def walk_broken(self, step: int) -> None:
        """Ask the next query that B breaks, worst first, or the previous one."""
        found = self._comparisons.comparison
        broken = [] if found is None else found.ranked(BROKEN, self._reading).tolist()
        if not broken:
            why = "the dock Compare tells which" if found is None else "B breaks none of A's queries"
            self.told.emit("info", f"no broken query to go to: {why}")
            return
        now = self._number_on_screen()
        place = broken.index(now) + step if now in broken else 0 if step > 0 else -1
        self._ask(broken[place % len(broken)])

    # what is shown

    def _refresh(self) -> None:
        """Show the comparison on screen, or why there is none; nothing while nobody looks."""
        if self._maps.figure == FIGURE and self._coloured is not self._comparisons.comparison:
            self._maps.show_numbers(ColourBy.FIGURE, self._changes(), FIGURE)
        if not self.seen:
            return
        stage, panel = self._comparisons.stage, self.panel
        found, pair = self._comparisons.comparison, self._comparisons.pair
        if stage is not Stage.KNOWN or found is None or pair is None:
            self._shown = None
            self._show_stage(stage)
            return
        if self._shown != (found, self._reading):
            self._shown = (found, self._reading)
            panel.show_comparison(self._items(found), self._pictured(found), self._reading)
            panel.mark(self._number_on_screen())
        panel.show_told(_told(pair, found, self._comparisons.mean))

    def _show_stage(self, stage: Stage) -> None:
        panel, resolved = self.panel, self._store.resolved
        if stage is Stage.JUDGING:
            run = self._evaluations.run_in_hand
            panel.show_progress(
                None if run is None else run.fraction, None if run is None else run.job.seconds_left
            )
            return
        offers = self._offered(resolved) if stage in (Stage.OFF, Stage.ALIKE) else []
        self._offers = [take for _, _, take in offers]
        panel.show_nothing(
            _why(stage, resolved), [(title, tip) for title, tip, _ in offers], run=stage is Stage.WAITING
        )

    def _offered(self, resolved: Resolved) -> list[tuple[str, str, Callable[[], object]]]:
        """What A could be held against: another ranker, or itself in another shared space."""
        if resolved.spaces is None:
            return []
        other = "knn" if resolved.ranker.name != "knn" else "heterogeneous"
        title = RANKERS[other].title
        ask = self._store.ask
        offers: list[tuple[str, str, Callable[[], object]]] = [
            (f"Against {title}", f"B ranks by {title}", partial(ask, other=other, other_spaces=None))
        ]
        fitting = shared_candidates(resolved.workspace.spaces, resolved.task.protocol)
        for name in [name for name in fitting if name != resolved.spaces.shared][:2]:
            take = partial(ask, other=resolved.ranker.name, other_spaces=SpaceChoice(shared=name))
            offers.append((f"In {name}", f"B is {resolved.ranker.title} in {name}", take))
        return offers

    def _items(self, found: Comparison) -> Items:
        task, classes = self._store.resolved.task, self._store.workspace.dataset.classes
        verdicts, gained = found.verdicts(self._reading), found.first_a - found.first_b
        titles, labels = task.queries.titles[task.query_rows], task.query_labels
        names = np.array([*classes, ""])[labels]
        change = _change_text(found, verdicts)
        columns = (
            Column(
                title="query", tip="A click asks it under A and B", values=titles, figure=False,
                text=lambda n: str(titles[n]), widest="",
            ),
            Column(
                title="class", tip="Class of the query", values=names, figure=False,
                text=lambda n: str(names[n]), widest=max(names.tolist(), key=len, default="")[:12],
            ),
            Column(
                title="AP A", tip="Average precision under A", values=found.ap_a,
                text=lambda n: f"{found.ap_a[n]:.3f}", widest="0.000",
            ),
            Column(
                title="AP B", tip="Average precision under B", values=found.ap_b,
                text=lambda n: f"{found.ap_b[n]:.3f}", widest="0.000",
            ),
            Column(
                title="change", tip="AP under B less AP under A", values=found.change,
                text=change, widest="▼ +0.000 broken", tone=lambda n: int(verdicts[n]),
            ),
            Column(
                title="first hit", tip="Rank of the first match under A → under B; sorted by places gained",
                values=gained, text=lambda n: f"{found.first_a[n]:,} → {found.first_b[n]:,}",
                widest=f"{found.first_a.max(initial=0):,} → {found.first_b.max(initial=0):,}",
            ),
        )  # fmt: skip
        rows, key = task.query_rows, task.protocol.query
        return Items(columns, lambda n: (key, int(rows[n])))

    def _pictured(self, found: Comparison) -> Pictured:
        task, classes = self._store.resolved.task, self._store.workspace.dataset.classes
        labels = task.query_labels
        return Pictured(
            comparison=found,
            verdicts=found.verdicts(self._reading),
            classes=by_class(found, labels, self._reading),
            labels=labels,
            class_name=lambda label: classes[label] if label >= 0 else "",
            title=lambda n: str(task.queries.titles[task.query_rows[n]]),
        )

    def _follow(self, old: Resolved, new: Resolved) -> None:
        if old is new or old.task is not new.task:
            self._shown = None
        if self.seen:
            self._refresh()
            if self._shown is not None:
                self.panel.mark(self._number_on_screen())

    def _number_on_screen(self) -> int:
        """Number of the query on screen, -1 where it is none of the task's or there are several."""
        resolved = self._store.resolved
        if len(resolved.query_rows) != 1:
            return -1
        found = np.flatnonzero(resolved.task.query_rows == resolved.query_rows[0])
        return int(found[0]) if found.size else -1

    # what the user did

    def _ask(self, number: int) -> None:
        task = self._store.resolved.task
        self._store.ask_item(task.protocol.query, int(task.query_rows[number]))

    def _select(self, numbers: Ints) -> None:
        task = self._store.resolved.task
        self._store.ask(selection=selection_of({task.protocol.query: task.query_rows[numbers]}))

    def _colour(self) -> None:
        self._maps.show_figure(FIGURE, self._changes())

    def _changes(self) -> dict[str, Doubles]:
        """The change of each query, as numbers to colour by; none while they are not known."""
        self._coloured, task = self._comparisons.comparison, self._store.resolved.task
        if self._coloured is None:
            return {}
        values = np.full(len(task.queries), np.nan)
        values[task.query_rows] = self._coloured.change
        return {task.protocol.query: values}

    def _read(self, reading: str) -> None:
        self._reading = Reading(reading)
        self._refresh()


def _change_text(found: Comparison, verdicts: Ints) -> Callable[[int], str]:
    return lambda n: _WORDS[int(verdicts[n])].format(f"{found.change[n]:+.3f}")


def _why(stage: Stage, resolved: Resolved) -> str:
    if stage is Stage.OFF and resolved.spaces is None:
        return resolved.problem
    if stage is Stage.OFF:
        return (
            "B is off. Choose what to hold A against (above, beside A|B), or compare "
            f"{_called(resolved.ranker.title, resolved.spaces)}:"
        )
    if stage is Stage.ALIKE:
        return "A and B are the same. Choose another ranker or space for B above, or compare A:"
    return "Not judged yet: which queries does B fix, which does it break?"


def _called(title: str, spaces: SpaceChoice | None) -> str:
    return title if spaces is None else f"{title} · {spaces.shared}"


def _told(pair: Pair, found: Comparison, mean: MeanChange | None) -> str:
    """A, B and the mean change in a line."""
    a, b = (_named(request, pair) for request in pair)
    if not found.counted.any():
        return f"A  {a}   B  {b}   no query has a match"
    before, after = np.nanmean(found.ap_a), np.nanmean(found.ap_b)
    told = f"{mean.mean:+.3f} [{mean.low:+.3f}, {mean.high:+.3f}], p {_p(mean.p)}   " if mean else ""
    return f"mAP {before:.3f} → {after:.3f}   {told}   A {a}   B {b}"


def _p(p: float) -> str:
    return f"{p:.4f}" if p >= 0.001 else "< 0.001"


def _named(request: Request, pair: Pair) -> str:
    title = RANKERS[request.ranker].title
    return title if pair[0].spaces == pair[1].spaces else _called(title, request.spaces)
