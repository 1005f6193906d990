"""Which format reads which file: the one table of array formats."""

from __future__ import annotations

from pathlib import Path

from xview.data import hdf5, mat5, npy, parquet, safetensors_file, tables
from xview.data.files import FileKind, kind_of
from xview.data.stored import KNOWN, StoredArray
from xview.errors import DataError

SUFFIXES = (".npy", ".npz", ".mat", ".h5", ".hdf5", ".csv", ".tsv", ".parquet", ".safetensors")
ARRAY_KINDS = frozenset(
    (FileKind.NPY, FileKind.ZIP, FileKind.MAT5, FileKind.HDF5, FileKind.PARQUET, FileKind.SAFETENSORS)
)


def stored_arrays(path: Path) -> tuple[StoredArray, ...]:
    """Every array of a file, recognised by content; nothing but headers is read.

    Raises:
        DataError: Missing, unreadable, of another kind, damaged, or claiming more than its size.
        MissingExtraError: An HDF5 file, and h5py is not installed.
    """
    kind = kind_of(path)
    if kind is FileKind.NPY:
        return npy.array_of(path)
    if kind is FileKind.ZIP:
        return npy.arrays_of_npz(path)
    if kind is FileKind.MAT5:
        return mat5.arrays_of(path)
    if kind is FileKind.HDF5:
        return hdf5.arrays_of(path)
    if kind is FileKind.PARQUET:
        return parquet.arrays_of(path, tables.ITEM_COLUMNS)
    if kind is FileKind.SAFETENSORS:
        return safetensors_file.arrays_of(path)
    if kind is FileKind.TEXT and path.suffix.lower() in (".csv", ".tsv", ".txt"):
        return tables.arrays_of_csv(path)
    raise DataError(f"{path}: this is {kind}; {KNOWN}")
