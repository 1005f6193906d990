"""Scores by hopping to the gallery and walking there, L_yy^-1 (S_yx e_i): over all of it, or part of it.

Each way gives the scores of one hop, of many, and the exact share of each vertex of a hop in a score.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy import sparse

from xview.arrays import Doubles
from xview.graph.diffusion import Diffuser
from xview.graph.truncation import solve_inside, union_areas
from xview.retrieval.nearby import solve_nearby


class HopThenWalk(Protocol):
    """One way to spread a hop over the n gallery items."""

    def scores(self, hop: Doubles) -> Doubles:
        """(n,) for one hop, (n,)."""

    def scores_many(self, hops: sparse.csc_array) -> Doubles:
        """(b, n) for the columns of `hops`, (n, b)."""

    def shares(self, hop: Doubles, position: int) -> Doubles:
        """(n,): what each vertex of the hop adds to the score of gallery item `position`."""


@dataclass(frozen=True)
class Whole:
    """On the whole graph."""

    diffuser: Diffuser

    def scores(self, hop: Doubles) -> Doubles:
        """L^-1 hop."""
        return self.diffuser.solve(hop)

    def scores_many(self, hops: sparse.csc_array) -> Doubles:
        """L^-1 hops, transposed."""
        return self.diffuser.solve_many(hops)

    def shares(self, hop: Doubles, position: int) -> Doubles:
        """Row `position` of L^-1, which is symmetric, times the hop."""
        return self.diffuser.solve(one_hot(len(hop), position)) * hop


@dataclass(frozen=True)
class Nearby(Whole):
    """One hop in the neighbourhood it reaches; many hops on the whole graph."""

    def scores(self, hop: Doubles) -> Doubles:
        """L^-1 hop with L sliced to the neighbourhood, 0 elsewhere."""
        return solve_nearby(self.diffuser, hop).fine

    def fine_and_rough(self, hop: Doubles) -> tuple[Doubles, Doubles]:
        """`scores`, and the same from half the neighbourhood."""
        local = solve_nearby(self.diffuser, hop)
        return local.fine, local.rough

    def shares(self, hop: Doubles, position: int) -> Doubles:
        """As on the whole graph, inside the same neighbourhood."""
        area = solve_nearby(self.diffuser, hop).area
        return self.diffuser.solve_within(area, one_hot(len(hop), position)) * hop


@dataclass(frozen=True)
class Seeds:
    """Every vertex solved alone inside its own list, ready made: row s of `solutions` is seed s."""

    solutions: sparse.csr_array

    def scores(self, hop: Doubles) -> Doubles:
        """The hop's seeds' solutions, each times its weight, summed."""
        seeds = np.flatnonzero(hop)
        return np.asarray(hop[seeds] @ self.solutions[seeds])

    def scores_many(self, hops: sparse.csc_array) -> Doubles:
        """The same for every column."""
        return np.asarray((hops.T @ self.solutions).toarray())

    def shares(self, hop: Doubles, position: int) -> Doubles:
        """Each seed's solution at `position`, times its weight."""
        seeds, shares = np.flatnonzero(hop), np.zeros(len(hop))
        shares[seeds] = self.solutions[seeds][:, [position]].toarray()[:, 0] * hop[seeds]
        return shares


@dataclass(frozen=True)
class Union:
    """One solve inside the union of the hop's seeds' lists; row s of `areas` is the list of seed s."""

    diffuser: Diffuser
    areas: sparse.csr_array

    def scores(self, hop: Doubles) -> Doubles:
        """Zero outside the union."""
        return np.asarray(self.scores_many(sparse.csc_array(hop[:, None]))[0])

    def scores_many(self, hops: sparse.csc_array) -> Doubles:
        """One union and one solve a column."""
        inside = union_areas(self.areas, hops)
        return np.asarray(self._solve(sparse.csr_array(hops.T), inside).toarray())

    def shares(self, hop: Doubles, position: int) -> Doubles:
        """As on the whole graph, inside the same union."""
        inside = union_areas(self.areas, sparse.csc_array(hop[:, None]))
        reach = self._solve(sparse.csr_array(one_hot(len(hop), position)[None, :]), inside)
        return np.asarray(reach.toarray()[0] * hop)

    def _solve(self, sources: sparse.csr_array, inside: sparse.csr_array) -> sparse.csr_array:
        return solve_inside(
            self.diffuser.steps.matrix, inside, sources, self.diffuser.alpha, self.diffuser.tol
        )


def one_hot(n: int, position: int) -> Doubles:
    """(n,) float64 zeros but for a 1 at `position`."""
    source = np.zeros(n)
    source[position] = 1.0
    return source
