"""The maps of the open spaces, side by side with one selection, bound to the store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeAlias

import numpy as np
from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from xview.arrays import Doubles, Ints
from xview.qt import theme
from xview.qt.map_colours import MapColours, scores_of
from xview.qt.map_gestures import MapGestures
from xview.qt.map_overlays import overlay_of
from xview.qt.maps import scene as maps_scene
from xview.qt.maps.legend import Legend
from xview.qt.maps.scene import Tool
from xview.qt.maps.view import MapView
from xview.qt.panels.parts import label
from xview.qt.projections import Projections
from xview.qt.rankings import Reply
from xview.qt.selection_bar import SelectionBar
from xview.qt.store import Store
from xview.qt.thumbnails import Thumbnails
from xview.qt.view_strip import ViewStrip
from xview.session.placement import placed, same_place
from xview.session.resolve import Resolved
from xview.session.scene import Scene
from xview.session.state import ColourBy, ModifiedQuery, Overlay, Selection, ViewState
from xview.session.workspace import MapKey
from xview.spaces.align import Alignment

Layer: TypeAlias = Callable[[Scene, maps_scene.Overlay], maps_scene.Overlay]
"""Adds to what is drawn over the map of a scene anyway: the query's stars."""

_AXES = {"pca": ("first principal component", "second"), "as-is": ("first number", "second")}


