"""The heaviest ways of a walk from where its mass starts to where it ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from xview.arrays import Doubles, Ints


@dataclass(frozen=True, slots=True)
class Way:
    """One way: the vertices it visits, first to last, and its weight.

    The weight is start[first] * product of alpha S along the way * end[last]: one term of the Neumann series
    end^T L^-1 start, the sum over t of end^T (alpha S)^t start, whose terms are the ways of t steps. Divided
    by that sum it is the way's share of it.
    """

    vertices: tuple[int, ...]
    weight: float


def heaviest_ways(
    steps: sparse.csr_array, alpha: float, start: Doubles, end: Doubles, count: int
) -> tuple[Way, ...]:
    """For each vertex with an `end` the heaviest way there; the `count` heaviest of these, heaviest first.

    A shortest path with lengths -log(alpha S), which are positive as alpha S < 1 (Dijkstra). It never visits
    a vertex twice: a loop would only make it lighter.

    Args:
        steps: S, (n, n), symmetric, entries in [0, 1].
        alpha: Share of mass that keeps walking, [0, 1).
        start, end: (n,) of any sign; ways compete by magnitude and keep the product's sign.
        count: Ways wanted; fewer are returned where fewer ends are reached.
    """
    ends, starts = np.flatnonzero(end), np.flatnonzero(start)
    if not (len(ends) and len(starts)):
        return ()
    lengths, before = _shortest(steps, alpha, np.abs(start), starts)
    weights = np.abs(start).max() * np.exp(1 - lengths[ends]) * np.abs(end[ends])
    best = np.argsort(-weights, kind="stable")[:count]
    found = []
    for place in best[weights[best] > 0].tolist():
        vertices = _backwards(int(ends[place]), before)
        sign = np.sign(start[vertices[0]] * end[vertices[-1]])
        found.append(Way(vertices, float(sign * weights[place])))
    return tuple(found)


def _shortest(steps: sparse.csr_array, alpha: float, start: Doubles, starts: Ints) -> tuple[Doubles, Ints]:
    """Lengths and predecessors, (n,), from one more vertex before all starts.

    Its edges are one longer than -log of their weight over the largest, because no edge may have length 0.
    """
    n = len(start)
    coordinates = steps.tocoo()
    walked = alpha * coordinates.data
    some = walked > 0
    before = 1 - np.log(start[starts] / start.max())
    rows = np.concatenate([coordinates.row[some], np.full(len(starts), n)])
    columns = np.concatenate([coordinates.col[some], starts])
    values = np.concatenate([-np.log(walked[some]), before])
    graph = sparse.csr_array((values, (rows, columns)), shape=(n + 1, n + 1))
    lengths, predecessors = csgraph.dijkstra(graph, indices=[n], return_predecessors=True)
    return lengths[0, :n], np.where(predecessors[0, :n] == n, -1, predecessors[0, :n]).astype(np.int64)


def _backwards(last: int, before: Ints) -> tuple[int, ...]:
    vertices = [last]
    while (vertex := int(before[vertices[-1]])) >= 0:
        vertices.append(vertex)
    return tuple(reversed(vertices))
