"""The distortion dock, bound to the store, the maps and the measurements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from xview.arrays import Doubles, Ints
from xview.metrics.distortion import Distortion, DistortionRequest
from xview.metrics.edges import Edges
from xview.qt.desk import Desk
from xview.qt.distortions import UNASKED_LIMIT, Distortions
from xview.qt.maps.scene import Lines, Tone
from xview.qt.maps.scene import Overlay as Drawn
from xview.qt.maps_desk import MapsDesk
from xview.qt.panels.distortion import DistortionPanel
from xview.qt.panels.distortion_door import DRAWN, Door
from xview.qt.store import Store
from xview.qt.thumbnails import Thumbnails
from xview.session.resolve import Resolved
from xview.session.scene import Scene
from xview.session.state import Overlay, selection_of


class DistortionDesk(Desk):
    """Every figure selects its items on the maps, colours them, or asks its query; built when first shown."""

    failed = Signal(str)

    def __init__(
        self,
        store: Store,
        distortions: Distortions,
        thumbnails: Thumbnails,
        maps: MapsDesk,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._distortions = store, distortions
        self._thumbnails, self._maps = thumbnails, maps
        self._space = ""  # as the user chose; empty follows ranker A
        self._against: tuple[tuple[str, ...], str] = ((), "")  # references, or a method of maps
        self._k = 10
        self._fitting: list[str] = []  # spaces, as the panel offers them
        self._references: list[tuple[tuple[str, ...], str]] = []
        self._edges_of = -1  # the class whose edges alone are drawn
        self._panel: DistortionPanel | None = None
        QVBoxLayout(self).setContentsMargins(0, 0, 0, 0)
        distortions.measured.connect(self._refresh)
        distortions.moved.connect(self._show_progress)
        store.changed.connect(self._follow)
        store.opened.connect(self._forget)

    @property
    def panel(self) -> DistortionPanel:
        """The panel, made when it is first needed."""
        if self._panel is None:
            panel = self._panel = DistortionPanel(self._thumbnails, self)
            column = self.layout()
            assert column is not None
            column.addWidget(panel)
            panel.measure_asked.connect(self.measure)
            panel.cancel_asked.connect(self._distortions.cancel)
            panel.chosen.connect(self._choose)
            panel.opened.connect(self._open)
            panel.asked.connect(self._store.ask_item)
            panel.coloured.connect(self._colour)
            panel.drawing_asked.connect(self._draw)
            panel.class_chosen.connect(self._choose_edges)
            panel.failed.connect(self.failed)
        return self._panel

    def measure(self) -> None:
        """Measure what is chosen."""
        request = self.request
        if request is not None:
            self._distortions.run(request)

    @property
    def request(self) -> DistortionRequest | None:
        """What the dock is about now; None where nothing can be ranked."""
        against, method = self._against
        return self._distortions.request(self._space, against, method, self._k)

    def look(self) -> None:
        """Catch up, and measure what takes but a moment."""
        self._show(self._store.resolved)
        self._refresh()
        self._show_progress()
        self._measure_unasked()

    def _measure_unasked(self) -> None:
        task = self._store.resolved.task
        if self._distortions.fresh and len(task.query_rows) + len(task.gallery_rows) <= UNASKED_LIMIT:
            self.measure()

    # what is shown

    def _follow(self, old: Resolved, new: Resolved) -> None:
        torn = new.view.overlay is Overlay.TORN
        if torn and old.view.overlay is not Overlay.TORN:  # wherever that was asked
            self.measure()
        if self.seen:
            self._show(new)
            if old is new:  # other data
                self._measure_unasked()
        same = new.workspace.spaces is old.workspace.spaces and new.task is old.task
        if not same or (new.spaces, new.view.method, new.view.methods) != (
            old.spaces,
            old.view.method,
            old.view.methods,
        ):
            self._refresh()

    def _show(self, resolved: Resolved) -> None:
        self.panel.show_drawing(resolved.view.overlay is Overlay.TORN)
        self.panel.mark_query(resolved.task.protocol.query, resolved.query_rows)

    def _forget(self, _workspace: object) -> None:
        """Other data: nothing that was chosen holds."""
        self._space, self._against, self._edges_of = "", ((), ""), -1

    def _refresh(self) -> None:
        self._offer()
        request = self.request
        result = self._distortions.result(request)
        layer = _nothing_over if result is None else partial(edges_over, result, self._edges_of)
        self._maps.set_layer(Overlay.TORN, layer)
        if not self.seen:
            return
        told = self._distortions.trouble(request) or ("" if request else self._store.resolved.problem)
        if self._distortions.runs(request):
            told = "Measuring …"
        self.panel.show_result(result, self._store.workspace.dataset, told)

    def _show_progress(self) -> None:
        if not self.seen:
            return
        run = self._distortions.run_in_hand
        if run is None:
            self.panel.show_progress(None)
        else:
            self.panel.show_progress(run.fraction, running=True, seconds_left=run.job.seconds_left)
        if self._distortions.result(self.request) is None:
            self._refresh()

    def _offer(self) -> None:
        """Spaces that hold what the protocol asks for, and what they can be held against."""
        resolved = self._store.resolved
        spaces = resolved.workspace.spaces
        asked = {resolved.task.protocol.query, resolved.task.protocol.gallery}
        fitting = [name for name, space in spaces.items() if asked & set(space.modalities)]
        if self._space not in fitting:
            self._space = ""
        now = self._space or (resolved.spaces.shared if resolved.spaces else "")
        if not now:
            if self.seen:
                self.panel.offer((), -1, (), -1)
            return
        method = resolved.view.method_of(now)
        mine = asked & set(spaces[now].modalities)
        others = [name for name in fitting if name != now and mine & set(spaces[name].modalities)]
        self._references = [((), ""), ((), method), *(((name,), "") for name in others)]
        if self._against not in self._references:
            self._against = ((), "")
        titles = ["each modality's own space", f"its own map ({method})", *others]
        self._fitting = fitting
        if self.seen:
            self.panel.offer(fitting, fitting.index(now), titles, self._references.index(self._against))

    # what the user did

    def _choose(self) -> None:
        resolved, panel = self._store.resolved, self.panel
        chosen = self._fitting[panel.space]
        follows = resolved.spaces is not None and chosen == resolved.spaces.shared
        self._space = "" if follows else chosen
        self._against, self._k = self._references[panel.against], panel.k
        self._edges_of = -1
        self._refresh()

    def _open(self, door: Door) -> None:
        """Select the items behind a figure on all maps, and list them."""
        if door.figure:
            self._maps.show_figure(door.title, self._spread(door.figure))
        self._store.ask(selection=selection_of(door.rows))
        if door.listed:
            self.panel.items.show_door(door)

    def _colour(self, name: str) -> None:
        result = self._distortions.result(self.request)
        if result is not None:
            figures = {
                c.modality: (c.rows, c.figures[name])
                for c in reversed(result.comparisons)
                if name in c.figures
            }
            self._maps.show_figure(f"{name} of {result.comparisons[0].measured}", self._spread(figures))

    def _spread(self, figures: Mapping[str, tuple[Ints, Doubles]]) -> dict[str, Doubles]:
        """Figures of some rows as (items,) of whole collections, NaN elsewhere."""
        spread = {}
        for modality, (rows, values) in figures.items():
            whole = np.full(len(self._store.workspace.dataset.collection(modality)), np.nan)
            whole[rows] = values
            spread[modality] = whole
        return spread

    def _choose_edges(self, label: int) -> None:
        self._edges_of = label
        self._refresh()

    def _draw(self, on: bool) -> None:
        self._store.ask(overlay=Overlay.TORN if on else Overlay.HITS)


def edges_over(result: Distortion, label: int, scene: Scene, drawn: Drawn) -> Drawn:
    """Torn edges and false bridges over a map; of one class only where `label` is not -1.

    Of each kind and modality the `DRAWN` strongest are drawn, on every map that holds the modality.
    """
    lines = []
    for comparison in result.comparisons:
        for edges, tone in ((comparison.torn, Tone.TORN), (comparison.bridged, Tone.BRIDGED)):
            ends, strength = _strongest(edges, comparison.labels, label)
            points = scene.points(comparison.modality, comparison.rows[ends].ravel())
            if len(points):
                lines.append(Lines(points.reshape(-1, 2), tone, strength))
    return replace(drawn, lines=tuple(lines))


def _nothing_over(_scene: Scene, drawn: Drawn) -> Drawn:
    """Nothing was measured yet."""
    return drawn


def _strongest(edges: Edges, labels: Ints, label: int) -> tuple[Ints, Doubles]:
    """Ends and strengths in (0, 1] of the edges to draw; they come strongest first."""
    kept = np.arange(len(edges.ends))
    if label >= 0:
        kept = np.flatnonzero((labels[edges.ends] == label).any(axis=1))
    kept = kept[:DRAWN]
    strength = edges.strength[kept]
    return edges.ends[kept], np.asarray(strength / strength.max(initial=1.0))
