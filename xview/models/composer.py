"""What systems share that modify a picture by a sentence (paper 002, section 3.3); how they do it is theirs.

A pair is a source picture with an instruction and the target picture; trained, what is composed of source and
instruction is nearest to the target. Plain, composition happens among the encoders' features. *In Joint* all
features first go through projections g onto the unit sphere where pictures lie beside their captions, and
both spaces are learnt together (Eq. 2).

Readings
    Local features are those of the convolutions' last map; pooling comes after the layer to width d, which is
    linear, so the pooled feature is the mean of the local ones. Eq. 1 with a learnt scale is every loss here.
    The pictures of Eq. 2's first term are all of a batch, targets like sources.

Decisions
    2026-11-22  The layer to width d has weights of its own in each cell: with common ones, as behind the
                global pooling of Vo et al., the mean hardly knows where things stand. On held-out pairs of
                CCI, 400 steps: mAP .70 against .60 plain, .63 against .58 in Joint.
    2026-11-22  Looked at on the same pairs and left as they were: residuals of a tenth, features of length 4
                in Joint, sources among the wrong choices (within .03 mAP); batches of siblings (.07 lower).
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from xview.errors import TrainingError
from xview.models import parallel
from xview.models.configs.composer import ComposerConfig, Convolutions
from xview.models.convolutional import EachCell, Small, resnet18, resnet50, shifted
from xview.models.layers import Dropout
from xview.models.losses.choice import choice
from xview.models.trainable import OWN, Aligned, Batch, Facts, Trainable, detached
from xview.models.words import Sentence

SOURCE, INSTRUCTION, TARGET = "source", "instruction", "target"
CAPTION, TARGET_CAPTION = "caption", "target caption"
ROLES = (SOURCE, INSTRUCTION, TARGET, CAPTION, TARGET_CAPTION)
_LARGEST_SCALE = 100.0


class Composer(Trainable):
    """Encoders and projections; `compose` is the subclass's.

    Inputs by role: SOURCE and TARGET (b, 3, h, w) pictures, INSTRUCTION (b, words) tokens, CAPTION and
    TARGET_CAPTION those of source and target. Row i of every role is one pair; labels are rows of the
    collection, so equal ones are the same picture.
    """

    def __init__(self, config: ComposerConfig, facts: Facts) -> None:
        super().__init__()
        if SOURCE not in facts.inputs or not facts.vocabulary:
            raise TrainingError("a composition learns from pictures with instructions; this data has none")
        self.config = config
        self.batching = Aligned(config.batch)
        self.maps, channels, cells = _maps(config, facts.inputs[SOURCE])
        self.image = EachCell(cells, channels, config.dim)
        words = len(facts.vocabulary)
        self.instruction = Sentence(words, config.words, config.dim)
        self.dropout = Dropout(config.dropout)
        if config.in_joint:
            self.caption = Sentence(words, config.words, config.dim)
            self.project = nn.ModuleDict(
                {role: nn.Linear(config.dim, config.dim) for role in (SOURCE, CAPTION, INSTRUCTION)}
            )
        self.log_scale = nn.Parameter(torch.tensor(math.log(config.scale)))

    def learn(self) -> None:
        """Make the optimiser; to be called by the subclass when every parameter is there."""
        self.optimisers = {
            "composition": torch.optim.AdamW(
                self.parameters(), self.config.learning_rate, weight_decay=self.config.weight_decay
            )
        }

    @abstractmethod
    def mix(self, local: Tensor, words: Tensor) -> Tensor:
        """(b, cells, dim) local features of the source and (b, dim) of the instruction -> (b, dim)."""

    @abstractmethod
    def told(self, local: Tensor, words: Tensor) -> dict[str, Tensor]:
        """What a person may want to know of a composition, (b,) by name, such as how much was changed."""

    def compose(self, pictures: Tensor, instructions: Tensor) -> Tensor:
        """(b, dim) unit rows: where the modified pictures belong."""
        return functional.normalize(self.mix(self._local(pictures), self._told(instructions)), dim=1)

    def explain(self, pictures: Tensor, instructions: Tensor) -> dict[str, Tensor]:
        """`told` of these pictures and instructions."""
        return self.told(self._local(pictures), self._told(instructions))

    def embed(self, modality: str, inputs: Tensor) -> dict[str, Tensor]:
        """Pictures in the space targets are found in, (b, dim) unit rows, whatever their role."""
        return {OWN: _pooled(self._local(inputs))}

    def begin_epoch(self, epoch: int, epochs: int) -> None:
        """Let the learning rate fall along half a cosine."""
        for group in self.optimisers["composition"].param_groups:
            group["lr"] = self.config.learning_rate * (1 + math.cos(math.pi * epoch / epochs)) / 2

    def step(self, batch: Batch) -> dict[str, Tensor]:
        """One step down Eq. 1 over compositions and targets, and in Joint over pictures and captions, too."""
        scale = self.log_scale.exp().clamp(max=_LARGEST_SCALE)
        pictures = [shifted(batch.inputs[role], self.config.shift) for role in (SOURCE, TARGET)]
        local = self._local(torch.cat(pictures))
        sources, targets = (parallel.gather(found) for found in _pooled(local).chunk(2))
        mixed = self.mix(local[: len(pictures[0])], self._told(batch.inputs[INSTRUCTION]))
        composed = parallel.gather(functional.normalize(mixed, dim=1))
        things = {role: parallel.gather(batch.labels[role]) for role in (SOURCE, TARGET)}
        terms = {"composition": choice(composed, targets, things[TARGET], scale)}
        if self.config.in_joint:
            captions = torch.cat([self._captioned(batch.inputs[role]) for role in (CAPTION, TARGET_CAPTION)])
            shown = torch.cat([sources, targets])
            terms["joint"] = choice(shown, captions, torch.cat([things[SOURCE], things[TARGET]]), scale)
        loss = torch.stack(list(terms.values())).sum()
        self.update("composition", loss)
        return detached({**terms, "loss": loss, "scale": scale})

    def _captioned(self, captions: Tensor) -> Tensor:
        """(b of all processes, dim) unit rows: where the captions lie in the joint space."""
        return parallel.gather(functional.normalize(self.project[CAPTION](self.caption(captions)), dim=1))

    def _told(self, instructions: Tensor) -> Tensor:
        words = self.instruction(instructions)
        if self.config.in_joint:
            words = functional.normalize(self.project[INSTRUCTION](words), dim=1)
        found: Tensor = self.dropout(words)
        return found

    def _local(self, pictures: Tensor) -> Tensor:
        """(b, cells, dim); in Joint scaled so that their mean is g(psi), a unit row."""
        found: Tensor = self.image(self.maps(pictures.contiguous(memory_format=torch.channels_last)))
        if not self.config.in_joint:
            return found
        projected: Tensor = self.project[SOURCE](found)
        length = projected.mean(dim=1, keepdim=True).norm(dim=2, keepdim=True)
        scaled: Tensor = projected / length.clamp(min=1e-6)
        return scaled

    def end_epoch(self, measures: Mapping[str, float]) -> None:
        """Nothing follows from what was measured."""


def _maps(config: ComposerConfig, shape: Sequence[int]) -> tuple[nn.Module, int, int]:
    """The backbone up to its last map, that map's channels, and how many cells it has."""
    if config.backbone is Convolutions.SMALL:
        small = Small(shape, config.maps, pooled=False)
        return small, small.channels, small.cells
    build = resnet18 if config.backbone is Convolutions.RESNET18 else resnet50
    residual = build(shape[0], pooled=False)
    return residual, residual.width, math.ceil(shape[1] / 32) * math.ceil(shape[2] / 32)


def _pooled(local: Tensor) -> Tensor:
    """(b, cells, dim) -> (b, dim) unit rows."""
    return functional.normalize(local.mean(dim=1), dim=1)
