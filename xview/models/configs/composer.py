"""What the systems that modify a picture by a sentence have in common; see `xview.models.composer`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from xview.settings import Settings, setting


class Convolutions(StrEnum):
    """What looks at the pictures."""

    SMALL = "small"
    RESNET18 = "resnet18"
    RESNET50 = "resnet50"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposerConfig(Settings):
    """Encoders, projections and how they learn.

    Sizes are for a processor: 800 steps of 64 pairs take one core of it a minute (TIRG, plain) to three
    (Relation, in Joint). On held-out pairs of CCI, one run each, a rate of 3e-3 over 700 steps was below 1e-3
    over 1,000 (mAP .74 and .76 plain, .76 and .80 in Joint); pictures of 48 pixels were better than those of
    32 after 400 steps (.73 and .71 plain, .78 and .69 in Joint) and took more than twice as long.

    Each cell of the last map has a layer of its own: with resnet50, pictures of 224 pixels and a width of 512
    these hold 51 million weights.
    """

    in_joint: bool = setting(
        True, help="Compose in a space where pictures lie beside their captions, learnt together (Eq. 2)"
    )
    backbone: Convolutions = setting(
        Convolutions.SMALL, help="What looks at the pictures, learnt from scratch; resnet18 in the paper"
    )
    side: int = setting(32, low=16, high=512, help="What a picture's sides are scaled to")
    maps: int = setting(
        16, low=1, help="small: feature maps of the first stage; they double from stage to stage"
    )
    dim: int = setting(128, low=1, help="Width of picture and sentence features, the dimension of the space")
    words: int = setting(64, low=1, help="Width of word embeddings and of the LSTM; 512 in the paper")
    dropout: float = setting(0.1, low=0, high=0.95, help="Share of a sentence's features left out")
    scale: float = setting(
        16.0, low=1, high=100, help="What cosines are multiplied by at first; it is learnt"
    )
    shift: float = setting(
        0.05, low=0, high=0.5, help="Largest random shift of a picture, in shares of its side"
    )
    batch: int = setting(64, low=2, symbol="B", help="Pairs in a batch, and targets each chooses among")
    learning_rate: float = setting(
        1e-3, low=1e-6, high=1, help="Of AdamW in the first epoch; falls along a cosine"
    )
    weight_decay: float = setting(1e-4, low=0, high=1, help="Decoupled weight decay of AdamW")
