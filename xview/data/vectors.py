"""Vectors and labels from any file xview reads."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from xview.arrays import AnyArray
from xview.data.files import FileKind, kind_of, read_lines
from xview.data.formats import stored_arrays
from xview.data.stored import MAX_NAME, StoredArray, text_array
from xview.data.tables import ITEM_COLUMNS, LABEL_NAMES, label_columns
from xview.errors import DataError

_BLOCK = 1 << 22  # values checked at a time, so that a mapped file is never in memory at once


def read_vectors(path: Path, key: str | None = None) -> AnyArray:
    """(m, d) floating vectors, rows in item order; .npy is memory-mapped.

    float16, float32 and float64 stay as they are, integers become float32.

    Args:
        path: .npy .npz .mat .h5 .csv .parquet .safetensors, told by content.
        key: Array of a container; None takes its only matrix of numbers.

    Raises:
        DataError: Unreadable, damaged, pickled, not two-dimensional, empty, not finite (row and column are
            named), no such key, or several candidates and no key.
        MissingExtraError: HDF5 without h5py.
    """
    stored = find_vectors(path, key)
    return as_vectors(stored.load(), path)


def find_vectors(path: Path, key: str | None = None) -> StoredArray:
    """The array `read_vectors` would read, by its header: its shape before its values.

    Raises:
        DataError: As `read_vectors`, but for what only the values show.
    """
    return choose_vectors(stored_arrays(path), path, key)


def choose_vectors(arrays: tuple[StoredArray, ...], path: Path, key: str | None = None) -> StoredArray:
    """The array of vectors among those of a file; raises as `find_vectors`."""
    if key is not None:
        stored = _named(arrays, key, path)
    else:
        matrices = [a for a in arrays if len(a.shape) == 2 and a.kind in "fiub"]
        # MATLAB keeps columns of labels as matrices too
        wide = [a for a in matrices if min(a.shape) > 1] or matrices
        if len(wide) > 1:
            raise DataError(f"{path}: holds several arrays, {_listed(wide)}; name one with a key")
        if not wide and len(arrays) != 1:
            raise DataError(f"{path}: holds no matrix of numbers, only {_listed(arrays)}")
        stored = wide[0] if wide else arrays[0]
    if stored.kind == "O":
        stored.load()  # says why
    if stored.kind not in "fiub" or len(stored.shape) != 2:
        raise DataError(
            f"{path}: expected vectors as rows of a matrix (items, dimensions), found {_told(stored)}"
        )
    if 0 in stored.shape:
        raise DataError(f"{path}: holds no vectors (its shape is {stored.shape})")
    return stored


def _told(array: StoredArray) -> str:
    kinds = {"f": "numbers", "i": "integers", "u": "integers", "b": "yes/no", "U": "words", "S": "words"}
    shape = " x ".join(map(str, array.shape)) or "one value"
    return f"({shape} {kinds.get(array.kind, 'other values')})"


def _listed(arrays: Sequence[StoredArray]) -> str:
    told = [f"{a.name!r} {_told(a)}" if a.name else _told(a) for a in arrays[:6]]
    more = f" and {len(arrays) - 6} more" if len(arrays) > 6 else ""
    return (", ".join(told) or "nothing xview can use") + more


def _named(arrays: tuple[StoredArray, ...], key: str, path: Path) -> StoredArray:
    for array in arrays:
        if array.name == key:
            return array
    known = _listed([a for a in arrays if a.name])
    raise DataError(f"{path}: holds no array {key!r} (known: {known})")


def as_vectors(array: AnyArray, path: Path) -> AnyArray:
    """Native floating values, each one finite.

    Raises:
        DataError: A value is NaN or infinite; row and column are named.
    """
    if array.dtype.kind != "f":
        array = np.asarray(array).astype(np.float32)
    elif array.dtype.itemsize > 8 or not array.dtype.isnative:
        array = array.astype(np.float64 if array.dtype.itemsize > 4 else array.dtype.newbyteorder("="))
    step = max(1, _BLOCK // array.shape[1])
    for start in range(0, len(array), step):
        finite = np.isfinite(array[start : start + step])
        if not finite.all():
            row, column = np.argwhere(~finite)[0]
            value = float(array[start + row, column])
            raise DataError(
                f"{path}: row {start + row}, column {column} is {value} (both counted from 0); "
                "vectors must be finite, so encode that item again or leave it out"
            )
    return array


def read_labels(path: Path, key: str | None = None) -> AnyArray:
    """(m,) int64 or str class of each item.

    Arrays of numbers give integers, everything else text: .txt has one a line, a table the column `label` or
    its only one. -1 and the empty text mean unlabelled.

    Raises:
        DataError: Unreadable, damaged, pickled, not one-dimensional, numbers that are no integers, or several
            candidates and no key.
    """
    if kind_of(path) is FileKind.TEXT and path.suffix.lower() not in (".csv", ".tsv"):
        return text_array(read_lines(path), path)
    is_table = kind_of(path) in (FileKind.TEXT, FileKind.PARQUET)
    arrays = label_columns(path) if is_table else stored_arrays(path)
    if key is not None:
        stored = _named(arrays, key, path)
    else:
        stored = _likely_labels(arrays, path, LABEL_NAMES if is_table else (*LABEL_NAMES, "y"))
    return as_labels(stored.load(), path)


def _likely_labels(arrays: tuple[StoredArray, ...], path: Path, names: tuple[str, ...]) -> StoredArray:
    for name in names:
        for array in arrays:
            if array.name.lower() == name:
                return array
    lists = [
        a for a in arrays if math.prod(a.shape) == max(a.shape, default=0) and a.name not in ITEM_COLUMNS
    ]
    if len(lists) != 1:
        raise DataError(f"{path}: expected one list of labels, found {_listed(arrays)}; name one with a key")
    return lists[0]


def as_labels(array: AnyArray, path: Path) -> AnyArray:
    """(m,) int64 or str from whatever a file held.

    Raises:
        DataError: More than one dimension, no whole numbers, or a name of more than 512 characters.
    """
    if array.ndim == 0 or array.size != max(array.shape):
        raise DataError(f"{path}: expected one label an item, found an array of shape {array.shape}")
    labels = array.reshape(-1)
    if labels.dtype.kind == "S":
        try:
            labels = np.char.decode(labels, "utf-8")
        except UnicodeDecodeError:
            raise DataError(f"{path}: a label is not UTF-8 text") from None
    if labels.dtype.kind == "U":
        if labels.dtype.itemsize > 4 * MAX_NAME:
            raise DataError(f"{path}: a label is longer than {MAX_NAME} characters")
        return labels
    if labels.dtype.kind not in "fiub":
        raise DataError(f"{path}: labels must be integers or text")
    return _whole(labels, path) if labels.dtype.kind == "f" else labels.astype(np.int64)


def _whole(labels: AnyArray, path: Path) -> AnyArray:
    """MATLAB stores integers as doubles."""
    bad = ~np.isfinite(labels) | (labels != np.floor(labels)) | (np.abs(labels) > 2**53)
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise DataError(f"{path}: label {labels[row]} in row {row} (counted from 0) is no whole number")
    return labels.astype(np.int64)
