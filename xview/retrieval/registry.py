"""The table of rankers: name, title, settings, how to build. Add a ranker by adding a line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from xview.errors import SettingError, nearest_name
from xview.retrieval.base import Field, Ranker
from xview.retrieval.fusion import FusionRanker, FusionSettings
from xview.retrieval.fusion_sources import Elsewhere, Source, parse_sources
from xview.retrieval.geodesic import GeodesicRanker
from xview.retrieval.geodesic_settings import GeodesicSettings
from xview.retrieval.graphs import FieldGraphs, Manifold
from xview.retrieval.knn import KnnRanker, KnnSettings
from xview.retrieval.walk import WalkRanker
from xview.retrieval.walk_settings import WalkSettings
from xview.settings import Settings


@dataclass(frozen=True, slots=True)
class RankerKind:
    """One kind of ranker.

    Attributes:
        name: On the command line and in files.
        title: On screen.
        help: One sentence for a tooltip.
        settings: Its settings class.
        make: Builds it; the graphs carry the field.
        needs_own: Whether it cannot do without both single-modal spaces.
        mixes: Whether a fusion that names no sources mixes it.
    """

    name: str
    title: str
    help: str
    settings: type[Settings]
    make: Callable[[Any, FieldGraphs], Ranker]
    needs_own: bool = False
    mixes: bool = True


def _kinds() -> tuple[RankerKind, ...]:
    return (
        RankerKind(
            "knn",
            "k-NN",
            "Cosine similarity in the shared space.",
            KnnSettings,
            lambda _settings, graphs: KnnRanker(graphs.field),
        ),
        RankerKind(
            "homogeneous",
            "Homogeneous",
            "Random walk in both directions on the shared space's graphs.",
            WalkSettings,
            lambda settings, graphs: WalkRanker(settings, Manifold.SHARED, graphs),
        ),
        RankerKind(
            "heterogeneous",
            "Heterogeneous",
            "Random walk in both directions on the single-modal graphs, linked by the shared space.",
            WalkSettings,
            lambda settings, graphs: WalkRanker(settings, Manifold.OWN, graphs),
            needs_own=True,
        ),
        RankerKind(
            "fusion",
            "Fusion",
            "Several rankers' scores mixed, by hand, evenly, or by each query's score curves.",
            FusionSettings,
            _fuse,
            mixes=False,
        ),
        RankerKind(
            "geodesic",
            "Geodesic",
            "Length of the shortest way over near neighbours, with other modalities as stepping stones.",
            GeodesicSettings,
            GeodesicRanker,
            mixes=False,  # its scores, lengths below 0, weigh nothing by score curves
        ),
    )


def _fuse(settings: FusionSettings, graphs: FieldGraphs) -> Ranker:
    """The fusion of the sources its settings name, in the field's shared space or in others.

    Raises:
        SettingError: A source cannot be read, or is a fusion.
        SpaceError: No shared space of these items is called as a source says.
    """
    own = graphs.field.x_own is not None and graphs.field.y_own is not None
    sources: dict[str, Ranker] = {}
    for written, source in sources_of(settings, own=own).items():
        kind = _source_kind(source)
        there = graphs.elsewhere(source.space) if source.space else graphs
        ranker = kind.make(kind.settings.from_mapping(source.settings), there)
        sources[written] = ranker if there is graphs else Elsewhere(ranker, source.space)
    return FusionRanker(settings, sources)


def sources_of(settings: FusionSettings, *, own: bool) -> dict[str, Source]:
    """What a fusion mixes, by name; where its settings name nothing, every ranker the spaces allow.

    Args:
        settings: Of the fusion.
        own: Whether there is a single-modal space on both sides.

    Raises:
        SettingError: A source cannot be read.
    """
    if settings.sources.strip():
        return parse_sources(settings.sources)
    fit = (k for k in _kinds() if k.mixes and (own or not k.needs_own))
    return {k.name: Source(k.name) for k in fit}


def check_source(source: Source) -> None:
    """Reject what cannot be a source wherever it ranks.

    Raises:
        SettingError: No such ranker, a fusion, or a setting that is unknown or out of range.
    """
    _source_kind(source).settings.from_mapping(source.settings)


def _source_kind(source: Source) -> RankerKind:
    kind = ranker_kind(source.ranker)
    if kind.make is _fuse:
        raise SettingError("fusion: a fusion cannot be its own source")
    return kind


def spaces_read(settings: Settings) -> tuple[str, ...]:
    """Shared spaces that a ranker's settings name, beside the one it ranks in; none where unreadable."""
    if not isinstance(settings, FusionSettings) or not settings.sources.strip():
        return ()
    try:
        named = (source.space for source in parse_sources(settings.sources).values())
    except SettingError:  # the ranker will say so
        return ()
    return tuple(dict.fromkeys(space for space in named if space))


RANKERS: Mapping[str, RankerKind] = MappingProxyType({kind.name: kind for kind in _kinds()})
WALKS = tuple(kind.name for kind in RANKERS.values() if kind.settings is WalkSettings)
"""Names of the rankers that walk."""


def ranker_kind(name: str) -> RankerKind:
    """The kind of that name.

    Raises:
        SettingError: There is none; the message names the nearest.
    """
    if name not in RANKERS:
        known = ", ".join(RANKERS)
        raise SettingError(f"no ranker {name!r}{nearest_name(name, RANKERS)} (known: {known})")
    return RANKERS[name]


def build(
    name: str, field: Field, settings: Settings | None = None, graphs: FieldGraphs | None = None
) -> Ranker:
    """A ranker over `field`; pass one `FieldGraphs` to all rankers of a field, so that they share its graphs.

    Raises:
        SettingError: No such ranker.
        SpaceError: The field lacks a space this ranker needs.
    """
    kind = ranker_kind(name)
    return kind.make(settings or kind.settings(), graphs or FieldGraphs(field))
