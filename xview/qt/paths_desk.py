"""The dock of shortest ways, bound to the store and the maps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout

from xview.errors import SettingError
from xview.qt.desk import Desk
from xview.qt.maps.scene import Overlay as Drawn
from xview.qt.maps_desk import MapsDesk
from xview.qt.path_layer import path_overlay
from xview.qt.rankings import Rankings
from xview.qt.store import Store
from xview.qt.thumbnails import Thumbnails
from xview.qt.work import Work
from xview.retrieval.field import SpaceChoice
from xview.retrieval.geodesic_settings import RANKER, GeodesicSettings
from xview.retrieval.stepping_stones import Vertex
from xview.session.resolve import Resolved
from xview.session.scene import Scene
from xview.session.state import Overlay

if TYPE_CHECKING:  # windows start without what finds and shows ways
    from xview.qt.panels.paths import PathsPanel
    from xview.qt.path_finder import PathFinder
    from xview.qt.paths_view import PathsView
    from xview.qt.smooth_finder import SmoothFinder
    from xview.session.steps import Step

SMOOTH = "smooth"


class PathsDesk(Desk):
    """A way is drawn over the maps while it is their overlay, beside the results while the dock is open."""

    hovered = Signal(str, int)  # modality, row; ("", -1) for none
    opened = Signal(str, int)  # show the picture large
    told = Signal(str, str)  # level, words
    broke = Signal(object)  # an exception that is a bug

    def __init__(
        self, store: Store, rankings: Rankings, work: Work, thumbnails: Thumbnails, maps: MapsDesk
    ) -> None:
        super().__init__()
        self._store, self._rankings, self._work = store, rankings, work
        self._thumbnails, self._maps = thumbnails, maps
        self._finder: PathFinder | None = None
        self._smooth: SmoothFinder | None = None
        self._panel: PathsPanel | None = None
        self._view: PathsView | None = None
        self._drawn: tuple[object, ...] = ()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        store.changed.connect(self._follow)
        store.opened.connect(lambda _workspace: self._set_layers())
        maps.gestures.aimed.connect(self._aim)
        maps.hovered.connect(self._light)
        self._set_layers()
        self._follow(store.resolved, store.resolved)

    @property
    def finder(self) -> PathFinder:
        """What finds ways, made when they are first looked at."""
        if self._finder is None:
            from xview.qt.path_finder import PathFinder

            self._finder = PathFinder(self._store, self._rankings, self)
            self._finder.changed.connect(self._refresh)
            self._finder.broke.connect(self.broke)
        return self._finder

    @property
    def smooth(self) -> SmoothFinder:
        """What finds smooth paths, made when they are first looked at."""
        if self._smooth is None:
            from xview.qt.smooth_finder import SmoothFinder

            self._smooth = SmoothFinder(self._store, self._rankings, self._work, self)
            self._smooth.broke.connect(self.broke)
        return self._smooth

    @property
    def panel(self) -> PathsPanel:
        """What is shown, made when it is first needed."""
        if self._panel is None:
            from xview.qt.panels.paths import PathsPanel
            from xview.qt.paths_view import PathsView

            self._panel = panel = PathsPanel(self._thumbnails, self)
            self._column.addWidget(panel)
            self._view = PathsView(self._store, self.finder, self.smooth, panel, self)
            self._view.moved.connect(self._draw)
            for part in (panel.strip, panel.neighbours, panel.differences):
                part.hovered.connect(self._hover)
            for asking in (panel.strip, panel.neighbours):
                asking.asked.connect(self._ask)
            panel.strip.failed.connect(lambda words: self.told.emit("warning", words))
            panel.neighbours.clicked.connect(self._aim)
            panel.differences.clicked.connect(self.opened)
            panel.graph.threshold_asked.connect(
                lambda threshold: self._set("settings threshold", threshold=threshold)
            )
            panel.graph.degree_asked.connect(lambda: self._set(threshold=0.0))
            panel.graph.stones_asked.connect(lambda stones: self._set(stones=stones))
            panel.draw.clicked.connect(self.draw)
            panel.nearest.clicked.connect(self.lead_to_nearest)
            panel.wider.clicked.connect(self._use_stones)
            panel.part_shown.connect(lambda _part: self._watch())
        return self._panel

    @property
    def busy(self) -> bool:
        """Whether anything looked at is still to be found."""
        return any(finder is not None and finder.busy for finder in (self._finder, self._smooth))

    def stop(self) -> None:
        """Stop the background threads."""
        for finder in (self._finder, self._smooth):
            if finder is not None:
                finder.close()

    def look(self) -> None:
        """Find ways while somebody looks."""
        self._turn()

    def look_away(self) -> None:
        """Nobody looks."""
        self._turn()

    def _turn(self) -> None:
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
        self.finder.lead_to(None)
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
        wanted = self.seen or new.view.overlay is Overlay.PATH
        self._maps.gestures.aiming = wanted
        if wanted and self._finder is None:
            self.finder.watch(self.seen)
        self._refresh()

    def _refresh(self) -> None:
        if self.seen and self.panel and self._view is not None:
            self._view.refresh()
        self._draw()

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
        """What the dock shows, maybe a smooth path; while nobody sees that, the query's way."""
        if self._view is not None and self.seen:
            return self._view.steps
        way = None if self._finder is None else self._finder.way
        return () if way is None else way.found.steps

    @property
    def _current(self) -> Vertex | None:
        """The item looked at, while anybody sees which that is."""
        return self._view.current if self._view is not None and self.seen else None

    # what the user did

    def _set(self, merge: str = "", **values: object) -> None:
        """Change settings of the ranker `geodesic`, which are those of the ways."""
        state, known = self._store.state, self._settings
        try:
            settings = type(known).from_mapping({**known.to_mapping(), **values})
        except SettingError as error:
            self.told.emit("warning", str(error))
            return
        self._store.ask(settings=state.with_settings(RANKER, settings), merge=merge)

    @property
    def _settings(self) -> GeodesicSettings:
        settings = self._store.state.settings_of(RANKER)
        assert isinstance(settings, GeodesicSettings)
        return settings

    def _use_stones(self) -> None:
        """Lead ways through a space that holds stepping stones."""
        from xview.qt.path_infos import space_with_stones
        from xview.session.paths import where

        resolved = self._store.resolved
        choice = SpaceChoice(shared=space_with_stones(resolved)[0])
        if where(resolved) == resolved.spaces:
            self._store.ask(spaces=choice)
        else:
            self._store.ask(other_spaces=choice)

    def _aim(self, modality: str, row: int) -> None:
        """Lead to an item of the gallery or to a stepping stone; say why not to another."""
        task = self._store.resolved.task
        if row < 0:
            return
        if modality != task.protocol.gallery:
            self._aim_at_stone(Vertex(modality, row))
        elif not (task.gallery_rows == row).any():
            words = "ways lead to items that are searched; the classes above leave this one out"
            self.told.emit("info", words)
        else:
            self.finder.lead_to(None)
            self._store.ask(why=str(task.gallery.ids[row]), why_in_other=False, merge="why")

    def _aim_at_stone(self, stone: Vertex) -> None:
        from xview.session.paths import stones_of

        resolved, name = self._store.resolved, stone.modality
        if resolved.spaces is None or name not in stones_of(resolved):
            words = f"no way leads to {name}: the space that ways lead through does not hold them"
            self.told.emit("info", words)
        elif not self._settings.stones:
            self.told.emit("info", f"ways lead to {name} while these are stepping stones (Paths, Graph)")
        else:
            self.finder.lead_to(stone)

    def _ask(self, modality: str, row: int) -> None:
        if modality in self._store.workspace.dataset.collections:
            self._store.ask_item(modality, row)

    def _light(self, modality: str, row: int) -> None:
        """An item hovered on a map is lit in the strip and among the neighbours."""
        if self.seen:
            for part in (self.panel.strip, self.panel.neighbours):
                part.light(modality, row)

    def _hover(self, modality: str, row: int) -> None:
        known = modality in self._store.workspace.dataset.collections
        found = (modality, row) if known else ("", -1)
        self._maps.ring(*found)
        self.hovered.emit(*found)
