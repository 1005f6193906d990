"""Where the points of a map stand: as they were projected, but B's map turned onto A's. No Qt.

Two projections of the same items differ by a rotation, a reflection and a scale that mean nothing. Where A
and B rank in different shared spaces, B's map is drawn after the similarity that lays it over A's best, so
that the eye compares what did change.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xview.arrays import Doubles, Floats, Ints
from xview.errors import SettingError
from xview.session.resolve import Resolved
from xview.session.workspace import MapKey
from xview.spaces.align import Alignment, movement, procrustes
from xview.spaces.space import EmbeddingSpace

ALIGNED_ON = 20_000
"""Common items a map is laid over another on, evenly chosen: four numbers need no more."""
NEIGHBOURS = 10
"""Neighbours that an item's movement is told relative to."""
MOVED = (
    f"How far an item moved beside its {NEIGHBOURS} nearest neighbours on A's map, once B's map lies over it "
    "(Procrustes on the common items): its way less the median way of those, in mean distances to them. 0: "
    "it went with its neighbours; 1: it moved as far beside them as they were away."
)


@dataclass(frozen=True, eq=False, kw_only=True)
class Movement:
    """What moved from A's map to B's.

    Attributes:
        a, b: The shared spaces.
        parts: The modalities both hold, with their items; all arrays below follow each other like this.
        starts, ends: (n, 2) float64 places on A's map, and on B's laid over it.
        moved: (n,) float64 as `MOVED` says.
        disparity: Squared distances left between the maps, as a share of A's spread; see `Alignment`.
    """

    a: str
    b: str
    parts: tuple[tuple[str, int], ...]
    starts: Doubles
    ends: Doubles
    moved: Doubles
    disparity: float

    def by_modality(self, values: Doubles) -> dict[str, Doubles]:
        """(n,) values cut at the modalities."""
        cuts = np.cumsum([count for _, count in self.parts])[:-1]
        return dict(zip([name for name, _ in self.parts], np.split(values, cuts), strict=True))


def common_parts(a: EmbeddingSpace, b: EmbeddingSpace) -> tuple[tuple[str, int], ...]:
    """The modalities of both, in A's order, with their items."""
    return tuple((name, len(part)) for name, part in a.parts.items() if name in b.parts)


def common_points(space: EmbeddingSpace, parts: tuple[tuple[str, int], ...]) -> Ints:
    """(n,) int64 points of a space's map that belong to these modalities, in their order."""
    sizes = [len(part) for part in space.parts.values()]
    starts = dict(zip(space.parts, np.cumsum([0, *sizes[:-1]]).tolist(), strict=True))
    found = [np.arange(starts[name], starts[name] + count) for name, count in parts]
    return np.concatenate(found or [np.empty(0)]).astype(np.int64)


def turned_onto(resolved: Resolved, space: str) -> str:
    """The shared space whose map this one's is turned onto: A's, for B's own; empty for any other."""
    a, b = resolved.spaces, resolved.other_spaces
    apart = a is not None and b is not None and b.shared != a.shared
    return a.shared if apart and a is not None and b is not None and space == b.shared else ""


def layout_of(resolved: Resolved, space: str) -> Floats | None:
    """(items, 2) float32 as projected, or None while there is no map."""
    return resolved.workspace.maps.get(MapKey(space, resolved.view.method_of(space))) if space else None


def same_place(old: Resolved, new: Resolved, space: str) -> bool:
    """Whether the points of a space's map stand where they stood."""
    one, two = ((layout_of(r, space), layout_of(r, turned_onto(r, space))) for r in (old, new))
    if one[0] is None and old.view.method_of(space) != new.view.method_of(space):
        return False  # neither map is there yet, and another is waited for
    return one[0] is two[0] and one[1] is two[1]


def placed(resolved: Resolved, space: str) -> tuple[Floats | None, Alignment | None]:
    """A space's layout as it is drawn, (items, 2) float32, and how it was turned, if it was."""
    layout, onto = layout_of(resolved, space), turned_onto(resolved, space)
    reference = layout_of(resolved, onto)
    if layout is None or reference is None:
        return layout, None
    spaces = resolved.workspace.spaces
    parts = common_parts(spaces[onto], spaces[space])
    moving, target = common_points(spaces[space], parts), common_points(spaces[onto], parts)
    step = max(1, -(-len(moving) // ALIGNED_ON))
    alignment = procrustes(layout[moving[::step]], reference[target[::step]])
    if not alignment.scale:  # nothing in common to lay over: everything would fall onto one point
        return layout, None
    return alignment(layout).astype(np.float32), alignment


def movement_of(resolved: Resolved) -> Movement | None:
    """What moved from A's map to B's; None where they are one, or one of them is not drawn yet.

    Raises:
        SettingError: There are too few items to have neighbours.
    """
    a, b = resolved.spaces, resolved.other_spaces
    if a is None or b is None or not turned_onto(resolved, b.shared):
        return None
    reference, (layout, alignment) = layout_of(resolved, a.shared), placed(resolved, b.shared)
    if reference is None or layout is None or alignment is None:
        return None
    spaces = resolved.workspace.spaces
    parts = common_parts(spaces[a.shared], spaces[b.shared])
    starts = reference[common_points(spaces[a.shared], parts)].astype(np.float64)
    ends = layout[common_points(spaces[b.shared], parts)].astype(np.float64)
    if len(starts) <= NEIGHBOURS:
        raise SettingError(
            f"movement is told relative to {NEIGHBOURS} neighbours; there are {len(starts)} items"
        )
    return Movement(
        a=a.shared,
        b=b.shared,
        parts=parts,
        starts=starts,
        ends=ends,
        moved=movement(starts, ends, NEIGHBOURS),
        disparity=alignment.disparity,
    )
