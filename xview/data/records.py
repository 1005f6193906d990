"""`Collection` and `Dataset`: what every other package reads and none writes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np

from xview.arrays import AnyArray, Bools, Floats, Ints, Strings
from xview.errors import DataError

UNLABELLED = -1


class Kind(StrEnum):
    """What an item of a modality is to a person."""

    IMAGE = "image"
    TEXT = "text"
    VECTOR = "vector"


class Payloads(Protocol):
    """Lazy access to what a person sees of an item. Rows are positions in the collection."""

    def picture(self, row: int) -> bytes | None:
        """The encoded picture file (PNG, JPEG, WebP ...), or None where the item has none.

        Raises:
            DataError: The file is missing or unreadable.
        """

    def text(self, row: int) -> str | None:
        """The item's text, or None where it has none."""


class NoPayloads:
    """Items known by their vectors only."""

    def picture(self, row: int) -> bytes | None:
        """None: there is no picture."""
        return None

    def text(self, row: int) -> str | None:
        """None: there is no text."""
        return None


@dataclass(frozen=True, eq=False, kw_only=True)
class Collection:
    """One modality's m items. Arrays share their row order; `ids` are unique in the data set's modality.

    Attributes:
        modality: Name, such as "sketches".
        kind: What a person sees of an item.
        ids: (m,) str, stable names.
        titles: (m,) str, what to call an item on screen; not unique.
        labels: (m,) int64 positions in `Dataset.classes`; -1 is unlabelled.
        groups: (m,) int64 positions in `group_names` (camera, artist, subject), or None.
        group_names: Names of the groups.
        instances: (m,) int64 correspondence across modalities (equal = the same thing), -1 for none, or None.
        seen: (m,) bool, True where training may look, or None where the data has no split.
        payloads: Lazy pictures and texts.
    """

    modality: str
    kind: Kind
    ids: Strings
    titles: Strings
    labels: Ints
    groups: Ints | None = None
    group_names: tuple[str, ...] = ()
    instances: Ints | None = None
    seen: Bools | None = None
    payloads: Payloads = field(default_factory=NoPayloads)

    def __post_init__(self) -> None:
        """Reject arrays that disagree in length and ids that repeat."""
        for name in ("titles", "labels", "groups", "instances", "seen"):
            column = getattr(self, name)
            if column is not None and column.shape != self.ids.shape:
                raise DataError(
                    f"{self.modality}: {name} has shape {column.shape} but there are {len(self.ids)} ids"
                )
        if len(self.ids) == 0:
            raise DataError(f"{self.modality}: the modality has no items")
        if len(self.row_of) != len(self.ids):
            values, counts = np.unique(self.ids, return_counts=True)
            raise DataError(f"{self.modality}: id {str(values[counts > 1][0])!r} occurs more than once")

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def row_of(self) -> Mapping[str, int]:
        """Row by id."""
        return {name: row for row, name in enumerate(self.ids.tolist())}


@dataclass(frozen=True, slots=True)
class StoredVectors:
    """One modality's rows of a space, still on disk.

    `load` maps or reads them, (m, d) floating, and raises DataError naming the file.
    """

    path: Path
    key: str | None = None  # array's name inside a container file

    def load(self) -> AnyArray:
        """The vectors, (m, d) floating point, rows in item order."""
        from xview.data.vectors import read_vectors

        return read_vectors(self.path, self.key)


@dataclass(frozen=True, eq=False, kw_only=True)
class StoredSpace:
    """A space as a data set declares it.

    Attributes:
        name: Unique in the data set.
        parts: Vectors by modality.
        made_by: What made them, as plain JSON.
        projections: File of linear maps that turn the vectors into the space's, or None where they are.
        maps: By projection method, a (total, 2) file.
    """

    name: str
    parts: Mapping[str, StoredVectors]
    made_by: Mapping[str, object] = field(default_factory=dict)
    projections: Path | None = None
    maps: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True, eq=False, kw_only=True)
class Modifications:
    """Pairs of pictures and the words that lead from one to the other: "this, but ...".

    Attributes:
        modality: Of the pictures.
        sources, targets: (p,) int64 rows of its collection.
        instructions: (p,) str.
        seen: (p,) bool, True where training may look.
    """

    modality: str
    sources: Ints
    targets: Ints
    instructions: Strings
    seen: Bools

    def __len__(self) -> int:
        return len(self.sources)


@dataclass(frozen=True, eq=False, kw_only=True)
class Dataset:
    """Several collections over the same classes.

    Attributes:
        name: For people.
        source: What `open_dataset` was given (path or bundled name); reopening it gives this data again.
        description: One line for people, may be empty.
        collections: By modality, in the order to show them.
        classes: Names; `Collection.labels` points here.
        spaces: Declared spaces by name, not yet loaded.
        class_vectors: (classes, d) embeddings of the classes, or None.
        junk: Gallery ids a query must neither gain nor lose by, by (query modality, query id).
        modifications: Pairs of pictures with instructions, or None.
        notes: What the reader skipped or assumed, and why, in sentences for a person.
    """

    name: str
    source: str
    collections: Mapping[str, Collection]
    classes: tuple[str, ...]
    spaces: Mapping[str, StoredSpace] = field(default_factory=dict)
    class_vectors: Floats | None = None
    junk: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    modifications: Modifications | None = None
    notes: tuple[str, ...] = ()
    description: str = ""

    def collection(self, modality: str) -> Collection:
        """The collection of a modality; DataError names the known ones."""
        try:
            return self.collections[modality]
        except KeyError:
            known = ", ".join(self.collections)
            raise DataError(f"{self.name}: no modality {modality!r} (known: {known})") from None

    @property
    def has_split(self) -> bool:
        """Whether any modality tells seen items from unseen ones."""
        return any(c.seen is not None for c in self.collections.values())

    @cached_property
    def fingerprint(self) -> str:
        """16 hex digits over ids and labels: equal for equal items, whatever the folder is called."""
        digest = hashlib.sha256()
        for name, collection in self.collections.items():
            digest.update("\0".join([name, *collection.ids.tolist()]).encode())
            digest.update(np.ascontiguousarray(collection.labels).tobytes())
        return digest.hexdigest()[:16]

    def with_unseen(self, unseen: Sequence[str]) -> Dataset:
        """The same data with another class split: `unseen` classes are held out, all others seen.

        Raises:
            DataError: A name is no class of this data.
        """
        unknown = sorted(set(unseen) - set(self.classes))
        if unknown:
            raise DataError(f"{self.name}: no class {unknown[0]!r} to hold out")
        held = {position for position, name in enumerate(self.classes) if name in set(unseen)}
        collections = {
            name: replace(c, seen=(c.labels >= 0) & ~np.isin(c.labels, list(held)))
            for name, c in self.collections.items()
        }
        return replace(self, collections=collections)


def draw_unseen(classes: Sequence[str], count: int, seed: int) -> tuple[str, ...]:
    """`count` class names drawn without replacement by numpy's PCG64 from `seed`, in class order.

    Raises:
        DataError: `count` leaves no seen or no unseen class.
    """
    if not 0 < count < len(classes):
        raise DataError(f"cannot hold out {count} of {len(classes)} classes")
    chosen = np.random.default_rng(seed).permutation(len(classes))[:count]
    return tuple(classes[i] for i in sorted(chosen))
