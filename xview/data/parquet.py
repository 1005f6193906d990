"""Parquet tables through pyarrow, which is slow to import and therefore imported only here and late."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from xview.arrays import AnyArray
from xview.data.files import check_claim, plainly
from xview.data.stored import StoredArray, text_array
from xview.errors import DataError

# Run lengths expand without bound; below the slack a claim costs nothing worth refusing.
_SLACK = 1 << 26
_RATIO = 1100


def text_columns(path: Path, only: Container[str] | None) -> tuple[dict[str, list[str]], int]:
    """The plain columns as text, `only` these or all, and the number of rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with plainly(path, pa.ArrowException), pq.ParquetFile(path) as file:
        _check(path, file)
        scalar = [f.name for f in file.schema_arrow if not pa.types.is_nested(f.type) and f.name[:2] != "__"]
        names = [name for name in scalar if only is None or name in only]
        table = file.read(columns=names)
        columns = {name: [_text(value) for value in table.column(name).to_pylist()] for name in names}
        return columns, file.metadata.num_rows


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():  # pandas' integers beside a missing one
        return str(int(value))
    return "" if value is None or value != value else str(value)


def arrays_of(path: Path, item_columns: Sequence[str]) -> tuple[StoredArray, ...]:
    """Plain number columns as one block (named ""), columns of lists and item columns under their names."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    found = []
    with plainly(path, pa.ArrowException), pq.ParquetFile(path) as file:
        _check(path, file)
        rows = file.metadata.num_rows
        block = []
        for field in file.schema_arrow:
            if _is_vector(field.type):
                width = _list_width(file, field.name)
                found.append(StoredArray(field.name, (rows, width), "f", _lists(path, field.name, width)))
            elif field.name in item_columns:
                found.append(StoredArray(field.name, (rows,), "U", partial(_words, path, field.name)))
            elif not field.name.startswith("__"):  # pandas keeps its index in __index_level_0__
                block.append(field)
    if block:
        found.insert(0, StoredArray("", (rows, len(block)), "f", _block(path, block, item_columns)))
    return tuple(found)


def _words(path: Path, name: str) -> AnyArray:
    return text_array(text_columns(path, (name,))[0][name], path)


def _is_vector(kind: Any) -> bool:
    import pyarrow.types as types

    is_list = types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind)
    return bool(is_list and (types.is_floating(kind.value_type) or types.is_integer(kind.value_type)))


def _check(path: Path, file: Any) -> None:
    claimed = 8 * file.metadata.num_rows * max(1, file.metadata.num_columns)
    check_claim(path, claimed, path.stat().st_size, ratio=_RATIO, slack=_SLACK)


def _list_width(file: Any, name: str) -> int:
    for batch in file.iter_batches(batch_size=1, columns=[name]):
        return len(batch.column(0)[0].as_py() or ())
    return 0


def _lists(path: Path, name: str, width: int) -> Callable[[], AnyArray]:
    def load() -> AnyArray:
        import pyarrow as pa
        import pyarrow.compute as pc
        import pyarrow.parquet as pq

        with plainly(path, pa.ArrowException), pq.ParquetFile(path) as file:
            column = file.read(columns=[name]).column(0)
            lengths = pc.list_value_length(column).to_numpy()
            other = np.flatnonzero(lengths != width)  # NaN for a missing list, which differs too
            if other.size:
                raise DataError(f"{path}: column {name!r}: the list in row {other[0]} is not {width} long")
            return np.asarray(pc.list_flatten(column).to_numpy().reshape(len(lengths), width))

    return load


def _block(path: Path, fields: Sequence[Any], item_columns: Sequence[str]) -> Callable[[], AnyArray]:
    def load() -> AnyArray:
        import pyarrow as pa
        import pyarrow.parquet as pq

        words = [f.name for f in fields if not (pa.types.is_floating(f.type) or pa.types.is_integer(f.type))]
        if words:
            raise DataError(
                f"{path}: column {', '.join(map(repr, words[:5]))} holds no numbers; "
                f"columns of words may only be called {', '.join(item_columns)}"
            )
        with plainly(path, pa.ArrowException), pq.ParquetFile(path) as file:
            table = file.read(columns=[f.name for f in fields])
            return np.column_stack([column.to_numpy() for column in table.columns])

    return load
