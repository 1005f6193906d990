"""The list of smooth paths, bound to what finds them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, Signal

from xview.data.records import Dataset
from xview.qt.panels.item_table import Column, Items
from xview.qt.panels.smooth_paths import EVERYWHERE, HERE, SMOOTH, SmoothPathsPanel
from xview.qt.smooth_finder import SmoothFinder
from xview.qt.store import Store
from xview.retrieval.stepping_stones import Vertex
from xview.session.smooth import SmoothWay, retold

NO_SCENES = (
    "Whether a path is smooth is a matter of the scenes its pictures show, which only made data tells: "
    "open cci, cci-full or css."
)
_NONE = "No smooth path {}: raise or lower the threshold under Graph."
_SEARCH = "Find looks for smooth paths between all items, over the graph as it is now."


@dataclass(frozen=True, slots=True)
class _Listed:
    """A smooth path as the table tells it."""

    items: tuple[Vertex, ...]
    changes: int
    length: float


class SmoothDesk(QObject):
    """Lists what leaves the query, or the longest of all; what is picked is `chosen`."""

    chosen = Signal(object)  # SmoothWay

    def __init__(
        self, store: Store, finder: SmoothFinder, panel: SmoothPathsPanel, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._store, self._finder, self._panel = store, finder, panel
        self._where = HERE
        self._shown: object = None
        panel.where_asked.connect(self._look)
        panel.search_asked.connect(finder.search)
        panel.cancel_asked.connect(finder.cancel)
        panel.picked.connect(self._choose)
        finder.changed.connect(self.refresh)
        finder.moved.connect(self._show_progress)

    def refresh(self) -> None:
        """Show what is known now."""
        finder, panel, dataset = self._finder, self._panel, self._store.workspace.dataset
        panel.show_where(self._where, offered=finder.scenes is not False)
        self._show_progress()
        known = finder.here if self._where == HERE else finder.survey
        if finder.scenes is False:
            self._say(NO_SCENES)
        elif known is None and self._where == HERE:
            self._say(finder.problem)
        elif known is None:
            self._say(_SEARCH)
        elif known is not self._shown:
            self._shown = known
            self._list(dataset)

    def _say(self, reason: str) -> None:
        self._shown = None
        self._panel.show_nothing(reason)

    def _list(self, dataset: Dataset) -> None:
        here, survey = self._finder.here, self._finder.survey
        if self._where == HERE and here is not None:
            listed = [_Listed(_items(way), way.changes, way.length) for way in here.ways]
            told, none = _counted(here.counts), _NONE.format("leaves the query")
        else:
            assert survey is not None
            listed = [_Listed(path.items, path.changes, sum(path.lengths)) for path in survey.longest]
            told = f"{_counted(survey.kind)} (strictly {sum(survey.strict):,})"
            none = _NONE.format("is there")
        if not listed:
            self._say(none)
            return
        if sum(here.counts if self._where == HERE and here else survey.kind if survey else ()) > len(listed):
            told += f"; the longest {len(listed)} are listed"
        self._panel.show_paths(_table(dataset, listed), len(listed), told)

    def _show_progress(self) -> None:
        run, everywhere = self._finder.run, self._where == EVERYWHERE
        self._panel.show_progress(
            None if run is None else run.fraction,
            running=run is not None and everywhere,
            seconds_left=None if run is None else run.job.seconds_left,
            search=everywhere and self._finder.survey is None and bool(self._finder.scenes),
        )

    def _look(self, where: str) -> None:
        self._where, self._shown = where, None
        self.refresh()

    def _choose(self, number: int) -> None:
        here, survey = self._finder.here, self._finder.survey
        way: SmoothWay | None = None
        if self._where == HERE and here is not None:
            way = here.ways[number]
        elif self._where == EVERYWHERE and survey is not None:
            way = retold(self._store.workspace.dataset, survey.longest[number])
        if way is not None:
            self.chosen.emit(way)


def _items(way: SmoothWay) -> tuple[Vertex, ...]:
    return tuple(step.item for step in way.steps)


def _counted(counts: Sequence[int]) -> str:
    """How many there are of each length, in words."""
    each = [f"{count:,} of {changes}" for changes, count in enumerate(counts) if count]
    return f"{sum(counts):,} smooth paths: {', '.join(each)} changes" if each else "no smooth path"


def _table(dataset: Dataset, listed: Sequence[_Listed]) -> Items:
    """The paths as a table: from where to where, and how far."""

    def title(item: Vertex) -> str:
        return str(dataset.collection(item.modality).titles[item.row])

    ends = np.array([f"{title(path.items[0])} → {title(path.items[-1])}" for path in listed])
    gallery = [path.items[-1].modality for path in listed]
    changes = np.array([path.changes for path in listed])
    stones = np.array(
        [
            sum(item.modality != kind for item in path.items)
            for path, kind in zip(listed, gallery, strict=True)
        ]
    )
    lengths = np.array([path.length for path in listed])
    columns = (
        Column(
            title="from → to", tip=f"A click shows and plays it. {SMOOTH}", values=ends, figure=False,
            text=lambda n: str(ends[n]), widest="",
        ),
        Column(
            title="changes", tip="Steps that change the scene", values=changes,
            text=lambda n: f"{changes[n]}", widest="00",
        ),
        Column(
            title="stones", tip="Stepping stones it leads over: items of other modalities", values=stones,
            text=lambda n: f"{stones[n]}", widest="00",
        ),
        Column(
            title="rad", tip="Its length: the sum of the great-circle distances of its steps", values=lengths,
            text=lambda n: f"{lengths[n]:.3f}", widest="0.000",
        ),
    )  # fmt: skip
    return Items(columns, lambda n: (listed[n].items[0].modality, listed[n].items[0].row))
