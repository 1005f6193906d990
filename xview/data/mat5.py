"""MATLAB v5 files: numbers, text and cells of text, read with every size checked first.

Format: MathWorks, "MAT-File Format", chapter 1 (Level 5). SciPy's reader is not used because it allocates
whatever a tag claims and can end the process on damaged bytes (2,000 flipped bytes were enough with 1.17).
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from xview.arrays import AnyArray
from xview.data.files import MAX_DEFLATE_RATIO, check_claim, plainly
from xview.data.stored import StoredArray
from xview.errors import DataError

_MATRIX, _COMPRESSED = 14, 15
_CELL, _CHAR = 1, 4
_NUMERIC = {6: "f8", 7: "f4", 8: "i1", 9: "u1", 10: "i2", 11: "u2", 12: "i4", 13: "u4", 14: "i8", 15: "u8"}
_STORED = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
_TEXT = {16: "utf-8", 17: "utf-16", 18: "utf-32", 4: "utf-16", 2: "latin-1", 1: "latin-1"}
_PEEK = 4096
_COMPLEX = 0x800


@dataclass(frozen=True, slots=True)
class _Element:
    type: int
    start: int  # of the data
    size: int  # of the data, bytes
    next: int


@dataclass(frozen=True, slots=True)
class _Matrix:
    """Header of a matrix element; `body` is where its values' tags begin."""

    array_class: int
    shape: tuple[int, ...]
    name: str
    body: int


