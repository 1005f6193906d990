"""Folders of pictures: one folder a modality, one a class below it, the pictures in there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from xview.data.files import FileKind, kind_of_bytes, plainly
from xview.data.merge import Part, merge
from xview.data.payloads import FilePictures, ItemPayloads
from xview.data.records import Dataset, Kind

LAYOUT = "a folder of pictures: one folder a modality, one a class below it"
_HEAD = 16


@dataclass(slots=True)
class _Found:
    """Pictures of a modality and what else lay there."""

    paths: list[str] = field(default_factory=list)  # class/file
    labels: list[str] = field(default_factory=list)
    other: int = 0
    outside: int = 0
    misplaced: int = 0


def recognises(path: Path) -> bool:
    """Whether some folder two levels down holds a picture."""
    return path.is_dir() and any(
        _is_picture(file)
        for modality in _folders(path)
        for label in _folders(Path(modality.path))
        for file in _files(Path(label.path))
    )


def read(path: Path) -> Dataset:
    """The data set of such a folder; what is no picture by its first bytes is passed over and noted.

    Raises:
        DataError: A folder may not be read.
    """
    parts: list[Part] = []
    notes: list[str] = []
    root = path.resolve()
    for folder in _folders(path):
        if _leads_out(folder, root):
            notes.append(
                f"{_readable(folder.name)} is a link that leads out of the folder and was passed over."
            )
            continue
        found = _scan(Path(folder.path), root)
        notes += _notes(folder.name, found)
        if found.paths:
            parts.append(_part(Path(folder.path), found))
    return merge(parts, name=path.resolve().name, source=str(path), notes=notes)


def _part(folder: Path, found: _Found) -> Part:
    return Part(
        modality=_readable(folder.name),
        kind=Kind.IMAGE,
        count=len(found.paths),
        source=folder,
        ids=[_readable(name) for name in found.paths],
        titles=[_readable(Path(name).stem) for name in found.paths],
        labels=np.array([_readable(label) for label in found.labels], dtype=np.str_),
        payloads=ItemPayloads(FilePictures(folder, found.paths, folder)),
    )


def _scan(modality: Path, root: Path) -> _Found:
    found = _Found()
    found.misplaced += sum(_is_picture(file) for file in _files(modality))
    for label in _folders(modality):
        if _leads_out(label, root):
            found.outside += 1
            continue
        found.misplaced += sum(
            _is_picture(file) for d in _folders(Path(label.path)) for file in _files(Path(d.path))
        )
        for file in _files(Path(label.path)):
            if _leads_out(file, root):
                found.outside += 1
            elif _is_picture(file):
                found.paths.append(f"{label.name}/{file.name}")
                found.labels.append(label.name)
            else:
                found.other += 1
    return found


def _notes(modality: str, found: _Found) -> Iterator[str]:
    name = _readable(modality)
    if found.other:
        yield f"{name}: {_files_said(found.other)} passed over, being no pictures."
    if found.misplaced:
        yield (
            f"{name}: {_files_said(found.misplaced)} passed over, being pictures outside a class folder "
            f"({name}/CLASS/picture)."
        )
    if found.outside:
        yield f"{name}: {_files_said(found.outside)} passed over, being links that lead out of the folder."
    if not found.paths:
        yield f"{name}: the folder holds no pictures and was left out."


def _files_said(count: int) -> str:
    return "1 file was" if count == 1 else f"{count} files were"


def _folders(path: Path) -> list[os.DirEntry[str]]:
    return _entries(path, folders=True)


def _files(path: Path) -> list[os.DirEntry[str]]:
    return _entries(path, folders=False)


def _entries(path: Path, *, folders: bool) -> list[os.DirEntry[str]]:
    """By name; hidden ones (a leading dot) and what the system puts everywhere do not count."""
    with plainly(path), os.scandir(path) as entries:
        return sorted(
            (e for e in entries if e.name[0] != "." and e.name != "Thumbs.db" and e.is_dir() == folders),
            key=lambda entry: entry.name,
        )


def _leads_out(entry: os.DirEntry[str], root: Path) -> bool:
    return entry.is_symlink() and not Path(entry.path).resolve().is_relative_to(root)


def _is_picture(entry: os.DirEntry[str]) -> bool:
    with plainly(Path(entry.path)):
        if not entry.is_file():
            return False
        with open(entry.path, "rb") as file:  # noqa: PTH123 - Path.open costs twice as much, and there are many
            return kind_of_bytes(file.read(_HEAD)) is FileKind.PICTURE


def _readable(name: str) -> str:
    """The name with bytes that are no UTF-8 spelt out, so that it can be written anywhere."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
