"""A result of dataclasses and arrays as two files: JSON for its figures, safetensors for its arrays."""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from xview.arrays import AnyArray
from xview.errors import DataError

Result = TypeVar("Result")


def write_result(result: object, folder: Path, name: str) -> None:
    """Write NAME.json and NAME.safetensors; the first, written last, stands for both.

    Args:
        result: A dataclass of dataclasses, tuples, mappings from str, arrays, StrEnums and plain values.
        folder: There already.
        name: Of the files.

    Raises:
        OSError: The folder cannot be written.
    """
    from safetensors.numpy import save_file

    arrays: dict[str, AnyArray] = {}
    told = json.dumps(_pack(result, name, arrays), allow_nan=False)
    part = folder / f".{name}.part"
    save_file(arrays, part)
    part.replace(folder / f"{name}.safetensors")
    part.write_text(told, encoding="utf-8")
    part.replace(folder / f"{name}.json")


def read_result(kind: type[Result], folder: Path, name: str) -> Result:
    """Read back what `write_result` wrote of a `kind`.

    Raises:
        DataError: The files are missing, damaged or of another kind; the message names the folder.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        told = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        arrays = load_file(folder / f"{name}.safetensors")
        result: Result = _unpack(kind, told, arrays)
    except (OSError, SafetensorError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{folder}: no {name} that can be read ({error}); measure again") from error
    return result


@cache
def _fields(kind: type) -> dict[str, Any]:
    """Types of a dataclass's fields; they take longer to look up than a result to read."""
    hints = typing.get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}


def _pack(value: Any, place: str, arrays: dict[str, AnyArray]) -> Any:
    """Plain JSON in which arrays, kept in `arrays`, are their names."""
    if isinstance(value, np.ndarray):
        arrays[place] = np.ascontiguousarray(value)
        return place
    if dataclasses.is_dataclass(value):
        fields = (f.name for f in dataclasses.fields(value))
        return {name: _pack(getattr(value, name), f"{place}.{name}", arrays) for name in fields}
    if isinstance(value, Mapping):
        return {name: _pack(part, f"{place}.{name}", arrays) for name, part in value.items()}
    if isinstance(value, tuple):
        return [_pack(part, f"{place}.{i}", arrays) for i, part in enumerate(value)]
    if isinstance(value, float) and not np.isfinite(value):
        return str(value)
    return value


def _unpack(hint: Any, told: Any, arrays: Mapping[str, AnyArray]) -> Any:
    """What `_pack` was given, by its type."""
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin is types.UnionType or origin is typing.Union:
        (hint,) = (part for part in parts if part is not type(None))
        return None if told is None else _unpack(hint, told, arrays)
    if origin is np.ndarray:
        found = arrays[told]
        wanted = typing.get_args(parts[1])[0]
        if found.dtype != np.dtype(wanted):
            raise ValueError(f"{told} is {found.dtype}, not {np.dtype(wanted)}")
        return found
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        fields = {name: _unpack(kind, told[name], arrays) for name, kind in _fields(hint).items()}
        return hint(**fields)
    if origin is tuple:
        return tuple(_unpack(parts[0], part, arrays) for part in told)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {name: _unpack(parts[1], part, arrays) for name, part in told.items()}
    if hint is float or issubclass(hint, StrEnum):
        return hint(told)
    if not isinstance(told, hint):
        raise ValueError(f"{told!r} is no {hint.__name__}")
    return told
