"""The items behind a figure of a distortion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from xview.arrays import AnyArray, Doubles, Ints

LISTED = 50
"""Items a door lists."""


DRAWN = 60
"""Edges of a kind and modality drawn over a map, strongest first: more hide the points."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Door:
    """The items behind a figure.

    Attributes:
        title: What they are, such as "trustworthiness of sketches at k = 20".
        rows: Rows by modality, to be selected.
        listed: (modality, row, figure) of those to list, in that order.
        figure: What to colour the maps by: (rows, values) by modality; empty: leave the colours.
    """

    title: str
    rows: Mapping[str, Ints]
    listed: tuple[tuple[str, int, float], ...]
    figure: Mapping[str, tuple[Ints, Doubles]] = field(default_factory=dict)


def door(title: str, modality: str, rows: AnyArray, values: AnyArray, *, lowest: bool = True) -> Door:
    """A door to items of one modality, listed from the lowest figure up, or from the highest down."""
    order = np.argsort(values if lowest else -values, kind="stable")[:LISTED]
    listed = tuple((modality, int(rows[i]), float(values[i])) for i in order)
    return Door(title=title, rows={modality: np.asarray(rows, np.int64)}, listed=listed)
