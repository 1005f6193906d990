"""safetensors files, through the library that defines them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from xview.arrays import AnyArray
from xview.data.files import plainly
from xview.data.stored import StoredArray
from xview.errors import DataError

_KINDS = {
    "F64": "f", "F32": "f", "F16": "f", "I64": "i", "I32": "i", "I16": "i", "I8": "i",
    "U64": "u", "U32": "u", "U16": "u", "U8": "u", "BOOL": "b",
}  # fmt: skip


def arrays_of(path: Path) -> tuple[StoredArray, ...]:
    """The tensors by name. The library holds every claim against the file's size before it maps it."""
    from safetensors import SafetensorError, safe_open

    found = []
    with plainly(path, SafetensorError), safe_open(path, framework="numpy") as file:
        for name in file.keys():  # noqa: SIM118 - no mapping
            part = file.get_slice(name)
            found.append((name, tuple(part.get_shape()), str(part.get_dtype())))
    return tuple(_stored(path, name, shape, dtype) for name, shape, dtype in found)


def _stored(path: Path, name: str, shape: tuple[int, ...], dtype: str) -> StoredArray:
    def load() -> AnyArray:
        from safetensors import SafetensorError, safe_open

        if dtype not in _KINDS:
            raise DataError(f"{path}: {name!r} is stored as {dtype}; save it as F16, F32 or F64")
        with plainly(path, SafetensorError), safe_open(path, framework="numpy") as file:
            return np.asarray(file.get_tensor(name))

    return StoredArray(name, shape, _KINDS.get(dtype, "f"), load)
