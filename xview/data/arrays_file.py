"""One file of vectors, opened as it is: one modality, one space, labels where the file has them."""

from __future__ import annotations

import math
from pathlib import Path

from xview.data.files import FileKind, kind_of
from xview.data.formats import ARRAY_KINDS, SUFFIXES, stored_arrays
from xview.data.merge import Part, merge
from xview.data.payloads import ItemPayloads
from xview.data.records import Dataset, Kind, StoredSpace, StoredVectors
from xview.data.tables import ITEM_COLUMNS, LABEL_NAMES, read_table, seen_column
from xview.data.vectors import as_labels, choose_vectors

LAYOUT = "a file of vectors (.npy .npz .mat .h5 .csv .parquet .safetensors), with or without labels inside"


def recognises(path: Path) -> bool:
    """Whether it is a file of arrays by content, or calls itself one."""
    return path.is_file() and (kind_of(path) in ARRAY_KINDS or path.suffix.lower() in SUFFIXES)


def read(path: Path) -> Dataset:
    """The data set of one file; its rows are items, called as the file is.

    A table's columns id, title, label, text, group, instance and split describe them; in a container a list
    called label, class, target or y with one entry a row is their classes.

    Raises:
        DataError: As `choose_vectors`, or ids that repeat.
    """
    arrays = stored_arrays(path)
    vectors = choose_vectors(arrays, path)
    count = vectors.shape[0]
    is_table = kind_of(path) in (FileKind.TEXT, FileKind.PARQUET)
    described = is_table and any(array.name in ITEM_COLUMNS for array in arrays)
    table = read_table(path, only=ITEM_COLUMNS) if described else None
    columns = {} if table is None else table.columns
    named = (a for a in arrays if a.name.lower() in (*LABEL_NAMES, "y") and math.prod(a.shape) == count)
    labels = next(named, None)
    modality = path.stem
    part = Part(
        modality=modality,
        kind=Kind.TEXT if "text" in columns else Kind.VECTOR,
        count=count,
        source=path,
        ids=columns.get("id"),
        titles=columns.get("title"),
        labels=None if labels is None else as_labels(labels.load(), path),
        groups=columns.get("group"),
        instances=columns.get("instance"),
        seen=None if table is None else seen_column(table),
        payloads=ItemPayloads(texts=columns.get("text")),
    )
    space = StoredSpace(name=modality, parts={modality: StoredVectors(path, vectors.name or None)})
    return merge([part], name=modality, source=str(path), spaces={space.name: space})
