"""Which shortest ways there are: settings of ranker `geodesic`."""

from __future__ import annotations

from dataclasses import dataclass

from xview.settings import Settings, setting

WIDEST = 3.14
"""The largest threshold that may be set, radians."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GeodesicSettings(Settings):
    """Which ways there are."""

    degree: float = setting(
        10.0,
        low=0.1,
        high=1_000,
        slider=(1, 50),
        help="Edges of a vertex, in the mean; the threshold follows from it, unless it is set.",
    )
    threshold: float = setting(
        0.0,
        low=0,
        high=WIDEST,
        slider=(0, 1.2),
        help="An edge joins two items nearer than this great-circle distance, in radians; "
        "0 takes the threshold that gives the degree.",
    )
    stones: bool = setting(
        True,
        help="Ways may lead over items of the other modalities: text as stepping stones between images.",
    )
    align: bool = setting(
        True,
        help="Lay the other modalities over the gallery's by Procrustes, learnt from pairs of seen classes.",
    )
