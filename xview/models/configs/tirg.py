"""Text-image residual gating; see `xview.models.systems.tirg`."""

from __future__ import annotations

from dataclasses import dataclass

from xview.models.configs.composer import ComposerConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Config(ComposerConfig):
    """Equal values, data and seed give equal runs."""


TINY = Config(side=16, maps=4, dim=8, words=8, batch=4)
