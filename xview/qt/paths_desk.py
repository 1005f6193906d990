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
from xview.qt.panels.paths import SMOOTH, PathsPanel
from xview.qt.panels.scene_diff import NO_SCENES, NOTHING_CHOSEN
from xview.qt.path_finder import PathFinder, Way, picture_of
from xview.qt.path_infos import diff_info, growth_info, pair_info, path_info, path_items
from xview.qt.path_layer import path_overlay
from xview.qt.rankings import Rankings
from xview.qt.smooth_desk import SmoothDesk
from xview.qt.smooth_finder import SmoothFinder
from xview.qt.store import Store
from xview.qt.thumbnails import Thumbnails
from xview.qt.work import Work
from xview.retrieval.stepping_stones import Vertex
from xview.session.paths import RANKER, Step
from xview.session.resolve import Resolved
from xview.session.scene import Scene
from xview.session.scene_diff import scene_differences
from xview.session.smooth import SmoothWay
from xview.session.state import Overlay

HINT = "Ctrl+click (Cmd on macOS) an item on a map, or click a result, to lead the path there."


class PathsDesk(Desk):
    """A way is drawn over the maps while it is their overlay, beside the results while the dock is open."""

    hovered = Signal(str, int)  # modality, row; ("", -1) for none
    told = Signal(str, str)  # level, words
    broke = Signal(object)  # an exception that is a bug

    def __init__(
        self, store: Store, rankings: Rankings, work: Work, thumbnails: Thumbnails, maps: MapsDesk
    ) -> None:
        super().__init__()
        self._store, self._thumbnails, self._maps = store, thumbnails, maps
        self.finder = PathFinder(store, rankings, self)
        self.smooth = SmoothFinder(store, rankings, work, self)
        self._played: SmoothWay | None = None  # instead of the way
        self._panel: PathsPanel | None = None
        self._shown: Way | str | None = None  # in the strip: the way, or why there is none
        self._drawn: tuple[object, ...] = ()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.finder.changed.connect(self._refresh)
        for finder in (self.finder, self.smooth):
            finder.broke.connect(self.broke)
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
            panel.back.clicked.connect(self._leave_smooth)
            panel.part_shown.connect(lambda _part: self._watch())
            self._smooth_desk = SmoothDesk(self._store, self.smooth, panel.smooth, self)
            self._smooth_desk.chosen.connect(self._play_smooth)
        return self._panel

    @property
    def busy(self) -> bool:
        """Whether anything looked at is still to be found."""
        return self.finder.busy or self.smooth.busy

    def stop(self) -> None:
        """Stop the background threads."""
        self.finder.close()
        self.smooth.close()

    def look(self) -> None:
        """Find ways while somebody looks."""
        self._watch()
        self._follow(self._store.resolved, self._store.resolved)

    def look_away(self) -> None:
        """Nobody looks."""
        self._watch()
        self._follow(self._store.resolved, self._store.resolved)

    def _watch(self) -> None:
        self.finder.watch(self.seen)
        self.smooth.watch(self.seen and self.panel.part == SMOOTH)

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

    def show_smooth(self) -> None:
        """Look at smooth paths."""
        self.panel.show_part(SMOOTH)

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
        panel, resolved, way = self.panel, self._store.resolved, self.finder.way
        panel.draw.setChecked(resolved.view.overlay is Overlay.PATH)
        panel.nearest.setEnabled(resolved.why is not None)
        growth = self.finder.growth
        if growth is not None:
            panel.graph.show_growth(growth_info(resolved, growth, way.found if way else None))
        elif not self.finder.busy:
            panel.graph.show_growth(None)
        if way is not None:
            fresh: Way | str = way
        elif self.finder.busy:
            return  # what was shown stays until there is more
        else:
            fresh = self.finder.problem
        if fresh == self._shown:
            return
        self._shown, self._played = fresh, None
        panel.back.hide()
        if way is not None:
            panel.strip.show_path(path_info(way.resolved, way.found))
            panel.neighbours.show_pair(pair_info(way.resolved, way.found))
            self._show_differences(way)
        else:
            panel.strip.show_path(PathInfo(note=f"{self.finder.problem} {HINT}".strip()))
            panel.neighbours.show_pair(None)
            panel.differences.show_diff(None)

    def _show_differences(self, way: Way) -> None:
        if way.differences is None or way.ends is None:
            reason = NO_SCENES if way.ends is not None else NOTHING_CHOSEN
            self.panel.differences.show_diff(None, reason)
            return
        dataset = way.resolved.workspace.dataset
        self.panel.differences.show_diff(diff_info(dataset, way.ends, way.differences))

    def _play_smooth(self, smooth: SmoothWay) -> None:
        """Show a smooth path instead of the query's way, and play it."""
        panel, dataset = self.panel, self._store.workspace.dataset
        self._played = smooth
        panel.back.show()
        first, last = (picture_of(dataset, smooth.steps[end].item) for end in (0, -1))
        gallery = self._store.resolved.task.protocol.gallery
        panel.strip.player.pause()
        panel.strip.show_path(PathInfo(items=path_items(dataset, smooth.steps, gallery, asked=False)))
        panel.strip.show_frame(0)
        differences = scene_differences(dataset, first, last)
        if differences is not None:
            panel.differences.show_diff(diff_info(dataset, (first, last), differences))
        panel.strip.player.toggle()
        self._draw()

    def _leave_smooth(self) -> None:
        self._shown = None  # shown anew
        self._refresh()

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
        if self._played is not None:
            return self._played.steps
        way = self.finder.way
        return () if way is None else way.found.steps

    @property
    def _current(self) -> Vertex | None:
        """The item looked at, while anybody sees which that is."""
        way, frame = self.finder.way, self.panel.strip.frame if self.seen else -1
        if self._played is None:
            if way is None or way is not self._shown:
                return None
            frame -= way.found.outside  # what asks stands first
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
