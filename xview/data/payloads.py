"""Pictures and texts of items, read when somebody looks at them; safe to call from several threads."""

from __future__ import annotations

import bisect
import io
import itertools
import threading
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from PIL import Image

from xview.arrays import AnyArray
from xview.data.files import MAX_DEFLATE_RATIO, check_claim, inside, plainly, relative_parts
from xview.errors import DataError

MAX_PICTURE_BYTES = 64 << 20
MAX_PICTURE_PIXELS = 64_000_000
# Pillow's other formats include some that start programs (EPS) or are read by no part of the window.
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM")


class Pictures(Protocol):
    """Encoded pictures by row."""

    def read(self, row: int) -> bytes | None:
        """The picture file's bytes, or None; raises DataError naming the file."""


class ItemPayloads:
    """What a person sees of items: pictures, texts or both."""

    def __init__(self, pictures: Pictures | None = None, texts: Sequence[str] | None = None) -> None:
        self._pictures, self._texts = pictures, texts

    def picture(self, row: int) -> bytes | None:
        """The encoded picture, or None where the item has none.

        Raises:
            DataError: The file is missing, unreadable, no picture, or too large to be one.
        """
        return None if self._pictures is None else self._pictures.read(row)

    def text(self, row: int) -> str | None:
        """The text, or None where the item has none."""
        return None if self._texts is None else self._texts[row] or None


class FilePictures:
    """Pictures in a folder; `paths` are relative to it, empty where an item has none."""

    def __init__(self, folder: Path, paths: Sequence[str], said_in: Path) -> None:
        self._folder, self._paths, self._said_in = folder, paths, said_in

    def read(self, row: int) -> bytes | None:
        """The file of item `row`."""
        if not self._paths[row]:
            return None
        path = inside(self._folder, self._paths[row], self._said_in)
        with plainly(path):
            _check_bytes(path.stat().st_size, str(path))
            return checked_picture(path.read_bytes(), str(path))


class ZipPictures:
    """Pictures in a zip archive, which is opened at the first look and stays open."""

    def __init__(self, archive: Path, paths: Sequence[str], said_in: Path) -> None:
        self._archive, self._paths, self._said_in = archive, paths, said_in
        self._lock = threading.Lock()
        self._zip: zipfile.ZipFile | None = None

    def read(self, row: int) -> bytes | None:
        """The member of item `row`."""
        if not self._paths[row]:
            return None
        parts = relative_parts(self._paths[row])
        if not parts:
            raise DataError(f"{self._said_in}: the path {self._paths[row]!r} leads out of {self._archive}")
        name = "/".join(parts)
        with plainly(self._archive), self._lock:
            self._zip = self._zip or zipfile.ZipFile(self._archive)
            try:
                info = self._zip.getinfo(name)
            except KeyError:
                raise DataError(f"{self._archive}: holds no {name!r}, which {self._said_in} names") from None
            _check_bytes(info.file_size, f"{self._archive}: {name}")
            check_claim(self._archive, info.file_size, info.compress_size, ratio=MAX_DEFLATE_RATIO)
            data = self._zip.read(info)
        return checked_picture(data, f"{self._archive}: {name}")


class LazyPixels:
    """`count` pictures of one array, loaded once, by whichever thread looks first.

    `load` gives (count, height, width) grey or (count, height, width, 3) RGB, uint8.
    """

    def __init__(self, count: int, load: Callable[[], AnyArray]) -> None:
        self.count, self._load = count, load
        self._lock = threading.Lock()
        self._pixels: AnyArray | None = None

    def __getitem__(self, row: int) -> AnyArray:
        with self._lock:
            if self._pixels is None:
                self._pixels = self._load()
        return np.ascontiguousarray(self._pixels[row])


class ArrayPictures:
    """Pictures that are rows of arrays; each is packed as PNG when it is looked at."""

    def __init__(self, parts: Sequence[LazyPixels]) -> None:
        self._parts = parts
        self._starts = list(itertools.accumulate((part.count for part in parts), initial=0))

    def read(self, row: int) -> bytes | None:
        """Item `row` as a PNG file."""
        part = bisect.bisect_right(self._starts, row) - 1
        packed = io.BytesIO()
        pixels = self._parts[part][row - self._starts[part]]
        Image.fromarray(pixels).save(packed, "PNG", compress_level=1)
        return packed.getvalue()


def checked_picture(data: bytes, where: str) -> bytes:
    """`data` again, once its header says that it is a picture of a size somebody could look at.

    Raises:
        DataError: No picture, more than 64 MB, or more than 64 million pixels.
    """
    _check_bytes(len(data), where)
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
            width, height = picture.size
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise DataError(f"{where}: {error}; such a picture is refused") from error
    except (OSError, ValueError, SyntaxError, EOFError, TypeError, OverflowError) as error:
        raise DataError(f"{where}: is no picture xview can read, or is damaged") from error
    if width * height > MAX_PICTURE_PIXELS:
        raise DataError(
            f"{where}: {width} x {height} pixels are more than {MAX_PICTURE_PIXELS:,}; scale the picture down"
        )
    return data


def _check_bytes(size: int, where: str) -> None:
    if size > MAX_PICTURE_BYTES:
        raise DataError(
            f"{where}: {size:,} bytes are more than a picture may have ({MAX_PICTURE_BYTES:,}); scale it down"
        )
