"""A modality's items on two maps side by side: a class in pieces, and pairs that were torn or bridged."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from xview.arrays import Floats, Ints
from xview.graph.knn import nearest, without
from xview.report import maps
from xview.report.content import SpaceMap
from xview.report.pictures import data_uri

EDGES = 200  # drawn, strongest first; more would cover the map
TORN, BRIDGED = "#e07b00", "#c2379b"
"""As in the window; purple and orange beside the green and red of hits."""
_ALONE, _CONTEXT = "#d55e00", "#8a919c"


@dataclass(frozen=True, eq=False, kw_only=True)
class Place:
    """The chosen items of a modality in one space and on its map.

    Attributes:
        space, method: Names.
        vectors: (n, d) float32 unit rows.
        points: (n, 2) on the map.
    """

    space: str
    method: str
    vectors: Floats
    points: Floats


def pieces(place: Place, members: Ints, parts: Ints, k: int) -> SpaceMap:
    """A class on a map: the others grey, each piece in a colour, its edges drawn; who stands alone is hollow.

    Args:
        place: The items.
        members: (c,) positions of the class.
        parts: (c,) number of each one's piece, 0 the largest.
        k: Neighbours of the graph, the item itself not counted.
    """
    figure, axes = _canvas(place, members)
    sizes = np.bincount(parts)
    palette = maps.colours(max(7, len(sizes)))
    pairs = _class_edges(place.vectors, members, k)
    _lines(axes, place.points[members], pairs, [palette[parts[a]] for a in pairs[:, 0]], 0.7, 1.0)
    (x, y), alone = place.points[members].T, sizes[parts] == 1
    colours = [palette[part] for part in parts[~alone]]
    axes.scatter(x[~alone], y[~alone], s=30, c=colours, linewidths=0, zorder=3)
    axes.scatter(x[alone], y[alone], s=24, facecolors="none", edgecolors=_ALONE, linewidths=1.1, zorder=3)
    many = int((sizes > 1).sum())
    told = f"{place.method}, {many} piece{'s' * (many != 1)}, {int(alone.sum())} alone, largest "
    return _finish(figure, place, told + f"{sizes.max() / len(members):.2f} of the class")


def pairs_apart(place: Place, ends: Ints, total: int, *, torn: bool) -> SpaceMap:
    """The strongest torn edges, or false bridges, on a map.

    Args:
        place: The items.
        ends: (t, 2) positions, strongest first.
        total: How many there are.
        torn: Which of the two.
    """
    shown = ends[:EDGES]
    figure, axes = _canvas(place, np.unique(shown))
    _lines(axes, place.points, shown, [TORN if torn else BRIDGED] * len(shown), 0.45, 0.8)
    what = "torn edges" if torn else "false bridges"
    told = f"{place.method}, {total:,} {what}"
    return _finish(
        figure, place, told + (f", the strongest {len(shown):,} drawn" if total > len(shown) else "")
    )


def _canvas(place: Place, held: Ints) -> tuple[Figure, Axes]:
    """The items, small and grey, in a frame around their bulk and all of those at the positions `held`."""
    low, high = maps.frame(place.points, place.points[held])
    figure = Figure(figsize=maps.SIZE, dpi=130)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
    size = float(np.clip(14_000 / len(place.points), 2, 12))
    x, y = place.points.T
    axes.scatter(x, y, s=size, c=_CONTEXT, alpha=0.4, linewidths=0, zorder=1)
    return figure, axes


def _lines(
    axes: Axes, points: Floats, ends: Ints, colours: Sequence[str], alpha: float, width: float
) -> None:
    if len(ends):
        axes.add_collection(
            LineCollection(list(points[ends]), colors=list(colours), alpha=alpha, linewidths=width, zorder=2)
        )


def _finish(figure: Figure, place: Place, told: str) -> SpaceMap:
    out = io.BytesIO()
    figure.savefig(out, format="png", transparent=True)
    return SpaceMap(title=place.space, caption=told, picture=data_uri(maps.webp(out.getvalue()), "webp"))


def _class_edges(vectors: Floats, members: Ints, k: int) -> Ints:
    """(e, 2) positions in `members` of its mutual k nearest neighbours among all items."""
    k = min(k, len(vectors) - 1)
    rows, similarities = nearest(vectors[members], vectors, k + 1)
    lists, _ = without(rows, similarities, members)
    position = np.full(len(vectors), -1)
    position[members] = np.arange(len(members))
    near = np.zeros((len(members), len(members)), dtype=np.bool_)
    for one, found in enumerate(position[lists]):
        near[one, found[found >= 0]] = True
    return np.argwhere(np.triu(near & near.T)).astype(np.int64)
