"""`Workspace`: the open data set with its spaces and map layouts. Immutable; every change is a new one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

import numpy as np

from xview.arrays import Floats
from xview.data.protocol import Protocol, Task, select
from xview.data.records import Dataset, Kind
from xview.data.vectors import read_vectors
from xview.errors import DataError, SpaceError
from xview.spaces.library import open_data, unseen_classes
from xview.spaces.provenance import of_run
from xview.spaces.space import EmbeddingSpace
from xview.spaces.trained import find_spaces

DEFAULT_METHOD = "umap"
FLAT_METHOD = "as-is"  # of vectors that are two-dimensional already


@dataclass(frozen=True, slots=True)
class MapKey:
    """Which layout of which space."""

    space: str
    method: str


@dataclass(frozen=True, eq=False, kw_only=True)
class Workspace:
    """What is open.

    Attributes:
        dataset: Items.
        spaces: Loaded spaces by name, in the order to show them.
        maps: (items of the space, 2) float32 layouts; its modalities in order, concatenated.
        problems: Spaces and runs that could not be loaded, and why.
        unseen: Classes held out instead of the data's own split, or None.
        to_encode: Encoder by modality, for pictures and texts that have no vectors yet.
    """

    dataset: Dataset
    spaces: Mapping[str, EmbeddingSpace]
    maps: Mapping[MapKey, Floats] = field(default_factory=lambda: MappingProxyType({}))
    problems: tuple[str, ...] = ()
    unseen: tuple[str, ...] | None = None
    to_encode: Mapping[str, str] = field(default_factory=dict)
    _tasks: dict[Protocol, Task] = field(default_factory=dict, repr=False)

    def with_space(self, space: EmbeddingSpace) -> Workspace:
        """This workspace and one more space; one of the same name is replaced, its maps forgotten."""
        maps = {key: layout for key, layout in self.maps.items() if key.space != space.name}
        return replace(self, spaces={**self.spaces, space.name: space}, maps=maps)

    def with_map(self, key: MapKey, layout: Floats) -> Workspace:
        """This workspace and one more layout.

        Raises:
            SpaceError: The layout's rows do not match the space.
        """
        if layout.shape != (len(self.spaces[key.space]), 2):
            raise SpaceError(
                f"a map of {key.space} must be ({len(self.spaces[key.space])}, 2), got {layout.shape}"
            )
        return replace(self, maps={**self.maps, key: layout})

    def task(self, protocol: Protocol) -> Task:
        """The protocol applied to the open data, computed once per protocol."""
        if protocol not in self._tasks:
            self._tasks[protocol] = select(self.dataset, protocol)
        return self._tasks[protocol]

    def default_protocol(self) -> Protocol:
        """The first two modalities of a shared space; pictures rather than text on the gallery's side."""
        names = list(self.dataset.collections)
        shared = next((space for space in self.spaces.values() if space.shared), None)
        pair = list(shared.modalities)[:2] if shared else (names * 2)[:2]
        first = self.dataset.collection(pair[1]).kind
        if first is Kind.TEXT and self.dataset.collection(pair[0]).kind is not Kind.TEXT:
            pair.reverse()
        return Protocol(query=pair[0], gallery=pair[1])


def with_runs(workspace: Workspace) -> Workspace:
    """The workspace with the spaces of the runs finished by now, and without those of runs that are gone.

    Spaces that are what they were stay the same objects, with their maps; where nothing changed the
    workspace itself is returned.
    """
    given = {name: space for name, space in workspace.spaces.items() if not of_run(space)}
    of_runs, damaged = find_spaces(workspace.dataset, unseen_classes(workspace.dataset), given)
    spaces = dict(given)
    for name, space in of_runs.items():
        known = workspace.spaces.get(name)
        spaces[name] = known if known is not None and known.made_by == space.made_by else space
    problems = tuple(dict.fromkeys((*workspace.problems, *damaged)))
    if list(spaces.values()) == list(workspace.spaces.values()) and problems == workspace.problems:
        return workspace
    maps = {
        key: layout
        for key, layout in workspace.maps.items()
        if spaces.get(key.space) is workspace.spaces.get(key.space)
    }
    return replace(workspace, spaces=spaces, maps=maps, problems=problems)


def open_workspace(
    source: str | Path, unseen: Sequence[str] | None = None, *, trained: bool = True
) -> Workspace:
    """Open data with its spaces, every map shipped with them, and flat spaces as their own; see `open_data`.

    What cannot be loaded is left out and told in `problems`; the rest stays usable.

    Raises:
        DataError: The data itself cannot be read.
    """
    data = open_data(source, unseen, trained=trained)
    maps: dict[MapKey, Floats] = {}
    problems = list(data.problems)
    for name, space in data.spaces.items():
        if space.dimension == 2:
            flat = np.concatenate([space.parts[m] for m in space.modalities])
            maps[MapKey(name, FLAT_METHOD)] = np.ascontiguousarray(flat, dtype=np.float32)
        for method, path in (space.stored.maps if space.stored else {}).items():
            try:
                maps[MapKey(name, method)] = _shipped_map(path, len(space))
            except DataError as error:
                problems.append(str(error))
    return Workspace(
        dataset=data.dataset,
        spaces=data.spaces,
        maps=maps,
        problems=tuple(problems),
        unseen=None if unseen is None else tuple(unseen),
        to_encode=data.to_encode,
    )


def _shipped_map(path: Path, rows: int) -> Floats:
    layout = np.asarray(read_vectors(path), dtype=np.float32)
    if layout.shape != (rows, 2):
        raise DataError(f"{path}: a map of {rows} items must have shape ({rows}, 2), this has {layout.shape}")
    return layout
