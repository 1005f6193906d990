"""Files from outside: what they are by content, how their faults read, and which paths stay inside a folder.

Nothing here trusts a name or a header: kinds are told by the first bytes, claims are held against the
real size before anything is allocated.
"""

from __future__ import annotations

import csv
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from xview.errors import DataError, XViewError

# Deflate cannot shrink below 1/1032 (zlib's technical notes); anything that claims more is lying.
MAX_DEFLATE_RATIO = 1032
# HDF5 keeps its signature after a user block of 0, 512, 1024 or 2048 bytes.
_HDF5_AT = (0, 512, 1024, 2048)
_HEAD = 2048 + 8
_SAFETENSORS_MAX_HEADER = 100_000_000  # the format's own limit


class FileKind(StrEnum):
    """What a file is by its first bytes, in words that finish "this is ..."."""

    NPY = "a NumPy array (.npy)"
    ZIP = "a zip archive"
    MAT5 = "a MATLAB v5 file (.mat)"
    HDF5 = "an HDF5 file (.h5, MATLAB v7.3)"
    PARQUET = "a Parquet table"
    SAFETENSORS = "a safetensors file"
    IDX = "an IDX file (MNIST)"
    GZIP = "a gzip file"
    PICTURE = "a picture"
    PICKLE = "a pickle, which xview never opens because it can run code"
    PDF = "a PDF document"
    UTF16 = "UTF-16 text; save it as UTF-8"
    TEXT = "text"
    EMPTY = "an empty file"
    OTHER = "of no kind xview knows, or damaged"


_MAGIC = (
    (b"\x93NUMPY", FileKind.NPY),
    (b"PK\x03\x04", FileKind.ZIP),
    (b"PK\x05\x06", FileKind.ZIP),
    (b"PAR1", FileKind.PARQUET),
    (b"\x1f\x8b", FileKind.GZIP),
    (b"\x89PNG\r\n\x1a\n", FileKind.PICTURE),
    (b"\xff\xd8\xff", FileKind.PICTURE),
    (b"GIF8", FileKind.PICTURE),
    (b"BM", FileKind.PICTURE),
    (b"II*\0", FileKind.PICTURE),
    (b"MM\0*", FileKind.PICTURE),
    (b"P5\n", FileKind.PICTURE),
    (b"P6\n", FileKind.PICTURE),
    (b"%PDF-", FileKind.PDF),
    (b"\xff\xfe", FileKind.UTF16),
    (b"\xfe\xff", FileKind.UTF16),
)


def kind_of(path: Path) -> FileKind:
    """What the file is by content.

    Raises:
        DataError: It is missing, no plain file, or may not be read.
    """
    with plainly(path):
        if not path.exists():
            raise DataError(f"{path}: no such file")
        if not path.is_file():
            raise DataError(f"{path}: is not a plain file")
        with path.open("rb") as file:
            return kind_of_bytes(file.read(_HEAD))


def kind_of_bytes(head: bytes) -> FileKind:
    """The kind by a file's first bytes; give at least 2056 where there are as many."""
    if not head:
        return FileKind.EMPTY
    if any(head[at:].startswith(b"\x89HDF\r\n\x1a\n") for at in _HDF5_AT):
        return FileKind.HDF5
    if head[:6] == b"MATLAB" and head[124:128] in (b"\x00\x01IM", b"\x01\x00MI"):
        return FileKind.MAT5
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return FileKind.PICTURE
    if (
        head[:2] == b"\0\0"
        and len(head) >= 4
        and head[2] in b"\x08\x09\x0b\x0c\x0d\x0e"
        and 1 <= head[3] <= 4
    ):
        return FileKind.IDX
    if head[8:9] == b"{" and int.from_bytes(head[:8], "little") <= _SAFETENSORS_MAX_HEADER:
        return FileKind.SAFETENSORS
    if head[0] == 0x80 and head[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"):
        return FileKind.PICKLE
    is_text = not set(head) & set(b"\0\x01\x02\x03\x04\x05\x06\x0e\x0f\x10\x11\x12\x13\x14\x15\x16")
    # "BM" alone may begin a text
    for magic, kind in _MAGIC:
        if head.startswith(magic) and not (is_text and magic == b"BM"):
            return kind
    return FileKind.TEXT if is_text else FileKind.OTHER


_FAULTS: tuple[type[Exception], ...] = (
    OSError,
    EOFError,
    ValueError,
    RuntimeError,
    OverflowError,
    struct.error,
    zlib.error,
    zipfile.BadZipFile,
    csv.Error,
)


@contextmanager
def plainly(path: Path, *also: type[Exception]) -> Iterator[None]:
    """Turn what reading `path` may raise into one plain DataError; `also` adds a library's own errors."""
    try:
        yield
    except XViewError:
        raise
    except FileNotFoundError as error:
        raise DataError(f"{path}: no such file") from error
    except PermissionError as error:
        raise DataError(f"{path}: may not be read; check its permissions") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: is not UTF-8 text (byte {error.start}); save it as UTF-8") from error
    except MemoryError as error:
        raise DataError(f"{path}: needs more memory than there is") from error
    except (*_FAULTS, *also) as error:
        why = " ".join(str(error).split())[:200]  # some libraries answer in paragraphs
        raise DataError(f"{path}: is cut off, damaged or not what it seems to be ({why})") from error


def check_claim(path: Path, claimed: int, held: int, *, ratio: int = 1, slack: int = 0) -> None:
    """Refuse a header that promises more bytes than the file can hold.

    Args:
        path: The file, for the message.
        claimed: Bytes the header promises once read.
        held: Bytes really there.
        ratio: Largest expansion the file's compression can reach; 1 for plain bytes.
        slack: Bytes allowed beyond that, for encodings without a bound.
    """
    if claimed > held * ratio + slack:
        raise DataError(
            f"{path}: its header promises {claimed:,} bytes but the file holds only {held:,}; "
            "it is cut off or damaged"
        )


def read_text(path: Path) -> str:
    r"""The whole file as UTF-8 text, a byte order mark dropped, line ends as "\n".

    Raises:
        DataError: It cannot be read, is not UTF-8, or holds binary data.
    """
    kind = kind_of(path)
    if kind not in (FileKind.TEXT, FileKind.EMPTY):
        raise DataError(f"{path}: is {kind}, not text")
    with plainly(path):
        return path.read_text(encoding="utf-8-sig")


def read_lines(path: Path) -> list[str]:
    """Lines of a text file, stripped, without the blank ones at its end."""
    lines = [line.strip() for line in read_text(path).split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def relative_parts(name: str) -> tuple[str, ...] | None:
    """Parts of a relative path written on any system, or None where it is absolute or climbs with `..`."""
    steps = name.replace("\\", "/").split("/")
    if (name and not steps[0]) or name[1:2] == ":" or ".." in steps or "\0" in name:
        return None
    return tuple(step for step in steps if step not in ("", "."))


def inside(folder: Path, name: str, said_in: Path) -> Path:
    """`folder / name`, which must stay inside the folder, links followed.

    Args:
        folder: The data set's folder.
        name: Relative path as `said_in` writes it.
        said_in: The file that names it, for the message.

    Raises:
        DataError: The path is absolute, climbs out with `..`, or follows a link that leads out.
    """
    parts = relative_parts(name)
    if parts:
        path = folder.joinpath(*parts)
        with plainly(path):
            if path.resolve().is_relative_to(folder.resolve()):
                return path
    elif parts == ():
        raise DataError(f"{said_in}: an empty path names no file")
    raise DataError(f"{said_in}: the path {name!r} leads out of {folder}; keep the files inside the folder")
