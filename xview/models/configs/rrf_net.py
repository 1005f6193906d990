"""Recurrent residual fusion; see `xview.models.systems.rrf_net`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from xview.settings import Settings, setting


class Fusion(StrEnum):
    """What becomes of the outputs of all recurrent steps (Table 5.2)."""

    CONV = "conv"
    SUM = "sum"
    LAST = "last"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config(Settings):
    """Equal values, data and seed give equal runs; the thesis' own stand in the recipes."""

    hidden: int = setting(512, low=1, help="Width of the first layer, FC1")
    dim: int = setting(128, low=1, help="Width of FC2 to FC4, the dimension of the shared space")
    steps: int = setting(
        3, low=0, high=4, symbol="T", help="Recurrent steps of FC3; 0 is a plain layer, the thesis' baseline"
    )
    fusion: Fusion = setting(
        Fusion.CONV, help="conv: steps weighted as learned; sum: weighted alike; last: only the last step"
    )
    dropout: float = setting(0.5, low=0, high=0.95, help="Share of FC1's outputs left out")
    margin: float = setting(
        0.1, low=0, high=2, symbol="m", help="How much nearer a match must be, in cosines"
    )
    negatives: int = setting(
        50, low=1, symbol="N", help="Nearest items of other things that a match is held against, at most"
    )
    cross: float = setting(1.0, low=0, symbol="α₁", help="Weight of negatives seen from the other modality")
    intra: float = setting(0.5, low=0, symbol="α₂", help="Weight of negatives seen from their own modality")
    forward: float = setting(2.0, low=0, symbol="β₁", help="Weight of the first modality as the query")
    backward: float = setting(1.0, low=0, symbol="β₂", help="Weight of the second modality as the query")
    batch: int = setting(256, low=2, help="Rows of each modality in a batch")
    learning_rate: float = setting(
        0.1, low=1e-6, high=100, help="Of SGD with momentum 0.9; divided by 10 when the loss stops falling"
    )
    weight_decay: float = setting(5e-4, low=0, high=1, help="Decay of all weights in SGD")
    patience: int = setting(3, low=0, help="Epochs without a smaller loss before the learning rate falls")


TINY = Config(hidden=16, dim=8, steps=2, negatives=3, batch=8)
