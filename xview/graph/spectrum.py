"""The slowest part of a walk: leading eigenvectors of its step matrix.

Mass leaves a cluster slowly, so a solver spends most of its steps on as many directions as there are
clusters. Solving these apart leaves a problem that converges in a few steps, whatever alpha. It pays once
hundreds of right-hand sides share a graph.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from xview.arrays import Floats

COUNT = 128  # eigenvectors kept
_GUARD = 16  # more are carried along, since the last ones converge last
_ROUNDS, _DEGREE = 2, 8


@dataclass(frozen=True, eq=False)
class Leading:
    """Approximate leading eigenpairs of S: values (r,), orthonormal vectors (n, r), float32."""

    values: Floats
    vectors: Floats

    def passes(self, alpha: float, reduce: float) -> int:
        """Chebyshev steps that shrink the rest of an error, outside the leading directions, by `reduce`."""
        low, high = self.rest(alpha)
        return math.ceil(math.acosh(1 / reduce) / math.acosh((high + low) / (high - low)))

    def rest(self, alpha: float) -> tuple[float, float]:
        """Interval that holds the eigenvalues of I - alpha S outside the leading directions."""
        return 1 - alpha * float(self.values[0]), 1 + alpha

    def start(self, b: Floats, alpha: float) -> Floats:
        """The solution of (I - alpha S) f = b within the leading directions; b and f are (n, c) float32."""
        inside = (self.vectors.T @ b) / (1 - np.float32(alpha) * self.values)[:, None]
        return np.asarray(self.vectors @ inside)


def leading(steps: sparse.csr_array, seed: int = 0) -> Leading:
    """Leading eigenpairs by subspace iteration with a Chebyshev filter (Zhou et al. 2006, J. Comput. Phys.).

    Each round damps the part of the spectrum below the last Ritz value kept, by a polynomial of S that
    stays within 1 there and grows fast above. Residuals of about 0.01 are enough to start a solver.

    Args:
        steps: S, (n, n) float32, symmetric, spectrum in [-1, 1].
        seed: Of the random start.
    """
    n = steps.shape[0]
    kept = min(COUNT, n // 4)
    block = np.random.default_rng(seed).normal(size=(n, min(kept + _GUARD, n))).astype(np.float32)
    least, values = 0.5, np.empty(0, np.float32)
    for _ in range(_ROUNDS):
        block = np.linalg.qr(_filtered(steps, block, least))[0]
        ritz = block.T @ (steps @ block)
        values, turn = np.linalg.eigh((ritz + ritz.T) / 2)
        block = block @ turn
        least = float(np.clip(values[0], 0.1, 0.95))
    return Leading(values[-kept:], np.ascontiguousarray(block[:, -kept:]))


def _filtered(steps: sparse.csr_array, block: Floats, least: float) -> Floats:
    """Chebyshev polynomial of S, scaled to damp [-1, least], times `block`."""
    half, middle = np.float32((least + 1) / 2), np.float32((least - 1) / 2)
    before, now = block, (steps @ block - middle * block) / half
    for _ in range(_DEGREE - 1):
        before, now = now, 2 * (steps @ now - middle * now) / half - before
    return np.asarray(now)
