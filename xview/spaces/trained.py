"""Spaces of trained systems: computed once by the run that trained them, found by whoever opens the data.

A run's folder holds `spaces/spaces.json` beside one .npy a modality and space. Runs of the same items and
the same class split belong to a data set, whatever its folder is called.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from platformdirs import user_data_path

from xview.arrays import AnyArray, Floats
from xview.data.records import Dataset
from xview.errors import DataError, SpaceError
from xview.spaces.space import EmbeddingSpace, unit_rows

SPACES = "spaces"
_LIST = "spaces.json"
_BLOCK = 512


def runs_folder() -> Path:
    """Where runs are kept: `XVIEW_RUNS`, or else the user's data folder. May not exist yet."""
    chosen = os.environ.get("XVIEW_RUNS")
    return Path(chosen) if chosen else user_data_path("xview", appauthor=False) / "runs"


def embed_all(
    embed: Callable[[str, AnyArray], Mapping[str, Floats]],
    inputs: Mapping[str, AnyArray],
    on_block: Callable[[int, int], object] = lambda _done, _total: None,
) -> dict[str, dict[str, Floats]]:
    """Every item through a system: vectors by space and modality.

    Args:
        embed: (modality, (b, ...) inputs) -> (b, d) float32 by name of space.
        inputs: By modality, one row an item.
        on_block: Told items done and in all.
    """
    total, done = sum(len(x) for x in inputs.values()), 0
    found: dict[str, dict[str, list[Floats]]] = {}
    for modality, items in inputs.items():
        for start in range(0, len(items), _BLOCK):
            block = items[start : start + _BLOCK]
            for name, vectors in embed(modality, block).items():
                found.setdefault(name, {}).setdefault(modality, []).append(vectors)
            done += len(block)
            on_block(done, total)
    return {name: {m: np.concatenate(x) for m, x in parts.items()} for name, parts in found.items()}


def write_spaces(
    folder: Path, dataset: Dataset, unseen: Iterable[str], spaces: Iterable[EmbeddingSpace]
) -> None:
    """Leave a run's spaces in its folder; the list is written last, so spaces are found whole or not at all.

    Raises:
        SpaceError: A vector is zero or not finite.
        OSError: The folder cannot be written.
    """
    into = folder / SPACES
    into.mkdir(parents=True, exist_ok=True)
    listed = []
    for number, space in enumerate(spaces):
        parts = {}
        for modality, vectors in space.parts.items():
            unit_rows(vectors, f"space {space.name!r}, {modality}")
            name = f"{number}-{list(space.parts).index(modality)}.npy"
            _write_array(into / name, np.asarray(vectors, dtype=np.float32))
            parts[modality] = name
        made_by = {**space.made_by, "vectors": space.fingerprint}
        listed.append({"name": space.name, "parts": parts, "made_by": made_by})
    told = {"data": dataset.fingerprint, "unseen": sorted(unseen), "spaces": listed}
    part = into / f".{_LIST}.part"
    part.write_text(json.dumps(told, indent=1), encoding="utf-8")
    part.replace(into / _LIST)


def _write_array(path: Path, array: Floats) -> None:
    part = path.with_name(f".{path.name}.part")
    with part.open("wb") as file:
        np.save(file, array, allow_pickle=False)
    part.replace(path)


def read_spaces(folder: Path, dataset: Dataset, unseen: Iterable[str]) -> dict[str, EmbeddingSpace]:
    """A run's spaces by name, memory-mapped; empty where it has none, or none of this data and split.

    Raises:
        DataError: They are damaged.
    """
    path = folder / SPACES / _LIST
    try:
        told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: no list of spaces that can be read ({error}); delete the run") from error
    if told.get("data") != dataset.fingerprint or told.get("unseen") != sorted(unseen):
        return {}
    found = {}
    try:
        for entry in told["spaces"]:
            parts = {m: _open(path.parent, name) for m, name in entry["parts"].items()}
            for modality, vectors in parts.items():
                if len(vectors) != len(dataset.collection(modality)):
                    raise DataError(f"{path}: {len(vectors)} vectors of {modality}; delete the run")
            made_by = {**entry["made_by"], "run": folder.name}
            found[entry["name"]] = EmbeddingSpace(name=entry["name"], parts=parts, made_by=made_by)
    except (OSError, ValueError, KeyError, TypeError, SpaceError) as error:
        raise DataError(f"{path}: damaged ({error}); delete the run") from error
    return found


def _open(folder: Path, name: str) -> AnyArray:
    if Path(name).name != name:
        raise ValueError(f"{name!r} leaves the run's folder")
    array: AnyArray = np.load(folder / name, mmap_mode="r", allow_pickle=False)
    if array.ndim != 2:
        raise ValueError(f"{name} is no matrix")
    return array


def find_spaces(
    dataset: Dataset, unseen: Iterable[str], taken: Iterable[str] = ()
) -> tuple[dict[str, EmbeddingSpace], list[str]]:
    """The spaces of every finished run of this data and split, oldest first, and which runs are damaged.

    A space whose name is among `taken`, or an older run's, bears the name of its run's folder, too.
    """
    found: dict[str, EmbeddingSpace] = {}
    names, problems = set(taken), []
    for folder in sorted(runs_folder().glob("*"), key=_finished):
        try:
            spaces = read_spaces(folder, dataset, unseen)
        except DataError as error:
            problems.append(str(error))
            continue
        for name, space in spaces.items():
            own = name if name not in names else f"{name} ({folder.name})"
            found[own] = replace(space, name=own)
            names.add(own)
    return found, problems


def _finished(folder: Path) -> tuple[float, str]:
    """When a run left its spaces; a folder without them, or gone by now, comes first."""
    try:
        return (folder / SPACES / _LIST).stat().st_mtime, folder.name
    except OSError:
        return 0.0, folder.name
