"""CSV and Parquet tables: an item list read as text, or vectors with one item a row."""

from __future__ import annotations

import csv
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TextIO

import numpy as np

from xview.arrays import AnyArray, Bools
from xview.data import parquet
from xview.data.files import FileKind, kind_of, plainly, read_lines
from xview.data.stored import StoredArray, text_array
from xview.errors import DataError

# Columns that describe an item; every other column of a table of vectors is a dimension.
ITEM_COLUMNS = ("id", "title", "label", "path", "text", "group", "instance", "split")
_SEEN = {"seen": True, "train": True, "unseen": False, "test": False}
LABEL_NAMES = ("label", "labels", "class", "classes", "target", "targets")


@dataclass(frozen=True, slots=True)
class Table:
    """Named columns of text, all of one length; empty text is a missing value."""

    path: Path
    columns: Mapping[str, Sequence[str]]
    lines: Sequence[int]  # where each row stands in the file, counted from 1

    def __len__(self) -> int:
        return len(self.lines)


def read_table(path: Path, only: Container[str] | None = None) -> Table:
    """A table with a header, every value as text; `only` these columns, or all.

    Raises:
        DataError: Unreadable, no UTF-8, no header, a column named twice, or a row of another width.
    """
    kind = kind_of(path)
    if kind is FileKind.PARQUET:
        words, count = parquet.text_columns(path, only)
        return Table(path, words, range(1, count + 1))
    if kind is FileKind.EMPTY:
        raise DataError(f"{path}: is empty; its first line must name the columns")
    with plainly(path), _open_text(path, kind) as file:
        rows = _rows(file)
        _, header = next(rows, (0, []))
        names = [name.strip() for name in header]
        repeated = {name for name in names if names.count(name) > 1}
        if repeated or not names:
            fault = f"names column {min(repeated)!r} twice" if repeated else "names no columns"
            raise DataError(f"{path}: the first line {fault}")
        kept = [(i, name) for i, name in enumerate(names) if only is None or name in only]
        columns: dict[str, list[str]] = {name: [] for _, name in kept}
        lines = []
        for line, row in rows:
            if len(row) != len(names):
                raise DataError(
                    f"{path}: line {line} has {len(row)} values but the header names {len(names)}"
                )
            for i, name in kept:
                columns[name].append(row[i].strip())
            lines.append(line)
    return Table(path, columns, lines)


def seen_column(table: Table) -> Bools | None:
    """(rows,) bool from the column `split` (seen or train against unseen or test), None without one.

    Raises:
        DataError: Another word; its line is named.
    """
    if "split" not in table.columns:
        return None
    words = [word.lower() for word in table.columns["split"]]
    for line, word in zip(table.lines, words, strict=True):
        if word not in _SEEN:
            raise DataError(f"{table.path}: line {line}: split must be {' or '.join(_SEEN)}, got {word!r}")
    return np.array([_SEEN[word] for word in words], dtype=np.bool_)


def label_columns(path: Path) -> tuple[StoredArray, ...]:
    """A table's columns as text; a single column needs no header unless it is called as labels are."""
    if kind_of(path) is FileKind.TEXT:
        with plainly(path), _open_text(path, FileKind.TEXT) as file:
            first = next(_rows(file), (0, []))[1]
        if len(first) == 1 and first[0].strip().lower() not in LABEL_NAMES:
            lines = read_lines(path)
            return (StoredArray("", (len(lines),), "U", lambda: text_array(lines, path)),)
    table = read_table(path)
    return tuple(
        StoredArray(name, (len(table),), "U", partial(text_array, column, path))
        for name, column in table.columns.items()
    )


def arrays_of_csv(path: Path) -> tuple[StoredArray, ...]:
    """The block of dimensions (named ""), and each item column under its name.

    A first line with a word in it names the columns, and so does 0, 1, 2, ... as pandas writes it; without
    one every column is a dimension. An unnamed first column is an index and is set aside.
    """
    with plainly(path), _open_text(path, kind_of(path)) as file:
        rows = _rows(file)
        _, first = next(rows, (0, []))
        if not first:
            raise DataError(f"{path}: holds no values")
        names = _header(first)
        count = int(names is None)
        for line, row in rows:
            if len(row) != len(first):
                raise DataError(
                    f"{path}: line {line} has {len(row)} values but the first line has {len(first)}"
                )
            count += 1
    dimensions = [i for i in range(len(first)) if names is None or names[i] not in ("", *ITEM_COLUMNS)]

    def load() -> AnyArray:
        return _load_numbers(path, names, dimensions)

    found = [StoredArray("", (count, len(dimensions)), "f", load)] if dimensions else []
    for name in names or ():
        if name in ITEM_COLUMNS:
            found.append(StoredArray(name, (count,), "U", _column_loader(path, name)))
    return tuple(found)


def _column_loader(path: Path, name: str) -> Callable[[], AnyArray]:
    return lambda: text_array(read_table(path, only=(name,)).columns[name], path)


def _open_text(path: Path, kind: FileKind) -> TextIO:
    if kind is not FileKind.TEXT:
        raise DataError(f"{path}: this is {kind}, not a table")
    return path.open(encoding="utf-8-sig", newline="")


def _rows(file: TextIO) -> Iterator[tuple[int, list[str]]]:
    """Non-blank rows with the line each ends on, split at comma, semicolon or tab."""
    reader = csv.reader(file, delimiter=_delimiter(file), strict=True)
    for row in reader:
        if row:
            yield reader.line_num, row


def _delimiter(file: TextIO) -> str:
    first = file.readline()
    file.seek(0)
    return max(",;\t", key=first.count)


def _header(first: list[str]) -> list[str] | None:
    names = [name.strip() for name in first]
    numbered = len(names) > 2 and names == [str(i) for i in range(len(names))]
    return names if numbered or not all(_is_number(name) for name in names) else None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text


def _load_numbers(path: Path, names: list[str] | None, dimensions: list[int]) -> AnyArray:
    with plainly(path), path.open(encoding="utf-8-sig", newline="") as file:
        delimiter = _delimiter(file)
        if names is not None:
            next(csv.reader(file, delimiter=delimiter))
        try:
            return np.loadtxt(
                file,
                delimiter=delimiter,
                ndmin=2,
                comments=None,
                quotechar='"',
                usecols=dimensions,
                dtype=float,
            )
        except ValueError as error:
            raise DataError(_words(path, names, dimensions)) from error


def _words(path: Path, names: list[str] | None, dimensions: list[int]) -> str:
    """Name the columns that hold words: the slow second look, only after a failure."""
    wrong: dict[int, tuple[int, str]] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = _rows(file)
        if names is not None:
            next(rows)
        for line, row in rows:
            for i in dimensions:
                if i not in wrong and not _is_number(row[i]):
                    wrong[i] = (line, row[i])
    if not wrong:
        return f"{path}: is not a table of numbers"
    told = ", ".join(repr(names[i]) if names else f"number {i}" for i in list(wrong)[:5])
    line, value = next(iter(wrong.values()))
    more = f" and {len(wrong) - 5} more" if len(wrong) > 5 else ""
    return (
        f"{path}: not every value is a number: column {told}{more} (first {value!r} in line {line}); "
        f"columns of words may only be called {', '.join(ITEM_COLUMNS)}"
    )
