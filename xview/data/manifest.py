"""`dataset.toml`, checked: what a folder data set says of itself, before any of its files is opened.

Every key is optional, but each modality needs items, labels or vectors in a space::

    name = "Emoji"
    description = "..."                  # one line
    junk = "junk.csv"                    # columns query, gallery (ids) and, if ids repeat, query_modality
    [split]                              # one of the three; or a column `split` in the items
    unseen = ["cat", "dog"]              # classes held out, or a text file with one a line
    share = 0.25                         # this share of the classes, drawn with
    seed = 0
    [classes]
    names = "classes.txt"                # one a line, in order
    vectors = "class_vectors.npy"        # a row a class
    [modifications]                      # pairs of pictures of one modality, "this, but ..."
    modality = "images"
    items = "instructions.csv"           # columns source, target (ids), instruction, and perhaps split
    [modalities.images]
    kind = "image"                       # image | text | vector
    labels = "labels.npy"                # class per item, integers or strings; -1 or empty is none
    items = "images.csv"                 # columns id, title, label, path, text, group, instance, split
                                         # equal instances: the same thing; classes where nothing has one
    pictures = "images.zip"              # folder or zip archive that `path` starts from
    [spaces.shared]                      # two or more modalities: a cross-modal space
    images = "vectors/images.npy"        # (m, d); rows in item order
    texts = "vectors.npz:texts"          # one array of a container; or {file = "...", key = "..."}
    made_by = {encoder = "..."}
    projections = "vectors/cca.safetensors"  # the vectors are features, to be projected by what `cca` left
    maps = {umap = "maps/shared.npy"}    # (total, 2); modalities one below the other, in this order
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from xview.data.files import inside, plainly, read_lines
from xview.data.records import Kind, StoredSpace, StoredVectors
from xview.errors import DataError, nearest_name

FILE_NAME = "dataset.toml"
_MAX_BYTES = 1 << 20
_RESERVED = ("made_by", "projections", "maps")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModalityEntry:
    """`[modalities.NAME]`; paths are inside the folder. `kind` is None where the items tell it."""

    name: str
    kind: Kind | None
    labels: StoredVectors | None
    items: Path | None
    pictures: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitRule:
    """`[split]`: named classes, or a share of them drawn from a seed."""

    unseen: tuple[str, ...] | None = None
    share: float = 0.0
    seed: int = 0


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """The whole file."""

    path: Path
    name: str
    description: str
    junk: Path | None
    split: SplitRule | None
    class_names: Path | None
    class_vectors: StoredVectors | None
    modalities: tuple[ModalityEntry, ...]
    spaces: Mapping[str, StoredSpace] = field(default_factory=dict)
    modifications: tuple[str, Path] | None = None  # modality, and the file of pairs


class _Table:
    """One table of the file. Keys are taken by name and type; one that nobody takes is an error."""

    def __init__(self, values: Mapping[str, object], where: str, path: Path) -> None:
        self._left, self._where, self.path = dict(values), where, path
        self._known: list[str] = []

    def take(self, key: str, kind: type | tuple[type, ...], said: str) -> object:
        """The value, or None; DataError where it is not `said` (for people) of type `kind`."""
        self._known.append(key)
        value = self._left.pop(key, None)
        if value is not None and (not isinstance(value, kind) or isinstance(value, bool)):
            raise self.fault(f"{key} must be {said}, got {value!r}")
        return value

    def text(self, key: str) -> str | None:
        value = self.take(key, str, "text in quotes")
        return None if value is None else str(value)

    def file(self, key: str) -> Path | None:
        """A path inside the folder."""
        name = self.text(key)
        return None if name is None else inside(self.path.parent, name, self.path)

    def array(self, key: str) -> StoredVectors | None:
        value = self.take(key, object, "a file")
        return None if value is None else _reference(value, key, self)

    def table(self, key: str) -> _Table:
        """A table inside this one, empty where there is none."""
        values = self.take(key, dict, "a table")
        return self.inner(key, values if isinstance(values, dict) else {})

    def inner(self, key: str, values: Mapping[str, object]) -> _Table:
        """`values` as the table of `key`."""
        return _Table(values, f"{self._where}.{key}".lstrip("."), self.path)

    def names(self) -> list[str]:
        """The keys nobody has taken, where their names are free."""
        if "" in self._left:
            raise self.fault("a name is empty")
        return list(self._left)

    def done(self) -> None:
        """Refuse the keys that are left."""
        for key in self._left:
            known = ", ".join(self._known)
            raise self.fault(f"unknown key {key!r}{nearest_name(key, self._known)} (known: {known})")

    def fault(self, what: str) -> DataError:
        return DataError(f"{self.path}: {f'[{self._where}] ' if self._where else ''}{what}")


def read_manifest(path: Path) -> Manifest:
    """Read and check a `dataset.toml`.

    Raises:
        DataError: Unreadable, no UTF-8, no TOML, an unknown key (with the nearest known one), a value of the
            wrong type, a path that leaves the folder, or a space over a modality that is not there.
    """
    top = _Table(_parse(path), "", path)
    name = top.text("name") or path.resolve().parent.name
    description = top.text("description") or ""
    junk = top.file("junk")
    split = _split(top.table("split"))
    classes = top.table("classes")
    class_names, class_vectors = classes.file("names"), classes.array("vectors")
    declared, spaces, changes = top.table("modalities"), top.table("spaces"), top.table("modifications")
    classes.done()
    top.done()
    modalities = tuple(_modality(n, declared.table(n)) for n in declared.names())
    if not modalities:
        raise DataError(f"{path}: names no modality; add a table such as [modalities.images]")
    known = tuple(m.name for m in modalities)
    modifications = _modifications(changes, known)
    return Manifest(
        path=path,
        name=name,
        description=description,
        junk=junk,
        split=split,
        class_names=class_names,
        class_vectors=class_vectors,
        modalities=modalities,
        spaces={n: _space(n, spaces.table(n), known) for n in spaces.names()},
        modifications=modifications,
    )


def _parse(path: Path) -> dict[str, object]:
    with plainly(path):
        size = path.stat().st_size
        if size > _MAX_BYTES:
            raise DataError(f"{path}: {size:,} bytes are more than a {FILE_NAME} may have ({_MAX_BYTES:,})")
        text = path.read_bytes().decode("utf-8-sig")
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise DataError(f"{path}: is not valid TOML: {error}") from error


def _split(table: _Table) -> SplitRule | None:
    unseen = table.take("unseen", (list, str), "a list of classes or a file with one a line")
    share = table.take("share", (int, float), "a number between 0 and 1")
    seed = table.take("seed", int, "a whole number")
    table.done()
    if unseen is not None and (share is not None or seed is not None):
        raise table.fault("give either unseen, or share and seed")
    if isinstance(unseen, str):
        unseen = read_lines(inside(table.path.parent, unseen, table.path))
    if isinstance(unseen, list):
        return SplitRule(unseen=tuple(str(name) for name in unseen if name != ""))
    if isinstance(share, int | float):
        if not 0 < share < 1:
            raise table.fault(f"share must lie between 0 and 1, got {share}")
        number = seed if isinstance(seed, int) else 0
        if number < 0:
            raise table.fault(f"seed must not be negative, got {number}")
        return SplitRule(share=float(share), seed=number)
    if seed is not None:
        raise table.fault("seed needs a share")
    return None


def _modality(name: str, table: _Table) -> ModalityEntry:
    if name in _RESERVED:
        raise table.fault(f"{name!r} is a reserved word of spaces; call the modality something else")
    kind = table.text("kind")
    if kind is not None and kind not in tuple(Kind):
        raise table.fault(f"kind must be {' or '.join(Kind)}, got {kind!r}{nearest_name(kind, Kind)}")
    entry = ModalityEntry(
        name=name,
        kind=None if kind is None else Kind(kind),
        labels=table.array("labels"),
        items=table.file("items"),
        pictures=table.file("pictures"),
    )
    table.done()
    return entry


def _modifications(table: _Table, modalities: tuple[str, ...]) -> tuple[str, Path] | None:
    if not table.names():
        return None
    modality, items = table.text("modality"), table.file("items")
    table.done()
    if modality is None or items is None:
        raise table.fault("needs both a modality and a file of items")
    if modality not in modalities:
        hint = nearest_name(modality, modalities)
        raise table.fault(f"no modality {modality!r}{hint} (known: {', '.join(modalities)})")
    return modality, items


def _space(name: str, table: _Table, modalities: tuple[str, ...]) -> StoredSpace:
    made_by = table.take("made_by", dict, "a table")
    projections = table.file("projections")
    maps = table.table("maps")
    layouts = {method: maps.file(method) for method in maps.names()}
    parts = {}
    for modality in table.names():
        if modality not in modalities:
            hint = nearest_name(modality, (*modalities, *_RESERVED))
            raise table.fault(f"no modality {modality!r}{hint} (known: {', '.join(modalities)})")
        parts[modality] = _reference(table.take(modality, object, "a file"), modality, table)
    if not parts:
        raise table.fault('names no vectors; add a line such as images = "vectors.npy"')
    return StoredSpace(
        name=name,
        parts=parts,
        made_by=made_by if isinstance(made_by, dict) else {},
        projections=projections,
        maps={method: path for method, path in layouts.items() if path is not None},
    )


def _reference(value: object, key: str, table: _Table) -> StoredVectors:
    """`"file"`, `"file:key"` or `{file = ..., key = ...}`."""
    folder = table.path.parent
    if isinstance(value, str):
        name, _, inner = value.partition(":")
        whole = not inner or len(name) == 1  # one letter before the colon is a Windows drive
        return StoredVectors(inside(folder, value if whole else name, table.path), None if whole else inner)
    if isinstance(value, dict):
        fields = table.inner(key, value)
        path, inner_key = fields.file("file"), fields.text("key")
        fields.done()
        if path is not None:
            return StoredVectors(path, inner_key)
    raise table.fault(f'{key} must be a file, such as "vectors.npy" or {{file = "all.npz", key = "x"}}')
