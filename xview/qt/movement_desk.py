"""What moved from A's shared space to B's, bound to the store and the maps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from xview.arrays import Doubles, Ints
from xview.metrics.kept import KEPT
from xview.qt.maps.scene import Overlay
from xview.qt.maps_desk import MapsDesk
from xview.qt.movements import Movements
from xview.qt.panels.compare_movement import MovementPanel
from xview.qt.panels.item_table import Column, Items
from xview.qt.store import Store
from xview.qt.thumbnails import Thumbnails
from xview.session.placement import MOVED, NEIGHBOURS, Movement
from xview.session.resolve import Resolved
from xview.session.scene import Scene
from xview.session.state import ColourBy, selection_of
from xview.session.state import Overlay as Wanted

LINES, AT_MOST = 40, 5_000
"""Lines of the items that moved most; of a selection, of so many of its items at most."""
FIGURES = {"moved": "movement, A to B", "kept": f"neighbours kept of {NEIGHBOURS}"}


class MovementDesk(QWidget):
    """A row selects its item on the maps, a double click asks with it."""

    def __init__(
        self,
        store: Store,
        movements: Movements,
        thumbnails: Thumbnails,
        maps: MapsDesk,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._movements, self._maps = store, movements, maps
        self._shown: tuple[object, ...] = ()
        self._in_front = False
        self.panel = MovementPanel(thumbnails, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.panel)
        self.panel.picked.connect(self._select)
        self.panel.asked.connect(self._ask)
        self.panel.coloured.connect(self._colour)
        self.panel.lines_asked.connect(self._draw_lines)
        movements.changed.connect(self._refresh)
        store.changed.connect(self._follow)
        self._set_layer()

    def showEvent(self, event: QShowEvent) -> None:
        """Work it out while somebody looks."""
        super().showEvent(event)
        self._watch()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks."""
        super().hideEvent(event)
        self._watch()

    def set_seen(self, seen: bool) -> None:
        """The dock came to the front, or went behind another."""
        self._in_front = seen
        self._watch()

    def _watch(self) -> None:
        watched = self._in_front and self.isVisible()
        self._movements.watch(watched)
        if watched:
            self._refresh()

    def _follow(self, old: Resolved, new: Resolved) -> None:
        self.panel.lines.setChecked(new.view.overlay is Wanted.MOVEMENT)
        if old is new or old.view.selection != new.view.selection or old.task is not new.task:
            self._set_layer()
        self._show()

    def _refresh(self) -> None:
        """Another movement, or more of it: list it, draw it, and colour by it where it was coloured by."""
        self._set_layer()
        self._show()
        for figure, title in FIGURES.items():
            if self._maps.figure == title:
                self._maps.show_numbers(ColourBy.FIGURE, self._numbers_of(figure), title)

    def _show(self) -> None:
        if not (self._in_front and self.isVisible()):
            return
        movement, kept = self._movements.movement, self._movements.kept
        if movement is None:
            self._shown = ()
            self.panel.show_nothing(self._why())
            return
        wanted = (movement, kept, self._store.resolved.task)
        if len(self._shown) == len(wanted) and all(a is b for a, b in zip(wanted, self._shown, strict=True)):
            return
        self._shown = wanted
        numbers = self._numbers(movement)
        told = f"maps {1 - movement.disparity:.0%} alike"
        if kept is not None:
            told = f"{kept[numbers].mean():.0%} kept · {told}"
        tip = (
            f"Kept: {KEPT.format(k=NEIGHBOURS)} Mean over the items listed.\nAlike: B's map is laid over A's "
            "by rotation, reflection and scale (Procrustes on the common items); the share of A's spread "
            "that it then meets."
        )
        self.panel.show_items(self._items(movement, kept), numbers, told, tip, kept=kept is not None)

    def _why(self) -> str:
        if not self._movements.apart:
            return (
                "Nothing moves: A and B rank in the same shared space. "
                "Choose another space for B above to see what moved."
            )
        return self._movements.problem or "Waiting for both maps …"

    def _numbers(self, movement: Movement) -> Ints:
        """Numbers of the items that the protocol chose."""
        task = self._store.resolved.task
        chosen = {task.protocol.query: task.query_rows}
        gallery = task.protocol.gallery
        chosen[gallery] = np.union1d(chosen.get(gallery, np.empty(0, np.int64)), task.gallery_rows)
        found, start = [], 0
        for modality, count in movement.parts:
            found.append(start + chosen.get(modality, np.empty(0, np.int64)))
            start += count
        return np.concatenate(found).astype(np.int64)

    def _items(self, movement: Movement, kept: Doubles | None) -> Items:
        dataset = self._store.workspace.dataset
        held = [dataset.collection(name) for name, _ in movement.parts]
        titles = np.concatenate([one.titles for one in held])
        names = np.concatenate([np.array([*dataset.classes, ""])[one.labels] for one in held])
        modalities = np.repeat([name for name, _ in movement.parts], [count for _, count in movement.parts])
        shares = np.full(len(titles), np.nan) if kept is None else kept
        columns = (
            Column(
                title="item", tip="A click selects it on the maps, a double click asks with it",
                values=titles, figure=False, text=lambda n: str(titles[n]), widest="",
            ),
            Column(
                title="modality", tip="Its modality", values=modalities, figure=False,
                text=lambda n: str(modalities[n]), widest=max(modalities.tolist(), key=len),
            ),
            Column(
                title="class", tip="Its class", values=names, figure=False, text=lambda n: str(names[n]),
                widest=max(names.tolist(), key=len)[:10],
            ),
            Column(
                title="moved", tip=MOVED, values=movement.moved,
                text=lambda n: f"{movement.moved[n]:.1f}", widest="00.0",
            ),
            Column(
                title="kept", tip=KEPT.format(k=NEIGHBOURS), values=shares,
                text=lambda n: "…" if np.isnan(shares[n]) else f"{shares[n]:.0%}", widest="100%",
            ),
        )  # fmt: skip
        return Items(columns, lambda n: _item(movement, n))

    # over the maps

    def _set_layer(self) -> None:
        self._maps.set_layer(Wanted.MOVEMENT, self._layer)

    def _layer(self, scene: Scene, drawn: Overlay) -> Overlay:
        """Lines over the two maps, from where items are under A to where they are under B."""
        movement = self._movements.movement
        if movement is None or scene.space not in (movement.a, movement.b):
            return drawn
        numbers = self._drawn(movement)
        arrows = np.concatenate([movement.starts[numbers], movement.ends[numbers]], axis=1)
        return replace(drawn, hits=(), arrows=arrows)

    def _drawn(self, movement: Movement) -> Ints:
        """Numbers of the items that get a line: the selected ones, else those that moved most."""
        selection = dict(self._store.resolved.view.selection)
        found, start = [], 0
        for modality, count in movement.parts:
            found.append(start + np.asarray(selection.get(modality, ()), dtype=np.int64))
            start += count
        chosen = np.concatenate(found)
        most = AT_MOST if len(chosen) else LINES
        chosen = chosen if len(chosen) else self._numbers(movement)
        return chosen[np.argsort(-movement.moved[chosen], kind="stable")[:most]]

    # what the user did

    def _select(self, number: int) -> None:
        if self._movements.movement is not None:
            modality, row = _item(self._movements.movement, number)
            self._store.ask(selection=selection_of({modality: [row]}), merge="moved")

    def _ask(self, number: int) -> None:
        if self._movements.movement is not None:
            self._store.ask_item(*_item(self._movements.movement, number))

    def _draw_lines(self, wanted: bool) -> None:
        self._store.ask(overlay=Wanted.MOVEMENT if wanted else Wanted.HITS)

    def _colour(self, figure: str) -> None:
        self._maps.show_figure(FIGURES[figure], self._numbers_of(figure))

    def _numbers_of(self, figure: str) -> dict[str, Doubles]:
        """A figure of each item, as numbers to colour by; none while they are not known."""
        movement = self._movements.movement
        if movement is None:
            return {}
        values = movement.moved if figure == "moved" else self._movements.kept
        return {} if values is None else movement.by_modality(values)


def _item(movement: Movement, number: int) -> tuple[str, int]:
    """Modality and row of an item."""
    for modality, count in movement.parts:
        if number < count:
            return modality, number
        number -= count
    raise IndexError(number)
