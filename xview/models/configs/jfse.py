"""Joint feature synthesis and embedding; see `xview.models.systems.jfse`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from xview.errors import SettingError
from xview.settings import Settings, setting


class Alignment(StrEnum):
    """How the modalities' distributions are brought together (Table 2)."""

    CMMD = "cmmd"
    CMCA = "cmca"
    CMPM = "cmpm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config(Settings):
    """Equal values, data and seed give equal runs."""

    width: int = setting(256, low=1, help="Hidden units of every layer of generators, critics and regressors")
    dropout: float = setting(0.5, low=0, high=0.95, help="Share of the regressors' hidden units left out")
    scale: float = setting(
        1.0,
        low=1e-3,
        help="Root mean square of the class embeddings' entries, centred, as regressors learn them",
    )
    noise: int = setting(
        0, low=0, help="Dimension of the generators' noise; 0 is that of the class embeddings"
    )
    synthetic: int = setting(1, low=1, help="Synthetic items to a true one")
    critic_steps: int = setting(2, low=1, help="Updates of the critics to one of everything else")
    penalty: float = setting(10.0, low=0, symbol="α", help="Weight of the critics' gradient penalty")
    with_synthesis: bool = setting(True, help="Learn from synthetic items, too: the coupled cWGANs of Eq. 3")
    synthetic_unseen: bool = setting(
        True, help="Synthesise classes held out, too, from their embeddings alone (zero-shot, Eq. 17-19)"
    )
    with_alignment: bool = setting(True, help="Align the modalities' distributions: L_DA")
    alignment: Alignment = setting(
        Alignment.CMPM, help="Maximum mean discrepancy, correlation alignment, or projection matching"
    )
    beta: float = setting(1.0, low=0, symbol="β", help="Weight of the alignment")
    with_adversary: bool = setting(True, help="Confuse a discriminator of modalities: L_ADV")
    gamma: float = setting(0.1, low=0, symbol="γ", help="Weight of the adversary")
    with_cycle: bool = setting(True, help="Lead all items back to their class's embedding: L_CYC")
    lam: float = setting(0.1, low=0, key="lambda", symbol="λ", help="Weight of the way back")
    batch: int = setting(64, low=2, help="Items of each modality in a batch")
    learning_rate: float = setting(
        3e-4, low=1e-8, high=1, help="Step size of Adam for regressors and discriminator of modalities"
    )
    synthesis_rate: float = setting(
        1e-3, low=1e-8, high=1, help="Step size of Adam for generators and critics"
    )

    def __post_init__(self) -> None:
        super(Config, self).__post_init__()
        if not (self.with_alignment or self.with_adversary or self.with_cycle):
            raise SettingError("jfse: nothing is left to learn; leave alignment, adversary or cycle on")


TINY = Config(width=16, dropout=0, noise=2, lam=1, batch=16, learning_rate=1e-2, synthesis_rate=1e-2)
