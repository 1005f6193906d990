"""A fusion's settings as a form edits them: sources one by one, weights that sum to 1. No Qt."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from xview.arrays import Doubles
from xview.errors import SettingError
from xview.retrieval.fusion import FusionSettings, Mixing, Scale
from xview.retrieval.fusion_sources import Source, write_sources
from xview.retrieval.fusion_weights import dragged, parse_weights, write_weights
from xview.retrieval.registry import RANKERS, check_source, sources_of


@dataclass(frozen=True, eq=False, kw_only=True)
class Mix:
    """What a fusion mixes.

    Attributes:
        sources: (s,) in order, at least one.
        weights: (s,) float64 manual weights; they sum to 1.
        mode, scale: As of `FusionSettings`.
    """

    sources: tuple[Source, ...]
    weights: Doubles
    mode: Mixing
    scale: Scale

    @classmethod
    def of(cls, settings: FusionSettings, *, own: bool) -> Mix:
        """Read settings; weights that do not fit the sources count as equal ones.

        Args:
            settings: Of the fusion.
            own: Whether there is a single-modal space on both sides; says what empty sources mean.

        Raises:
            SettingError: The sources cannot be read.
        """
        named = sources_of(settings, own=own)
        try:
            weights = parse_weights(settings.weights, list(named))
        except SettingError:
            weights = np.ones(len(named))
        return cls(
            sources=tuple(named.values()),
            weights=weights / weights.sum(),
            mode=settings.mode,
            scale=settings.scale,
        )

    @property
    def settings(self) -> FusionSettings:
        """What `of` reads.

        Raises:
            SettingError: A source is there twice, or names a ranker or setting that there is not.
        """
        for source in self.sources:
            check_source(source)
        return FusionSettings(
            mode=self.mode,
            weights=write_weights(self.weights),
            sources=write_sources(self.sources),
            scale=self.scale,
        )

    def with_source(self, source: Source) -> Mix:
        """One more at the end, with the weight of one among equals; the others keep their proportions."""
        count = len(self.sources) + 1
        weights = np.append(self.weights * (count - 1) / count, 1 / count)
        return replace(self, sources=(*self.sources, source), weights=weights)

    def without_source(self, place: int) -> Mix:
        """All but one, in proportion; the last one stays."""
        kept = [i for i in range(len(self.sources)) if i != place]
        if not kept:
            return self
        weights = self.weights[kept]
        weights = weights / weights.sum() if weights.any() else np.full(len(kept), 1 / len(kept))
        return replace(self, sources=tuple(self.sources[i] for i in kept), weights=weights)

    def with_changed(self, place: int, source: Source) -> Mix:
        """Another source in the place of one, with its weight."""
        sources = list(self.sources)
        sources[place] = source
        return replace(self, sources=tuple(sources))

    def with_dragged(
        self, shown: Sequence[float] | Doubles, place: int, value: float, locked: Collection[int]
    ) -> Mix:
        """By hand from now on: the weights shown, whatever made them, with one dragged (see `dragged`)."""
        return replace(self, weights=dragged(shown, place, value, locked), mode=Mixing.WEIGHTED)

    def another(self, spaces: Sequence[str], *, own: bool) -> Source | None:
        """A source this one lacks, among those mixed where none is named: another ranker here, or one in
        another space; None where all are there.

        Args:
            spaces: Other shared spaces by name.
            own: Whether there are single-modal spaces to walk in.
        """
        rankers = [source.ranker for source in sources_of(FusionSettings(), own=own).values()]
        here = [Source(name) for name in rankers]
        elsewhere = [Source(name, space) for space in spaces for name in rankers]
        return next((source for source in (*here, *elsewhere) if source not in self.sources), None)


def title_of(source: Source) -> str:
    """What people call a source: "k-NN · shared (cca)", "Heterogeneous (k=9)"."""
    title = RANKERS[source.ranker].title if source.ranker in RANKERS else source.ranker
    settings = ", ".join(f"{key}={value}" for key, value in source.settings.items())
    return title + f" · {source.space}" * bool(source.space) + f" ({settings})" * bool(settings)
