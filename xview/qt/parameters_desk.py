"""The parameter lab, bound to the store and the sweeps."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from xview.data.protocol import Classes, Protocol
from xview.metrics.axes import Axis, numbers
from xview.metrics.sweep import SweepRequest
from xview.metrics.table import Request
from xview.qt.desk import Desk
from xview.qt.panels.parameters import ParametersPanel
from xview.qt.store import Store
from xview.qt.sweeps import Sweeps
from xview.retrieval.registry import RANKERS
from xview.session.resolve import Resolved, resolve


class ParametersDesk(Desk):
    """A point or cell sets its ranker's settings, and the ranking follows. Built when it is first shown."""

    failed = Signal(str)

    def __init__(self, store: Store, sweeps: Sweeps, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store, self._sweeps = store, sweeps
        self._panel: ParametersPanel | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)

    @property
    def panel(self) -> ParametersPanel:
        """What is shown."""
        if self._panel is None:
            self._panel = panel = ParametersPanel(self)
            self.layout().addWidget(panel)  # type: ignore[union-attr]
            panel.run_asked.connect(self._start)
            panel.cancel_asked.connect(self._sweeps.cancel)
            panel.forget_asked.connect(self._sweeps.forget)
            panel.chosen.connect(self._choose)
            panel.failed.connect(self.failed)
            self._sweeps.found.connect(self._show_found)
            self._sweeps.moved.connect(self._show_progress)
            self._store.changed.connect(self._follow)
            self._show_rankers()
            self._show_now()
            self._show_found()
            self._show_progress()
        return self._panel

    def look(self) -> None:
        """Build what is shown."""
        assert self.panel is not None

    def _start(self, ranker: str, axes: tuple[Axis, ...], part: str) -> None:
        store = self._store
        protocol = _under(store.resolved.task.protocol, part)
        resolved = resolve(replace(store.state, protocol=protocol), store.workspace)
        if resolved.spaces is None or not axes:
            return
        request = Request(
            protocol=resolved.task.protocol,
            spaces=resolved.spaces,
            ranker=ranker,
            settings=store.state.settings_of(ranker),
        )
        self._sweeps.start(SweepRequest(request=_without(request, axes), axes=axes))

    def _choose(self, wanted: SweepRequest, place: tuple[int, ...]) -> None:
        """Rank with a cell's settings."""
        request = wanted.at([axis.values[i] for axis, i in zip(wanted.axes, place, strict=True)])
        state = self._store.state
        self._store.ask(ranker=request.ranker, settings=state.with_settings(request.ranker, request.settings))

    def _follow(self, old: Resolved, new: Resolved) -> None:
        if new.workspace is not old.workspace or old is new or new.spaces != old.spaces:
            self._show_rankers()
        if new.ranker.name != old.ranker.name:
            self.panel.show_ranker(new.ranker.name)
        if new.view.settings != old.view.settings or new.ranker != old.ranker or old is new:
            self._show_now()

    def _show_rankers(self) -> None:
        resolved = self._store.resolved
        spaces = resolved.spaces
        own = spaces is not None and bool(spaces.own_query and spaces.own_gallery)
        able = [
            (name, kind.title, kind.settings)
            for name, kind in RANKERS.items()
            if numbers(kind.settings) and spaces is not None and (own or not kind.needs_own)
        ]
        self.panel.show_rankers(able)
        self.panel.show_ranker(resolved.ranker.name)
        self.panel.show_split(split=resolved.workspace.dataset.has_split)

    def _show_now(self) -> None:
        view = self._store.resolved.view
        self.panel.show_now({name: view.settings_of(name).to_mapping() for name in RANKERS})

    def _show_found(self) -> None:
        self.panel.show_sweeps(tuple(self._sweeps.kept.values()))

    def _show_progress(self) -> None:
        run = self._sweeps.run_in_hand
        if run is None:
            self.panel.show_progress(None)
        else:
            self.panel.show_progress(run.fraction, running=True, seconds_left=run.job.seconds_left)


def _under(protocol: Protocol, part: str) -> Protocol:
    """The protocol with this part of the classes; what is on screen stays where it is of that part."""
    if part == Classes.SEEN:
        return replace(protocol, query_classes=Classes.SEEN, gallery_classes=Classes.SEEN)
    if part == Classes.UNSEEN and protocol.query_classes is Classes.SEEN:
        return replace(protocol, query_classes=Classes.UNSEEN, gallery_classes=Classes.UNSEEN)
    return protocol


def _without(request: Request, axes: tuple[Axis, ...]) -> Request:
    """The request with its swept settings at their defaults: they tell no two sweeps apart."""
    settings = type(request.settings)
    defaults = settings().to_mapping()
    values = {**request.settings.to_mapping(), **{axis.key: defaults[axis.key] for axis in axes}}
    return replace(request, settings=settings.from_mapping(values))