class _Reader:
    """Elements of one byte order in one buffer, none of them longer than the buffer."""

    def __init__(self, data: bytes | memoryview, order: str) -> None:
        self.data, self.order = memoryview(data), order

    def element(self, at: int, *, partial: bool = False) -> _Element:
        """The element whose tag is at `at`; ValueError where it runs over the end, unless `partial`."""
        first, size = struct.unpack_from(self.order + "II", self.data, at)
        if first >> 16:  # small element: tag and data share eight bytes
            kind, size, start, end = first & 0xFFFF, first >> 16, at + 4, at + 8
            if size > 4:
                raise ValueError("a small element is longer than four bytes")
        else:
            kind, start = first, at + 8
            end = start + size if kind == _COMPRESSED else start + -(-size // 8) * 8
        if start + size > len(self.data) and not partial:
            raise ValueError(f"an element of {size:,} bytes runs over the end")
        return _Element(kind, start, size, end)

    def raw(self, element: _Element) -> memoryview:
        return self.data[element.start : element.start + element.size]

    def matrix(self, at: int) -> _Matrix | None:
        """Header of the matrix whose data begins at `at`; None for a class xview does not read."""
        flags = self.element(at)
        (word,) = struct.unpack_from(self.order + "I", self.data, flags.start)
        if word & 0xFF not in (_CELL, _CHAR, *_NUMERIC) or word & _COMPLEX:
            return None
        dims = self.element(flags.next)
        name = self.element(dims.next)
        shape = struct.unpack(f"{self.order}{dims.size // 4}i", self.raw(dims)[: dims.size // 4 * 4])
        if len(shape) < 2 or min(shape) < 0:
            raise ValueError(f"a matrix of shape {shape}")
        text = bytes(self.raw(name)).decode("latin-1")
        return _Matrix(word & 0xFF, shape, text, name.next)

    def numbers(self, matrix: _Matrix) -> AnyArray:
        """A numeric matrix in its own class; MATLAB stores wide classes in narrow types where they fit."""
        element = self.element(matrix.body)
        stored = np.dtype(self.order + _STORED.get(element.type, "V1"))
        if stored.kind == "V" or element.size != math.prod(matrix.shape) * stored.itemsize:
            raise ValueError(f"matrix {matrix.name!r} holds other values than its shape {matrix.shape} says")
        values = np.frombuffer(self.raw(element), dtype=stored)
        wanted = np.dtype(_NUMERIC[matrix.array_class])
        return values.astype(wanted, copy=False).reshape(matrix.shape, order="F")

    def text(self, matrix: _Matrix) -> list[str]:
        """Rows of a char matrix, trailing spaces dropped."""
        element = self.element(matrix.body)
        encoding = _TEXT.get(element.type)
        if encoding is None or len(matrix.shape) != 2:
            raise ValueError(f"text {matrix.name!r} is stored in a way xview does not know")
        if encoding in ("utf-16", "utf-32"):
            encoding += "-le" if self.order == "<" else "-be"
        text = bytes(self.raw(element)).decode(encoding)
        rows, width = matrix.shape
        if len(text) < rows * width:
            raise ValueError(f"text {matrix.name!r} is shorter than its shape {matrix.shape} says")
        return [text[row : rows * width : rows].rstrip() for row in range(rows)] if width else [""] * rows

    def cell(self, matrix: _Matrix) -> list[str]:
        """A cell array of char rows, in column order."""
        found, at = [], matrix.body
        count = math.prod(matrix.shape)
        if count * 8 > len(self.data):
            raise ValueError(f"cell {matrix.name!r} promises {count:,} entries")
        for _ in range(count):
            element = self.element(at)
            inner = self.matrix(element.start) if element.type == _MATRIX and element.size else None
            if element.size and (inner is None or inner.array_class != _CHAR):
                raise ValueError(f"cell {matrix.name!r} holds something other than text")
            found.append("".join(self.text(inner)[:1]) if inner else "")
            at = element.next
        return found


def arrays_of(path: Path) -> tuple[StoredArray, ...]:
    """Numeric, char and cell variables; structs, objects and sparse matrices are passed over."""
    with plainly(path):
        data = np.memmap(path, dtype=np.uint8, mode="r")
        order = "<" if bytes(data[126:128]) == b"IM" else ">"
        return tuple(_variables(path, _Reader(data.data, order)))


def _variables(path: Path, file: _Reader) -> Iterator[StoredArray]:
    at = 128
    while at < len(file.data):
        element = file.element(at)
        if element.type == _COMPRESSED:
            head = zlib.decompressobj().decompress(file.raw(element), _PEEK)
            peek = _Reader(head, file.order)
            outer = peek.element(0, partial=True)
            check_claim(path, outer.size, element.size, ratio=MAX_DEFLATE_RATIO)
        else:
            peek, outer = _Reader(file.raw(element), file.order), element
        if outer.type == _MATRIX and outer.size:
            matrix = peek.matrix(8 if element.type == _COMPRESSED else 0)
            if matrix is not None:
                yield _stored(path, file.order, element, outer.size, matrix)
        at = element.next


def _stored(path: Path, order: str, element: _Element, size: int, matrix: _Matrix) -> StoredArray:
    def body() -> _Reader:
        data = np.memmap(path, dtype=np.uint8, mode="r", offset=element.start, shape=(element.size,))
        if element.type != _COMPRESSED:
            return _Reader(data.data, order)
        return _Reader(zlib.decompressobj().decompress(data.data, size + 8), order)

    def loader(read: Callable[[_Reader], AnyArray]) -> Callable[[], AnyArray]:
        def load() -> AnyArray:
            with plainly(path):
                return read(body())

        return load

    if matrix.array_class in _NUMERIC:
        # The narrowest stored type takes one byte a value
        if math.prod(matrix.shape) > size:
            raise DataError(
                f"{path}: {matrix.name!r} promises {math.prod(matrix.shape):,} values but holds "
                f"{size:,} bytes; it is cut off or damaged"
            )
        kind = np.dtype(_NUMERIC[matrix.array_class]).kind
        return StoredArray(matrix.name, matrix.shape, kind, loader(lambda r: r.numbers(matrix)))
    if matrix.array_class == _CHAR:
        return StoredArray(matrix.name, matrix.shape[:1], "U", loader(lambda r: np.array(r.text(matrix))))
    count = (math.prod(matrix.shape),)
    return StoredArray(matrix.name, count, "U", loader(lambda r: np.array(r.cell(matrix), dtype=np.str_)))
