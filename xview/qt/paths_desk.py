"""The dock of shortest ways, bound to the store, the finder and the maps."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout

from xview.errors import SettingError
from xview.qt.desk import Desk
from xview.qt.maps.scene import Overlay as Drawn
from xview.qt.maps_desk import MapsDesk
from xview.qt.panels.film_strip import PathInfo
from xview.qt.panels.paths import PathsPanel
from xview.qt.panels.scene_diff import NO_SCENES, NOTHING_CHOSEN
from xview.qt.path_finder import PathFinder, Way
from xview.qt.path_infos import diff_info, growth_info, pair_info, path_info
from xview.qt.path_layer import path_overlay
from xview.qt.store import Store
from xview.qt.thumbnails import Thumbnails
from xview.retrieval.stepping_stones import Vertex
from xview.session.paths import RANKER, Step
from xview.session.resolve import Resolved
from xview.session.scene import Scene
from xview.session.state import Overlay

HINT = "Ctrl+click (Cmd on macOS) an item on a map, or click a result, to lead the path there."


class PathsDesk(Desk):
    """A way is drawn over the maps while it is their overlay, beside the results while the dock is open."""

    hovered = Signal(str, int)  # modality, row; ("", -1) for none
    told = Signal(str, str)  # level, words

    def __init__(self, store: Store, finder: PathFinder, thumbnails: Thumbnails, maps: MapsDesk) -> None:
        super().__init__()
        self._store, self._finder, self._thumbnails, self._maps = store, finder, thumbnails, maps
        self._panel: PathsPanel | None = None
        self._shown: Way | None = None  # in the strip
        self._drawn: tuple[object, ...] = ()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        finder.changed.connect(self._refresh)
        store.changed.connect(self._follow)
        store.opened.connect(lambda _workspace: self._set_layers())
        maps.gestures.aimed.connect(self._aim)
        self._set_layers()

    @property
    def panel(self) -> PathsPanel:
        """What is shown, made when it is first needed."""
        if self._panel is None:
            self._panel = panel = PathsPanel(self._thumbnails, self)
            self._column.addWidget(panel)
            strip, pair, scenes, graph = panel.strip, panel.neighbours, panel.differences, panel.graph
            for part in (strip, pair, scenes):
                part.hovered.connect(self._hover)
            for part in (strip, pair):
                part.asked.connect(self._ask)
            pair.clicked.connect(self._aim)
            strip.frame_moved.connect(lambda _frame: self._draw())
            graph.threshold_asked.connect(lambda threshold: self._set(threshold=threshold))
            graph.stones_asked.connect(lambda stones: self._set(stones=stones))
            panel.draw.clicked.connect(self.draw)
            panel.nearest.clicked.connect(self.lead_to_nearest)
        return self._panel

    def look(self) -> None:
        """Find ways while somebody looks."""
        self._finder.watch(True)
        self._follow(self._store.resolved, self._store.resolved)

    def look_away(self) -> None:
        """Nobody looks."""
        self._finder.watch(False)
        self._follow(self._store.resolved, self._store.resolved)

    # what a command does, too

    def draw(self) -> None:
        """Draw the way alone over every map, or the results again."""
        drawn = self._store.resolved.view.overlay is Overlay.PATH
        self._store.ask(overlay=Overlay.HITS if drawn else Overlay.PATH)

    def lead_to_nearest(self) -> None:
        """Lead to the nearest item along the graph, whichever that is."""
        self._store.ask(why=None)

    def play(self) -> None:
        """Play the way, or pause."""
        self.panel.strip.setFocus()
        self.panel.strip.player.toggle()

    # what is shown

    def _follow(self, _old: Resolved, new: Resolved) -> None:
        """Another request, or another thing looked at."""
        self._maps.gestures.aiming = self.seen or new.view.overlay is Overlay.PATH
        self._refresh()

    def _refresh(self) -> None:
        if self.seen:
            self._show()
        self._draw()

    def _show(self) -> None:
        panel, resolved, way = self.panel, self._store.resolved, self._finder.way
        panel.draw.setChecked(resolved.view.overlay is Overlay.PATH)
        panel.nearest.setEnabled(resolved.why is not None)
        growth = self._finder.growth
        if growth is not None:
            panel.graph.show_growth(growth_info(resolved, growth, way.found if way else None))
        elif not self._finder.busy:
            panel.graph.show_growth(None)
        if way is not None and way is not self._shown:
            self._shown = way
            panel.strip.show_path(path_info(way.resolved, way.found))
            panel.neighbours.show_pair(pair_info(way.resolved, way.found))
            self._show_differences(way)
        elif way is None and not self._finder.busy:  # else what was shown stays until there is more
            self._shown = None
            panel.strip.show_path(PathInfo(note=f"{self._finder.problem} {HINT}".strip()))
            panel.neighbours.show_pair(None)
            panel.differences.show_diff(None)

    def _show_differences(self, way: Way) -> None:
        if way.differences is None or way.ends is None:
            reason = NO_SCENES if way.ends is not None else NOTHING_CHOSEN
            self.panel.differences.show_diff(None, reason)
            return
        dataset = way.resolved.workspace.dataset
        self.panel.differences.show_diff(diff_info(dataset, way.ends, way.differences))

    def _draw(self) -> None:
        """Draw anew if anything of it changed."""
        drawn = (self._steps, self._current, self.seen)
        if drawn != self._drawn:
            self._drawn = drawn
            self._set_layers()

    def _set_layers(self) -> None:
        for overlay in (Overlay.PATH, Overlay.HITS):
            self._maps.set_layer(overlay, self._layer)

    def _layer(self, scene: Scene, drawn: Drawn) -> Drawn:
        alone = self._store.resolved.view.overlay is Overlay.PATH
        steps = self._steps
        if not alone and not (self.seen and steps):
            return drawn
        gallery = self._store.resolved.task.protocol.gallery
        return path_overlay(scene, drawn, steps, gallery, self._current, alone=alone)

    @property
    def _steps(self) -> Sequence[Step]:
        way = self._finder.way
        return () if way is None else way.found.steps

    @property
    def _current(self) -> Vertex | None:
        """The item looked at, while anybody sees which that is."""
        if not self.seen or self._finder.way is not self._shown or self._shown is None:
            return None
        frame = self.panel.strip.frame - self._shown.found.outside  # what asks stands first
        steps = self._steps
        return steps[frame].item if 0 <= frame < len(steps) else None

    # what the user did

    def _set(self, **values: object) -> None:
        """Change settings of the ranker `geodesic`, which are those of the ways."""
        state = self._store.state
        known = state.settings_of(RANKER)
        try:
            settings = type(known).from_mapping({**known.to_mapping(), **values})
        except SettingError as error:
            self.told.emit("warning", str(error))
            return
        merge = "settings " + " ".join(values)
        self._store.ask(settings=state.with_settings(RANKER, settings), merge=merge)

    def _aim(self, modality: str, row: int) -> None:
        """Lead to an item of the gallery; say why not to another."""
        task = self._store.resolved.task
        gallery = task.protocol.gallery
        if row < 0:
            return
        if modality != gallery:
            self.told.emit(
                "info", f"ways lead to {gallery}, which are searched; this is one of the {modality}"
            )
        elif not (task.gallery_rows == row).any():
            self.told.emit(
                "info", "ways lead to items that are searched; the classes above leave this one out"
            )
        else:
            self._store.ask(why=str(task.gallery.ids[row]), why_in_other=False, merge="why")

    def _ask(self, modality: str, row: int) -> None:
        if modality in self._store.workspace.dataset.collections:
            self._store.ask_item(modality, row)

    def _hover(self, modality: str, row: int) -> None:
        known = modality in self._store.workspace.dataset.collections
        found = (modality, row) if known else ("", -1)
        self._maps.ring(*found)
        self.hovered.emit(*found)
