"""What was found of shortest ways, put into the panel that shows it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from xview.qt.panels.film_strip import PathInfo
from xview.qt.panels.growth import NO_QUERY
from xview.qt.panels.neighbour_pair import PairInfo
from xview.qt.panels.paths import PathsPanel
from xview.qt.panels.scene_diff import NO_SCENES, NOTHING_CHOSEN
from xview.qt.path_finder import PathFinder, Way
from xview.qt.path_infos import (
    diff_info,
    growth_info,
    pair_info,
    path_info,
    path_items,
    space_with_stones,
)
from xview.qt.smooth_desk import SmoothDesk
from xview.qt.smooth_finder import SmoothFinder
from xview.qt.store import Store
from xview.retrieval.stepping_stones import Vertex
from xview.session.scene_diff import scene_differences
from xview.session.smooth import SmoothWay
from xview.session.state import Overlay
from xview.session.steps import Step, picture_of

HINT = "Ctrl+click (Cmd on macOS) an item on a map, or click a result, to lead the path there."


class PathsView(QObject):
    """Shows the query's way until a smooth path is played, and that until there is another way."""

    moved = Signal()  # another path, or another item of it looked at

    def __init__(
        self,
        store: Store,
        finder: PathFinder,
        smooth: SmoothFinder,
        panel: PathsPanel,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._finder, self._panel = store, finder, panel
        self._shown: Way | str | None = None  # in the strip: the way, or why there is none
        self._played: SmoothWay | None = None  # instead of it
        self._smooth = SmoothDesk(store, smooth, panel.smooth, self)
        self._smooth.chosen.connect(self._play)
        panel.back.clicked.connect(self._leave_smooth)
        panel.strip.frame_moved.connect(lambda _frame: self.moved.emit())

    @property
    def steps(self) -> Sequence[Step]:
        """The path shown; empty where there is none."""
        if self._played is not None:
            return self._played.steps
        way = self._finder.way
        return () if way is None else way.found.steps

    @property
    def current(self) -> Vertex | None:
        """The item of the path looked at."""
        way, frame = self._finder.way, self._panel.strip.frame
        if self._played is None:
            if way is None or way is not self._shown:
                return None
            frame -= way.found.outside  # what asks stands first
        steps = self.steps
        return steps[frame].item if 0 <= frame < len(steps) else None

    def refresh(self) -> None:
        """Show what is known now."""
        panel, resolved = self._panel, self._store.resolved
        way, growth, busy = self._finder.way, self._finder.growth, self._finder.busy
        panel.draw.setChecked(resolved.view.overlay is Overlay.PATH)
        panel.nearest.setVisible(resolved.why is not None or self._finder.end is not None)
        panel.strip.show_progress(self._finder.share)
        panel.offer_space(*space_with_stones(resolved))
        if growth is not None:
            panel.graph.show_growth(growth_info(resolved, growth, way.found if way else None))
        elif not busy:
            panel.graph.show_growth(None, self._finder.problem or NO_QUERY)
        if way is None and busy:
            if not isinstance(self._shown, Way):  # which stays until there is another
                self._shown = None
                panel.strip.show_path(PathInfo(note="Joining what is near, looking for a way …"))
            return
        fresh = way if way is not None else self._finder.problem
        if fresh != self._shown:
            self._shown, self._played = fresh, None
            panel.back.hide()
            self._show(way)

    def _show(self, way: Way | None) -> None:
        panel = self._panel
        if way is None:
            why = self._finder.problem
            why = why[:1].upper() + why[1:]
            panel.strip.show_path(PathInfo(note=f"{why} {HINT}".strip()))
            panel.neighbours.show_pair(PairInfo(note=why) if why else None)
            panel.differences.show_diff(None)
            return
        panel.strip.show_path(path_info(way.resolved, way.found, way.needed))
        panel.neighbours.show_pair(pair_info(way.resolved, way.found))
        if way.differences is not None and way.ends is not None:
            dataset = way.resolved.workspace.dataset
            panel.differences.show_diff(diff_info(dataset, way.ends, way.differences))
        else:
            panel.differences.show_diff(None, NOTHING_CHOSEN if way.ends is None else NO_SCENES)

    def _play(self, smooth: SmoothWay) -> None:
        """Show a smooth path instead of the query's way, and play it."""
        panel, dataset = self._panel, self._store.workspace.dataset
        self._played = smooth
        panel.back.show()
        panel.strip.player.pause()
        gallery = self._store.resolved.task.protocol.gallery
        panel.strip.show_path(PathInfo(items=path_items(dataset, smooth.steps, gallery, asked=False)))
        panel.strip.show_frame(0)
        first, last = (picture_of(dataset, smooth.steps[end].item) for end in (0, -1))
        differences = scene_differences(dataset, first, last)
        if differences is not None:
            panel.differences.show_diff(diff_info(dataset, (first, last), differences))
        panel.strip.player.toggle()
        self.moved.emit()

    def _leave_smooth(self) -> None:
        self._shown = None  # shown anew
        self.refresh()
        self.moved.emit()
