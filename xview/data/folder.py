"""Folders with a `dataset.toml`. Labels and item lists are read, vectors and pictures are not."""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from xview.data.files import FileKind, kind_of, plainly, read_lines, relative_parts
from xview.data.manifest import FILE_NAME, Manifest, ModalityEntry, SplitRule, read_manifest
from xview.data.merge import Part, merge
from xview.data.payloads import FilePictures, ItemPayloads, Pictures, ZipPictures
from xview.data.records import Dataset, Kind, Modifications, StoredSpace, draw_unseen
from xview.data.tables import ITEM_COLUMNS, Table, read_table, seen_column
from xview.data.vectors import find_vectors, read_labels, read_vectors
from xview.errors import DataError, nearest_name

LAYOUT = f"a folder with a {FILE_NAME}"


@dataclass(frozen=True, slots=True)
class _Count:
    """How many items a file speaks of."""

    path: Path
    items: int


def recognises(path: Path) -> bool:
    """Whether the folder holds a `dataset.toml`."""
    return (path / FILE_NAME).is_file()


def read(path: Path) -> Dataset:
    """The data set of a folder.

    Raises:
        DataError: As `read_manifest`, or a file that is missing, unreadable or at odds with another.
    """
    manifest = read_manifest(path / FILE_NAME)
    notes: list[str] = []
    counts = _vector_counts(manifest)
    parts = [_part(entry, manifest, counts[entry.name], notes) for entry in manifest.modalities]
    _check_maps(manifest.spaces.values(), {part.modality: part.count for part in parts})
    if manifest.split is not None and any(part.seen is not None for part in parts):
        raise DataError(f"{manifest.path}: [split] and a column `split` both split the data; keep one")
    vectors = manifest.class_vectors
    dataset = merge(
        parts,
        name=manifest.name,
        source=str(path),
        description=manifest.description,
        class_names=None if manifest.class_names is None else _class_names(manifest.class_names),
        class_vectors=None if vectors is None else read_vectors(vectors.path, vectors.key).astype(np.float32),
        spaces=manifest.spaces,
        junk=None if manifest.junk is None else _junk(manifest.junk, parts),
        notes=notes,
    )
    if manifest.modifications is not None:
        dataset = replace(dataset, modifications=_modifications(dataset, *manifest.modifications))
    return dataset if manifest.split is None else _divided(dataset, manifest.split, manifest.path)


def _vector_counts(manifest: Manifest) -> dict[str, list[_Count]]:
    """By modality, the rows of each of its files of vectors, by their headers."""
    counts: dict[str, list[_Count]] = {entry.name: [] for entry in manifest.modalities}
    for space in manifest.spaces.values():
        widths = {}
        for modality, stored in space.parts.items():
            items, widths[modality] = find_vectors(stored.path, stored.key).shape
            counts[modality].append(_Count(stored.path, items))
        if len(set(widths.values())) > 1 and space.projections is None:
            told = ", ".join(f"{modality} {width}" for modality, width in widths.items())
            raise DataError(f"{manifest.path}: [spaces.{space.name}] modalities differ in dimension ({told})")
    return counts


def _part(entry: ModalityEntry, manifest: Manifest, counts: list[_Count], notes: list[str]) -> Part:
    table = None if entry.items is None else read_table(entry.items)
    labels = None if entry.labels is None else read_labels(entry.labels.path, entry.labels.key)
    counts = list(counts)
    if labels is not None and entry.labels is not None:
        counts.insert(0, _Count(entry.labels.path, len(labels)))
    if table is not None:
        counts.insert(0, _Count(table.path, len(table)))
    items = _agreed(entry.name, counts, manifest.path)
    columns = {} if table is None else _columns(table, notes)
    if labels is None and "label" in columns:
        labels = np.array(columns["label"], dtype=np.str_)
    paths, texts = columns.get("path"), columns.get("text")
    pictures = None if paths is None else _pictures(entry, manifest, paths)
    return Part(
        modality=entry.name,
        kind=entry.kind or (Kind.IMAGE if pictures else Kind.TEXT if texts else Kind.VECTOR),
        count=items,
        source=counts[0].path,
        ids=columns.get("id"),
        titles=columns.get("title"),
        labels=labels,
        groups=columns.get("group"),
        instances=columns.get("instance"),
        seen=None if table is None else seen_column(table),
        payloads=ItemPayloads(pictures, texts),
    )


def _agreed(modality: str, counts: Sequence[_Count], said_in: Path) -> int:
    if not counts:
        raise DataError(
            f"{said_in}: modality {modality!r} has no items; give it items, labels, or vectors in a space"
        )
    if len({count.items for count in counts}) > 1:
        told = ", ".join(f"{count.path.name} {count.items}" for count in dict.fromkeys(counts))
        raise DataError(
            f"{said_in.parent}: the files of {modality} disagree in their number of items: {told}"
        )
    return counts[0].items


