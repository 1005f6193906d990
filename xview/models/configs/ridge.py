"""Ridge regression onto class embeddings; see `xview.models.systems.ridge`."""

from __future__ import annotations

from dataclasses import dataclass

from xview.settings import Settings, setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Config(Settings):
    """Equal values and equal features give equal projections."""

    regularisation: float = setting(
        3.0,
        low=0,
        help="Ridge added to each modality's covariance, in units of its mean variance",
        symbol="λ",
        slider=(0, 30),
    )
