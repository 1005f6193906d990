"""Cross-aligned latent embeddings; see `xview.models.systems.lcale`."""

from __future__ import annotations

from dataclasses import dataclass

from xview.errors import SettingError
from xview.settings import Settings, setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Config(Settings):
    """Weights and switches of Eq. 9; the defaults suit a few thousand features of 128 or 256 numbers."""

    latent: int = setting(64, low=1, high=4096, help="Dimension of the shared latent space")
    wide: int = setting(512, low=1, high=16384, help="Units of each network's larger hidden layer")
    narrow: int = setting(256, low=1, high=16384, help="Units of each network's smaller hidden layer")
    batch: int = setting(32, low=2, high=4096, help="Rows of each modality in a batch")
    by_instance: bool = setting(
        True, help="Rows of a batch show the same thing, where the data names things; else the same class"
    )
    rate: float = setting(5e-4, low=1e-7, high=1, help="Adam's learning rate in the first ten epochs")
    decay: float = setting(0.9, low=0, high=1, help="Factor on the learning rate every ten epochs")
    with_vae: bool = setting(True, help="Use each autoencoder's own loss (Eq. 2)")
    with_cross: bool = setting(True, help="Use cross-reconstruction (Eq. 3)")
    with_wasserstein: bool = setting(True, help="Use the alignment with the classes' embeddings (Eq. 6)")
    with_mmd: bool = setting(True, help="Use the alignment between modalities (Eq. 7)")
    with_cycle: bool = setting(True, help="Use the reconstruction of the classes' embeddings (Eq. 8)")
    alpha: float = setting(1.0, low=0, slider=(0, 10), symbol="α", help="Weight of cross-reconstruction")
    beta: float = setting(0.1, low=0, slider=(0, 10), symbol="β", help="Weight of the 2-Wasserstein distance")
    mmd: float = setting(
        0.1, low=0, slider=(0, 10), key="lambda", symbol="λ", help="Weight of the mean discrepancy"
    )
    gamma: float = setting(0.01, low=0, slider=(0, 10), symbol="γ", help="Weight of cycle consistency")
    kl: float = setting(1.0, low=0, slider=(0, 2), help="Weight of the divergence from N(0, 1) in Eq. 2")

    def __post_init__(self) -> None:
        """Check every setting, and that something is left to learn from."""
        Settings.__post_init__(self)
        if not (
            self.with_vae or self.with_cross or self.with_wasserstein or self.with_mmd or self.with_cycle
        ):
            raise SettingError("lcale: every loss is switched off; leave at least one on")


TINY = Config(latent=4, wide=16, narrow=8, batch=8)
