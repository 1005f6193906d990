"""Answers from the part of a large graph where a walk leaves most of its mass."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xview.arrays import Doubles, Ints
from xview.graph.diffusion import Diffuser, conjugate_gradients, neighbourhood

LOCAL_FROM = 30_000  # vertices; smaller graphs are solved whole within a frame or two
SIZE = 5_000  # vertices of a neighbourhood
BEST = 100  # answers whose stability is told


@dataclass(frozen=True)
class Nearby:
    """Solves on L sliced to the neighbourhood of a source."""

    diffuser: Diffuser

    def area(self, source: Doubles) -> Ints:
        """The vertices of the neighbourhood, most mass first; fewer than `SIZE` where the walk ends there."""
        return neighbourhood(self.diffuser.steps.matrix, source, SIZE, self.diffuser.alpha)

    def solve(self, source: Doubles, area: Ints) -> Doubles:
        """(n,): the solution inside `area`, 0 elsewhere."""
        steps, alpha, tol = self.diffuser.steps.matrix, self.diffuser.alpha, self.diffuser.tol
        out = np.zeros(len(source))
        out[area] = conjugate_gradients(steps[area][:, area], source[area], alpha, tol)
        return out

    def halved(self, area: Ints) -> Ints:
        """The heavier half of a neighbourhood, or all of it where it is complete."""
        return area if len(area) < SIZE else area[: SIZE // 2]


def overlap(scores: Doubles, rough: Doubles) -> float:
    """Share of the best 100 that two rankings have in common."""
    best = min(BEST, len(scores))
    first, second = (np.argpartition(-s, best - 1)[:best] for s in (scores, rough))
    return len(np.intersect1d(first, second)) / best
