"""Images and texts in one space, a text chosen among many; see `xview.models.systems.text_teaches_image`."""

from __future__ import annotations

from dataclasses import dataclass

from xview.settings import Settings, setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Config(Settings):
    """Equal values, data and seed give equal runs. In the paper batch is 50, scale 1 and fixed, rate .01."""

    pixels: bool = setting(
        False, help="Learn from the pictures themselves with small convolutions, not from features"
    )
    side: int = setting(64, low=8, high=512, help="pixels: what a picture's sides are scaled to")
    maps: int = setting(24, low=1, help="pixels: feature maps of the first stage; they double by stage")
    shift: float = setting(
        0.06, low=0, high=0.5, help="pixels: largest random shift, as a share of the side; 0 is none"
    )
    hidden: int = setting(512, low=1, help="Width d of both modules, before the projection onto the space")
    dim: int = setting(128, low=1, help="Dimension of the shared space")
    dropout: float = setting(0.3, low=0, high=0.95, help="Share of the modules' outputs left out")
    scale: float = setting(
        10.0, low=1, high=100, help="What cosines are multiplied by before the softmax; 1 as printed in Eq. 1"
    )
    learn_scale: bool = setting(
        True, help="Learn the scale, too; under a scale of 1 the loss cannot fall below log(1 + (B - 1) / e²)"
    )
    batch: int = setting(128, low=2, symbol="B", help="Pairs in a batch, and texts an image chooses among")
    learning_rate: float = setting(
        0.05, low=1e-6, high=100, help="Of SGD with momentum 0.9; divided by 10 when the loss stops falling"
    )
    weight_decay: float = setting(1e-4, low=0, high=1, help="Decay of all weights in SGD")
    patience: int = setting(3, low=0, help="Epochs without a smaller loss before the learning rate falls")


TINY = Config(hidden=16, dim=8, dropout=0.1, batch=8)
