"""Solving (I - alpha S) f = b: the end of a random walk that keeps walking with probability alpha.

f is the fixed point of f <- alpha S f + b (Zhou et al. 2004, "Ranking on data manifolds"; Eq. 6-7 of paper
000 without the constant alpha (1 - alpha)). I - alpha S is symmetric positive definite for alpha < 1.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.linalg import cho_factor, cho_solve

from xview.arrays import AnyArray, Doubles, Ints
from xview.errors import ConvergenceError

if TYPE_CHECKING:
    from xview.graph.compiled import CompiledSteps

FACTOR_LIMIT = 1_000  # a Cholesky factor of this many vertices is made within one move of a slider
FEW_PRODUCTS = 4_000_000  # below, links are multiplied without loading numba
COMPILED_FROM = 4_000  # vertices below which one source is solved without loading numba
COMPILED_VALUES = 100_000  # ... and scores below which many are


class Steps:
    """The step matrix S of a walk, (n, n) float64, symmetric, spectrum in [-1, 1]; whatever alpha is."""

    def __init__(self, matrix: sparse.csr_array) -> None:
        self.matrix = matrix

    @cached_property
    def compiled(self) -> CompiledSteps:
        """S as the compiled kernels read it; importing them loads numba."""
        from xview.graph.compiled import CompiledSteps

        return CompiledSteps(self.matrix)


class Diffuser:
    """Answers for one S and one alpha; keeps its factorisation where it has one."""

    def __init__(self, steps: Steps, alpha: float, tol: float) -> None:
        """Prepare to solve; nothing is computed yet.

        Args:
            steps: S; several alpha may share it.
            alpha: Share of mass that keeps walking, [0, 1).
            tol: Relative residual |b - L f| / |b| to reach, in each right-hand side.
        """
        self.steps, self.alpha, self.tol = steps, alpha, tol

    def __len__(self) -> int:
        return int(self.steps.matrix.shape[0])

    def solve(self, source: Doubles) -> Doubles:
        """f for one source b, (n,), of any sign.

        Raises:
            ConvergenceError: The residual stays above `tol`.
        """
        if len(self) <= FACTOR_LIMIT:
            return np.asarray(cho_solve(self._factor, source, check_finite=False))
        if len(self) <= COMPILED_FROM:
            return conjugate_gradients(self.steps.matrix, source, self.alpha, self.tol)
        limit = iteration_limit(self.alpha, self.tol)
        solved = self.steps.compiled.solve(source, self.alpha, self.tol, limit)
        return checked(solved, self.alpha, self.tol)

    def solve_many(self, sources: sparse.csc_array) -> Doubles:
        """f for each column of b, (n, c), as rows: (c, n) float64.

        Raises:
            ConvergenceError: The residual of a column stays above `tol`.
        """
        if len(self) <= FACTOR_LIMIT:
            return np.asarray(cho_solve(self._factor, sources.toarray(), check_finite=False).T)
        if sources.shape[0] * sources.shape[1] <= COMPILED_VALUES:
            each = (self.solve(column) for column in sources.toarray().T)
            return np.stack([*each]) if sources.shape[1] else np.empty(sources.shape[::-1])
        limit = iteration_limit(self.alpha, self.tol)
        solved = self.steps.compiled.solve_many(sources, self.alpha, self.tol, limit)
        return checked(solved, self.alpha, self.tol)

    def neighbourhood(self, source: Doubles, size: int) -> Ints:
        """The vertices where a walk from `source` leaves most of its mass: up to `size`, most mass first.

        Mass spreads step by step over the vertices it reached until these are twice as many as wanted (or
        no more come); then the heaviest stay. Made for large graphs: loads numba.

        Args:
            source: (n,), any sign; its magnitude counts.

        Returns:
            (s,) int64 vertices; fewer than `size` where the walk reaches no more.
        """
        return self.steps.compiled.neighbourhood(source, size, self.alpha)

    def solve_within(self, area: Ints, source: Doubles) -> Doubles:
        """f with S sliced to the vertices `area`, 0 elsewhere: (n,). Loads numba.

        Raises:
            ConvergenceError: The residual stays above `tol`.
        """
        limit = iteration_limit(self.alpha, self.tol)
        solved = self.steps.compiled.solve_within(area, source, self.alpha, self.tol, limit)
        return checked(solved, self.alpha, self.tol)

    @cached_property
    def _factor(self) -> tuple[AnyArray, bool]:
        dense = -self.alpha * self.steps.matrix.toarray()
        dense[np.diag_indices(len(self))] += 1.0
        return cho_factor(dense, lower=True, overwrite_a=True, check_finite=False)


def hop(links: sparse.csc_array, carried: Doubles) -> Doubles:
    """Rows of mass (c, m) through links (m, n): (c, n) float64."""
    across = sparse.csr_array(links.T)
    if across.nnz * len(carried) <= FEW_PRODUCTS:
        return np.asarray((across @ carried.T).T)
    from xview.graph.compiled import times

    return times(across, carried)


def conjugate_gradients(steps: sparse.csr_array, b: Doubles, alpha: float, tol: float) -> Doubles:
    """f for one source b, (n,), without a factorisation.

    Raises:
        ConvergenceError: The running residual stays above `tol`, or the true one above twice that.
    """
    f, residual, direction = np.zeros(len(b)), b.copy(), b.copy()
    size = _dot(residual, residual)
    enough = tol**2 * size
    for _ in range(iteration_limit(alpha, tol)):
        if size <= enough:
            break
        pushed = direction - alpha * (steps @ direction)
        step = size / _dot(direction, pushed)
        f += step * direction
        residual -= step * pushed
        size, previous = _dot(residual, residual), size
        direction *= size / previous
        direction += residual
    left = b - f + alpha * (steps @ f)
    return checked(f if _dot(left, left) <= 4 * enough else None, alpha, tol)


def iteration_limit(alpha: float, tol: float) -> int:
    """Twice the conjugate-gradient steps that any S with spectrum in [-1, 1] needs for residual `tol`."""
    root = math.sqrt((1 + alpha) / (1 - alpha))
    return 10 + math.ceil(root * math.log(2 * root / tol))


def _dot(a: Doubles, b: Doubles) -> float:
    # not BLAS: its threads, waking for 20,000 numbers, wait behind those of a search that just ended
    return float(np.einsum("i,i->", a, b))


def checked(solved: Doubles | None, alpha: float, tol: float) -> Doubles:
    """A solution, or ConvergenceError where there is none."""
    if solved is None:
        steps = iteration_limit(alpha, tol)
        raise ConvergenceError(
            f"diffusion at alpha {alpha:g} missed residual {tol:g} in {steps} steps; lower alpha or raise tol"
        )
    return solved
