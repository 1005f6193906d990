"""MNIST's IDX files, plain or gzipped.

Format: Y. LeCun, C. Cortes, C. Burges, "The MNIST database", file formats. Big-endian: two zero bytes, the
type of the values, the number of dimensions, each dimension as a uint32, the values.
"""

from __future__ import annotations

import gzip
import math
import re
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import numpy as np

from xview.arrays import AnyArray
from xview.data.files import MAX_DEFLATE_RATIO, FileKind, check_claim, kind_of, kind_of_bytes, plainly
from xview.data.stored import read_values

_UINT8 = 8


@dataclass(frozen=True, slots=True)
class IdxFile:
    """One IDX file of bytes: (n,) labels, or (n, height, width) pictures."""

    path: Path
    shape: tuple[int, ...]
    zipped: bool

    @property
    def prefix(self) -> str:
        """What comes before `images` or `labels` in its name: the part of the data, such as train."""
        return re.split(r"images|labels", self.path.name.lower())[0].strip("-_. ")

    def load(self) -> AnyArray:
        """The values, uint8; a plain file is mapped, read-only.

        Raises:
            DataError: It is cut off or damaged.
        """
        offset = 4 + 4 * len(self.shape)
        with plainly(self.path):
            if not self.zipped:
                return np.memmap(self.path, np.uint8, "r", offset, self.shape)
            with gzip.open(self.path) as file:
                file.read(offset)
                values = read_values(
                    cast(IO[bytes], file), np.dtype(np.uint8), math.prod(self.shape), self.path
                )
                file.read(1)  # reading to the end makes gzip compare its checksum
            return values.reshape(self.shape)


def is_idx(path: Path) -> bool:
    """Whether the file is IDX, looking inside gzip."""
    kind = kind_of(path)
    if kind is FileKind.GZIP:
        return kind_of_bytes(_head(path, zipped=True)) is FileKind.IDX
    return kind is FileKind.IDX


def open_idx(path: Path) -> IdxFile:
    """Read the header and hold it against the file's size.

    Raises:
        DataError: Cut off, damaged, empty, or not of bytes.
    """
    zipped = kind_of(path) is FileKind.GZIP
    with plainly(path):
        head = _head(path, zipped=zipped)
        if len(head) < 8:
            raise ValueError("its header is missing")
        if head[2] != _UINT8 or head[3] not in (1, 3):
            raise ValueError("MNIST's files hold bytes in one dimension (labels) or three (pictures)")
        shape = struct.unpack_from(f">{head[3]}I", head, 4)
        size = path.stat().st_size
        claimed = 4 + 4 * head[3] + math.prod(shape)
        if 0 in shape:
            raise ValueError("it holds no items")
        check_claim(path, claimed, size, ratio=MAX_DEFLATE_RATIO if zipped else 1)
        if zipped and _size_inside(path) != claimed % (1 << 32):
            raise ValueError("the gzip file is cut off, or holds more than one IDX file")
    return IdxFile(path, shape, zipped)


def _head(path: Path, *, zipped: bool) -> bytes:
    try:
        with gzip.open(path) if zipped else path.open("rb") as file:
            return file.read(16)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        return b""


def _size_inside(path: Path) -> int:
    """What gzip's last four bytes say: the size of what was packed, modulo 2**32."""
    with path.open("rb") as file:
        file.seek(-4, 2)
        return int(struct.unpack("<I", file.read(4))[0])
