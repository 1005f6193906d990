"""CycleMatch: each modality translated into the other and back (Liu 2018, thesis, chapter 6).

The first modality is the thesis' image ("visual"), the second its text ("textual"). Three shared spaces hold
the three scores of Eq. 6.7, for one-score retrieval (visual) and for late fusion of two or three.

Readings
    The printed similarity is the cosine and the hinges are right; "distance smaller" in the text is not.
    Layers one to three are followed by ReLU; the latent embedding is what the third gives before its own, so
    that cosines take both signs. A translation starts from rows of one length, whether features or
    translations: the losses leave the length of a translation open.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from xview.models import parallel
from xview.models.configs.cycle_match import Config, Variant
from xview.models.layers import Dropout, Standardise
from xview.models.losses.ranking import both_ways
from xview.models.trainable import Aligned, Batch, Facts, Trainable, detached, sgd_on_plateau

VISUAL, TEXTUAL, LATENT = "visual", "textual", "latent"
Pair = tuple[Tensor, Tensor]


class Translation(nn.Module):
    """f_I2T or f_T2I: four fully connected layers, of which a model without dual embeddings has three."""

    def __init__(self, source: int, target: int | None, config: Config) -> None:
        super().__init__()
        self.to_latent = nn.Sequential(
            nn.Linear(source, config.hidden),
            nn.ReLU(),
            Dropout(config.dropout),
            nn.Linear(config.hidden, config.dim),
            nn.ReLU(),
            nn.Linear(config.dim, config.dim),
        )
        self.to_target = None if target is None else nn.Linear(config.dim, target)

    def latent(self, x: Tensor) -> Tensor:
        """(b, source) features, or translations into their space -> (b, dim)."""
        found: Tensor = self.to_latent(sqrt(x.shape[1]) * normalize(x))
        return found

    def target(self, latent: Tensor) -> Tensor:
        """(b, dim) -> (b, target)."""
        assert self.to_target is not None
        found: Tensor = self.to_target(torch.relu(latent))
        return found

    def forward(self, x: Tensor) -> Tensor:
        """(b, source) -> (b, target)."""
        return self.target(self.latent(x))


class CycleMatch(Trainable):
    """Both translations, trained by the ranking losses of the variant (Eq. 6.6)."""

    def __init__(self, config: Config, facts: Facts) -> None:
        super().__init__()
        self.config = config
        self.batching = Aligned(config.batch)
        self.modalities = facts.modalities
        v, t = (facts.inputs[m][0] for m in facts.modalities)
        dual = config.variant is not Variant.LATENT_MATCH
        self.standardise = nn.ModuleList(
            Standardise(facts.means[m], facts.scales[m]) for m in facts.modalities
        )
        self.i2t = Translation(v, t if dual else None, config)
        self.t2i = Translation(t, v if dual else None, config)
        optimiser, scheduler = sgd_on_plateau(
            self.parameters(), config.learning_rate, config.weight_decay, config.patience
        )
        self.optimisers = {"translations": optimiser}
        self.schedulers = {"translations": scheduler}

    def step(self, batch: Batch) -> dict[str, Tensor]:
        """One step down the sum of the variant's losses."""
        v, t = (centre(batch.inputs[m]) for centre, m in zip(self.standardise, self.modalities, strict=True))
        ids = parallel.gather(batch.instances[self.modalities[0]])
        terms = {name: self._rank(pair, ids) for name, pair in self._pairs(v, t).items()}
        loss = torch.stack(list(terms.values())).sum()
        self.update("translations", loss)
        return detached({**terms, "loss": loss})

    def _pairs(self, v: Tensor, t: Tensor) -> dict[str, Pair]:
        """What each loss of the variant compares: embeddings, and what they should match."""
        variant = self.config.variant
        if variant is Variant.LATENT_MATCH:
            return {"latent": (self.i2t.latent(v), self.t2i.latent(t))}
        pairs: dict[str, Pair] = {}
        if variant is not Variant.T2I2T:
            pairs |= self._cycle("i2t2i", v, t, self.i2t, self.t2i)
        if variant is not Variant.I2T2I:
            pairs |= self._cycle("t2i2t", t, v, self.t2i, self.i2t)
        return pairs

    def _cycle(
        self, name: str, source: Tensor, target: Tensor, there: Translation, back: Translation
    ) -> dict[str, Pair]:
        """One branch: dual (Eq. 6.2), reconstructed (6.3-6.4) and latent embeddings (6.5)."""
        variant = self.config.variant
        latent = there.latent(source)
        dual = there.target(latent)
        pairs = {f"{name} dual": (dual, target)}
        if variant is Variant.DUAL_MATCH:
            return pairs
        again = back.latent(dual)
        pairs[f"{name} rec"] = (back.target(again), source)
        if variant is not Variant.WITHOUT_LATENT:
            pairs[f"{name} latent"] = (latent, again)
        return pairs

    def _rank(self, pair: Pair, ids: Tensor) -> Tensor:
        """Eq. 6.2, 6.4 or 6.5: weight 1 for negatives among the targets, alpha among the embeddings."""
        embedded, target = (parallel.gather(rows) for rows in pair)
        return both_ways(
            embedded,
            target,
            ids,
            margin=self.config.margin,
            negatives=self.config.negatives,
            weights=(1.0, self.config.alpha),
        )

    def embed(self, modality: str, inputs: Tensor) -> dict[str, Tensor]:
        """The spaces of the scores in Eq. 6.7 that the variant trains, by name."""
        side = self.modalities.index(modality)
        x, translation = self.standardise[side](inputs), (self.i2t, self.t2i)[side]
        latent = translation.latent(x)
        if self.config.variant is Variant.LATENT_MATCH:
            return {LATENT: latent}
        dual = translation.target(latent)
        spaces = {VISUAL: dual, TEXTUAL: x} if side else {VISUAL: x, TEXTUAL: dual}
        if self.config.variant in (Variant.DUAL_MATCH, Variant.WITHOUT_LATENT):
            return spaces
        return {**spaces, LATENT: latent}

    def end_epoch(self, measures: Mapping[str, float]) -> None:
        """Divide the learning rate by 10 where the loss has stopped falling (section 6.4.1)."""
        self.schedulers["translations"].step(measures["loss"])


def build(config: Config, facts: Facts) -> CycleMatch:
    """The untrained system for this data."""
    return CycleMatch(config, facts)
