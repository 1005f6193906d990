""".npy and .npz without pickles: headers are parsed here so that no claim is believed before it is checked.

Format: numpy.lib.format (NEP 1).
"""

from __future__ import annotations

import ast
import math
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from xview.arrays import AnyArray
from xview.data.files import MAX_DEFLATE_RATIO, check_claim, plainly
from xview.data.stored import KNOWN, StoredArray, bytes_of, read_values
from xview.errors import DataError

_MAX_HEADER = 1 << 16
_PICKLED = (
    "holds pickled Python objects, which xview never opens because they can run code; "
    "save the values as a plain number or text array"
)


@dataclass(frozen=True, slots=True)
class Header:
    """What a .npy header says; `offset` is where its values begin, in bytes."""

    dtype: np.dtype[np.generic]
    shape: tuple[int, ...]
    fortran: bool
    offset: int


def array_of(path: Path) -> tuple[StoredArray, ...]:
    """The one array of a .npy file; loading maps it, read-only."""
    with plainly(path):
        with path.open("rb") as file:
            header = parse_header(file.read(_MAX_HEADER), path)
        if not header.dtype.hasobject:
            held = path.stat().st_size - header.offset
            check_claim(path, bytes_of(header.shape, header.dtype), held)

    def load() -> AnyArray:
        _refuse_objects(header, str(path))
        if 0 in header.shape:
            return np.empty(header.shape, header.dtype)
        with plainly(path):
            return np.memmap(
                path,
                dtype=header.dtype,
                mode="r",
                offset=header.offset,
                shape=header.shape,
                order="F" if header.fortran else "C",
            )

    return (StoredArray("", header.shape, header.dtype.kind, load),)


def arrays_of_npz(path: Path) -> tuple[StoredArray, ...]:
    """The arrays of an .npz archive by member name without `.npy`; other members are passed over."""
    found = []
    with plainly(path), zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        for info in archive.infolist():
            if info.filename.endswith(".npy"):
                found.append(_member(path, archive, info))
    if not found:
        if any(name.endswith("data.pkl") for name in names):
            raise DataError(f"{path}: is a PyTorch file, which {_PICKLED.removeprefix('holds ')}")
        raise DataError(f"{path}: is a zip archive without arrays (.npy members); {KNOWN}")
    return tuple(found)


def _member(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> StoredArray:
    name = info.filename
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or info.flag_bits & 1:
        raise DataError(f"{path}: member {name!r} is encrypted or packed in a way NumPy does not write")
    check_claim(path, info.compress_size, path.stat().st_size)
    ratio = 1 if info.compress_type == zipfile.ZIP_STORED else MAX_DEFLATE_RATIO
    check_claim(path, info.file_size, info.compress_size, ratio=ratio)
    with archive.open(info) as stream:
        header = parse_header(stream.read(_MAX_HEADER), path)
    if not header.dtype.hasobject:
        check_claim(path, bytes_of(header.shape, header.dtype), info.file_size - header.offset)

    def load() -> AnyArray:
        _refuse_objects(header, f"{path}: {name!r}")
        with plainly(path), zipfile.ZipFile(path) as again, again.open(name) as values:
            values.read(header.offset)
            flat = read_values(values, header.dtype, math.prod(header.shape), path)
            # Reading to the end makes zipfile compare the checksum
            values.read(1)
        return flat.reshape(header.shape, order="F" if header.fortran else "C")

    return StoredArray(name.removesuffix(".npy"), header.shape, header.dtype.kind, load)


def parse_header(head: bytes, path: Path) -> Header:
    """Read the header from a .npy stream's first 64 KiB.

    Raises:
        DataError: It is cut off, not a .npy header, or describes records.
    """
    if len(head) < 12 or not head.startswith(b"\x93NUMPY"):
        raise DataError(f"{path}: is cut off or no NumPy array")
    wide = head[6] > 1
    start = 12 if wide else 10
    length = int.from_bytes(head[8:start], "little")
    text = head[start : start + length]
    if len(text) < length:
        raise DataError(f"{path}: the NumPy header is cut off or damaged")
    try:
        # Python 2 wrote its long integers as 3L
        said = ast.literal_eval(re.sub(r"(\d)L\b", r"\1", text.decode("latin-1").strip()))
        dtype = np.dtype(said["descr"])
        shape = tuple(int(n) for n in said["shape"])
        fortran = bool(said["fortran_order"])
    except (
        ValueError,
        SyntaxError,
        TypeError,
        KeyError,
        RecursionError,
        MemoryError,
        OverflowError,
    ) as error:
        raise DataError(f"{path}: the NumPy header is damaged") from error
    if min(shape, default=0) < 0 or len(shape) > 32 or (dtype.itemsize == 0 and dtype.kind != "O"):
        raise DataError(f"{path}: the NumPy header is damaged")
    return Header(dtype, shape, fortran, start + length)


def _refuse_objects(header: Header, where: str) -> None:
    if header.dtype.hasobject:
        raise DataError(f"{where}: {_PICKLED}")
