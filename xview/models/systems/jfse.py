"""JFSE: features synthesised from the classes' embeddings, and a shared space learned from true and synthetic
features together.

Xu, Lin, Yang, Hanjalic and Shen, Joint Feature Synthesis and Embedding: Adversarial Cross-Modal Retrieval
Revisited (IEEE TPAMI 44(6), 2022). Every modality has a pathway of generator, critic and regressor; they meet
in the regressors' space, that of the class embeddings, where retrieval takes place.

Where the paper is wrong or silent:
- Output layers are linear: a final ReLU reaches neither signed features nor signed class embeddings.
- Losses between two modalities are summed over all pairs; the discriminator of more than two modalities has
  one output each.
- Features and class embeddings are standardised, so that weights mean the same on all data.
- Critics and generators use Adam with a first moment of .5, as Xian et al. (CVPR 2018), whom it follows.
- Synthetic items of a held-out class are as many as those of the classes trained on, drawn evenly by class.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations

import torch
from torch import Tensor, nn

from xview.errors import TrainingError
from xview.models import parallel
from xview.models.configs.jfse import TINY, Alignment, Config
from xview.models.layers import Dropout, Standardise, normal, perceptron, uniform
from xview.models.losses.adversarial import gradient_penalty, origin_entropy, reverse_gradient
from xview.models.losses.cmpm import cmpm
from xview.models.losses.coral import coral
from xview.models.losses.mmd import VARIANCES, mmd
from xview.models.trainable import OWN, Aligned, Batch, Facts, Trainable

__all__ = ["TINY", "Config", "Jfse", "build"]

_DISCRIMINATOR = (300, 150)  # hidden units, section 4.1
_FIRST_MOMENT = 0.5


def build(config: Config, facts: Facts) -> Trainable:
    """The system, untrained.

    Raises:
        TrainingError: A modality has no features, or the classes no embeddings.
    """
    return Jfse(config, facts)


class Pathway(nn.Module):
    """Generator G, critic D and regressor R of one modality with features of dimension d (Fig. 2).

    Everything but `standardise` works on standardised features.
    """

    def __init__(self, config: Config, mean: Tensor, scale: Tensor, size: int) -> None:
        super().__init__()
        width, features = config.width, len(mean)
        self.noise = config.noise or size
        self.standardise = Standardise(mean, scale)
        if config.with_synthesis:
            self.generator = perceptron((self.noise + size, width, features), nn.LeakyReLU)
            # No bias at the end: the critic's loss compares scores, so it would never learn
            self.critic = nn.Sequential(
                nn.Linear(features + size, width), nn.LeakyReLU(), nn.Linear(width, 1, bias=False)
            )
        self.regressor = nn.Sequential(
            *(nn.Linear(features, width), nn.ReLU(), Dropout(config.dropout)),
            *(nn.Linear(width, width), nn.ReLU(), Dropout(config.dropout)),
            nn.Linear(width, size),
        )

    def synthesise(self, embeddings: Tensor) -> Tensor:
        """(b, e) class embeddings -> (b, d) G(z, c) with fresh noise z."""
        noise = normal(len(embeddings), self.noise, like=embeddings)
        return self.generator(torch.cat([noise, embeddings], dim=1))  # type: ignore[no-any-return]

    def score(self, features: Tensor, embeddings: Tensor) -> Tensor:
        """(b, d) and (b, e) -> (b, 1) D(x, c), larger for true items."""
        return self.critic(torch.cat([features, embeddings], dim=1))  # type: ignore[no-any-return]


@dataclass(frozen=True, eq=False)
class Items:
    """True or synthetic items; row i is of the same class in every modality.

    Attributes:
        features: By modality, (b, d), standardised.
        labels: (b,) of the classes trained on, or of those held out.
        embeddings: (b, e) of the classes.
    """

    features: Sequence[Tensor]
    labels: Tensor
    embeddings: Tensor


class Jfse(Trainable):
    """All pathways and the modality discriminator, updated in the order of Algorithm 1."""

    seen: Tensor
    unseen: Tensor

    def __init__(self, config: Config, facts: Facts) -> None:
        super().__init__()
        if facts.class_vectors is None or set(facts.means) != set(facts.modalities):
            raise TrainingError("jfse needs features of every modality and embeddings of the classes")
        self.config = config
        self.batching = Aligned(config.batch, by_class=True)
        self.modalities = facts.modalities
        mean = facts.class_vectors.mean(dim=0)
        spread = (facts.class_vectors - mean).square().mean().sqrt().clamp(min=1e-12) / config.scale
        held_out = facts.unseen_class_vectors if config.with_synthesis and config.synthetic_unseen else None
        self.register_buffer("seen", (facts.class_vectors - mean) / spread)
        self.register_buffer("unseen", None if held_out is None else (held_out - mean) / spread)
        size = len(mean)
        self.pathways = nn.ModuleList(
            Pathway(config, facts.means[m], facts.scales[m], size) for m in self.modalities
        )
        outputs = 1 if len(self.modalities) == 2 else len(self.modalities)
        if config.with_adversary:
            self.discriminator = perceptron((size, *_DISCRIMINATOR, outputs))
        self.optimisers = self._optimisers()

    def _optimisers(self) -> dict[str, torch.optim.Optimizer]:
        adam, rate = torch.optim.Adam, self.config.learning_rate
        found: dict[str, torch.optim.Optimizer] = {
            "regressors": adam(_parameters(p.regressor for p in self._paths), lr=rate)
        }
        if self.config.with_synthesis:
            # Where a critic's gradients on true and synthetic items cancel, Adam's usual epsilon of 1e-8
            # would make whole steps of rounding
            adversaries = partial(adam, lr=self.config.synthesis_rate, betas=(_FIRST_MOMENT, 0.999), eps=1e-6)
            found["critics"] = adversaries(_parameters(p.critic for p in self._paths))
            found["generators"] = adversaries(_parameters(p.generator for p in self._paths))
        if self.config.with_adversary:
            found["discriminator"] = adam(self.discriminator.parameters(), lr=rate)
        return found

    @property
    def _paths(self) -> list[Pathway]:
        return list(self.pathways)  # type: ignore[arg-type]

    def embed(self, modality: str, inputs: Tensor) -> dict[str, Tensor]:
        """Class embedding that the regressor tells, (b, e); own: the standardised features, (b, d)."""
        path = self._paths[self.modalities.index(modality)]
        features = path.standardise(inputs)
        return {"shared": path.regressor(features), OWN: features}

    def step(self, batch: Batch) -> dict[str, Tensor]:
        """Lines 3-8 of Algorithm 1: critics several times, then generators, regressors and discriminator.

        "loss" is what the regressors descend: where critics and generators stand says nothing by its size.
        """
        labels = batch.labels[self.modalities[0]]
        inputs = zip(self._paths, self.modalities, strict=True)
        true = Items([path.standardise(batch.inputs[m]) for path, m in inputs], labels, self.seen[labels])
        terms: dict[str, Tensor] = {}
        groups = [true]
        if self.config.with_synthesis:
            for _ in range(self.config.critic_steps):
                terms["critics"] = self._critics_loss(true)
                self.update("critics", terms["critics"])
            made = self._synthetic(labels)
            terms["generators"] = self._generators_loss(made[0])
            shared = self._terms(made, [self._regressed(items) for items in made])
            self.update("generators", terms["generators"] + self._weighted(shared))
            with torch.no_grad():
                groups += self._synthetic(labels)
        told = [self._regressed(items) for items in groups]
        shared = self._terms(groups, told)
        loss = self._weighted(shared)
        self.update("regressors", loss)
        if self.config.with_adversary:
            self.update("discriminator", self._adversary([[e.detach() for e in group] for group in told]))
        terms |= shared | {"loss": loss}
        return {name: parallel.total(value.detach()) / parallel.world() for name, value in terms.items()}

    def _synthetic(self, labels: Tensor) -> list[Items]:
        """Items of the batch's classes and, in zero-shot training, of classes held out."""
        # Copies of a row side by side: a process's rows are then the same block of the noise of all
        groups = [(self.seen, labels.repeat_interleave(self.config.synthetic))]
        if self.unseen is not None:
            drawn = uniform(len(groups[0][1]), like=self.seen) * len(self.unseen)
            groups.append((self.unseen, drawn.long()))
        found = []
        for classes, chosen in groups:
            embeddings = classes[chosen]
            found.append(Items([p.synthesise(embeddings) for p in self._paths], chosen, embeddings))
        return found

    def _critics_loss(self, true: Items) -> Tensor:
        """-L_cWGAN as the critics minimise it (Eq. 1-3)."""
        losses = []
        for path, features in zip(self._paths, true.features, strict=True):
            with torch.no_grad():
                made = path.synthesise(true.embeddings)
            critic = partial(path.score, embeddings=true.embeddings)
            penalty = gradient_penalty(critic, features, made, uniform(len(made), 1, like=made))
            losses.append(critic(made).mean() - critic(features).mean() + self.config.penalty * penalty)
        return _sum(losses)

    def _generators_loss(self, made: Items) -> Tensor:
        """The part of L_cWGAN that the generators change (Eq. 1-3)."""
        scored = zip(self._paths, made.features, strict=True)
        return -_sum(path.score(x, made.embeddings).mean() for path, x in scored)

    def _regressed(self, items: Items) -> list[Tensor]:
        return [path.regressor(x) for path, x in zip(self._paths, items.features, strict=True)]

    def _terms(self, groups: Sequence[Items], told: Sequence[Sequence[Tensor]]) -> dict[str, Tensor]:
        """L_DA, L_ADV and L_CYC, each summed over the groups: true, synthetic, and synthetic unseen items.

        Args:
            groups: Items.
            told: By group and modality, (b, e) what the regressors make of them.
        """
        pairs = list(zip(groups, told, strict=True))
        terms = {}
        if self.config.with_alignment:
            terms["alignment"] = _sum(self._alignment(items, found) for items, found in pairs)
        if self.config.with_adversary:
            terms["adversary"] = self._adversary(told)
        if self.config.with_cycle:
            terms["cycle"] = _sum(
                (e - items.embeddings).square().sum(dim=1).mean() for items, found in pairs for e in found
            )
        return terms

    def _alignment(self, items: Items, told: Sequence[Tensor]) -> Tensor:
        """L_DA of one group, over all pairs of modalities (Eq. 4, 10, 12)."""
        labels = parallel.gather(items.labels)
        pairs = combinations([parallel.gather(e) for e in told], 2)
        match self.config.alignment:
            case Alignment.CMMD:
                return _sum(mmd(x, y, VARIANCES) for x, y in pairs)
            case Alignment.CMCA:
                return _sum(coral(x, y) for x, y in pairs)
            case Alignment.CMPM:
                return _sum(cmpm(x, y, labels) for x, y in pairs)

    def _adversary(self, told: Sequence[Sequence[Tensor]]) -> Tensor:
        """L_ADV (Eq. 14): the discriminator descends it, everything before it ascends."""
        return _sum(
            origin_entropy(self.discriminator(reverse_gradient(e)), origin)
            for group in told
            for origin, e in enumerate(group)
        )

    def _weighted(self, terms: Mapping[str, Tensor]) -> Tensor:
        """The terms that regressors and generators share, weighted as in Eq. 16."""
        weights = {"alignment": self.config.beta, "adversary": self.config.gamma, "cycle": self.config.lam}
        return _sum(weights[name] * value for name, value in terms.items())


def _sum(values: Iterable[Tensor]) -> Tensor:
    return torch.stack(list(values)).sum()


def _parameters(parts: Iterable[nn.Module]) -> list[nn.Parameter]:
    return [parameter for part in parts for parameter in part.parameters()]
