"""Folders of arrays without a `dataset.toml`, where names and shapes leave no doubt what is what."""

from __future__ import annotations

from pathlib import Path

from xview.data.formats import SUFFIXES, stored_arrays
from xview.data.manifest import FILE_NAME
from xview.data.merge import Part, merge
from xview.data.records import Dataset, Kind, StoredSpace, StoredVectors
from xview.data.stored import StoredArray
from xview.data.vectors import read_labels
from xview.errors import DataError

LAYOUT = "a folder of arrays, NAME.npy with NAME_labels.npy for each modality"
_EXAMPLE = (
    f"describe them in a {FILE_NAME}, on a line each: "
    '[modalities.images] labels = "image_labels.npy" [spaces.shared] images = "images.npy"'
)


def recognises(path: Path) -> bool:
    """Whether arrays lie in the folder."""
    return path.is_dir() and bool(_files(path))


def read(path: Path) -> Dataset:
    """Each file of vectors is a modality; `NAME_labels` holds the classes of NAME.

    Vectors of one width make one shared space, others a space each; the notes say which.

    Raises:
        DataError: It is not plain which labels belong to which vectors; the message shows a `dataset.toml`.
    """
    vectors: dict[str, tuple[Path, StoredArray]] = {}
    labels: dict[str, Path] = {}
    for file in _files(path):
        stem = file.stem.lower().removesuffix("labels")
        if stem != file.stem.lower():
            labels[stem.rstrip("_-. ")] = file
            continue
        arrays = stored_arrays(file)
        is_matrix = len(arrays) == 1 and len(arrays[0].shape) == 2 and arrays[0].kind in "fiub"
        if not is_matrix or stem in vectors:
            raise DataError(f"{path}: it is not plain what {file.name} holds; {_EXAMPLE}")
        vectors[stem] = (file, arrays[0])
    if not vectors or (labels and labels.keys() != vectors.keys()):
        raise DataError(f"{path}: it is not plain which labels belong to which vectors; {_EXAMPLE}")
    parts = [_part(file, array.shape[0], labels.get(stem)) for stem, (file, array) in vectors.items()]
    stored = {file.stem: StoredVectors(file) for file, _ in vectors.values()}
    shared = len(stored) > 1 and len({array.shape[1] for _, array in vectors.values()}) == 1
    if shared:
        spaces = {"shared": StoredSpace(name="shared", parts=stored)}
        notes = ["All vectors have one width and were taken for one shared space."]
    else:
        spaces = {name: StoredSpace(name=name, parts={name: part}) for name, part in stored.items()}
        notes = ["Each file was taken for a space of its own."]
    return merge(parts, name=path.resolve().name, source=str(path), spaces=spaces, notes=notes)


def _part(file: Path, count: int, labels: Path | None) -> Part:
    classes = None if labels is None else read_labels(labels)
    if labels is not None and classes is not None and len(classes) != count:
        raise DataError(
            f"{file.parent}: the files disagree in their number of items: "
            f"{file.name} {count}, {labels.name} {len(classes)}"
        )
    return Part(modality=file.stem, kind=Kind.VECTOR, count=count, source=file, labels=classes)


def _files(path: Path) -> list[Path]:
    return sorted(p for p in path.iterdir() if p.suffix.lower() in SUFFIXES and p.is_file())
