"""Answers from the part of a large graph where a walk leaves most of its mass."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xview.arrays import Doubles, Ints
from xview.graph.diffusion import Diffuser

LOCAL_FROM = 30_000  # vertices; smaller graphs are solved whole within a frame or two
SIZE = 5_000  # vertices of the first neighbourhood ...
LARGEST = 20_000  # ... which is doubled up to this ...
STABLE = 0.99  # ... until the half holds this share of the same best
BEST = 100


@dataclass(frozen=True)
class Local:
    """A solution inside a neighbourhood.

    Attributes:
        area: The neighbourhood.
        fine: (n,) solution inside it, 0 elsewhere.
        rough: (n,) the same inside its heavier half: what changes from one to the other tells how far the
            neighbourhood still is from the whole graph.
    """

    area: Ints
    fine: Doubles
    rough: Doubles


def solve_nearby(diffuser: Diffuser, source: Doubles) -> Local:
    """Solve inside a neighbourhood of `source`, (n,), large enough for its best 100 to settle."""
    size = SIZE
    area = diffuser.neighbourhood(source, size)
    rough = diffuser.solve_within(area[: size // 2], source)
    while True:
        fine = diffuser.solve_within(area, source)
        if len(area) < size:  # the walk reaches no more: this is the solution on the whole graph
            return Local(area, fine, fine)
        if size >= LARGEST or overlap(fine, rough) >= STABLE:
            return Local(area, fine, rough)
        size, rough = 2 * size, fine
        area = diffuser.neighbourhood(source, size)


def overlap(scores: Doubles, rough: Doubles) -> float:
    """Share of the best 100 that two rankings have in common."""
    best = min(BEST, len(scores))
    first, second = (np.argpartition(-s, best - 1)[:best] for s in (scores, rough))
    return len(np.intersect1d(first, second)) / best