class MapsDesk(QWidget):
    """Shows every space not hidden; a click asks, a lasso selects, hovering rings an item everywhere."""

    hovered = Signal(str, int)  # modality, row; ("", -1) for none

    def __init__(
        self, store: Store, thumbnails: Thumbnails, projections: Projections, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._store, self._thumbnails, self._projections = store, thumbnails, projections
        self.views: dict[str, MapView] = {}
        self.scenes: dict[str, Scene] = {}
        self._turned: dict[str, Alignment | None] = {}  # how B's map is laid over A's
        self._reply: Reply | None = None
        self._layers: dict[Overlay, Layer] = {}
        self.gestures = MapGestures(store, thumbnails, self.views, self.scenes, self)
        self.gestures.hovered.connect(self.hovered)
        self._splitter = QSplitter(Qt.Orientation.Horizontal, self)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setHandleWidth(6)
        self.nothing = label("", "muted", self)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.nothing.setWordWrap(True)
        self.strip = ViewStrip(store, self)
        self.legend = Legend(self)
        self._colours = MapColours(store, self.legend)
        self.selection = SelectionBar(store, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE)
        column.addWidget(self._splitter, 1)
        column.addWidget(self.nothing, 1)
        column.addWidget(self.strip)
        column.addWidget(self.legend)
        self.strip.tools.chosen.connect(self.set_tool)
        self.selection.resized_by_content.connect(self._place_selection_bar)
        store.opened.connect(self._forget)
        store.changed.connect(self._follow)
        thumbnails.ready.connect(self._pictures_arrived)
        projections.moved.connect(self._show_progress)
        self._follow(None, store.resolved)

    # what is shown

    def show_reply(self, reply: Reply | None) -> None:
        """Draw a ranking over the maps."""
        self._reply = reply
        self._show_overlays()
        self.show_numbers(ColourBy.SCORE, {} if reply is None else scores_of(reply))

    def show_numbers(self, by: ColourBy, numbers: Mapping[str, Doubles], title: str = "") -> None:
        """Numbers to colour by, and their name: (items,) by modality, NaN where there is none."""
        self._colours.set_numbers(by, numbers, title)
        if self._store.resolved.view.colour_by is by:
            self._show_colours()

    def show_figure(self, title: str, numbers: Mapping[str, Doubles]) -> None:
        """Colour the maps by a figure of each item under its name: (items,) by modality, NaN for none."""
        self._colours.set_numbers(ColourBy.FIGURE, numbers, title)
        already = self._store.resolved.view.colour_by is ColourBy.FIGURE
        self._store.ask(colour_by=ColourBy.FIGURE, hidden=frozenset())
        if already:
            self._show_colours()

    @property
    def figure(self) -> str:
        """Title of the figure that colours the maps; empty while something else does."""
        shown = self._store.resolved.view.colour_by is ColourBy.FIGURE
        return self._colours.title(ColourBy.FIGURE) if shown else ""

    def set_layer(self, wanted: Overlay, layer: Layer) -> None:
        """What is drawn over every map while the user asks for this overlay; set again when it changes."""
        self._layers[wanted] = layer
        if self._store.resolved.view.overlay is wanted:
            self._show_overlays()

    def ring(self, modality: str, row: int) -> None:
        """Ring an item on every map that has it; row -1 for none."""
        self.gestures.ring(modality, row)

    def home(self) -> None:
        """Show every map whole."""
        for view in self.views.values():
            view.home()

    def set_tool(self, tool: Tool) -> None:
        """Choose what dragging does on every map."""
        for view in self.views.values():
            if view.canvas.tool is not tool:
                view.set_tool(tool)
        self.strip.tools.show_tool(tool)

    def _forget(self, _workspace: object) -> None:
        for name in list(self.views):
            self._remove(name)
        self._colours.forget()
        self._layers.clear()
        self._reply = None

    def _follow(self, old: Resolved | None, new: Resolved) -> None:
        if old is new:
            old = None  # other data: everything is new
        fresh = self._add_and_remove(new)
        for name in self.views:
            if name in fresh or old is None or not same_place(old, new, name):
                self._place(name)
                fresh.add(name)
        view, before = new.view, new.view if old is None else old.view
        anew = bool(fresh) or old is None
        other_items = (
            anew or old is None or new.task is not old.task or before.all_items is not view.all_items
        )
        recolour = other_items or before.colour_by is not view.colour_by
        if recolour:
            self._show_colours()
        if recolour or _hiding(before) != _hiding(view):
            self._show_visible(new)
            self._colours.show_hidden(new)
        if other_items:
            for name in self.views:
                self.views[name].home()
        if anew or before.selection != view.selection:
            self._show_selection(new)
        if anew or before.overlay is not view.overlay:
            self._show_overlays()

    def _add_and_remove(self, new: Resolved) -> set[str]:
        spaces = new.workspace.spaces
        task = new.task.protocol
        wanted = [
            name
            for name, space in spaces.items()
            if new.on_map(name) and {task.query, task.gallery} & set(space.modalities)
        ]
        for name in [n for n in self.views if n not in wanted]:
            self._remove(name)
        fresh = set()
        for position, name in enumerate(wanted):
            if name not in self.views:
                self.scenes[name] = Scene(new.workspace.dataset, spaces[name])
                self.views[name] = self._make_view(name)
                fresh.add(name)
            if self._splitter.indexOf(self.views[name]) != position:
                self._splitter.insertWidget(position, self.views[name])
        if fresh:
            self._splitter.setSizes([1000] * len(wanted))
        self._splitter.setVisible(bool(wanted))
        self.nothing.setVisible(not wanted)
        self.nothing.setText(_why_no_map(new))
        return fresh

    def _remove(self, name: str) -> None:
        view = self.views.pop(name)
        view.hide()
        view.setParent(None)
        view.deleteLater()
        del self.scenes[name]
        self._turned.pop(name, None)

    def _make_view(self, name: str) -> MapView:
        view = MapView(self)
        self.gestures.attend(name, view)
        view.tool_changed.connect(self.set_tool)
        view.cancel_asked.connect(lambda: self._projections.cancel(name))
        return view

    def _place(self, name: str) -> None:
        resolved, view = self._store.resolved, self.views[name]
        space, method = resolved.workspace.spaces[name], resolved.view.method_of(name)
        view.set_title(name, f"{len(space):,} × {space.dimension} · {method}")
        view.set_axes(_AXES.get(method))
        layout, self._turned[name] = placed(resolved, name)
        if layout is None:
            view.set_points(np.empty((0, 2), dtype=np.float32))
            self._projections.request(MapKey(name, method))
            self._show_progress()
        else:
            view.set_points(layout, self.scenes[name].modality_codes)
            view.set_status("")

    def _show_progress(self) -> None:
        for name, view in self.views.items():
            status = self._projections.status(name)
            if status is not None:
                view.set_status(status.text, status.fraction, cancellable=status.running)

    def _show_colours(self) -> None:
        self._colours.paint(self.views, self.scenes)

    def _show_visible(self, new: Resolved) -> None:
        for name, view in self.views.items():
            if len(view.canvas.points):
                mask = self._colours.visible(self.scenes[name], new)
                if new.view.isolated and new.view.selection:
                    selected = np.zeros(len(mask), dtype=np.bool_)
                    selected[self._selected(name, new.view.selection)] = True
                    mask &= selected
                view.set_visible(mask)

    def _show_selection(self, new: Resolved) -> None:
        for name, view in self.views.items():
            if len(view.canvas.points):
                view.set_selection(self._selected(name, new.view.selection))

    def _selected(self, name: str, selection: Selection) -> Ints:
        """Points of the selected items on a map."""
        parts = [self.scenes[name].points(modality, rows) for modality, rows in selection]
        return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)

    def _show_overlays(self) -> None:
        resolved = self._store.resolved
        layer = self._layers.get(resolved.view.overlay)
        for name, view in self.views.items():
            if len(view.canvas.points):
                scene = self.scenes[name]
                drawn = overlay_of(scene, resolved, self._reply)
                turned = self._turned.get(name)
                if turned is not None and drawn.outside:
                    outside = turned(np.array(drawn.outside)).tolist()
                    drawn = replace(drawn, outside=tuple((x, y) for x, y in outside))
                if isinstance(resolved.query, ModifiedQuery) and drawn.outside and drawn.queries:
                    start = view.canvas.points.positions[drawn.queries[0]]
                    drawn = replace(drawn, arrows=np.array([[*start, *drawn.outside[0]]]))
                view.set_overlay(drawn if layer is None else layer(scene, drawn))

    def _pictures_arrived(self) -> None:
        for view in self.views.values():
            view.pictures_arrived()

    def changeEvent(self, event: QEvent) -> None:
        """Colours of the data follow the ground they stand on."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self.views:
            self._show_colours()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the plate of the selection in its place."""
        super().resizeEvent(event)
        self._place_selection_bar()

    def _place_selection_bar(self) -> None:
        bar, maps = self.selection, self._splitter.geometry()
        bar.move(maps.center().x() - bar.width() // 2, maps.bottom() - bar.height() - 30)  # above the counts


def _why_no_map(resolved: Resolved) -> str:
    if not resolved.workspace.spaces:
        return resolved.problem
    hidden = resolved.view.hidden_spaces
    return "Every map is hidden. Tick one under Spaces." if hidden else "No space holds these modalities."


def _hiding(view: ViewState) -> tuple[object, ...]:
    """All that decides which of the chosen items are drawn."""
    return view.hidden, view.hidden_modalities, view.isolated, view.selection if view.isolated else ()
