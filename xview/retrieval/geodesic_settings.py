"""Which shortest ways there are: settings of ranker `geodesic`.

Decisions
    2026-11-22  20 edges a vertex, stepping stones counted. The paper has edges in proportion to vertices.
                20 are 12 from picture to picture on the emoji and 8 on CCI; graphs of pictures alone, as in
                the tables of paper 002, have 10. With 10, stones took most of them: no way led anywhere from
                41 % of the emoji's pictures and 27 % of CCI's (16 % and 8 % with 20; mAP of unseen emoji,
                sketches to pictures, .30 for .25).
"""

from __future__ import annotations

from dataclasses import dataclass

from xview.settings import Settings, setting

RANKER = "geodesic"
WIDEST = 3.14
"""The largest threshold that may be set, radians."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GeodesicSettings(Settings):
    """Which ways there are."""

    degree: float = setting(
        20.0,
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
