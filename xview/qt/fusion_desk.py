"""The fusion dock, bound to the store, the answers and the fusion judged on all queries."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from xview.arrays import Doubles
from xview.errors import DataError, SettingError
from xview.jobs.fusion import FOUND, MATRIX, MIXTURE
from xview.metrics.fusion_search import OVERFIT, Found, seen_protocol
from xview.qt.desk import Desk
from xview.qt.fusion_figures import FusionFigures
from xview.qt.fusions import Fusions
from xview.qt.maps_desk import MapsDesk
from xview.qt.panels.fusion import CURVES, FusionPanel
from xview.qt.panels.parts import Choice
from xview.qt.rankings import Reply
from xview.qt.store import Store
from xview.qt.thumbnails import Thumbnails
from xview.retrieval.field import shared_candidates
from xview.retrieval.fusion import FusedRanking, FusionSettings, Mixing
from xview.retrieval.fusion_sources import Source, parse_sources
from xview.retrieval.fusion_weights import write_weights
from xview.retrieval.registry import RANKERS
from xview.session.mix import Mix, title_of
from xview.session.resolve import Resolved

_RUNNING = {MIXTURE: "Judging all queries", FOUND: "Finding weights", MATRIX: "Scoring the subset"}


class FusionDesk(Desk):
    """Edits the settings of the ranker `fusion`, which ranks from the first change on."""

    told = Signal(str, str)  # level, words

    def __init__(
        self,
        store: Store,
        fusions: Fusions,
        thumbnails: Thumbnails,
        maps: MapsDesk,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._fusions, self._thumbnails, self._maps = store, fusions, thumbnails, maps
        self._panel: FusionPanel | None = None
        self._figures: FusionFigures | None = None
        self._reply: Reply | None = None
        self._found: Found | None = None
        self._stale = True  # something changed while nobody looked
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._turn = QTimer(self, singleShot=True, interval=0)  # one refresh for all that changed at once
        self._turn.timeout.connect(self._refresh)
        store.changed.connect(self._follow)
        fusions.changed.connect(self._turn.start)
        fusions.moved.connect(self._show_progress)
        fusions.weights_found.connect(self._take_found)

    @property
    def panel(self) -> FusionPanel:
        """What is shown, made when it is first needed."""
        if self._panel is None:
            self._panel = panel = FusionPanel(self._thumbnails, self)
            self._figures = FusionFigures(panel, self._store, self._fusions, self._maps)
            self._column.addWidget(panel)
            panel.form.mode_asked.connect(self._ask_mode)
            panel.form.add_asked.connect(self._add)
            panel.form.find_asked.connect(self.find_weights)
            panel.form.rows.changed.connect(self._change)
            panel.form.rows.removed.connect(
                lambda place: self._ask_mix(self._mix_now().without_source(place))
            )
            panel.form.rows.dragged.connect(self._drag)
            panel.figure_asked.connect(lambda _name: self._refresh())
            panel.judge_asked.connect(self._fusions.judge)
            panel.cancel_asked.connect(self._fusions.cancel)
        return self._panel

    def look(self) -> None:
        """Catch up."""
        if self._stale:
            self._turn.start()

    def show_reply(self, reply: Reply | None) -> None:
        """An answer to the query on screen, or that there is none."""
        self._reply = reply
        if not self.seen or self._panel is None:
            self._stale = True
            return
        self._show_weights()
        if self._figures is not None and self._panel.figure == CURVES:
            self._figures.show(self._ranking(), self._titles())

    # what is in force

    def _own(self) -> bool:
        spaces = self._store.resolved.spaces
        return spaces is not None and bool(spaces.own_query and spaces.own_gallery)

    def _mix(self) -> Mix | None:
        """The fusion as it is set; None where its sources cannot be read."""
        settings = self._store.resolved.view.settings_of("fusion")
        assert isinstance(settings, FusionSettings)
        try:
            return Mix.of(settings, own=self._own())
        except SettingError:
            return None

    def _mix_now(self) -> Mix:
        """The fusion as it is set; the default one where that cannot be read."""
        return self._mix() or Mix.of(FusionSettings(), own=self._own())

    def _titles(self) -> tuple[str, ...]:
        return tuple(title_of(source) for source in self._mix_now().sources)

    def _ranking(self) -> FusedRanking | None:
        """The answer on screen, if the fusion in force gave it."""
        if self._reply is None:
            return None
        answer, settings = self._reply.answer, self._store.resolved.view.settings_of("fusion")
        given = [ranked for ranked in (answer.a, answer.b) if ranked is not None]
        for ranked in given:
            if ranked.choice.name == "fusion" and isinstance(ranked.ranking, FusedRanking):
                same = getattr(ranked.choice.settings, "sources", "") == getattr(settings, "sources", "")
                if same and len(ranked.ranking.sources) == len(self._mix_now().sources):
                    return ranked.ranking
        return None

    def _weights(self) -> Doubles:
        """(s,) the weights in force: for adaptive ones the query's, even ones until that is answered."""
        mix, ranking = self._mix_now(), self._ranking()
        if mix.mode is Mixing.WEIGHTED:
            return mix.weights
        if mix.mode is Mixing.ADAPTIVE and ranking is not None:
            return ranking.adaptive
        return np.full(len(mix.sources), 1 / len(mix.sources))

    # what is shown

    def _follow(self, old: Resolved, new: Resolved) -> None:
        if old is new:
            self._reply = self._found = None
        if self.seen and self._panel is not None:
            self._show_weights()
            self._turn.start()
        else:
            self._stale = True

    def _refresh(self) -> None:
        self._stale = not self.seen
        if self._stale:
            return
        panel, resolved = self.panel, self._store.resolved
        if resolved.spaces is None:
            self.setEnabled(False)
            panel.show_told(resolved.problem)
            return
        self.setEnabled(True)
        mix = self._mix()
        if mix is None:
            panel.show_told("The sources as typed cannot be read; change a row to start over.")
        else:
            self._tell_found()
        here = resolved.spaces.shared
        spaces = shared_candidates(resolved.workspace.spaces, resolved.task.protocol)
        rankers = [
            Choice(k.name, k.title, k.help)
            for k in RANKERS.values()
            if k.name != "fusion" and (self._own() or not k.needs_own)
        ]
        now = mix or self._mix_now()
        panel.form.rows.show_sources(now.sources, rankers, spaces, here)
        panel.form.add.setEnabled(self._another(now) is not None)
        panel.form.modes.show_choice(now.mode)
        self._show_weights()
        self._show_progress()
        if self._figures is not None:
            self._figures.show(self._ranking(), self._titles())
        self._fusions.judge_soon()

    def _show_weights(self) -> None:
        rows, weights = self.panel.form.rows, self._weights()
        if len(rows.rows) == len(weights):
            rows.show_weights(weights)

    def _show_progress(self) -> None:
        if not self.seen or self._panel is None:
            return
        for what, words in _RUNNING.items():
            run = self._fusions.run_of(what)
            if run is not None:
                self.panel.show_progress(words, run.fraction, run.job.seconds_left)
                return
        self.panel.show_progress("", None, judged=self._fusions.fused is not None)

    def _tell_found(self) -> None:
        """What the weights found are worth, while they are in force."""
        mix, found = self._mix(), self._found
        if (
            mix is None
            or found is None
            or mix.mode is not Mixing.WEIGHTED
            or write_weights(mix.weights) != write_weights(found.weights)
        ):
            self.panel.show_told("")
            return
        part = f"{found.queries:,} of {found.of:,}" if found.queries < found.of else f"all {found.of:,}"
        error = f" ± {found.error:.3f}" * bool(found.error)
        self.panel.show_told(
            f"Found on {part} seen queries: mAP there {found.before:.3f} → {found.after:.3f}{error} "
            f"(average {found.average:.3f}). Gains tells the tested ones.",
            OVERFIT,
        )

    # what the user did

    def _ask_mix(self, mix: Mix, merge: str = "") -> None:
        """Rank by this fusion; what cannot be is told and undone on screen."""
        try:
            settings = mix.settings
        except SettingError as error:
            self._refresh()
            self.panel.show_told(str(error))
            return
        asked = self._store.state.with_settings("fusion", settings)
        self._store.ask(ranker="fusion", settings=asked, merge=merge)

    def _ask_mode(self, mode: str) -> None:
        self._ask_mix(replace(self._mix_now(), mode=Mixing(mode)))

    def _drag(self, place: int, value: float) -> None:
        rows = self.panel.form.rows
        mix = self._mix_now().with_dragged(self._weights(), place, value, rows.locked)
        self._ask_mix(mix, merge=f"weight {place}")

    def _change(self, place: int, ranker: str, space: str, settings: str) -> None:
        mix = self._mix_now()
        try:
            written = parse_sources(f"{ranker}({settings})" if settings else ranker)
            (read,) = written.values()
        except (SettingError, ValueError):
            self._refresh()
            self.panel.show_told(f"cannot read the settings {settings!r}; write them like k=9, lambda=0.3")
            return
        source = Source(ranker, space, read.settings)
        if source != mix.sources[place]:
            self._ask_mix(mix.with_changed(place, source))

    def _another(self, mix: Mix) -> Source | None:
        """A source to add, or None where all are there."""
        resolved = self._store.resolved
        here = "" if resolved.spaces is None else resolved.spaces.shared
        fitting = shared_candidates(resolved.workspace.spaces, resolved.task.protocol)
        return mix.another([name for name in fitting if name != here], own=self._own())

    def _add(self) -> None:
        mix = self._mix_now()
        source = self._another(mix)
        if source is not None:
            self._ask_mix(mix.with_source(source))

    def find_weights(self) -> None:
        """Set the weights that serve the seen classes best, or say why that would not be honest."""
        resolved = self._store.resolved
        try:
            seen_protocol(resolved.workspace.dataset, resolved.task.protocol)
        except DataError as error:
            self.panel.show_told(str(error))
            self.told.emit("warning", str(error))
            return
        self._fusions.find()

    def _take_found(self, found: Found) -> None:
        """Apply the weights, and say what they are worth."""
        self._found = found
        weights: Doubles = np.array(found.weights)
        self._ask_mix(replace(self._mix_now(), weights=weights, mode=Mixing.WEIGHTED))
        self.told.emit(
            "info",
            f"fusion weights found on {found.queries:,} queries of seen classes: mAP there "
            f"{found.before:.3f} → {found.after:.3f} (average {found.average:.3f}). {OVERFIT}",
        )
