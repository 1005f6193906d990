"""The walk over the maps, bound to the store: a player while it is shown, and paths to the chosen result."""

from __future__ import annotations

import math
from dataclasses import replace

from PySide6.QtCore import QObject

from xview.data.protocol import Task
from xview.qt.maps.scene import Overlay as Drawn
from xview.qt.maps_desk import MapsDesk
from xview.qt.panels.why import WhyPanel
from xview.qt.rankings import Rankings
from xview.qt.store import Store
from xview.qt.walk_layer import path_lines, walk_overlay
from xview.qt.walk_player import WalkPlayer
from xview.qt.walks import Walks, WalkService
from xview.retrieval.base import Side
from xview.retrieval.registry import WALKS
from xview.retrieval.walk_paths import Path
from xview.session.resolve import Resolved
from xview.session.scene import Scene
from xview.session.state import Overlay
from xview.session.walking import Walking

TOLD = 2  # paths in words


class WalkDesk(QObject):
    """Draws what `WalkService` found: the player's frame on every map, paths in lines and words."""

    def __init__(
        self, store: Store, rankings: Rankings, maps: MapsDesk, why: WhyPanel, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._store, self._maps, self._why = store, maps, why
        self._walks: Walks | None = None
        self._play_when_found = False
        self.player = WalkPlayer(maps)
        self.service = WalkService(store, rankings, self)
        self.player.moved.connect(lambda _frame: self._draw())
        self.player.both_asked.connect(self.service.show_both)
        self.service.found.connect(self._show)
        self.service.failed.connect(self._show_reason)
        store.opened.connect(lambda _workspace: self._clear())
        store.changed.connect(self._follow)
        self._follow(store.resolved, store.resolved)

    @property
    def walks(self) -> Walks | None:
        """What is drawn now."""
        return self._walks

    def play(self) -> None:
        """Show the walk and play it, or pause; keys of the player work from here on."""
        if self._store.resolved.view.overlay is Overlay.WALK:
            self.player.toggle()
        else:
            self._store.ask(overlay=Overlay.WALK)
            self.player.slider.setValue(0)
            self._play_when_found = True
        self.player.slider.setFocus()

    def close(self) -> None:
        """Stop the player and the background thread."""
        self.player.pause()
        self.service.close()

    def _follow(self, _old: Resolved, new: Resolved) -> None:
        self.player.setVisible(new.view.overlay is Overlay.WALK)
        spaces = new.spaces
        self.player.both.setEnabled(bool(spaces and spaces.own_query and spaces.own_gallery))

    def _clear(self) -> None:
        self._walks = None
        self.player.show_nothing("")

    def _show(self, walks: Walks) -> None:
        self._walks = walks
        if walks.main is None:
            self.player.show_nothing("Ask with an item to see its walk.")
        else:
            self.player.show_frames(_told(walks, self._store.resolved), _tip(walks))
            if self._play_when_found and not self.player.playing:
                self.player.toggle()
            self._play_when_found = False
        explained_walks = walks.pathfinder is not None and self._explained_walks()
        self._why.show_paths(_paths_told(walks.paths, walks.task) if explained_walks else "")
        self._draw()

    def _show_reason(self, reason: str) -> None:
        self._walks = None
        self.player.show_nothing(reason)
        self._why.show_paths("")
        self._draw()

    def _explained_walks(self) -> bool:
        resolved = self._store.resolved
        choice = resolved.other if resolved.view.why_in_other and resolved.other else resolved.ranker
        return choice.name in WALKS

    def _draw(self) -> None:
        """Only the overlay on screen is drawn; the other is set for when it comes."""
        self._maps.set_layer(Overlay.WALK, self._walk_layer)
        self._maps.set_layer(Overlay.BRIDGES, self._path_layer)

    def _walk_layer(self, scene: Scene, drawn: Drawn) -> Drawn:
        walks = self._walks
        if walks is None or walks.main is None:
            return replace(drawn, hits=(), bridges=())
        walking = walks.beside if walks.beside is not None and scene.shared else walks.main
        frame = min(self.player.frame, len(walking.steps) - 1)
        return walk_overlay(scene, drawn, walking, frame, walks.paths)

    def _path_layer(self, scene: Scene, drawn: Drawn) -> Drawn:
        if self._walks is None or not self._explained_walks():
            return drawn
        return replace(drawn, lines=(*drawn.lines, *path_lines(scene, self._walks.task, self._walks.paths)))


def _told(walks: Walks, resolved: Resolved) -> list[str]:
    """What each frame says; that of the longer walk where there are two."""
    walking = max((w for w in (walks.main, walks.beside) if w is not None), key=lambda w: len(w.steps))
    steps = walking.steps
    whose = "" if walking.choice == resolved.ranker or walks.beside else f"{walking.choice.title}: "
    told = [
        f"{whose}t = {step} of {steps.steps[-1]}, {_percent(distance)} from the fixed point"
        for step, distance in zip(steps.steps, steps.distances, strict=False)
    ]
    told.append(f"{whose}the fixed point, {_end(walking)}")
    return [words + _precision(walks, frame) for frame, words in enumerate(told)]


def _end(walking: Walking) -> str:
    return "not truncated as the ranking is" if walking.steps.notes else "the ranking's scores"


def _precision(walks: Walks, frame: int) -> str:
    """AP of what a frame ranks, of both walks where there are two."""
    shown = [w for w in (walks.main, walks.beside) if w is not None]
    values = [w.precision[min(frame, len(w.precision) - 1)] for w in shown]
    if any(math.isnan(value) for value in values):
        return ""
    return ", AP " + " | ".join(f"{value:.2f}" for value in values)


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %") if share >= 0.0995 else f"{100 * share:.2g} %"


def _tip(walks: Walks) -> str:
    assert walks.main is not None
    notes = list(walks.main.steps.notes)
    if walks.beside is not None:
        notes.insert(0, "Single-modal maps: heterogeneous. Shared maps: homogeneous. AP in this order.")
    for side in Side:
        if not walks.main.steps.weight(side):
            notes.append(f"The walk on the {side}'s side does not count: it is not shown.")
    return "\n".join(
        [
            "f ← α S f + b on each side, from where the query stands and where it enters the other side.",
            "Halos: mass against the heaviest item of that side. Diamonds: where the query enters. "
            "Lines: links that carry mass across.",
            *notes,
        ]
    )


def _paths_told(paths: tuple[Path, ...], task: Task) -> str:
    """The heaviest paths in words, a line each."""
    lines = []
    for path in paths[:TOLD]:
        names = []
        for stop in path.stops:
            query = stop.side is Side.QUERY
            collection, rows = (task.queries, task.query_rows) if query else (task.gallery, task.gallery_rows)
            names.append(str(collection.titles[rows[stop.position]]))
        lines.append(f"{_percent(path.share)} {path.part}: {' → '.join(names)}")
    return "\n".join(lines)
