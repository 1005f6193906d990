"""Digits as released: MNIST's IDX files, SVHN's .mat files, or both in one folder as two modalities."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from xview.arrays import AnyArray, Ints
from xview.data.files import plainly
from xview.data.idx import IdxFile, is_idx, open_idx
from xview.data.merge import Part, merge
from xview.data.payloads import ArrayPictures, ItemPayloads, LazyPixels
from xview.data.records import UNLABELLED, Dataset, Kind
from xview.data.svhn import is_svhn, open_svhn
from xview.errors import DataError

LAYOUT = "MNIST's IDX files (plain or .gz), SVHN's cropped-digit .mat files, or a folder of both"
# Looking into every file of a large folder would take seconds
_NAMED = re.compile(r"^[^.]*$|idx|ubyte|\.gz$|\.mat$")
_HELD_OUT = ("test", "t10k")


class _Pixels(Protocol):
    @property
    def prefix(self) -> str: ...

    def load(self) -> AnyArray: ...


def recognises(path: Path) -> bool:
    """Whether the file, or one in the folder or in a folder of it, is IDX or SVHN."""
    return any(is_idx(file) or is_svhn(file) for file in _candidates(path))


def read(path: Path) -> Dataset:
    """The data set; training parts are seen, test parts unseen, where there are both.

    Raises:
        DataError: A file is damaged, or labels and pictures disagree in their number.
    """
    files = _candidates(path)
    notes: list[str] = []
    parts = []
    mnist = _mnist([open_idx(file) for file in files if is_idx(file)], notes)
    if mnist is not None:
        parts.append(mnist)
    svhn = [open_svhn(file) for file in files if is_svhn(file)]
    if svhn:
        parts.append(_part("svhn", svhn, [f.count for f in svhn], [f.labels() for f in svhn], svhn[0].path))
    if not parts:
        raise DataError(f"{path}: holds labels but no pictures")
    if any(part.seen is not None for part in parts):
        notes.append("Training pictures count as seen, test pictures as unseen.")
    return merge(parts, name=path.resolve().name, source=str(path), notes=notes)


def _candidates(path: Path) -> list[Path]:
    """Files that may be digits: one file (with what belongs to it), or a folder two levels deep."""
    if path.is_file():
        if not is_idx(path):
            return [path]
        prefix = IdxFile(path, (), False).prefix
        return [p for p in _listed(path.parent) if is_idx(p) and IdxFile(p, (), False).prefix == prefix]
    files = _listed(path)
    for folder in sorted(p for p in path.iterdir() if p.is_dir() and not p.name.startswith(".")):
        files += _listed(folder)
    return [file for file in files if _NAMED.search(file.name.lower())]


def _listed(folder: Path) -> list[Path]:
    with plainly(folder):
        return sorted(p for p in folder.iterdir() if p.is_file() and not p.name.startswith("."))


def _mnist(files: Sequence[IdxFile], notes: list[str]) -> Part | None:
    pictures: dict[str, IdxFile] = {}
    labels: dict[str, IdxFile] = {}
    for file in sorted(files, key=lambda f: f.zipped):
        kept = labels if len(file.shape) == 1 else pictures
        if file.prefix in kept:
            notes.append(
                f"{file.path.name} was passed over, because {kept[file.prefix].path.name} holds the same."
            )
        else:
            kept[file.prefix] = file
    for prefix in labels.keys() - pictures.keys():
        notes.append(f"{labels[prefix].path.name} was passed over, because its pictures are missing.")
    if not pictures:
        return None
    classes = []
    for prefix, file in pictures.items():
        if prefix not in labels:
            notes.append(f"{file.path.name} has no file of labels beside it, so its items have no class.")
            classes.append(np.full(file.shape[0], UNLABELLED, dtype=np.int64))
            continue
        if labels[prefix].shape[0] != file.shape[0]:
            raise DataError(
                f"{file.path.parent}: {file.path.name} holds {file.shape[0]} pictures but "
                f"{labels[prefix].path.name} {labels[prefix].shape[0]} labels"
            )
        classes.append(labels[prefix].load().astype(np.int64))
    found = list(pictures.values())
    return _part("mnist", found, [f.shape[0] for f in found], classes, found[0].path)


def _part(
    modality: str, files: Sequence[_Pixels], counts: Sequence[int], labels: Sequence[Ints], source: Path
) -> Part:
    """One modality of several files, each a part of the data such as train."""
    held_out = [any(word in file.prefix for word in _HELD_OUT) for file in files]
    return Part(
        modality=modality,
        kind=Kind.IMAGE,
        count=sum(counts),
        source=source,
        ids=[
            f"{file.prefix}-{i}".strip("-")
            for file, count in zip(files, counts, strict=True)
            for i in range(count)
        ],
        labels=np.concatenate(labels),
        seen=np.repeat(~np.array(held_out), counts) if len(set(held_out)) == 2 else None,
        payloads=ItemPayloads(
            ArrayPictures([LazyPixels(c, f.load) for c, f in zip(counts, files, strict=True)])
        ),
    )
