"""Scores by walking on the queries' side and hopping from there, (L_xx^-1 e_i)^T S_xy: in all or part of it.

Each way gives the scores of one start, of many single items, and the exact share of each vertex in a score.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy import sparse

from xview.arrays import Doubles, Ints
from xview.graph.diffusion import Diffuser, hop
from xview.graph.truncation import solve_inside, union_areas
from xview.retrieval.nearby import solve_nearby


class WalkThenHop(Protocol):
    """One way to spread a start over the m items of the query side, then hop."""

    def scores(self, start: Doubles) -> Doubles:
        """(n,) for one start, (m,)."""

    def scores_many(self, rows: Ints) -> Doubles:
        """(b, n) for these items alone."""

    def shares(self, start: Doubles, position: int) -> Doubles:
        """(m,): what is carried through each vertex to gallery item `position`."""


@dataclass(frozen=True)
class Whole:
    """On the whole graph."""

    diffuser: Diffuser
    links: sparse.csc_array  # S_xy, (m, n)

    def scores(self, start: Doubles) -> Doubles:
        """(L^-1 start)^T S_xy; L is symmetric."""
        return np.asarray(self.links.T @ self.carried(start))

    def scores_many(self, rows: Ints) -> Doubles:
        """The same for one-hot starts."""
        ones = (np.ones(len(rows)), (rows, np.arange(len(rows))))
        starts = sparse.csc_array(ones, shape=(len(self.diffuser), len(rows)))
        return hop(self.links, self.diffuser.solve_many(starts))

    def shares(self, start: Doubles, position: int) -> Doubles:
        """The mass carried to each vertex times its link to `position`."""
        return np.asarray(self.carried(start) * self.links[:, [position]].toarray()[:, 0])

    def carried(self, start: Doubles) -> Doubles:
        """(m,) mass before the hop."""
        return self.diffuser.solve(start)


@dataclass(frozen=True)
class Nearby(Whole):
    """One start in the neighbourhood it reaches; many items on the whole graph."""

    def carried(self, start: Doubles) -> Doubles:
        """Mass inside the neighbourhood, 0 elsewhere."""
        return solve_nearby(self.diffuser, start).fine

    def fine_and_rough(self, start: Doubles) -> tuple[Doubles, Doubles]:
        """`scores`, and the same from half the neighbourhood."""
        local = solve_nearby(self.diffuser, start)
        return np.asarray(self.links.T @ local.fine), np.asarray(self.links.T @ local.rough)


@dataclass(frozen=True)
class Seeds:
    """Every vertex solved alone inside its own list, ready made: column s of `solutions` is seed s."""

    solutions: sparse.csr_array
    links: sparse.csc_array

    def scores(self, start: Doubles) -> Doubles:
        """What each seed's solution leaves at the start, times the seed's links."""
        return np.asarray(self.links.T @ self._carried(start))

    def scores_many(self, rows: Ints) -> Doubles:
        """The same for items alone."""
        return np.asarray((self.solutions[rows] @ self.links).toarray())

    def shares(self, start: Doubles, position: int) -> Doubles:
        """Each seed's share, as in `scores`."""
        return np.asarray(self._carried(start) * self.links[:, [position]].toarray()[:, 0])

    def _carried(self, start: Doubles) -> Doubles:
        items = np.flatnonzero(start)
        return np.asarray(start[items] @ self.solutions[items])


@dataclass(frozen=True)
class Union:
    """Every gallery item's links solved inside the union of their lists, ready made.

    Attributes:
        solved: (m, n) float64, column j the solution from gallery item j.
        areas: (m, m), row s the list of seed s.
    """

    diffuser: Diffuser
    links: sparse.csc_array
    areas: sparse.csr_array
    solved: Doubles

    def scores(self, start: Doubles) -> Doubles:
        """The start's rows of `solved`."""
        items = np.flatnonzero(start)
        return np.asarray(start[items] @ self.solved[items])

    def scores_many(self, rows: Ints) -> Doubles:
        """Rows of `solved`."""
        return self.solved[rows]

    def shares(self, start: Doubles, position: int) -> Doubles:
        """The start spread inside the union of item `position`, times its links."""
        column = self.links[:, [position]]
        inside = union_areas(self.areas, column)
        reach = solve_inside(
            self.diffuser.steps.matrix,
            inside,
            sparse.csr_array(start[None, :]),
            self.diffuser.alpha,
            self.diffuser.tol,
        )
        return np.asarray(reach.toarray()[0] * column.toarray()[:, 0])
