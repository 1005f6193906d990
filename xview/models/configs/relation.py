"""Relations between parts of a picture and a sentence; see `xview.models.systems.relation`."""

from __future__ import annotations

from dataclasses import dataclass

from xview.models.configs.composer import ComposerConfig
from xview.settings import setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Config(ComposerConfig):
    """Equal values, data and seed give equal runs."""

    hidden: int = setting(128, low=1, help="Width of the perceptrons over pairs of parts and over their sum")


TINY = Config(side=16, maps=4, dim=8, words=8, batch=4, hidden=8)
