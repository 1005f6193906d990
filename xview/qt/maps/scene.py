"""What a map shows: its points, the overlay of a ranking, and the words for what a user does to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPixmap

from xview.arrays import AnyArray, Bools, Doubles, Floats, Ints


class Tool(StrEnum):
    """What a plain drag does."""

    PAN = "pan"
    BOX = "box"
    LASSO = "lasso"


class SelectionMode(StrEnum):
    """How a new selection meets the old one."""

    REPLACE = "replace"
    ADD = "add"
    SUBTRACT = "subtract"


class Truth(StrEnum):
    """What the ground truth says of a hit: `IGNORED` by the protocol (junk, own group), `UNKNOWN` else."""

    CORRECT = "correct"
    INCORRECT = "incorrect"
    IGNORED = "ignored"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Hit:
    """A result on the map: row of the point, rank from 1, and whether it is right."""

    index: int
    rank: int
    truth: Truth = Truth.UNKNOWN


@dataclass(frozen=True, slots=True)
class Bridge:
    """An item that carried a score: row of the point and its share of the score in [0, 1]."""

    index: int
    share: float


class Tone(StrEnum):
    """What lines between points say; each has its own colour and dash."""

    TETHER = "tether"  # shows the same thing
    TORN = "torn"  # near in the reference, far here
    BRIDGED = "bridged"  # far in the reference, near here
    PATH = "path"  # the way of a walk


@dataclass(frozen=True, eq=False, slots=True)
class Lines:
    """Lines between points: `ends` (t, 2) int64 rows of points, and how strong each is, (t,) in (0, 1]."""

    ends: Ints
    tone: Tone = Tone.TETHER
    strength: Doubles | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """A stop of a route.

    Attributes:
        index: Row of the point.
        number: Which step of the way leads there, 0: none; those to items that the map lacks count, too.
        stone: Whether it is a stepping stone, drawn as a diamond rather than a disc.
        leap: Whether the way from the stop before leads over items that the map lacks.
    """

    index: int
    number: int
    stone: bool = False
    leap: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """A way from item to item: its stops on this map, which of them is looked at now (a row, -1: none), and
    the (x, y) map position it begins at where that is no stop."""

    stops: tuple[Stop, ...]
    current: int = -1
    start: tuple[float, float] | None = None


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Overlay:
    """Drawn above the points; indices are rows of the points.

    Attributes:
        queries: Items asked for, drawn as stars.
        hits: Results, drawn as ringed points with their ranks.
        bridges: Items that carried the score, drawn as diamonds.
        lines: Between points, drawn under them.
        arrows: (t, 4) map positions x, y of starts and of ends, which need be no points; or None.
        mass: (n,) >= 0, walk mass of each point, drawn as a halo of that area, or None.
        outside: (x, y) map positions of queries that are no point of the map.
        route: A way from item to item, or None.
    """

    queries: tuple[int, ...] = ()
    hits: tuple[Hit, ...] = ()
    bridges: tuple[Bridge, ...] = ()
    lines: tuple[Lines, ...] = ()
    arrows: AnyArray | None = None
    mass: AnyArray | None = None
    outside: tuple[tuple[float, float], ...] = ()
    route: Route | None = None


@dataclass(frozen=True, slots=True)
class HoverContent:
    """What the card of a point says; a picture on its way is None until `MapView.pictures_arrived`."""

    title: str
    lines: tuple[str, ...] = ()
    picture: QPixmap | None = None


Describe = Callable[[int], HoverContent]
"""The card of a point, by row; must return at once."""

DrawThumbnail = Callable[[QPainter, QRectF, int], bool]
"""Draw a point's picture into a square; False where there is none, or none yet. Must return at once."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Points:
    """The points of a map, checked once.

    Attributes:
        positions: (n, 2) float32, finite.
        marks: (n,) uint8; the modality of each point, drawn as its shape.
        colours: (n,) whole numbers, index into `palette`.
        palette: Colours as #rrggbb.
        shown: (n,) bool; hidden points are neither drawn nor picked.
        selected: (n,) bool; while any is, the others fade.
    """

    positions: Floats
    marks: AnyArray
    colours: AnyArray
    palette: tuple[str, ...]
    shown: Bools
    selected: Bools

    @classmethod
    def plain(cls, positions: AnyArray, marks: AnyArray | None = None) -> Points:
        """All points shown, none selected, in one colour.

        Raises:
            ValueError: Not (n, 2), not finite, or marks of another length.
        """
        placed = np.ascontiguousarray(positions, np.float32)
        if placed.ndim != 2 or placed.shape[1] != 2:
            raise ValueError(f"positions must be (n, 2), got {placed.shape}")
        if not np.isfinite(placed).all():
            raise ValueError("positions must be finite")
        n = len(placed)
        marked = np.zeros(n, np.uint8) if marks is None else np.asarray(marks, np.uint8)
        if marked.shape != (n,):
            raise ValueError(f"marks must be ({n},), got {marked.shape}")
        return cls(
            positions=placed,
            marks=marked,
            colours=np.zeros(n, np.uint8),
            palette=("#888888",),
            shown=np.ones(n, bool),
            selected=np.zeros(n, bool),
        )

    def __len__(self) -> int:
        return len(self.positions)


def halo_sizes(mass: AnyArray, largest: float) -> Doubles:
    """Diameter of each halo in pixels, (n,): area follows mass, the heaviest point gets `largest`."""
    top = float(mass.max(initial=0.0))
    return np.sqrt(np.clip(mass, 0, None) / top) * largest if top > 0 else np.zeros(len(mass))
