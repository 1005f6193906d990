"""What systems share that modify a picture by a sentence (paper 002, section 3.3); how they do it is theirs.

A pair is a source picture with an instruction and the target picture; trained, what is composed of source and
instruction is nearest to the target. Plain, composition happens among the encoders' features. *In Joint* all
features first go through projections g onto the unit sphere where pictures lie beside their captions, and
both spaces are learnt together (Eq. 2).

Readings
    Local features are those of the convolutions' last map; pooling comes after the layer to width d, which is
    linear, so the pooled feature is the mean of the local ones. Eq. 1 with a learnt scale is every loss here.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

from xview.errors import TrainingError
from xview.models import parallel
from xview.models.configs.composer import ComposerConfig
from xview.models.convolutional import Small, shifted
from xview.models.layers import Dropout
from xview.models.losses.choice import choice
from xview.models.trainable import OWN, Aligned, Batch, Facts, Trainable, detached
from xview.models.words import Sentence

SOURCE, INSTRUCTION, TARGET, CAPTION = "source", "instruction", "target", "caption"
_LARGEST_SCALE = 100.0


class Composer(Trainable):
    """Encoders and projections; `compose` is the subclass's.

    Inputs by role: SOURCE and TARGET (b, 3, h, w) pictures, INSTRUCTION and CAPTION (b, words) tokens. Row i
    of every role is one pair, its caption the source's; labels are rows of the collection, so equal ones are
    the same picture.
    """

    def __init__(self, config: ComposerConfig, facts: Facts) -> None:
        super().__init__()
        if SOURCE not in facts.inputs or not facts.vocabulary:
            raise TrainingError("a composition learns from pictures with instructions; this data has none")
        self.config = config
        self.batching = Aligned(config.batch)
        small = Small(facts.inputs[SOURCE], config.maps)
        self.maps = nn.Sequential(*list(small)[:-2])  # without its pooling
        self.image = nn.Linear(small.width, config.dim)
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
        return functional.normalize(self.mix(*self._asked(pictures, instructions)), dim=1)

    def explain(self, pictures: Tensor, instructions: Tensor) -> dict[str, Tensor]:
        """`told` of these pictures and instructions."""
        return self.told(*self._asked(pictures, instructions))

    def embed(self, modality: str, inputs: Tensor) -> dict[str, Tensor]:
        """Pictures in the space targets are found in, (b, dim) unit rows, whatever their role."""
        return {OWN: functional.normalize(self._local(inputs).mean(dim=1), dim=1)}

    def begin_epoch(self, epoch: int, epochs: int) -> None:
        """Let the learning rate fall along half a cosine."""
        for group in self.optimisers["composition"].param_groups:
            group["lr"] = self.config.learning_rate * (1 + math.cos(math.pi * epoch / epochs)) / 2

    def step(self, batch: Batch) -> dict[str, Tensor]:
        """One step down Eq. 1 over compositions and targets, and in Joint over pictures and captions, too."""
        scale = self.log_scale.exp().clamp(max=_LARGEST_SCALE)
        things = parallel.gather(batch.labels[TARGET])
        source, target = (shifted(batch.inputs[role], self.config.shift) for role in (SOURCE, TARGET))
        composed = parallel.gather(self.compose(source, batch.inputs[INSTRUCTION]))
        targets = parallel.gather(self.embed(TARGET, target)[OWN])
        terms = {"composition": choice(composed, targets, things, scale)}
        if self.config.in_joint:
            pictures = parallel.gather(self.embed(SOURCE, source)[OWN])
            told = functional.normalize(self.project[CAPTION](self.caption(batch.inputs[CAPTION])), dim=1)
            shown = parallel.gather(batch.labels[CAPTION])
            terms["joint"] = choice(pictures, parallel.gather(told), shown, scale)
        loss = torch.stack(list(terms.values())).sum()
        self.update("composition", loss)
        return detached({**terms, "loss": loss, "scale": scale})

    def _asked(self, pictures: Tensor, instructions: Tensor) -> tuple[Tensor, Tensor]:
        words = self.instruction(instructions)
        if self.config.in_joint:
            words = functional.normalize(self.project[INSTRUCTION](words), dim=1)
        return self._local(pictures), self.dropout(words)

    def _local(self, pictures: Tensor) -> Tensor:
        """(b, cells, dim); in Joint scaled so that their mean is g(psi), a unit row."""
        found: Tensor = self.image(self.maps(pictures).flatten(2).transpose(1, 2))
        if not self.config.in_joint:
            return found
        projected: Tensor = self.project[SOURCE](found)
        length = projected.mean(dim=1, keepdim=True).norm(dim=2, keepdim=True)
        scaled: Tensor = projected / length.clamp(min=1e-6)
        return scaled

    def end_epoch(self, measures: Mapping[str, float]) -> None:
        """Nothing follows from what was measured."""
