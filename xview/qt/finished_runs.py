"""Finished runs: their spaces come onto the maps, and are offered to rank in and to compare."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QMenu

from xview.data.protocol import Protocol
from xview.jobs.runs import Status, TrainingRun
from xview.qt.panels.training_notice import RunNotice
from xview.qt.runs import Runs
from xview.qt.store import Store
from xview.qt.trained import Trained
from xview.qt.training_forms import run_info, spaces_of
from xview.retrieval.field import SpaceChoice, shared_candidates
from xview.training.names import SELECT, UNSEEN


class FinishedRuns(QObject):
    """Hears that a run ended, fetches what it left, says so, and ranks with it when asked."""

    told = Signal(str, str)  # level, words

    def __init__(self, store: Store, runs: Runs, trained: Trained, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store, self._trained = store, trained
        self._coming: list[TrainingRun] = []  # whose spaces are being fetched
        self._noticed: TrainingRun | None = None
        self._auto = ""  # the space put on the maps unasked
        self.notice = RunNotice()
        self.notice.show_asked.connect(self._show_noticed)
        self.menu = QMenu(self.notice)
        runs.ended.connect(self._ended)
        runs.gone.connect(trained.refresh)
        trained.refreshed.connect(self._announce)
        trained.failed.connect(lambda words: self.told.emit("error", words))

    def _ended(self, run: TrainingRun) -> None:
        if run.status in (Status.FINISHED, Status.STOPPED):
            self._coming.append(run)
            self._trained.refresh()
        elif run.status is Status.PAUSED:
            self.told.emit("info", f"{run.name} paused")
        else:
            self.told.emit("error", f"{run.name}: {run.message}")

    def _announce(self) -> None:
        """Runs that ended: those with spaces get a map and are offered."""
        ended, self._coming = self._coming, []
        for run in ended:
            spaces = spaces_of(run, self._store.workspace)
            if spaces:
                self._put_on_maps(spaces[0])
                self._offer(run)
            else:
                self.told.emit("info", f"{run.name}: {run.message}")

    def _offer(self, run: TrainingRun) -> None:
        self._noticed = run
        info = run_info(run, self._store.workspace)
        told = [f"{name} {value:.3f}" for name, value in ((SELECT, info.validation),) if value is not None]
        if info.unseen is not None:
            told.append(f"{UNSEEN} {info.unseen:.3f} (never chosen on)")
        words = f"{run.name} {run.status}: {', '.join(told)}" if told else f"{run.name} {run.status}"
        self.fill_comparisons(self.notice.compare_menu, run)
        self.notice.show_words(words)
        self.told.emit("info", words)

    def _put_on_maps(self, space: str) -> None:
        """The newest result beside what is there, in place of the one before that nobody asked for."""
        state = self._store.state
        shown = (state.shown_spaces - {self._auto}) | {space}
        self._auto = space
        self._store.ask(merge="trained", shown_spaces=shown, hidden_spaces=state.hidden_spaces - {space})

    def show_space(self, run: TrainingRun) -> None:
        """Rank with a run's space, in a direction it knows."""
        for space in spaces_of(run, self._store.workspace)[:1]:
            self._store.ask(spaces=SpaceChoice(shared=space), protocol=self._protocol_for(space))

    def _show_noticed(self) -> None:
        if self._noticed is not None:
            self.show_space(self._noticed)

    def comparable(self, run: TrainingRun) -> list[str]:
        """Shared spaces a run's own can be held against, the one on screen first."""
        workspace = self._store.workspace
        own = spaces_of(run, workspace)
        if not own:
            return []
        others = [n for n in shared_candidates(workspace.spaces, self._protocol_for(own[0])) if n not in own]
        now = self._store.resolved.spaces
        return sorted(others, key=lambda name: now is None or name != now.shared)

    def compare(self, run: TrainingRun, other: str) -> None:
        """A ranks in the run's space, B in another."""
        for space in spaces_of(run, self._store.workspace)[:1]:
            resolved = self._store.resolved
            self._store.ask(
                spaces=SpaceChoice(shared=space),
                protocol=self._protocol_for(space),
                other=(resolved.other or resolved.ranker).name,
                other_spaces=SpaceChoice(shared=other),
                why=None,
            )

    def offer_comparisons(self, run: TrainingRun) -> None:
        """A menu of what a run can be compared with, at the mouse."""
        self.fill_comparisons(self.menu, run)
        self.menu.popup(QCursor.pos())

    def fill_comparisons(self, menu: QMenu, run: TrainingRun) -> None:
        """Put what a run can be compared with into a menu."""
        menu.clear()
        for name in self.comparable(run):
            menu.addAction(f"with {name}").triggered.connect(
                lambda _checked=False, name=name: self.compare(run, name)
            )
        if menu.isEmpty():
            menu.addAction("No other shared space of this direction").setEnabled(False)

    def _protocol_for(self, space: str) -> Protocol:
        """The present rules; the direction turned to modalities of the space where it has others."""
        protocol = self._store.resolved.task.protocol
        modalities = self._store.workspace.spaces[space].modalities
        if {protocol.query, protocol.gallery} <= set(modalities):
            return protocol
        return replace(protocol, query=modalities[0], gallery=modalities[1])
