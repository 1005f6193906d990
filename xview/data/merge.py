"""Modalities as readers find them, merged into one data set: classes, groups, instances, notes.

Decisions
    2026-11-22  Every class has a name; integer labels are named by their digits, unless the data names its
                classes and all of a modality's labels are integers: then they are positions in that list.
    2026-11-22  One class or one item is no error, because such data can be looked at; it is noted.
    2026-11-22  Where nothing has a class but several modalities show the same things, each thing is a class:
                a picture's answers are its captions, as image-text retrieval is judged, and a split holds out
                things.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path

import numpy as np

from xview.arrays import AnyArray, Bools, Floats, Ints, Strings
from xview.data.records import UNLABELLED, Collection, Dataset, Kind, NoPayloads, Payloads, StoredSpace
from xview.data.stored import text_array
from xview.errors import DataError, nearest_name

_TITLE = 200  # characters; a title is one line on screen


@dataclass(frozen=True, eq=False, kw_only=True)
class Part:
    """One modality's items before classes and instances mean the same across modalities.

    Attributes:
        modality, kind, payloads: As in `Collection`.
        count: Number of items m.
        source: File to name when something is wrong.
        ids, titles, groups, instances: m texts each, or None; empty text is none.
        labels: (m,) integers or text, -1 and empty text unlabelled, or None.
        seen: (m,) bool, or None.
    """

    modality: str
    kind: Kind
    count: int
    source: Path
    ids: Sequence[str] | None = None
    titles: Sequence[str] | None = None
    labels: AnyArray | None = None
    groups: Sequence[str] | None = None
    instances: Sequence[str] | None = None
    seen: Bools | None = None
    payloads: Payloads = field(default_factory=NoPayloads)


def merge(
    parts: Sequence[Part],
    *,
    name: str,
    source: str,
    description: str = "",
    class_names: Sequence[str] | None = None,
    class_vectors: Floats | None = None,
    spaces: Mapping[str, StoredSpace] | None = None,
    junk: Mapping[tuple[str, str], tuple[str, ...]] | None = None,
    notes: Sequence[str] = (),
) -> Dataset:
    """One data set of `parts`, in their order.

    Raises:
        DataError: No or an empty modality, ids that repeat, a label outside `class_names`, or class vectors
            of another number.
    """
    if not parts:
        raise DataError(f"{source}: there are no items")
    if class_names is None and _only_things_known(parts):
        parts = [replace(part, labels=_texts(part.instances)) for part in parts]
        notes = (*notes, "No item has a class, so each thing that modalities share is a class of its own.")
    classes = tuple(class_names) if class_names is not None else _class_names(parts)
    if class_vectors is not None and len(class_vectors) != len(classes):
        raise DataError(f"{source}: {len(class_vectors)} class vectors for {len(classes)} classes")
    instances: dict[str, int] = {}
    collections = {
        part.modality: _collection(part, classes, class_names is not None, instances) for part in parts
    }
    return Dataset(
        name=name,
        source=source,
        description=description,
        collections=collections,
        classes=classes,
        spaces=dict(spaces or {}),
        class_vectors=class_vectors,
        junk=dict(junk or {}),
        notes=(*notes, *_doubts(collections, classes)),
    )


def _only_things_known(parts: Sequence[Part]) -> bool:
    """Whether no item has a class, and instances tell which items of several modalities belong together."""
    things = [set(filter(None, part.instances)) for part in parts if part.instances is not None]
    return not _class_names(parts) and any(one & other for one, other in combinations(things, 2))


def _texts(instances: Sequence[str] | None) -> Strings | None:
    return None if instances is None else np.array(instances, dtype=np.str_)


def _is_unlabelled(label: str) -> bool:
    return label in ("", "-1")


def _class_names(parts: Sequence[Part]) -> tuple[str, ...]:
    """Every label in use, integers by value, words by letter."""
    used = {str(label) for part in parts if part.labels is not None for label in np.unique(part.labels)}
    names = [label for label in used if not _is_unlabelled(label)]
    if all(_is_integer(label) for label in names):
        return tuple(sorted(names, key=lambda label: (int(label), label)))
    return tuple(sorted(names))


def _is_integer(label: str) -> bool:
    return label.isascii() and label.removeprefix("-").isdigit() and len(label) < 20


def _collection(part: Part, classes: tuple[str, ...], named: bool, instances: dict[str, int]) -> Collection:
    if part.count == 0:
        raise DataError(f"{part.source}: {part.modality} has no items")
    ids = part.ids if part.ids is not None else [str(row) for row in range(part.count)]
    titles = part.titles or [""] * part.count
    known = zip(titles, part.instances or titles, ids, strict=True)
    shown = [title or _first_words(part, row) or thing or i for row, (title, thing, i) in enumerate(known)]
    groups, group_names = _groups(part)
    return Collection(
        modality=part.modality,
        kind=part.kind,
        ids=text_array(ids, part.source),
        titles=np.array([title[:_TITLE] for title in shown], dtype=np.str_),
        labels=_labels(part, classes, named),
        groups=groups,
        group_names=group_names,
        instances=None if part.instances is None else _positions(part.instances, instances),
        seen=part.seen,
        payloads=part.payloads,
    )


def _first_words(part: Part, row: int) -> str:
    """What an item of text begins with, on one line."""
    text = (part.payloads.text(row) or "") if part.kind is Kind.TEXT else ""
    return " ".join(text[: 2 * _TITLE].split())


def _labels(part: Part, classes: tuple[str, ...], named: bool) -> Ints:
    if part.labels is None:
        return np.full(part.count, UNLABELLED, dtype=np.int64)
    values, inverse = np.unique(part.labels, return_inverse=True)
    words = [str(value) for value in values]
    used = [word for word in words if not _is_unlabelled(word)]
    position = {label: i for i, label in enumerate(classes)}
    if named and not all(word in position for word in used) and all(_is_integer(word) for word in used):
        position = {str(i): i for i in range(len(classes))}
    for word in used:
        if word not in position:
            hint = nearest_name(word, classes)
            raise DataError(
                f"{part.source}: {part.modality} has label {word!r}, which is none of the "
                f"{len(classes)} classes{hint}"
            )
    table = np.array([position.get(word, UNLABELLED) for word in words], dtype=np.int64)
    return np.asarray(table[inverse], dtype=np.int64)


def _groups(part: Part) -> tuple[Ints | None, tuple[str, ...]]:
    if part.groups is None:
        return None, ()
    names = sorted({name for name in part.groups if name})
    return _positions(part.groups, {name: i for i, name in enumerate(names)}), tuple(names)


def _positions(values: Sequence[str], known: dict[str, int]) -> Ints:
    """Position of each value in `known`, which grows by new ones; -1 for empty text."""
    return np.array([known.setdefault(v, len(known)) if v else -1 for v in values], dtype=np.int64)


def _doubts(collections: Mapping[str, Collection], classes: tuple[str, ...]) -> list[str]:
    """What keeps retrieval on this data from being judged."""
    notes = []
    for name, collection in collections.items():
        if len(collection) == 1:
            notes.append(f"{name} has a single item, so there is nothing to rank.")
        without = int((collection.labels == UNLABELLED).sum())
        if without == len(collection):
            notes.append(f"No item of {name} has a class: rankings can be seen but not judged.")
        elif without:
            notes.append(f"{without} of {len(collection)} items of {name} have no class.")
    if len(classes) == 1:
        notes.append(f"All items are of one class ({classes[0]}), so every answer is right.")
    used = [set(c.labels.tolist()) - {UNLABELLED} for c in collections.values()]
    if len(used) > 1 and all(used) and not set.intersection(*used):
        notes.append("No class has items in all modalities.")
    return notes
