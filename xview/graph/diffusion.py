"""Solving (I - alpha S) f = b: the end of a random walk that keeps walking with probability alpha.

f is the fixed point of f <- alpha S f + b (Zhou et al. 2004, "Ranking on data manifolds"; Eq. 6-7 of paper
000 without the constant alpha (1 - alpha)). I - alpha S is symmetric positive definite for alpha < 1.
"""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np
from scipy import sparse
from scipy.linalg import cho_factor, cho_solve

from xview.arrays import AnyArray, Doubles, Ints
from xview.errors import ConvergenceError

FACTOR_LIMIT = 1_500  # a Cholesky factor of this many vertices is made within one move of a slider
FACTOR_LIMIT_MANY = 4_000  # ... and of this many pays off when many right-hand sides follow


class Diffuser:
    """Answers for one step matrix S and one alpha; keeps its factorisation where it has one."""

    def __init__(self, steps: sparse.csr_array, alpha: float, tol: float) -> None:
        """Prepare to solve; nothing is computed yet.

        Args:
            steps: S, (n, n) float64, symmetric, spectrum in [-1, 1].
            alpha: Share of mass that keeps walking, [0, 1).
            tol: Relative residual |b - L f| / |b| to reach, in each right-hand side.
        """
        self.steps, self.alpha, self.tol = steps, alpha, tol

    def __len__(self) -> int:
        return int(self.steps.shape[0])

    def solve(self, sources: Doubles) -> Doubles:
        """f for one source b, (n,), of any sign.

        Raises:
            ConvergenceError: The residual stays above `tol`.
        """
        if len(self) <= FACTOR_LIMIT:
            return np.asarray(cho_solve(self._factor, sources, check_finite=False))
        return self._conjugate_gradients(sources)

    def solve_many(self, sources: Doubles) -> Doubles:
        """f for each column of b, (n, c).

        Raises:
            ConvergenceError: The residual of a column stays above `tol`.
        """
        if len(self) <= FACTOR_LIMIT_MANY:
            return np.asarray(cho_solve(self._factor, sources, check_finite=False))
        return np.stack([self._conjugate_gradients(column) for column in sources.T], axis=1)

    def within(self, rows: Ints) -> Diffuser:
        """The same walk held inside some vertices: S is sliced, not normalised again ("late truncation")."""
        return Diffuser(sparse.csr_array(self.steps[rows][:, rows]), self.alpha, self.tol)

    @cached_property
    def _factor(self) -> tuple[AnyArray, bool]:
        dense = -self.alpha * self.steps.toarray()
        dense[np.diag_indices(len(self))] += 1.0
        return cho_factor(dense, lower=True, overwrite_a=True, check_finite=False)

    def _conjugate_gradients(self, b: Doubles) -> Doubles:
        f, residual, direction = np.zeros(len(b)), b.copy(), b.copy()
        size = float(residual @ residual)
        enough = self.tol**2 * size
        for _ in range(iteration_limit(self.alpha, self.tol)):
            if size <= enough:
                return f
            pushed = direction - self.alpha * (self.steps @ direction)
            step = size / float(direction @ pushed)
            f += step * direction
            residual -= step * pushed
            size, previous = float(residual @ residual), size
            direction *= size / previous
            direction += residual
        raise not_converged(self.alpha, self.tol)


def iteration_limit(alpha: float, tol: float) -> int:
    """Twice the conjugate-gradient steps that any S with spectrum in [-1, 1] needs for residual `tol`."""
    root = math.sqrt((1 + alpha) / (1 - alpha))
    return 10 + math.ceil(root * math.log(2 * root / tol))


def not_converged(alpha: float, tol: float) -> ConvergenceError:
    """The error of a solver that ran out of steps."""
    steps = iteration_limit(alpha, tol)
    return ConvergenceError(
        f"diffusion at alpha {alpha:g} did not reach residual {tol:g} in {steps} steps; lower alpha or raise tol"
    )
