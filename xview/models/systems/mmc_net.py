"""MMC-Net: one network matches items of two modalities and classifies the matched pair (Liu 2018, thesis,
chapter 7). With beta = 0 it is the thesis' MM-Net, matching alone.

Readings
    Section 7.2.2 puts a rectifier after every fully connected layer; here FC4 has none, or no cosine could be
    negative. The fusion's bias is one number: "only three parameters" (section 7.4.5) leaves no room for 512.
    Eq. 7.4 is averaged over items and negatives, of which the K nearest are taken, not the "most dissimilar".
    Alg. 3 declares a rate lambda_3 for the third stage, but steps with the branches' lambda_1 and the
    classifier's lambda_2: here with lambda_3, and with lambda_2 lowered as much. In the second stage batch
    normalisation and dropout work as in training; only the weights stand still.

Decisions
    2026-11-22  A single item is classified as the pair of itself with itself (the thesis leaves it open): the
                space "classes" holds its class probabilities p, evidence beside the shared space. Late fusion
                of both re-ranks, score = cos(f, g) + gamma <p, q> (-d up to a constant). A space compares by
                the cosine of p and q, though, which is <p, q> / (|p| |q|): as |p| falls from 1 for a certain
                item to 1 / sqrt(C) for an undecided one, <p, q> also trusts certain items more, where the
                cosine lets an undecided item match the equally undecided.
    2026-11-22  Defaults are for principal components, whose small ones batch normalisation of inputs would
                blow up: one scale for all. What was tried, on held-out seen classes, stands in the recipes
                `xview2026_emoji` and `xview2026_digits`.
    2026-11-22  Before the third stage the classifier knows nothing, or nothing of the branches to come, so no
                checkpoint of then is chosen as the best (`ready`).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.optim.lr_scheduler import ReduceLROnPlateau

from xview.models import parallel
from xview.models.configs.mmc_net import Config, Fusion, Pooling
from xview.models.layers import BatchNorm, Dropout, Standardise
from xview.models.losses.ranking import both_ways
from xview.models.pooling import CompactBilinear, bilinear, signed_root
from xview.models.trainable import Aligned, Batch, Facts, Trainable, detached

SHARED, CLASSES = "shared", "classes"


class Stage(StrEnum):
    """Of Alg. 3; its optimiser and scheduler bear its name."""

    MATCHING = "matching"
    CLASSIFIER = "classifier"
    JOINT = "joint"


class Branch(nn.Module):
    """FC1 to FC4 of one modality and the fusion of the last three (section 7.2.2)."""

    def __init__(self, config: Config, facts: Facts, modality: str) -> None:
        super().__init__()
        hidden, dim, (width,) = config.hidden, config.dim, facts.inputs[modality]
        self.first = nn.Sequential(
            BatchNorm(width)
            if config.batch_norm
            else Standardise(facts.means[modality], facts.scales[modality]),
            nn.Linear(width, hidden),
            nn.ReLU(),
            Dropout(config.dropout),
        )
        self.second = nn.Sequential(nn.Linear(hidden, dim, bias=False), BatchNorm(dim), nn.ReLU())
        self.third = nn.Sequential(nn.Linear(dim, dim, bias=False), BatchNorm(dim), nn.ReLU())
        self.fourth = nn.Sequential(nn.Linear(dim, dim, bias=False), BatchNorm(dim))
        self.fusion = config.fusion
        if config.fusion is Fusion.CONV:
            self.mix = nn.Conv1d(3, 1, 1)
            nn.init.constant_(self.mix.weight, 1 / 3)
            nn.init.zeros_(self.mix.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> Tensor:
        """(b, width) features -> (b, dim), f(x) or g(y) of Eq. 7.1-7.2."""
        second = self.second(self.first(x))
        third = self.third(second)
        fourth: Tensor = self.fourth(third)
        if self.fusion is Fusion.NONE:
            return fourth
        stack = torch.stack([second, third, fourth], dim=1)
        if self.fusion is Fusion.CONV:
            fused: Tensor = self.mix(stack).squeeze(1)
            return fused
        return stack.sum(1) if self.fusion is Fusion.SUM else stack.prod(1)


class Classifier(nn.Module):
    """Logits of a pair, without a bias (Eq. 7.8)."""

    def __init__(self, classes: int, config: Config) -> None:
        super().__init__()
        dim, self.pooling = config.dim, config.pooling
        widths = {Pooling.COMPACT: config.sketch, Pooling.BILINEAR: dim * dim, Pooling.CONCAT: 2 * dim}
        self.weights = nn.Linear(widths[self.pooling], classes, bias=False)
        if self.pooling is Pooling.COMPACT:
            self.compact = CompactBilinear(dim, config.sketch)

    def forward(self, f: Tensor, g: Tensor) -> Tensor:
        """(b, dim) of both -> (b, classes)."""
        if self.pooling is Pooling.CONCAT:
            pooled = torch.cat([f, g], dim=1)
        else:
            pool = self.compact if self.pooling is Pooling.COMPACT else bilinear
            pooled = signed_root(pool(f, g))
        logits: Tensor = self.weights(pooled)
        return logits


class MMCNet(Trainable):
    """A branch of each of two modalities, and a classifier of pairs where beta is more than 0."""

    def __init__(self, config: Config, facts: Facts) -> None:
        super().__init__()
        self.config = config
        self.batching = Aligned(config.batch)
        self.modalities = facts.modalities
        self.branches = nn.ModuleList(Branch(config, facts, modality) for modality in facts.modalities)
        groups: dict[Stage, list[tuple[nn.Module, float]]] = {
            Stage.MATCHING: [(self.branches, config.matching_rate)]
        }
        self.classifier = None
        if config.beta:
            self.classifier = Classifier(facts.classes, config)
            groups[Stage.CLASSIFIER] = [(self.classifier, config.classifier_rate)]
            lowered = config.joint_rate / config.matching_rate
            groups[Stage.JOINT] = [
                (part, rate * lowered)
                for stage in (Stage.MATCHING, Stage.CLASSIFIER)
                for part, rate in groups[stage]
            ]
        self.optimisers = {
            stage: torch.optim.SGD(
                [{"params": list(part.parameters()), "lr": rate} for part, rate in parts],
                momentum=0.9,
                weight_decay=config.weight_decay,
            )
            for stage, parts in groups.items()
        }
        self.schedulers = {
            stage: ReduceLROnPlateau(optimiser, patience=config.patience)
            for stage, optimiser in self.optimisers.items()
        }
        self.stage = list(groups)[-1]

    def begin_epoch(self, epoch: int, epochs: int) -> None:
        """Enter the stage of this epoch (Alg. 3)."""
        if self.classifier is None:
            return
        ends = self.config.matching_share, self.config.matching_share + self.config.classifier_share
        matched, classified = (int(end * epochs + 1e-9) for end in ends)
        self.stage = Stage.JOINT
        if epoch < classified:
            self.stage = Stage.MATCHING if epoch < matched else Stage.CLASSIFIER
        self.ready = self.stage is Stage.JOINT

    def step(self, batch: Batch) -> dict[str, Tensor]:
        """One step of the stage's optimiser down the stage's loss (Eq. 7.4, 7.9 and 7.13)."""
        with torch.set_grad_enabled(self.stage is not Stage.CLASSIFIER):
            f, g = (
                parallel.gather(branch(batch.inputs[m]))
                for m, branch in zip(self.modalities, self.branches, strict=True)
            )
        terms = {}
        if self.stage is not Stage.CLASSIFIER:
            terms["matching"] = self._matching(f, g, batch)
        if self.classifier is not None and self.stage is not Stage.MATCHING:
            labels = parallel.gather(batch.labels[self.modalities[0]])
            terms["classification"] = cross_entropy(self.classifier(f, g), labels)
        weights = {"classification": self.config.beta} if self.stage is Stage.JOINT else {}
        loss = torch.stack([weights.get(name, 1.0) * term for name, term in terms.items()]).sum()
        self.update(self.stage, loss)
        return detached({**terms, "loss": loss})

    def _matching(self, f: Tensor, g: Tensor, batch: Batch) -> Tensor:
        config = self.config
        ids = (batch.labels if config.spare_class else batch.instances)[self.modalities[0]]
        return both_ways(
            f,
            g,
            parallel.gather(ids),
            margin=config.margin,
            negatives=config.negatives,
            weights=(1.0, config.backward),
        )

    def embed(self, modality: str, inputs: Tensor) -> dict[str, Tensor]:
        """The shared space, (b, dim), and with a classifier the probabilities of the classes, (b, C)."""
        f = self.branches[self.modalities.index(modality)](inputs)
        if self.classifier is None:
            return {SHARED: f}
        return {SHARED: f, CLASSES: self.classifier(f, f).softmax(dim=1)}

    def end_epoch(self, measures: Mapping[str, float]) -> None:
        """Divide the stage's learning rate by 10 where its loss has stopped falling (section 7.4.1)."""
        self.schedulers[self.stage].step(measures["loss"])


def build(config: Config, facts: Facts) -> MMCNet:
    """The untrained system for this data."""
    return MMCNet(config, facts)
