"""A space as points on a map: which point is which item, and what its colour says. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from xview.arrays import AnyArray, Bools, Doubles, Floats, Ints
from xview.data.protocol import Task
from xview.data.records import Collection, Dataset
from xview.session.resolve import Resolved
from xview.session.state import ColourBy
from xview.session.workspace import Workspace
from xview.spaces.space import EmbeddingSpace

NO_CATEGORY = "none"


@dataclass(frozen=True, eq=False)
class Colouring:
    """What colours say, for every point of a scene.

    Attributes:
        title: Such as "class".
        names: Names of the categories, empty where `values` is a number.
        codes: (points,) whole numbers, positions in `names`; all 0 for numbers.
        values: (points,) float64 numbers, NaN where there is none, or None for categories.
    """

    title: str
    names: tuple[str, ...]
    codes: AnyArray
    values: Doubles | None = None


class Scene:
    """The points of one space: its modalities in order, their items in row order, concatenated."""

    def __init__(self, dataset: Dataset, space: EmbeddingSpace) -> None:
        self.dataset = dataset
        self.space = space.name
        self.modalities = space.modalities
        self.shared = space.shared
        self._sizes = [len(dataset.collection(m)) for m in self.modalities]
        self._chosen: tuple[Task, Bools] | None = None
        self._starts = dict(zip(self.modalities, np.cumsum([0, *self._sizes[:-1]]).tolist(), strict=True))

    def __len__(self) -> int:
        return sum(self._sizes)

    def item(self, point: int) -> tuple[str, int]:
        """Modality and row of a point."""
        for modality in reversed(self.modalities):
            if point >= self._starts[modality]:
                return modality, point - self._starts[modality]
        raise IndexError(point)

    def points(self, modality: str, rows: AnyArray | Sequence[int]) -> Ints:
        """Points of a modality's rows; empty where the space lacks the modality."""
        if modality not in self._starts:
            return np.empty(0, dtype=np.int64)
        return np.asarray(np.asarray(rows, dtype=np.int64) + self._starts[modality])

    def rows(self, points: AnyArray) -> dict[str, Ints]:
        """Rows by modality of these points, ascending; modalities without any are left out."""
        found = {}
        for modality, size in zip(self.modalities, self._sizes, strict=True):
            start = self._starts[modality]
            inside = points[(points >= start) & (points < start + size)] - start
            if inside.size:
                found[modality] = np.sort(inside, kind="stable").astype(np.int64)  # mostly sorted already
        return found

    @cached_property
    def modality_codes(self) -> AnyArray:
        """(points,) uint8 each point's modality as a position in the data set's order."""
        order = list(self.dataset.collections)
        return self._gather(lambda c: np.full(len(c), order.index(c.modality), dtype=np.uint8))

    @cached_property
    def labels(self) -> Ints:
        """(points,) int64 classes, -1 for none."""
        return self._gather(lambda c: c.labels)

    def chosen(self, resolved: Resolved) -> Bools:
        """(points,) bool, read-only: items the protocol chose."""
        task = resolved.task
        if self._chosen is None or self._chosen[0] is not task:
            mask = np.zeros(len(self), dtype=np.bool_)
            mask[self.points(task.protocol.query, task.query_rows)] = True
            mask[self.points(task.protocol.gallery, task.gallery_rows)] = True
            mask.flags.writeable = False
            self._chosen = task, mask
        return self._chosen[1]

    def colouring(self, by: ColourBy, numbers: Mapping[str, Doubles], title: str = "") -> Colouring:
        """What the points' colours say.

        Args:
            by: What was asked for.
            numbers: For AP, score and figure: (items,) float64 by modality, NaN where there is none.
            title: What the numbers are called; empty is the name of `by`.
        """
        dataset = self.dataset
        if by is ColourBy.CLASS:
            return _categories(by, (*dataset.classes, NO_CATEGORY), self.labels)
        if by is ColourBy.MODALITY:
            return _categories(by, tuple(dataset.collections), self.modality_codes)
        if by is ColourBy.SPLIT:
            return _categories(by, ("unseen", "seen", NO_CATEGORY), self._gather(_split_codes))
        if by is ColourBy.GROUP:
            names = tuple(sorted({n for c in dataset.collections.values() for n in c.group_names}))
            position = {name: i for i, name in enumerate(names)}
            return _categories(by, (*names, NO_CATEGORY), self._gather(lambda c: _group_codes(c, position)))
        parts = [
            numbers[m] if m in numbers else np.full(size, np.nan)
            for m, size in zip(self.modalities, self._sizes, strict=True)
        ]
        return Colouring(title or by, (), np.zeros(len(self), dtype=np.uint8), _joined(parts))

    def _gather(self, column: Callable[[Collection], AnyArray]) -> AnyArray:
        return _joined([column(self.dataset.collection(m)) for m in self.modalities])


def _joined(parts: Sequence[AnyArray]) -> AnyArray:
    """The parts as one; a lone one as it is."""
    return np.concatenate(parts) if len(parts) > 1 else parts[0]


def _categories(by: ColourBy, names: tuple[str, ...], codes: AnyArray) -> Colouring:
    """Codes of -1 become the last name."""
    if (codes < 0).any():
        return Colouring(by, names, np.where(codes < 0, len(names) - 1, codes))
    return Colouring(by, names[:-1] if names[-1] == NO_CATEGORY else names, codes)


def _split_codes(collection: Collection) -> Ints:
    if collection.seen is None:
        return np.full(len(collection), -1, dtype=np.int64)
    return collection.seen.astype(np.int64)


def _group_codes(collection: Collection, position: Mapping[str, int]) -> Ints:
    if collection.groups is None:
        return np.full(len(collection), -1, dtype=np.int64)
    codes = np.array([position[name] for name in collection.group_names] or [-1], dtype=np.int64)
    return np.where(collection.groups < 0, -1, codes[collection.groups])


def place_outside(workspace: Workspace, space: str, layout: Floats, feature: Floats) -> tuple[float, float]:
    """Where a query from outside belongs on a map: among its nearest items, none of which moves."""
    from xview.spaces.projection import place

    vectors = np.concatenate([workspace.spaces[space].unit(m) for m in workspace.spaces[space].modalities])
    x, y = place(feature[None], vectors, layout)[0]
    return float(x), float(y)
