"""What a made world (CCI) knows of its items: the scene each shows, and where its things are to be seen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from xview.arrays import Ints
from xview.data.cci.folder import WORLD_FILE, Cameras, read_cameras, read_world
from xview.data.cci.pictures import Box, box
from xview.data.cci.scenes import Change, Scene, Thing, neighbours
from xview.data.cci.words import spans
from xview.data.open import locate
from xview.data.records import Dataset
from xview.errors import DataError


@dataclass(frozen=True, eq=False)
class KnownWorld:
    """The scenes of a data set; row r of every modality shows scene r.

    Attributes:
        scenes: By row.
        cameras: What the pictures were taken with; None where the data does not tell.
    """

    scenes: tuple[Scene, ...]
    cameras: Cameras | None

    @cached_property
    def neighbours(self) -> Ints:
        """(p, 2) int64 pairs of rows whose scenes are reachable neighbours, as `scenes.neighbours` says."""
        return neighbours(self.scenes)

    def box(self, row: int, thing: Thing | None) -> Box | None:
        """Where a thing shows, or would show, in the picture of a row; None where that is not known."""
        if thing is None or self.cameras is None:
            return None
        return box(thing, self.cameras.each[row], self.cameras.side)

    def boxes(self, row: int, change: Change) -> tuple[Box, ...]:
        """Where a change shows in the picture of a row: where what went stood, and where what came stands."""
        found = [one for one in (self.box(row, change.gone), self.box(row, change.come)) if one is not None]
        if len(found) == 2 and "place" not in change.attributes:
            return (_around(*found),)
        return tuple(found)

    def spans(self, row: int, change: Change) -> tuple[tuple[int, int], ...]:
        """Where the caption of a row tells of the change that led to it: first and past last character."""
        return spans(self.scenes[row], change)


def world_of(dataset: Dataset) -> KnownWorld | None:
    """What is known of a made world, read once; None for other data, and where items came or went since.

    Raises:
        DataError: The world's file is damaged.
    """
    try:
        folder = locate(dataset.source)
        written = (folder / WORLD_FILE).stat().st_mtime_ns
    except (DataError, OSError):  # made of arrays, or moved away since
        return None
    world = _read(folder, written)
    if world is None or any(len(items) != len(world.scenes) for items in dataset.collections.values()):
        return None
    return world


def scenes_of(dataset: Dataset) -> tuple[Scene, ...] | None:
    """The scene each row of every modality shows, in made worlds (CCI); None in other data.

    Raises:
        DataError: The world's file is damaged.
    """
    world = world_of(dataset)
    return None if world is None else world.scenes


@lru_cache(maxsize=2)
def _read(folder: Path, _written: int) -> KnownWorld | None:
    world = read_world(folder)
    return None if world is None else KnownWorld(world.scenes, read_cameras(folder))


def _around(one: Box, other: Box) -> Box:
    """The smallest box around both."""
    left, top = min(one.left, other.left), min(one.top, other.top)
    right = max(one.left + one.width, other.left + other.width)
    bottom = max(one.top + one.height, other.top + other.height)
    return Box(left, top, right - left, bottom - top)
