"""A folder of computed arrays, so that nothing costly is computed twice."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from xview.arrays import AnyArray
from xview.data.cache import cache_folder

_log = logging.getLogger(__name__)


def cache_file(key: str) -> Path:
    """Where `cached` keeps this key: readable, safe on every file system, different for different keys."""
    readable = re.sub(r"[^A-Za-z0-9.-]+", "-", key)[:80]
    return cache_folder() / f"{readable}-{hashlib.sha256(key.encode()).hexdigest()[:16]}.safetensors"


def kept(key: str) -> Mapping[str, AnyArray] | None:
    """The arrays kept under a key, or None where there are none or their file is damaged."""
    try:
        arrays: Mapping[str, AnyArray] = load_file(cache_file(key))
    except (OSError, SafetensorError):  # absent, unreadable or cut short
        return None
    return arrays


def cached(key: str, make: Callable[[], Mapping[str, AnyArray]]) -> Mapping[str, AnyArray]:
    """The arrays `make` returns, read back from the cache when this key was made before.

    Args:
        key: Names everything the arrays depend on (fingerprints, settings, seed); any text.
        make: Computes the arrays by name; called only when they are not kept or their file is damaged.

    Returns:
        The arrays by name. Where the cache cannot be written the work still counts: a warning is logged,
        and the arrays are returned without being kept.
    """
    known = kept(key)
    if known is not None:
        return known
    path = cache_file(key)
    arrays = {name: np.ascontiguousarray(array) for name, array in make().items()}
    try:
        _write(path, arrays)
    except (OSError, SafetensorError) as error:
        _log.warning(
            "%s cannot be written (%s), so results are not kept for next time; "
            "set XVIEW_CACHE to a folder that can be",
            path.parent,
            error,
        )
    return arrays


def _write(path: Path, arrays: dict[str, AnyArray]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, partial = tempfile.mkstemp(dir=path.parent, suffix=".partial")
    os.close(handle)
    try:
        save_file(arrays, partial)
        Path(partial).replace(path)
    finally:
        Path(partial).unlink(missing_ok=True)
