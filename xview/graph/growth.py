"""What a threshold graph holds at every smaller threshold, without building one of them.

Two vertices hang together at a threshold if a way joins them whose longest edge is shorter, and the way with
the shortest longest edge runs through the minimum spanning forest (Hu 1961). So one forest tells all
thresholds at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import breadth_first_order, minimum_spanning_tree

from xview.arrays import Bools, Doubles, Ints
from xview.graph.geodesic import ThresholdGraph

_FREE = float(np.finfo(np.float64).tiny)  # what costs nothing; 0 would be no edge


class Counts(NamedTuple):
    """What a graph holds, an (t,) int64 figure a threshold.

    Attributes:
        edges: Each counted once.
        components: Connected ones that hold a terminal.
        reached: Those of the counted terminals that a way leads to.
    """

    edges: Ints
    components: Ints
    reached: Ints


@dataclass(frozen=True, eq=False)
class Forest:
    """The minimum spanning forest of a graph, and how its terminals come together.

    Attributes:
        graph: The widest.
        tree: (n, n) the forest's edges, each once.
        edges: (e,) float64 lengths of all edges, ascending.
        joined: (j,) float64 longest edge on each vertex's way to its nearest terminal, 0 at one, ascending;
            those that never come to one are left out.
        merged: (m,) float64 from where on each edge of the forest lies among vertices joined so, ascending.
    """

    graph: ThresholdGraph
    tree: sparse.csr_array
    edges: Doubles
    joined: Doubles
    merged: Doubles


@dataclass(frozen=True, eq=False)
class Growth:
    """What a threshold graph holds at any smaller threshold.

    Attributes:
        widest: Radians; beyond it nothing is known.
        vertices, terminals: How many; ways count to terminals.
        forest: Of the widest graph.
        met: (r,) float64 longest edge on the way from what asks to each counted terminal, ascending; those
            out of reach are left out.
    """

    widest: float
    vertices: int
    terminals: int
    forest: Forest
    met: Doubles

    def at(self, thresholds: Doubles) -> Counts:
        """What graphs of these (t,) thresholds in radians hold; exactly what building them would tell."""
        within = np.minimum(thresholds, self.widest)
        edges, joined, merged, met = (
            np.searchsorted(one, within).astype(np.int64)
            for one in (self.forest.edges, self.forest.joined, self.forest.merged, self.met)
        )
        # vertices that hang together with terminals, without the others, are a forest of their own
        return Counts(edges, joined - merged, met)


def forest_of(graph: ThresholdGraph, terminals: int) -> Forest:
    """The forest of a graph whose first `terminals` vertices are its terminals."""
    upper = sparse.triu(graph.lengths, 1, format="csr")
    tree = sparse.csr_array(minimum_spanning_tree(upper))
    at_terminal = np.full(terminals, _FREE)
    joins = _longest_edges(tree, np.arange(terminals), at_terminal)
    edges = tree.tocoo()
    merged = np.maximum(edges.data, joins[edges.coords[0]])
    return Forest(graph, tree, np.sort(upper.data), *(_finite(one) for one in (joins, merged)))


def growth_of(forest: Forest, terminals: int, sources: Ints, lengths: Doubles, counted: Bools) -> Growth:
    """How a graph grows around what asks.

    Args:
        forest: Of the widest graph.
        terminals: As for `forest_of`.
        sources: (s,) vertices that ask, or that edges lead to from what asks and is no vertex.
        lengths: (s,) float64 radians of those edges; 0 for a vertex that asks.
        counted: (terminals,) which terminals count as reached.
    """
    met = _longest_edges(forest.tree, sources, np.maximum(lengths, _FREE))[:terminals]
    return Growth(forest.graph.threshold, len(forest.graph), terminals, forest, _finite(met[counted]))


def _longest_edges(tree: sparse.csr_array, starts: Ints, lengths: Doubles) -> Doubles:
    """(n,) the least longest edge on the way to each vertex from a root that edges join to `starts`.

    Args:
        tree: (n, n) a forest, each edge once.
        starts: (s,) vertices.
        lengths: (s,) of the edges from the root to them, above 0.
    """
    n = tree.shape[0]
    order = np.lexsort((lengths, starts))
    first = order[np.unique(starts[order], return_index=True)[1]]  # the shortest of edges to one vertex
    known = tree.tocoo()
    tails = np.concatenate([known.coords[0], np.full(len(first), n)])
    heads = np.concatenate([known.coords[1], starts[first]])
    together = np.concatenate([known.data, lengths[first]])
    rooted = minimum_spanning_tree(sparse.csr_array((together, (tails, heads)), shape=(n + 1, n + 1)))
    rooted = sparse.csr_array(rooted + rooted.T)
    reached, before = breadth_first_order(rooted, n, directed=False)
    longest = np.full(n + 1, np.inf)
    longest[n] = 0.0
    parent = np.arange(n + 1)
    children = reached[1:]
    parent[children] = before[children]
    longest[children] = np.asarray(rooted[children, parent[children]]).ravel()
    while (parent[parent] != parent).any():  # twice as far towards the root each time
        longest = np.maximum(longest, longest[parent])
        parent = parent[parent]
    return longest[:n]


def _finite(values: Doubles) -> Doubles:
    return np.sort(values[np.isfinite(values)])
