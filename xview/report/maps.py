"""Every space laid out in two dimensions, coloured by class, with a mark for each modality."""

from __future__ import annotations

import colorsys
import io
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from xview.arrays import AnyArray, Bools, Floats, Ints
from xview.report.content import Key, SpaceMap
from xview.report.pictures import data_uri

MARKS = {"o": "circle", "^": "triangle", "s": "square", "D": "diamond", "P": "plus", "X": "cross"}
"""Matplotlib's marks, and what the page calls its own of the same shape."""

_FEW = ("#e69f00", "#56b4e9", "#009e73", "#cc79a7", "#0072b2", "#d55e00", "#f0e442")  # Okabe and Ito 2008
_CONTEXT = "#8a919c"
SIZE = (6.0, 4.4)  # inches
_SHARE_INSIDE = 97.0  # percent of the points, along each axis, the frame is fitted to


@dataclass(frozen=True, eq=False, kw_only=True)
class Layout:
    """Points of one space.

    Attributes:
        title: Name of the space.
        method: What laid it out.
        points: (p, 2).
        modality: (p,) number of each point's modality.
        label: (p,) class, -1 for none.
        chosen: (p,) bool, whether the protocol chose the item; the others are drawn grey.
    """

    title: str
    method: str
    points: Floats
    modality: Ints
    label: Ints
    chosen: Bools


def colours(count: int) -> tuple[str, ...]:
    """`count` colours #rrggbb that stand off a light and a dark page; the first seven are Okabe and Ito's."""
    out = list(_FEW)
    while len(out) < count:
        step = len(out) - len(_FEW)
        hue, lightness = (0.05 + step * 0.618034) % 1, (0.62, 0.46, 0.54)[step % 3]
        red, green, blue = (round(255 * part) for part in colorsys.hls_to_rgb(hue, lightness, 0.6))
        out.append(f"#{red:02x}{green:02x}{blue:02x}")
    return tuple(out[:count])


def draw(layout: Layout, colour_of: Mapping[int, str], shapes: tuple[str, ...]) -> SpaceMap:
    """Draw one map.

    Args:
        layout: The points.
        colour_of: Colour by class; points of other classes are grey.
        shapes: Matplotlib mark of each modality number.
    """
    low, high = frame(layout.points)
    figure = Figure(figsize=SIZE, dpi=170)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
    coloured = layout.chosen & np.isin(layout.label, list(colour_of))
    front_size = float(np.clip(16_000 / max(1, coloured.sum()), 3, 34))
    back_size = float(np.clip(14_000 / len(layout.points), 2, 14))
    order = np.random.default_rng(0).permutation(len(layout.points))  # no class covers another by its number
    for number in np.unique(layout.modality):
        rows = order[layout.modality[order] == number]
        back, front = rows[~coloured[rows]], rows[coloured[rows]]
        mark = shapes[number]
        axes.scatter(
            layout.points[back, 0],
            layout.points[back, 1],
            s=back_size,
            marker=mark,
            c=_CONTEXT,
            alpha=0.28,
            linewidths=0,
            zorder=1,
        )
        axes.scatter(
            layout.points[front, 0],
            layout.points[front, 1],
            s=front_size,
            marker=mark,
            c=[colour_of[int(label)] for label in layout.label[front]],
            alpha=0.85,
            linewidths=0,
            zorder=2,
        )
    out = io.BytesIO()
    figure.savefig(out, format="png", transparent=True)
    outside = int(((layout.points < low) | (layout.points > high)).any(axis=1).sum())
    told = f"{layout.method}, {int(coloured.sum()):,} of {len(layout.points):,} items coloured"
    if outside:
        told += f", {outside:,} outside the frame"
    return SpaceMap(title=layout.title, caption=told, picture=data_uri(webp(out.getvalue()), "webp"))


def keys(labels: AnyArray, classes: tuple[str, ...], colour_of: Mapping[int, str]) -> tuple[Key, ...]:
    """The classes of the legend, in class order, with how many of the items `labels` belong to each."""
    return tuple(
        Key(name=classes[label], sign=colour, count=int(np.count_nonzero(labels == label)))
        for label, colour in colour_of.items()
    )


def frame(points: Floats, held: Floats | None = None) -> tuple[AnyArray, AnyArray]:
    """Ends of both axes, equally scaled, around the bulk of the points: far ones must not squeeze it.

    Args:
        points: (p, 2).
        held: (h, 2) points that may not be left outside, however far.
    """
    spare = (100 - _SHARE_INSIDE) / 2
    low, high = np.percentile(points, [spare, 100 - spare], axis=0)
    if held is not None and len(held):
        low, high = np.minimum(low, held.min(axis=0)), np.maximum(high, held.max(axis=0))
    scale = float(np.max((high - low) / SIZE)) * 1.12 or 1.0
    half = scale * np.array(SIZE) / 2
    return (low + high) / 2 - half, (low + high) / 2 + half


def webp(png: bytes) -> bytes:
    """The same picture as WebP, a third of the size."""
    from PIL import Image

    out = io.BytesIO()
    with Image.open(io.BytesIO(png)) as picture:
        picture.save(out, "WEBP", lossless=True)
    return out.getvalue()
