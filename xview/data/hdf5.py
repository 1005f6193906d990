"""HDF5 (.h5) and MATLAB v7.3 files, through h5py, which is an extra."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from xview.arrays import AnyArray
from xview.data.files import MAX_DEFLATE_RATIO, check_claim, plainly
from xview.data.stored import StoredArray, bytes_of
from xview.errors import DataError, MissingExtraError


def arrays_of(path: Path) -> tuple[StoredArray, ...]:
    """Numeric and text datasets by their path in the file; what lies in other files is refused.

    MATLAB v7.3 stores arrays back to front; they come out as MATLAB shows them.
    """
    try:
        import h5py
    except ImportError:
        raise MissingExtraError(
            f"{path}: HDF5 and MATLAB v7.3 files need h5py; install it with: pip install 'xview[hdf5]'"
        ) from None
    found: list[StoredArray] = []

    # visititems follows hard links only, so nothing outside the file is reached
    def visit(name: str, node: Any) -> None:
        if isinstance(node, h5py.Dataset) and not name.startswith("#refs#"):
            found.append(_stored(path, name, node))

    with plainly(path, KeyError, TypeError), h5py.File(path, "r") as file:
        file.visititems(visit)
    return tuple(found)


def _stored(path: Path, name: str, dataset: Any) -> StoredArray:
    import h5py

    if dataset.external or dataset.is_virtual:
        raise DataError(f"{path}: {name!r} keeps its values in another file, which xview does not follow")
    text = h5py.check_string_dtype(dataset.dtype) is not None
    shape = tuple(dataset.shape or ())
    matlab = dataset.attrs.get("MATLAB_class")
    kind = "U" if text else dataset.dtype.kind
    if kind == "O" or matlab == b"char":
        kind = "V"  # references and MATLAB's text, which nothing here can use
    # Every filter h5py brings is a deflate or weaker
    ratio = MAX_DEFLATE_RATIO if dataset.chunks else 1
    check_claim(path, bytes_of(shape, dataset.dtype), dataset.id.get_storage_size(), ratio=ratio)

    def load() -> AnyArray:
        with plainly(path, KeyError, TypeError), h5py.File(path, "r") as file:
            values = file[name].asstr()[()] if text else file[name][()]
        array = np.asarray(values, dtype=np.str_ if text else None)
        return array.T if matlab is not None else array

    return StoredArray(name, shape[::-1] if matlab is not None else shape, kind, load)
