"""A collection's pictures as one array on disk, decoded once and never all in memory."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image

from xview.arrays import AnyArray
from xview.data.payloads import checked_picture
from xview.data.records import Collection, Kind
from xview.errors import DataError, TrainingError

Shape: TypeAlias = tuple[int, int, int]
"""Channels (1 grey, 3 RGB), height and width."""
Pixels: TypeAlias = npt.NDArray[np.uint8]

_BLOCK = 64  # pictures between two words of progress


def _nobody(_done: int, _total: int) -> None:
    pass


def decoded(picture: bytes, shape: Shape, where: str) -> Pixels:
    """(c, h, w) uint8 of an encoded picture: all of it, whatever its proportions, on white paper.

    Raises:
        DataError: It is no picture that can be read; the message begins with `where`.
    """
    channels, height, width = shape
    try:
        with Image.open(io.BytesIO(checked_picture(picture, where))) as image:
            if image.has_transparency_data:
                paper = Image.new("RGBA", image.size, "white")
                paper.alpha_composite(image.convert("RGBA"))
                whole: Image.Image = paper
            else:
                whole = image
            whole = whole.convert("RGB" if channels == 3 else "L")
            pixels = np.asarray(whole.resize((width, height), Image.Resampling.BICUBIC))
    except (OSError, ValueError, SyntaxError) as error:
        raise DataError(f"{where}: the picture is damaged ({error})") from error
    return np.ascontiguousarray(pixels.reshape(height, width, channels).transpose(2, 0, 1))


def digest(collection: Collection) -> str:
    """Hex digits that differ where a picture does, or their order.

    Raises:
        TrainingError: The items are no pictures.
        DataError: A picture is missing or cannot be read; the item is named.
    """
    if collection.kind is not Kind.IMAGE:
        raise TrainingError(
            f"{collection.modality} has no pictures to learn from; train on the encoder's features "
            "(backbone=features), or leave it out"
        )
    found = hashlib.sha256()
    for row in range(len(collection)):
        found.update(hashlib.sha256(_picture(collection, row)).digest())
    return found.hexdigest()


def read_pictures(
    collection: Collection,
    shape: Shape,
    path: Path,
    on_picture: Callable[[int, int], object] = _nobody,
) -> AnyArray:
    """(m, c, h, w) uint8 of every picture, memory-mapped from `path`, which is made where it is missing.

    Changes to the array stay in memory.

    Args:
        collection: Its pictures.
        shape: What each is scaled to.
        path: Of a .npy file; its name tells apart everything the array depends on.
        on_picture: Told pictures done and in all; what it raises leaves no file behind.

    Raises:
        DataError: A picture is missing or cannot be read; the item is named.
        TrainingError: The file cannot be written.
    """
    whole = (len(collection), *shape)
    found = _mapped(path, whole)
    if found is None:
        try:
            _write(collection, shape, path, on_picture)
        except OSError as error:
            raise TrainingError(
                f"{path.parent}: {np.prod(whole) >> 20:,} MB of pictures cannot be written here "
                f"({error.strerror or error}); free some space, or set XVIEW_CACHE to another folder"
            ) from error
        found = _mapped(path, whole)
        if found is None:
            raise TrainingError(f"{path}: changed while it was read; train again")
    return found


def _mapped(path: Path, whole: tuple[int, ...]) -> AnyArray | None:
    """The file's array; None where it is missing or not what it should be."""
    try:
        array: AnyArray = np.load(path, mmap_mode="c", allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return array if array.shape == whole and array.dtype == np.uint8 else None


def _write(
    collection: Collection, shape: Shape, path: Path, on_picture: Callable[[int, int], object]
) -> None:
    """Block by block and not through a memory map, under which a full disk would end the process."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".partial")
    partial = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            header = {"descr": "|u1", "fortran_order": False, "shape": (len(collection), *shape)}
            np.lib.format.write_array_header_1_0(file, header)
            for start in range(0, len(collection), _BLOCK):
                on_picture(start, len(collection))
                for row in range(start, min(start + _BLOCK, len(collection))):
                    where = f"{collection.modality}: item {str(collection.ids[row])!r}"
                    file.write(decoded(_picture(collection, row), shape, where).tobytes())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _picture(collection: Collection, row: int) -> bytes:
    where = f"{collection.modality}: item {str(collection.ids[row])!r}"
    try:
        picture = collection.payloads.picture(row)
    except DataError as error:
        raise DataError(f"{where}: {error}") from error
    if picture is None:
        raise DataError(f"{where} has no picture to learn from")
    return picture
