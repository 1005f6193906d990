"""`open_dataset` and the table of readers: who reads which layout."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from xview.data import arrays_file, digits, folder, loose, pictures
from xview.data.bundled import bundled
from xview.data.files import kind_of, plainly
from xview.data.made import MADE, made_folder
from xview.data.manifest import FILE_NAME
from xview.data.records import UNLABELLED, Collection, Dataset
from xview.errors import DataError, nearest_name


@dataclass(frozen=True, slots=True)
class Reader:
    """One layout on disk.

    Attributes:
        name: Short, for tables and tests.
        layout: What it reads, to finish the sentence "xview opens ...".
        recognises: Whether a file or folder has this layout; a look at names and first bytes.
        read: The data set, payloads and vectors left on disk; raises DataError.
    """

    name: str
    layout: str
    recognises: Callable[[Path], bool]
    read: Callable[[Path], Dataset]


# The first that recognises a path reads it.
READERS = (
    Reader("folder", folder.LAYOUT, folder.recognises, folder.read),
    Reader("digits", digits.LAYOUT, digits.recognises, digits.read),
    Reader("pictures", pictures.LAYOUT, pictures.recognises, pictures.read),
    Reader("loose arrays", loose.LAYOUT, loose.recognises, loose.read),
    Reader("array file", arrays_file.LAYOUT, arrays_file.recognises, arrays_file.read),
)


@dataclass(frozen=True, slots=True)
class Findings:
    """What a path holds, before anything heavy is loaded.

    Attributes:
        path: What was looked at.
        reader: Name of the reader that reads it.
        layout: That layout, in words.
        sentences: Modalities with counts, classes, split, spaces, then what was skipped and why.
    """

    path: Path
    reader: str
    layout: str
    sentences: tuple[str, ...]


def known_names() -> tuple[str, ...]:
    """Data sets that open by name: those that come with xview, then those made on first use."""
    return (*bundled(), *MADE)


def open_dataset(source: str | Path) -> Dataset:
    """Read a data set by name ("emoji"), a folder or a file; a name of `known_names` comes first.

    Raises:
        DataError: Nothing there, nothing recognised (known layouts are named), or damaged.
        MissingExtraError: The files need a library that is not installed.
    """
    path = locate(source)
    dataset = _reader_of(path).read(path)
    return replace(
        dataset, source=str(source) if isinstance(source, str) and source in known_names() else str(path)
    )


def recognise(source: str | Path) -> Findings:
    """What `open_dataset` would find; raises as it does."""
    path = locate(source)
    reader = _reader_of(path)
    return Findings(path, reader.name, reader.layout, describe(reader.read(path)))


def locate(source: str | Path) -> Path:
    """The absolute path of a known name, a folder, a file, or the folder of a `dataset.toml`.

    What is made on first use is made now.

    Raises:
        DataError: There is nothing.
    """
    if isinstance(source, str) and source in MADE:
        return made_folder(source)
    known = bundled()
    if isinstance(source, str) and source in known:
        return known[source]
    path = Path(source)
    with plainly(path):
        path = path.expanduser()
        if not path.exists():
            hint = nearest_name(str(source), known_names())
            raise DataError(f"{source}: no such file or folder, and no bundled data set{hint}")
        path = path.absolute()
    return path.parent if path.name == FILE_NAME else path


def _reader_of(path: Path) -> Reader:
    with plainly(path):
        if path.is_dir():
            next(path.iterdir(), None)  # an unreadable folder says so here
        for reader in READERS:
            if reader.recognises(path):
                return reader
    layouts = "; ".join(reader.layout for reader in READERS)
    what = "this folder has no layout xview knows" if path.is_dir() else f"this is {kind_of(path)}"
    raise DataError(f"{path}: {what}. xview opens {layouts}")


def describe(dataset: Dataset) -> tuple[str, ...]:
    """The data set in sentences: modalities, classes, split, spaces, notes."""
    said = [_modality(collection) for collection in dataset.collections.values()]
    if dataset.classes:
        said.append(f"{_number(len(dataset.classes), 'class', 'classes')}: {_few(dataset.classes)}.")
    for name, space in dataset.spaces.items():
        said.append(f"Space {name!r} over {' and '.join(space.parts)}.")
    if not dataset.spaces:
        said.append("No vectors yet: encode the items to see their spaces.")
    return (*said, *dataset.notes)


def _modality(collection: Collection) -> str:
    used = len(np.unique(collection.labels[collection.labels != UNLABELLED]))
    kind = f"{collection.kind} item"
    said = f"{collection.modality}: {_number(len(collection), kind, kind + 's')}"
    said += f" of {_number(used, 'class', 'classes')}"
    if collection.group_names:
        said += f" in {_number(len(collection.group_names), 'group', 'groups')}"
    if collection.seen is not None:
        said += f", {int(collection.seen.sum()):,} seen and {int((~collection.seen).sum()):,} unseen"
    return said + "."


def _number(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def _few(names: tuple[str, ...]) -> str:
    return ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