def _columns(table: Table, notes: list[str]) -> dict[str, Sequence[str]]:
    """The columns xview knows; ids are present and differ, others are noted."""
    known = {name: values for name, values in table.columns.items() if name in ITEM_COLUMNS}
    if not known:
        raise DataError(
            f"{table.path}: has none of the columns {', '.join(ITEM_COLUMNS)}; its first line must name some"
        )
    for name in table.columns.keys() - known.keys():
        notes.append(f"{table.path.name}: column {name!r} was not used{nearest_name(name, ITEM_COLUMNS)}.")
    if "id" in known:
        first: dict[str, int] = {}
        for line, name in zip(table.lines, known["id"], strict=True):
            if not name:
                raise DataError(f"{table.path}: line {line} has no id")
            if name in first:
                raise DataError(f"{table.path}: id {name!r} occurs in lines {first[name]} and {line}")
            first[name] = line
    return known


def _pictures(entry: ModalityEntry, manifest: Manifest, paths: Sequence[str]) -> Pictures:
    """Where the pictures are; each one is looked for when somebody looks at it."""
    said_in = entry.items or manifest.path
    where = entry.pictures or manifest.path.parent
    for name in paths:
        if name and not relative_parts(name):
            raise DataError(f"{said_in}: the path {name!r} leads out of {where}; keep the files inside")
    if where.is_dir():
        return FilePictures(where, paths, said_in)
    if kind_of(where) is not FileKind.ZIP:
        raise DataError(f"{where}: pictures must be a folder or a zip archive, and this is {kind_of(where)}")
    with plainly(where):
        if not zipfile.is_zipfile(where):
            raise DataError(f"{where}: the zip archive is cut off or damaged")
    return ZipPictures(where, paths, said_in)


def _check_maps(spaces: Iterable[StoredSpace], items: dict[str, int]) -> None:
    for space in spaces:
        total = sum(items[modality] for modality in space.parts)
        for method, path in space.maps.items():
            shape = find_vectors(path).shape
            if shape != (total, 2):
                raise DataError(
                    f"{path}: the {method} map of space {space.name!r} must be {total} x 2, not {shape}"
                )


def _class_names(path: Path) -> list[str]:
    names = read_lines(path)
    repeated = [name for name, times in Counter(names).items() if times > 1]
    if repeated or "" in names or not names:
        fault = f"names class {repeated[0]!r} twice" if repeated and repeated[0] else "has an empty line"
        raise DataError(f"{path}: {fault if names else 'names no classes'}")
    return names


def _junk(path: Path, parts: Sequence[Part]) -> dict[tuple[str, str], tuple[str, ...]]:
    table = read_table(path)
    missing = {"query", "gallery"} - table.columns.keys()
    if missing:
        raise DataError(f"{path}: has no column {min(missing)!r}; a junk list has query and gallery ids")
    ids = {p.modality: set(p.ids if p.ids is not None else map(str, range(p.count))) for p in parts}
    everything = set().union(*ids.values())
    spoken = table.columns.get("query_modality", [""] * len(table))
    junk: dict[tuple[str, str], list[str]] = {}
    rows = zip(table.lines, spoken, table.columns["query"], table.columns["gallery"], strict=True)
    for line, modality, query, gallery in rows:
        if modality and modality not in ids:
            raise DataError(f"{path}: line {line}: no modality {modality!r}{nearest_name(modality, ids)}")
        asked = [name for name in ([modality] if modality else ids) if query in ids[name]]
        if not asked or gallery not in everything:
            unknown = gallery if asked else query
            raise DataError(f"{path}: line {line}: no item has the id {unknown!r}")
        for name in asked:
            junk.setdefault((name, query), []).append(gallery)
    return {key: tuple(values) for key, values in junk.items()}


def _modifications(dataset: Dataset, modality: str, path: Path) -> Modifications:
    """Pairs of ids with an instruction; without a column `split` training may look at all of them."""
    table = read_table(path)
    missing = {"source", "target", "instruction"} - table.columns.keys()
    if missing:
        raise DataError(
            f"{path}: has no column {min(missing)!r}; modifications have source, target, instruction"
        )
    row_of, rows = dataset.collection(modality).row_of, []
    pairs = zip(table.lines, table.columns["source"], table.columns["target"], strict=True)
    for line, *ends in pairs:
        for name in ends:
            if name not in row_of:
                raise DataError(f"{path}: line {line}: {modality} has no item with the id {name!r}")
        rows.append([row_of[name] for name in ends])
    if not rows:
        raise DataError(f"{path}: holds no modification; leave [modifications] out")
    ends_of = np.array(rows, dtype=np.int64)
    seen = seen_column(table)
    return Modifications(
        modality=modality,
        sources=ends_of[:, 0],
        targets=ends_of[:, 1],
        instructions=np.array(table.columns["instruction"], dtype=np.str_),
        seen=np.ones(len(rows), dtype=np.bool_) if seen is None else seen,
    )


def _divided(dataset: Dataset, rule: SplitRule, said_in: Path) -> Dataset:
    names = rule.unseen
    if names is None:
        wanted = min(max(round(rule.share * len(dataset.classes)), 1), len(dataset.classes) - 1)
        names = draw_unseen(dataset.classes, wanted, rule.seed)
    for name in names:
        if name not in dataset.classes:
            hint = nearest_name(name, dataset.classes)
            raise DataError(f"{said_in}: [split] holds out {name!r}, which is no class of the data{hint}")
    return dataset.with_unseen(names)
