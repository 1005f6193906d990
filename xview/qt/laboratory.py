"""The store, the services behind it and the desks before it, wired once. Knows no docks and no menus."""

from __future__ import annotations

import random
from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from xview.arrays import Doubles
from xview.errors import DataError
from xview.qt.bars import Bars
from xview.qt.compare_desk import CompareDesk
from xview.qt.comparisons import Comparisons
from xview.qt.distortion_desk import DistortionDesk
from xview.qt.distortions import Distortions
from xview.qt.encodings import Encodings
from xview.qt.evaluation_desk import EvaluationDesk
from xview.qt.evaluations import Evaluations
from xview.qt.fusion_desk import FusionDesk
from xview.qt.fusions import Fusions
from xview.qt.history_desk import HistoryDesk
from xview.qt.maps_desk import MapsDesk
from xview.qt.movements import Movements
from xview.qt.opening import Opened
from xview.qt.panels.log import Level, LogPanel
from xview.qt.panels.progress import ProgressStrip, WorkInfo
from xview.qt.parameters_desk import ParametersDesk
from xview.qt.paths_desk import PathsDesk
from xview.qt.picture_dialog import PictureDialog
from xview.qt.projections import Projections
from xview.qt.rankings import Rankings, Reply
from xview.qt.reports import write_report
from xview.qt.results_desk import ResultsDesk
from xview.qt.runs import Runs
from xview.qt.spaces_desk import SpacesDesk
from xview.qt.store import Store
from xview.qt.sweeps import Sweeps
from xview.qt.thumbnails import Thumbnails
from xview.qt.trained import Trained
from xview.qt.training_desk import TrainingDesk
from xview.qt.walk_desk import WalkDesk
from xview.qt.work import Work
from xview.session.files import Session
from xview.session.places import keep_pasted
from xview.session.state import ColourBy, ItemsQuery, ViewState
from xview.session.workspace import Workspace

_WARM_AFTER_MS = {700: "encode_outside", 10_000: "project"}  # not at once: cores are few, and dearly wanted


