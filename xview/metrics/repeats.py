"""A figure measured several times: over splits, trials or seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np


def mean_of(runs: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Mean of every figure over at least one run."""
    return {name: float(np.mean([run[name] for run in runs])) for name in runs[0]}


def spread_of(runs: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Sample standard deviation of every figure; nothing for a single run."""
    if len(runs) < 2:
        return {}
    return {name: float(np.std([run[name] for run in runs], ddof=1)) for name in runs[0]}
