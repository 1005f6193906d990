"""Where results go: tables and JSON to stdout, files that appear whole or not at all, progress to stderr."""

from __future__ import annotations

import errno
import json
import math
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from xview.errors import DataError

_UNBROKEN = 10_000  # columns of a pipe or file, where nothing needs to be cut


def printable(text: object) -> str:
    """Text from outside without control characters, which could drive the terminal."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(text))


def say(text: str) -> None:
    """Print plain text to stdout."""
    print("\n".join(printable(line) for line in text.splitlines()))


def note(text: str) -> None:
    """Print a remark to stderr."""
    print(printable(text), file=sys.stderr)


def show_table(
    columns: Sequence[str], rows: Sequence[Sequence[object]], *, title: str = "", right: Sequence[str] = ()
) -> None:
    """Print a table to stdout.

    Args:
        columns: Headings.
        rows: Cells, as many as there are headings.
        title: A line above, or nothing.
        right: Headings of the columns to align at the right.
    """
    if title:
        say(title)
    table = Table(box=SIMPLE_HEAD, header_style="bold", pad_edge=False, show_edge=False)
    for column in columns:
        justify: Any = "right" if column in right else "left"
        table.add_column(Text(column), justify=justify, overflow="fold", no_wrap=column in right)
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    console = Console(width=None if sys.stdout.isatty() else _UNBROKEN, highlight=False)
    with console.capture() as captured:
        console.print(table)
    print("\n".join(line.rstrip() for line in captured.get().splitlines()))


def show_json(value: object, target: str) -> None:
    """Write strict JSON to a file, or to stdout for `-`; NaN and infinity become null.

    Raises:
        DataError: The file cannot be written.
    """
    text = json.dumps(_strict(value), indent=2, allow_nan=False)
    if target == "-":
        print(text)
        return
    with replacing(Path(target)) as partial:
        partial.write_text(text + "\n", encoding="utf-8")
    note(f"wrote {target}")


def _strict(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _strict(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_strict(item) for item in value]
    if hasattr(value, "tolist"):  # numpy scalars and arrays
        return _strict(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A partial file beside `path` to write; it takes that name when the block ends without an error.

    Raises:
        DataError: The folder or file cannot be written.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".partial")
        os.close(handle)
        partial = Path(name)
        try:
            yield partial
            partial.chmod(0o666 & ~_umask())
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise _unwritable(path, error) from error


def check_writable(path: Path) -> None:
    """Find out before long work whether its result can be written there.

    Raises:
        DataError: It cannot.
    """
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> DataError:
    return DataError(f"{path}: cannot be written ({error.strerror or error}); choose another place")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def progress_bar() -> Progress:
    """A bar on stderr with what is done and the time left; it shows nothing where stderr is no terminal."""
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )


@contextmanager
def progress(what: str) -> Iterator[Callable[[float], None]]:
    """A progress bar on stderr while the block runs; nothing where stderr is no terminal.

    Yields:
        Takes the share done, 0 to 1.
    """
    with progress_bar() as bar:
        task = bar.add_task(printable(what), total=1.0)
        yield lambda share: bar.update(task, completed=share)