class Laboratory(QObject):
    """Everything of one window but its frame."""

    settled = Signal()  # the answer to the newest request is on screen
    told = Signal(str, str)  # a message for the log: level (info, warning, error) and words
    broke = Signal(object)  # an exception that is a bug

    def __init__(self, opened: Opened, ratio: float, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ap: Doubles | None = None  # shown on the maps
        self.session = opened.session
        self.store = Store(opened.workspace, opened.session.state, self, opened.session.history)
        self.work = Work(self)
        self.thumbnails = Thumbnails(ratio=ratio, parent=self)
        self._show_sources(opened.workspace)
        self.projections = Projections(self.store, self.work, self)
        self.rankings = Rankings(self.store, self.work, self)
        self.encodings = Encodings(self.store, self.work, self)
        self.evaluations = Evaluations(self.store, self.work, self)
        self.runs = Runs(self)
        self.trained = Trained(self.store, self)
        self.bars = Bars(self.store)
        self.maps = MapsDesk(self.store, self.thumbnails, self.projections)
        self.results = ResultsDesk(self.store, self.thumbnails)
        self.spaces = SpacesDesk(self.store, self.projections)
        self.history = HistoryDesk(self.store, self.thumbnails)
        self.evaluation = EvaluationDesk(self.store, self.evaluations)
        self.comparisons = Comparisons(self.store, self.evaluations, self)
        self.movements = Movements(self.store, self.work, self)
        self.compare = CompareDesk(
            self.store, self.evaluations, self.comparisons, self.movements, self.thumbnails, self.maps
        )
        self.paths = PathsDesk(self.store, self.rankings, self.work, self.thumbnails, self.maps)
        self.fusions = Fusions(self.store, self.work, self)
        self.fusion = FusionDesk(self.store, self.fusions, self.thumbnails, self.maps)
        self.distortions = Distortions(self.store, self.work, self)
        self.distortion = DistortionDesk(self.store, self.distortions, self.thumbnails, self.maps)
        self.sweeps = Sweeps(self.store, self.work, self)
        self.parameters = ParametersDesk(self.store, self.sweeps)
        self.training = TrainingDesk(self.store, self.runs, self.trained)
        self.walking = WalkDesk(self.store, self.rankings, self.maps, self.results.why, self)
        self.log = LogPanel()
        self.progress = ProgressStrip()
        self._connect()

    def start(self) -> None:
        """Tell what is open and answer the first query; to be called once, when all is connected."""
        self._welcome(self.store.workspace)
        self.encodings.start(self.store.workspace)
        self.rankings.refresh()
        self.runs.start()

    def open(self, opened: Opened) -> None:
        """Show other data in the same window."""
        self.session = opened.session
        self._show_sources(opened.workspace)
        self._ap = None
        self.store.open(opened.workspace, opened.session.state, opened.session.history)
        self._welcome(opened.workspace)

    def close(self) -> None:
        """Stop threads and workers."""
        self.comparisons.close()
        self.movements.close()
        self.evaluations.close()
        self.fusions.close()
        self.walking.close()
        self.paths.stop()
        self.rankings.close()
        self.encodings.close()
        self.runs.close()
        self.trained.close()
        self.work.close()
        self.thumbnails.close()

    @property
    def idle(self) -> bool:
        """Whether nothing is being computed, drawn or decoded."""
        return not (self.work.runs or self.rankings.busy) and self.thumbnails.idle

    def session_now(self) -> Session:
        """What a session file would keep."""
        return Session(
            source=self.session.source,
            unseen=self.session.unseen,
            state=self.store.state,
            history=tuple(self.store.history),
        )

    def _connect(self) -> None:
        self.rankings.replied.connect(self._show_reply)
        self.rankings.cleared.connect(self._show_nothing)
        self.encodings.finished.connect(self._take_encoded)
        self.encodings.broke.connect(self.broke)
        self.encodings.failed.connect(lambda words: self.told.emit("error", words))
        self.rankings.waiting.connect(self._show_waiting)
        self.rankings.told.connect(lambda words: self.told.emit("warning", words))
        self.rankings.broke.connect(self.broke)
        self.maps.hovered.connect(self.results.highlight)
        self.maps.selection.ask_selection.connect(self.ask_selection)
        self.results.hovered.connect(self.maps.ring)
        self.paths.hovered.connect(self.results.highlight)
        self.results.opened.connect(self.show_picture)
        self.results.card.next_asked.connect(lambda: self.walk(1))
        self.results.card.previous_asked.connect(lambda: self.walk(-1))
        self.results.card.random_asked.connect(self.ask_random)
        for asked in (self.bars.search.text_asked, self.bars.search.item_asked):
            asked.connect(
                lambda _what: self.results.results.list_of("A").setFocus()
            )  # letters are keys again
        self.bars.picture_pasted.connect(lambda data, _name: self.ask_picture_bytes(data))
        self.evaluations.judged.connect(self._show_judged)
        self.store.changed.connect(lambda _old, _new: self._show_judged())
        self.compare.told.connect(self.told)
        self.paths.opened.connect(self.show_picture)
        self.paths.told.connect(self.told)
        self.paths.broke.connect(self.broke)
        self.fusion.told.connect(self.told)
        self.comparisons.broke.connect(self.broke)
        self.movements.broke.connect(self.broke)
        for desk in (self.evaluation, self.distortion, self.parameters):
            desk.failed.connect(lambda words: self.told.emit("error", words))
        self.training.told.connect(self.told)
        self.runs.broke.connect(self.broke)
        self.trained.broke.connect(self.broke)
        self.walking.service.broke.connect(self.broke)
        self.work.failed.connect(lambda title, words: self.told.emit("error", f"{title}: {words}"))
        self.work.changed.connect(self._show_work)
        self.progress.cancel_asked.connect(self._cancel_work)
        self.told.connect(lambda level, words: self.log.add(Level(level), words))

    def warm_up(self) -> None:
        """Start workers that load what evaluations, dropped pictures and new maps need, one after another."""
        QTimer.singleShot(0, self.evaluations.judge_unasked)
        for delay, task in _WARM_AFTER_MS.items():
            QTimer.singleShot(delay, partial(self.work.prepare, task))

    # what is asked

    def ask_selection(self) -> None:
        """Make the selected items of one modality the query: the one that asks, else the larger part."""
        selection = dict(self.store.resolved.view.selection)
        if not selection:
            return
        asking = self.store.resolved.task.protocol.query
        modality = asking if asking in selection else max(selection, key=lambda name: len(selection[name]))
        ids = self.store.workspace.dataset.collection(modality).ids[selection[modality].array]
        self.store.ask_items(modality, tuple(ids.tolist()))

    def ask_random(self) -> None:
        """A query at random among those the protocol asks with."""
        task = self.store.resolved.task
        self.store.ask_item(task.protocol.query, int(random.choice(task.query_rows.tolist())))

    def walk(self, step: int) -> None:
        """To the next query by average precision, worst first; in data order until that is known."""
        task = self.store.resolved.task
        order = self.evaluations.worst_first()
        rows = (task.query_rows if order is None else task.query_rows[order]).tolist()
        now = self.store.resolved.query_rows
        at = rows.index(int(now[0])) + step if len(now) == 1 and int(now[0]) in rows else 0
        self.store.ask_item(task.protocol.query, rows[at % len(rows)])

    def ask_picture_bytes(self, data: bytes) -> None:
        """Make a pasted picture, encoded as PNG, the query."""
        try:
            path = keep_pasted(data)
        except DataError as error:
            self.told.emit("error", str(error))
        else:
            self.bars.ask_picture(path)

    def report(self, folder: Path) -> None:
        """Write the report of what is on screen into a folder."""
        write_report(self.work, self.store.resolved, folder, self.told.emit)

    def show_picture(self, modality: str, row: int) -> None:
        """One item's picture, large."""
        collection = self.store.workspace.dataset.collection(modality)
        PictureDialog(collection, row, self.thumbnails, self.results).open()

    # what is shown

    def _show_work(self) -> None:
        self.progress.show_work(
            [WorkInfo(str(id(r)), r.title, r.fraction, r.job.seconds_left) for r in self.work.runs]
        )

    def _cancel_work(self, name: str) -> None:
        for run in self.work.runs:
            if str(id(run)) == name:
                self.work.cancel(run)

    def _take_encoded(self, workspace: Workspace, view: ViewState) -> None:
        """New spaces of the same data; a first query where none could be asked before."""
        asked = self.store.state.query is not None
        self.store.extend(workspace)
        if not asked:
            self.store.ask(query=view.query, ranker=view.ranker)

    def _show_sources(self, workspace: Workspace) -> None:
        for modality, collection in workspace.dataset.collections.items():
            self.thumbnails.set_source(modality, collection.payloads)

    def _welcome(self, workspace: Workspace) -> None:
        dataset = workspace.dataset
        counts = ", ".join(f"{len(c):,} {name}" for name, c in dataset.collections.items())
        self.told.emit("info", f"{dataset.name}: {counts}, {len(dataset.classes)} classes")
        for note in dataset.notes:
            self.told.emit("info", note)
        if workspace.problems:
            self.told.emit("error", "\n".join(workspace.problems))

    def _show_reply(self, reply: Reply) -> None:
        self.results.show_reply(reply)
        self.fusion.show_reply(reply)
        self.maps.show_reply(reply)
        self._show_judged()
        self.settled.emit()

    def _show_waiting(self, words: str) -> None:
        self.results.show_nothing(words)
        self.maps.show_reply(None)

    def _show_nothing(self, reason: str) -> None:
        self.results.show_nothing(reason)
        self.fusion.show_reply(None)
        self.maps.show_reply(None)
        if reason:
            self.told.emit("warning", reason)
        self.settled.emit()

    def _show_judged(self) -> None:
        """Average precision of every query under ranker A, where it is known."""
        task, ap = self.store.resolved.task, self.evaluations.ap()
        if ap is not self._ap:
            self._ap = ap
            values = np.full(len(task.queries), np.nan)
            values[task.query_rows] = np.nan if ap is None else ap
            self.maps.show_numbers(ColourBy.AP, {task.protocol.query: values})
        order, now = self.evaluations.worst_first(), self.store.resolved.query_rows
        if order is not None and isinstance(self.store.resolved.query, ItemsQuery) and len(now) == 1:
            found = np.flatnonzero(task.query_rows[order] == now[0])
            if found.size:
                self.results.show_place(f"{found[0] + 1:,} of {len(order):,}, worst first")
