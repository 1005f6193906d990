"""What the user does on the maps, told to the store and to the other maps."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import QObject, Signal

from xview.arrays import Ints
from xview.qt.infos import described
from xview.qt.maps.scene import HoverContent, SelectionMode
from xview.qt.maps.view import MapView
from xview.qt.store import Store
from xview.qt.thumbnails import Thumbnails
from xview.session.rows import Rows
from xview.session.scene import Scene
from xview.session.state import selection_of


class MapGestures(QObject):
    """A click asks, Ctrl+click aims, a lasso selects, hovering rings an item on every map that has it.

    Args:
        store: What is asked for.
        thumbnails: Pictures of the items.
        views, scenes: The maps there are, by space; they may come and go.
        parent: Owner.
    """

    hovered = Signal(str, int)  # modality, row; ("", -1) for none
    aimed = Signal(str, int)  # modality, row of an item to go to

    def __init__(
        self,
        store: Store,
        thumbnails: Thumbnails,
        views: Mapping[str, MapView],
        scenes: Mapping[str, Scene],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._store, self._thumbnails = store, thumbnails
        self._views, self._scenes = views, scenes
        self.aiming = False  # whether there is a way to aim; without one, Ctrl+click asks like any click

    def attend(self, name: str, view: MapView) -> None:
        """Heed a new map, and lend it words and pictures of its points."""
        view.set_describe(partial(self._describe, name))
        view.set_thumbnails(
            lambda painter, box, point: self._thumbnails.draw(painter, box, *self._scenes[name].item(point))
        )
        view.clicked.connect(lambda point: self._store.ask_item(*self._scenes[name].item(point)))
        view.aimed.connect(partial(self._aim, name))
        view.hovered.connect(partial(self._hover, name))
        view.selection_made.connect(partial(self._select, name))
        view.cleared.connect(lambda: self._store.ask(selection=(), isolated=False))

    def ring(self, modality: str, row: int, but: str = "") -> None:
        """Ring an item on every map that has it, but one; row -1 for none."""
        for name, view in self._views.items():
            if name != but:
                points = self._scenes[name].points(modality, [row])
                view.show_hover(int(points[0]) if row >= 0 and len(points) else -1)

    def _aim(self, name: str, point: int) -> None:
        item = self._scenes[name].item(point)
        if self.aiming:
            self.aimed.emit(*item)
        else:
            self._store.ask_item(*item)

    def _hover(self, name: str, point: int) -> None:
        modality, row = self._scenes[name].item(point) if point >= 0 else ("", -1)
        self.ring(modality, row, but=name)
        self.hovered.emit(modality, row)

    def _select(self, name: str, points: Ints, mode: SelectionMode) -> None:
        kept = dict(self._store.resolved.view.selection) if mode is not SelectionMode.REPLACE else {}
        taken = {modality: Rows(rows) for modality, rows in self._scenes[name].rows(points).items()}
        both = {}
        for modality in {*taken, *kept}:
            old, new = kept.get(modality, Rows()), taken.get(modality, Rows())
            both[modality] = old - new if mode is SelectionMode.SUBTRACT else old | new
        self._store.ask(selection=selection_of(both))

    def _describe(self, name: str, point: int) -> HoverContent:
        modality, row = self._scenes[name].item(point)
        title, lines = described(self._store.workspace.dataset, modality, row)
        return HoverContent(title, lines, self._thumbnails.large(modality, row))
