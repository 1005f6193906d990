"""The walk step by step: f^{t+1} = alpha S f^t + b from f^0 = b, whose end is what a `Diffuser` solves.

Written out, f^t is the first t + 1 terms of the Neumann series, the sum over r <= t of (alpha S)^r b: the
mass of all ways of at most t steps. Its fixed point L^-1 b, L = I - alpha S, is Eq. 6-7 of paper 000 without
their constant: Eq. 4 of the paper, f <- alpha S f + (1 - alpha) f^0, on the one-sided block matrix
[[S_xx, S_xy], [0, 0]] ends in alpha (1 - alpha) times the fixed point here with b = S_xy f_y. (On the
two-sided block matrix, as the paper prints it, Eq. 4 diverges: the blocks are normalised apart and the
spectral radius is about 2.)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

import numpy as np
from scipy import sparse

from xview.arrays import Doubles

RATIO = 1.15  # from one kept step to the next, beyond the first seven, which are all kept


@dataclass(frozen=True, eq=False, slots=True)
class State:
    """Where the mass is after some steps.

    Attributes:
        step: t.
        mass: (n,) float64 f^t.
        residual: |b - L f^t| / |b| = |(alpha S)^{t+1} b| / |b|, at most alpha^{t+1}; 0 where b is.
    """

    step: int
    mass: Doubles
    residual: float


def kept_steps() -> Iterator[int]:
    """0, 1, 2 ... and then each some `RATIO` times the last, without end: 40 steps reach past 600."""
    last = -1
    for power in count():
        step = round(RATIO**power) - 1
        if step > last:
            yield step
            last = step


def iterate(steps: sparse.csr_array, source: Doubles, alpha: float) -> Iterator[State]:
    """f^t at the `kept_steps`, without end.

    Args:
        steps: S, (n, n), symmetric, spectrum in [-1, 1].
        source: b, (n,), any sign.
        alpha: Share of mass that keeps walking, [0, 1).
    """
    size = float(np.linalg.norm(source)) or 1.0
    mass, coming, now = source.copy(), alpha * (steps @ source), 0
    for step in kept_steps():
        while now < step:  # `coming` is the next term of the series, and the residual of what is summed
            mass += coming
            coming = alpha * (steps @ coming)
            now += 1
        yield State(step, mass.copy(), float(np.linalg.norm(coming)) / size)
