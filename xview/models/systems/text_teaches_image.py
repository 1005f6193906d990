"""Text teaches image retrieval: a joint embedding of images and texts (Dong et al., paper 002, section 3.1).

Each modality has a module of width d - for images a backbone and one fully connected layer, for texts two
with ReLU on a sentence's features - then a projection onto the unit sphere; every image chooses its text
among those of the batch (Eq. 1). What the space is for, the graph of images and texts, is in
`xview.graph.geodesic`.

Readings
    Eq. 1 has no temperature: with cosines in [-1, 1] the loss cannot fall below log(1 + (B - 1) e^-2), 2.03
    at B = 50. A scale, learnt or fixed, is offered; 1 and fixed is the paper. Another text of the same thing
    is no wrong choice and is left out of the sum, which the paper's data has no case of.

Decisions
    2026-11-22  On features the image module is centring, one layer and ReLU: the backbone is frozen. From
                pixels it is the same behind the small convolutions; without centring, pictures of one kind
                are so alike at first that the loss stays where it began on CCI, and pooled over the whole
                picture they cannot tell where a thing stands.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

from xview.models import parallel
from xview.models.configs.text_teaches_image import Config
from xview.models.convolutional import Small, shifted
from xview.models.layers import BatchNorm, Dropout, Standardise
from xview.models.losses.choice import choice
from xview.models.trainable import Aligned, Batch, Facts, Trainable, detached, sgd_on_plateau

SHARED = "shared"
_CHANNELS = 3
_GRID = 3  # cells a side that the small convolutions pool over
_LARGEST_SCALE = 100.0


def picture_shape(config: Config) -> tuple[int, int, int] | None:
    """(c, h, w) of the pictures the system learns from, or None where it takes features."""
    return (_CHANNELS, config.side, config.side) if config.pixels else None


def build(config: Config, facts: Facts) -> TextTeachesImage:
    """The untrained system for this data; the first modality chooses among the second's items, the texts."""
    return TextTeachesImage(config, facts)


class TextTeachesImage(Trainable):
    """`modules_` holds a module for each modality, `projections` g of section 3.1."""

    def __init__(self, config: Config, facts: Facts) -> None:
        super().__init__()
        self.config = config
        self.batching = Aligned(config.batch)
        self.modalities = facts.modalities
        self.modules_ = nn.ModuleList(_module(config, facts, m) for m in self.modalities)
        self.projections = nn.ModuleList(nn.Linear(config.hidden, config.dim) for _ in self.modalities)
        self.log_scale = nn.Parameter(torch.tensor(math.log(config.scale)), requires_grad=config.learn_scale)
        optimiser, scheduler = sgd_on_plateau(
            [p for p in self.parameters() if p.requires_grad],
            config.learning_rate,
            config.weight_decay,
            config.patience,
        )
        self.optimisers = {"embedding": optimiser}
        self.schedulers = {"embedding": scheduler}

    def step(self, batch: Batch) -> dict[str, Tensor]:
        """One step down Eq. 1."""
        varied = {m: self._varied(x) for m, x in batch.inputs.items()}
        images, texts = (parallel.gather(self._embedded(m, varied[m])) for m in self.modalities)
        things = parallel.gather(batch.instances[self.modalities[0]])
        scale = self.log_scale.exp().clamp(max=_LARGEST_SCALE)
        loss = choice(images, texts, things, scale)
        self.update("embedding", loss)
        return detached({"loss": loss, "scale": scale})

    def embed(self, modality: str, inputs: Tensor) -> dict[str, Tensor]:
        """The shared space, (b, dim) unit rows."""
        return {SHARED: self._embedded(modality, inputs)}

    def end_epoch(self, measures: Mapping[str, float]) -> None:
        """Divide the learning rate by 10 where the loss has stopped falling."""
        self.schedulers["embedding"].step(measures["loss"])

    def _embedded(self, modality: str, inputs: Tensor) -> Tensor:
        at = self.modalities.index(modality)
        return functional.normalize(self.projections[at](self.modules_[at](inputs)), dim=1)

    def _varied(self, inputs: Tensor) -> Tensor:
        return inputs if inputs.ndim == 2 else shifted(inputs, self.config.shift)


def _module(config: Config, facts: Facts, modality: str) -> nn.Sequential:
    """(b, ...) -> (b, hidden): the image's backbone and layer, or two layers with ReLU on features."""
    shape = facts.inputs[modality]
    if len(shape) == 3:
        small = Small(shape, config.maps, _GRID)
        centred = BatchNorm(small.width)
        return nn.Sequential(small, centred, nn.Linear(small.width, config.hidden), nn.ReLU())
    standardise = Standardise(facts.means[modality], facts.scales[modality])
    first = nn.Sequential(standardise, nn.Linear(shape[0], config.hidden), nn.ReLU(), Dropout(config.dropout))
    if modality == facts.modalities[0]:
        return first
    return nn.Sequential(first, nn.Linear(config.hidden, config.hidden), nn.ReLU())
