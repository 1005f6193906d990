"""Canonical correlation analysis; see `xview.models.systems.cca`."""

from __future__ import annotations

from dataclasses import dataclass

from xview.settings import Settings, setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Config(Settings):
    """Equal values and equal features give equal projections."""

    dim: int = setting(64, low=1, help="Dimension of the shared space, at most")
    regularisation: float = setting(
        1.0, low=0, help="Ridge added to each modality's covariance, in units of its mean variance"
    )
    class_share: float = setting(
        0.5,
        low=0,
        high=1,
        help="Share of the correspondence by class; the rest is by instance, where the data names instances",
    )
    weighting: float = setting(
        1.0, low=0, help="Power of its canonical correlation that a shared dimension is weighted with"
    )
