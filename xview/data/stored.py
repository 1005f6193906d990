"""Arrays inside files, described by their headers and read when somebody asks."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

from xview.arrays import AnyArray, Strings
from xview.errors import DataError

_CHUNK = 1 << 24
MAX_NAME = 512  # characters of an id, label or other name
KNOWN = "xview reads vectors from .npy .npz .mat .h5 .csv .parquet .safetensors"


@dataclass(frozen=True, slots=True)
class StoredArray:
    """One array of a file.

    Attributes:
        name: Key inside a container; empty where the file is one array.
        shape: As the header says it.
        kind: NumPy's one-letter kind of its values: f, i, u, b, U, S; O is pickled and never read.
        load: Reads it; raises DataError naming the file.
    """

    name: str
    shape: tuple[int, ...]
    kind: str
    load: Callable[[], AnyArray]


def read_values(source: IO[bytes], dtype: np.dtype[np.generic], count: int, path: Path) -> AnyArray:
    """`count` values from a stream; the caller has held the claim against the file's size.

    Raises:
        DataError: The stream ends early.
    """
    values = np.empty(count, dtype=dtype)
    view = values.view(np.uint8).data
    filled = 0
    while filled < len(view):
        got = source.read(min(_CHUNK, len(view) - filled))
        if not got:
            raise DataError(f"{path}: ends after {filled:,} of {len(view):,} bytes; it is cut off or damaged")
        view[filled : filled + len(got)] = got
        filled += len(got)
    return values


def text_array(values: Sequence[str], path: Path) -> Strings:
    """(n,) str; such arrays are as wide as their longest entry, so that one has a limit.

    Raises:
        DataError: An entry is longer than 512 characters.
    """
    for row, value in enumerate(values):
        if len(value) > MAX_NAME:
            raise DataError(
                f"{path}: {value[:20]!r}... in row {row} (counted from 0) "
                f"is longer than {MAX_NAME} characters"
            )
    return np.array(values, dtype=np.str_)


def bytes_of(shape: tuple[int, ...], dtype: np.dtype[np.generic]) -> int:
    """Size of an array in bytes, exact for any claim."""
    return math.prod(shape) * dtype.itemsize
