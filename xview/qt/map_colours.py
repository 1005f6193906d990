"""What the colours of all maps say, their legend, and which points it hides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject

from xview.arrays import AnyArray, Bools, Doubles, Ints
from xview.qt import theme
from xview.qt.maps.legend import Legend
from xview.qt.maps.view import MapView
from xview.qt.palette import class_colours, scale_colours, scale_levels
from xview.qt.rankings import Reply
from xview.qt.store import Store
from xview.session.resolve import Resolved
from xview.session.scene import Colouring, Scene
from xview.session.state import ColourBy

NO_VALUE = "#9aa0aa"
NO_NUMBERS = {
    ColourBy.AP: "Average precision comes with an evaluation of all queries",
    ColourBy.SCORE: "Scores come with a query",
    ColourBy.FIGURE: "No figure yet: pick one in a dock, as Distortion, Colour maps by",
}
"""Where the numbers come from that are not there yet."""


class MapColours(QObject):
    """Colours maps as the store asks; the legend's clicks hide categories and modalities."""

    def __init__(self, store: Store, legend: Legend) -> None:
        super().__init__(legend)
        self._store, self._legend = store, legend
        self._numbers: Mapping[ColourBy, Mapping[str, Doubles]] = {}
        self._titles: dict[ColourBy, str] = {}
        self._colourings: dict[str, Colouring] = {}
        self._painted: dict[str, _Painted] = {}
        self._listed: Ints = np.empty(0, dtype=np.int64)  # categories the legend lists
        legend.hidden_changed.connect(self._hide)
        legend.marks_hidden_changed.connect(self._hide_modalities)

    def title(self, by: ColourBy) -> str:
        """What the numbers are called; empty where they have the name of `by`."""
        return self._titles.get(by, "")

    def set_numbers(self, by: ColourBy, numbers: Mapping[str, Doubles], title: str = "") -> None:
        """Numbers to colour by, and their name: (items,) by modality, NaN where there is none."""
        self._numbers = {**self._numbers, by: numbers}
        self._titles[by] = title

    def forget(self) -> None:
        """Other data: no number holds."""
        self._numbers = {}

    def paint(self, views: Mapping[str, MapView], scenes: Mapping[str, Scene]) -> None:
        """Colour the points of every map, and say in the legend what the colours mean."""
        by = self._store.resolved.view.colour_by
        numbers = self._numbers.get(by, {})
        self._colourings = {
            name: scene.colouring(by, numbers, self._titles.get(by, "")) for name, scene in scenes.items()
        }
        self._painted = {name: _paint(colouring) for name, colouring in self._colourings.items()}
        for name, painted in self._painted.items():
            if len(views[name].canvas.points):
                views[name].set_colours(painted.colours, painted.palette)
        self._show_legend(scenes)

    def visible(self, scene: Scene, resolved: Resolved) -> Bools:
        """(points,) bool: those the protocol chose, or all, but for what the legend hides."""
        modalities, view = list(resolved.workspace.dataset.collections), resolved.view
        gone = [modalities.index(m) for m in view.hidden_modalities if m in modalities]
        mask = np.ones(len(scene), dtype=np.bool_) if view.all_items else scene.chosen(resolved).copy()
        if gone:
            mask &= ~np.isin(scene.modality_codes, gone)
        colouring = self._colourings.get(scene.space)
        if view.hidden and colouring is not None and colouring.names:
            hidden = np.isin(np.array(colouring.names), list(view.hidden))
            mask &= ~hidden[colouring.codes]
        return mask

    def show_hidden(self, resolved: Resolved) -> None:
        """Mark in the legend what is hidden."""
        names = self._names()
        hidden = frozenset(
            i for i, code in enumerate(self._listed) if names and names[code] in resolved.view.hidden
        )
        modalities = list(resolved.workspace.dataset.collections)
        marks = frozenset(modalities.index(m) for m in resolved.view.hidden_modalities if m in modalities)
        self._legend.show_hidden(hidden, marks)

    def _show_legend(self, scenes: Mapping[str, Scene]) -> None:
        """Categories and counts of the items the maps may show; shared by all maps, as the colours are."""
        resolved = self._store.resolved
        if not self._colourings:
            return
        widest = max(self._colourings, key=lambda name: len(scenes[name]))
        colouring, scene = self._colourings[widest], scenes[widest]
        if colouring.values is not None and not self._numbers.get(resolved.view.colour_by):
            self._legend.set_words(NO_NUMBERS[resolved.view.colour_by])
        elif colouring.values is not None:
            low, high = self._painted[widest].ends
            self._legend.set_scale(colouring.title, low, high, scale_colours())
        else:
            shown = colouring.codes
            if not resolved.view.all_items:
                shown = shown[scene.chosen(resolved)]
            counts = np.bincount(shown, minlength=len(colouring.names))
            self._listed = np.flatnonzero(counts)
            palette = self._painted[widest].palette
            self._legend.set_classes(
                [colouring.names[i] for i in self._listed],
                [palette[i] for i in self._listed],
                counts[self._listed].tolist(),
            )
        self._legend.set_marks(list(resolved.workspace.dataset.collections))
        self.show_hidden(resolved)

    def _names(self) -> tuple[str, ...]:
        return next((colouring.names for colouring in self._colourings.values()), ())

    def _hide(self, entries: frozenset[int]) -> None:
        names = self._names()
        self._store.ask(hidden=frozenset(names[self._listed[i]] for i in entries), merge="legend")

    def _hide_modalities(self, marks: frozenset[int]) -> None:
        modalities = list(self._store.workspace.dataset.collections)
        self._store.ask(hidden_modalities=frozenset(modalities[i] for i in marks), merge="legend")


@dataclass(frozen=True, eq=False, slots=True)
class _Painted:
    """(points,) positions in a palette, and the numbers at the ends of its scale."""

    colours: AnyArray
    palette: tuple[str, ...]
    ends: tuple[float, float] = (0.0, 0.0)


def _paint(colouring: Colouring) -> _Painted:
    if colouring.values is None:
        return _Painted(colouring.codes, class_colours(len(colouring.names), theme.current().dark))
    palette = (*scale_colours(), NO_VALUE)
    levels, ends = scale_levels(colouring.values)
    levels[~np.isfinite(colouring.values)] = len(palette) - 1
    return _Painted(levels, palette, ends)


def scores_of(reply: Reply) -> Mapping[str, Doubles]:
    """The ranking's scores as numbers of the gallery's items."""
    task, scores = reply.answer.a.task, reply.answer.a.ranking.scores
    values = np.full(len(task.gallery), np.nan)
    values[task.gallery_rows] = scores
    return {task.protocol.gallery: values}
