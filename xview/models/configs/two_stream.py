"""Two-stream baseline of paper 000; see `xview.models.systems.two_stream`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from xview.settings import Settings, setting


class Backbone(StrEnum):
    """What goes before FC1."""

    FEATURES = "features"
    SMALL = "small"
    RESNET18 = "resnet18"
    RESNET50 = "resnet50"


class Distance(StrEnum):
    """Between the features a triplet compares."""

    COSINE = "cosine"
    EUCLIDEAN = "euclidean"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config(Settings):
    """A network for each modality alone and one for all together, trained side by side."""

    backbone: Backbone = setting(
        Backbone.FEATURES,
        help="features: layers on the encoder's features; the others learn from the pictures themselves",
    )
    height: int = setting(32, low=8, high=1024, help="Pixels a picture is scaled to; unused on features")
    width: int = setting(32, low=8, high=1024, help="Pixels a picture is scaled to; unused on features")
    channels: int = setting(3, low=1, high=3, help="Of a picture: 1 grey, 3 colour; unused on features")
    maps: int = setting(
        24, low=1, help="small: feature maps of the first stage; each further stage has twice as many"
    )
    hidden: int = setting(512, low=1, help="features: width of the layer before FC1")
    dropout: float = setting(0.5, low=0, high=0.95, help="features: share of that layer's outputs left out")
    dim: int = setting(128, low=1, help="Outputs of FC1, the dimension of every space")
    batch_norm: bool = setting(False, help="Normalise FC1's outputs over the batch")
    beta: float = setting(0.2, low=0, symbol="β", help="Weight of the triplet loss beside the classification")
    margin: float = setting(0.6, low=0, help="Margin of the triplet loss, in units of its distance")
    distance: Distance = setting(Distance.COSINE, help="What the triplet loss compares")
    lr: float = setting(1e-3, low=0, help="Learning rate of AdamW in the first epoch; falls along a cosine")
    weight_decay: float = setting(1e-4, low=0, help="Decoupled weight decay of AdamW")
    shift: float = setting(
        0.1, low=0, high=0.5, help="Pictures: largest random shift, as a share of the side; 0 is none"
    )
    classes_per_batch: int = setting(7, low=2, symbol="P", help="Classes in a batch")
    items_per_class: int = setting(8, low=1, symbol="K", help="Items of a class and modality in a batch")


TINY = Config(hidden=16, dropout=0.1, dim=8, lr=1e-2, classes_per_batch=2, items_per_class=2)
