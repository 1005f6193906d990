"""Joint matching and classification; see `xview.models.systems.mmc_net`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from xview.errors import SettingError
from xview.settings import Settings, setting


class Fusion(StrEnum):
    """What becomes of the outputs of FC2, FC3 and FC4 (Table 7.6)."""

    CONV = "conv"
    SUM = "sum"
    MULTIPLY = "multiply"
    NONE = "none"


class Pooling(StrEnum):
    """How a pair becomes the vector that is classified (Table 7.7)."""

    COMPACT = "compact"
    BILINEAR = "bilinear"
    CONCAT = "concat"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config(Settings):
    """Equal values, data and seed give equal runs; the thesis' own stand in the recipes."""

    hidden: int = setting(512, low=1, help="Width of the first layer, FC1")
    dim: int = setting(256, low=1, help="Width of FC2 to FC4, the dimension of the shared space")
    fusion: Fusion = setting(
        Fusion.CONV,
        help="FC2 to FC4 by learned weights (conv), all alike (sum), entry by entry (multiply), or FC4 alone",
    )
    batch_norm: bool = setting(
        False,
        help="Normalise every input number over the batch, as the thesis does; else all inputs by one scale, "
        "which keeps small principal components small",
    )
    dropout: float = setting(0.5, low=0, high=0.95, help="Share of FC1's outputs left out")
    margin: float = setting(
        0.1, low=0, high=2, symbol="m", help="By how much a match must be nearer, in cosines"
    )
    negatives: int = setting(
        100, low=1, symbol="K", help="Nearest items of other things that a match is held against, at most"
    )
    backward: float = setting(
        2.0, low=0, symbol="α", help="Weight of the second modality as the query; the first's is 1"
    )
    spare_class: bool = setting(True, help="No item of a thing's own class is held against it as a negative")
    beta: float = setting(
        0.1, low=0, symbol="β", slider=(0, 2), help="Weight of classification; 0 is MM-Net, matching alone"
    )
    pooling: Pooling = setting(
        Pooling.COMPACT,
        help="What is classified: a sketch of a pair's outer product (compact), the product, or both vectors",
    )
    sketch: int = setting(
        1024, low=1, high=100_000, symbol="D", help="Length of the sketch of compact pooling"
    )
    matching_share: float = setting(
        0.6, low=0, high=1, help="Share of the epochs that train matching alone, first"
    )
    classifier_share: float = setting(
        0.1,
        low=0,
        high=1,
        help="Share of the epochs that train the classifier alone, next; the rest train both",
    )
    matching_rate: float = setting(
        1.0, low=1e-6, high=100, symbol="λ₁", help="Learning rate of the branches, while alone"
    )
    classifier_rate: float = setting(
        1.0, low=1e-6, high=100, symbol="λ₂", help="Learning rate of the classifier, while alone"
    )
    joint_rate: float = setting(
        0.03,
        low=1e-6,
        high=100,
        symbol="λ₃",
        help="Learning rate of the branches in the end; the classifier's is lowered with it",
    )
    weight_decay: float = setting(5e-4, low=0, high=1, help="Decay of all weights in SGD")
    patience: int = setting(
        10, low=0, help="Epochs without a smaller loss before a learning rate is divided by 10"
    )
    batch: int = setting(128, low=2, help="Rows of each modality in a batch")

    def __post_init__(self) -> None:
        """Leave epochs to train both parts together."""
        Settings.__post_init__(self)
        if self.matching_share + self.classifier_share >= 1:
            raise SettingError("mmc_net: matching_share and classifier_share must leave epochs to train both")


TINY = Config(hidden=16, dim=8, sketch=16, negatives=3, batch=8)
