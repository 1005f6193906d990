"""Which items ask, which answer, and which answers do not count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

import numpy as np

from xview.arrays import Bools, Ints
from xview.data.records import Collection, Dataset
from xview.errors import DataError

_ABSENT = -2  # a group the gallery does not know; -1 is an item without a group


class Classes(StrEnum):
    """A part of the class split."""

    UNSEEN = "unseen"
    SEEN = "seen"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """Zero-shot: unseen asks unseen. Standard: seen asks seen. Generalised: unseen asks all.

    Attributes:
        query, gallery: Modalities.
        query_classes, gallery_classes: Parts of the split; without a split everything counts as `all`.
        across_groups: A query skips gallery items of its own group (camera, artist, subject).
    """

    query: str
    gallery: str
    query_classes: Classes = Classes.UNSEEN
    gallery_classes: Classes = Classes.UNSEEN
    across_groups: bool = True

    def swapped(self) -> Protocol:
        """The other direction under the same rules."""
        return Protocol(
            query=self.gallery,
            gallery=self.query,
            query_classes=self.query_classes,
            gallery_classes=self.gallery_classes,
            across_groups=self.across_groups,
        )


@dataclass(frozen=True, eq=False)
class Task:
    """A protocol applied to data: m queries against n gallery items.

    Attributes:
        protocol: The rules.
        queries, gallery: The collections.
        query_rows, gallery_rows: (m,) and (n,) int64 rows in those collections, ascending.
        collections: All of the data, by modality.
    """

    protocol: Protocol
    queries: Collection
    gallery: Collection
    query_rows: Ints
    gallery_rows: Ints
    _junk: dict[str, Ints]
    collections: Mapping[str, Collection] = field(default_factory=dict)

    @cached_property
    def query_labels(self) -> Ints:
        """(m,) int64 class of each query."""
        return self.queries.labels[self.query_rows]

    @cached_property
    def gallery_labels(self) -> Ints:
        """(n,) int64 class of each gallery item."""
        return self.gallery.labels[self.gallery_rows]

    def relevant(self, query: int) -> Bools:
        """(n,) bool: gallery items of the class of query number `query` (0 to m-1)."""
        label = self.query_labels[query]
        return np.asarray((self.gallery_labels == label) & (label >= 0))

    def ignored(self, query: int) -> Bools:
        """(n,) bool: gallery items the protocol takes out: own group, junk, the item itself."""
        return self.ignored_for(int(self.query_rows[query]))

    def ignored_for(self, row: int) -> Bools:
        """As `ignored`, for a row of the query's collection that need not be among `query_rows`."""
        out = np.zeros(len(self.gallery_rows), dtype=np.bool_)
        if self._skips_groups:
            assert self.queries.groups is not None and self._gallery_group is not None
            group = self.queries.groups[row]
            if group >= 0:  # -1 is an item without a group
                out |= self._gallery_group == self._query_group_in_gallery[group]
        if self.protocol.query == self.protocol.gallery:
            out |= self.gallery_rows == row
        junk = self._junk.get(str(self.queries.ids[row]))
        if junk is not None:
            out |= np.isin(self.gallery_rows, junk)
        return out

    @cached_property
    def _skips_groups(self) -> bool:
        both = self.queries.groups is not None and self.gallery.groups is not None
        return self.protocol.across_groups and both

    @cached_property
    def _gallery_group(self) -> Ints | None:
        return None if self.gallery.groups is None else self.gallery.groups[self.gallery_rows]

    @cached_property
    def _query_group_in_gallery(self) -> Ints:
        """Group positions differ between collections; names do not."""
        position = {name: i for i, name in enumerate(self.gallery.group_names)}
        return np.array([position.get(name, _ABSENT) for name in self.queries.group_names], dtype=np.int64)


def select(dataset: Dataset, protocol: Protocol) -> Task:
    """Apply a protocol.

    Raises:
        DataError: Unknown modality, or no item left on a side.
    """
    sides = []
    for modality, part in (
        (protocol.query, protocol.query_classes),
        (protocol.gallery, protocol.gallery_classes),
    ):
        collection = dataset.collection(modality)
        rows = np.flatnonzero(_chosen(collection, part))
        if rows.size == 0:
            raise DataError(f"{dataset.name}: no {part} items in {modality}; choose other classes")
        sides.append((collection, rows.astype(np.int64)))
    (queries, query_rows), (gallery, gallery_rows) = sides
    junk = {
        query: np.array([gallery.row_of[i] for i in ids if i in gallery.row_of], dtype=np.int64)
        for (modality, query), ids in dataset.junk.items()
        if modality == protocol.query
    }
    return Task(protocol, queries, gallery, query_rows, gallery_rows, junk, dataset.collections)


def _chosen(collection: Collection, part: Classes) -> Bools:
    if collection.seen is None or part is Classes.ALL:
        return np.ones(len(collection), dtype=np.bool_)
    return collection.seen if part is Classes.SEEN else ~collection.seen
