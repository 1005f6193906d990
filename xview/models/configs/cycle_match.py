"""Cycle-consistent embeddings; see `xview.models.systems.cycle_match`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from xview.settings import Settings, setting


class Variant(StrEnum):
    """The models of Table 6.1."""

    FULL = "full"
    LATENT_MATCH = "latent-match"
    DUAL_MATCH = "dual-match"
    WITHOUT_LATENT = "without-latent"
    I2T2I = "i2t2i"
    T2I2T = "t2i2t"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config(Settings):
    """Equal values, data and seed give equal runs; the thesis' own stand in the recipes."""

    variant: Variant = setting(
        Variant.FULL,
        help="full: both cycles; i2t2i, t2i2t: one; without-latent; dual-match: no way back; "
        "latent-match: a common space alone",
    )
    hidden: int = setting(512, low=1, help="Width of the first layer of each translation")
    dim: int = setting(256, low=1, help="Width of the second and third layer, dimension of the latent space")
    dropout: float = setting(0.2, low=0, high=0.95, help="Share of the first layer's outputs left out")
    margin: float = setting(
        0.1, low=0, high=2, symbol="m", help="How much nearer a match must be, in cosines"
    )
    negatives: int = setting(
        50, low=1, symbol="K", help="Nearest items of other things that a match is held against, at most"
    )
    alpha: float = setting(
        2.0,
        low=0,
        symbol="α",
        help="Weight of negatives among the embeddings; among what they should match it is 1",
    )
    batch: int = setting(256, low=2, help="Rows of each modality in a batch")
    learning_rate: float = setting(
        0.1, low=1e-6, high=100, help="Of SGD with momentum 0.9; divided by 10 when the loss stops falling"
    )
    weight_decay: float = setting(5e-4, low=0, high=1, help="Decay of all weights in SGD")
    patience: int = setting(3, low=0, help="Epochs without a smaller loss before the learning rate falls")


TINY = Config(hidden=16, dim=8, negatives=3, batch=8)
