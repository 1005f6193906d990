"""Class fragmentation: whether a class holds together as one piece of its manifold (paper 000, Fig. 1).

The manifold is the mutual k-NN graph of all chosen items of one modality (Eq. 1 of paper 000 without its
weights). A class's pieces are the connected components of its items there, over edges between two items of
the class only: a walk that would have to leave the class does not hold it together.

Decisions
    2026-11-22  The main figure is the largest piece's share of its class. Items without a mutual neighbour of
                their class are many (3 to 37 % in the bundled spaces at k = 10) and each is a component of
                its own, so the number of components mostly counts them. The share falls by 1/n for one of
                them and by a half where a class breaks in two, and compares classes of different sizes.
                Pieces of two items or more and the share of items that stand alone are told beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from xview.arrays import Doubles, Ints

FRAGMENTATION = (
    "Pieces of a class: connected components of its items in the mutual k-NN graph of all chosen items of "
    "the modality, over edges inside the class. The main figure is the share of the class in its largest "
    "piece: 1 is whole."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fragment:
    """How one class falls into pieces.

    Attributes:
        label: The class.
        items: Its items, at least 1.
        components: Connected components, single items counted.
        pieces: Those of two items or more.
        alone: Share of its items that are a component by themselves, 0 to 1.
        largest: Share of its items in the largest component, 1 / items to 1.
    """

    label: int
    items: int
    components: int
    pieces: int
    alone: float
    largest: float


@dataclass(frozen=True, eq=False, kw_only=True)
class Fragmentation:
    """The pieces of every class in one space.

    Attributes:
        k: Neighbours of an item, itself not counted.
        classes: One a class that has items, by label.
        parts: (n,) int64 number of each item's component within its class, 0 the largest, 1 the next ...; -1
            for an item without a class.
    """

    k: int
    classes: tuple[Fragment, ...]
    parts: Ints

    @property
    def largest(self) -> float:
        """Mean over classes of the largest piece's share; NaN without classes."""
        return _mean([c.largest for c in self.classes])

    @property
    def pieces(self) -> float:
        """Mean over classes of the pieces of two items or more; NaN without classes."""
        return _mean([float(c.pieces) for c in self.classes])

    @property
    def components(self) -> float:
        """Mean over classes of the components, single items counted; NaN without classes."""
        return _mean([float(c.components) for c in self.classes])

    @property
    def alone(self) -> float:
        """Mean over classes of the share of items that stand alone; NaN without classes."""
        return _mean([c.alone for c in self.classes])

    def cut_off(self, labels: Ints) -> Doubles:
        """(n,) share of an item's class that is in another piece than the item, 0 to 1; NaN without a class.

        Args:
            labels: (n,) those the pieces were found with.
        """
        away = np.full(len(labels), np.nan)
        for one in self.classes:
            rows = np.flatnonzero(labels == one.label)
            sizes = np.bincount(self.parts[rows])
            away[rows] = 1 - sizes[self.parts[rows]] / one.items
        return away


def mutual_graph(lists: Ints, k: int) -> sparse.csr_array:
    """Who is among whose first k neighbours, both ways.

    Args:
        lists: (n, at least k) neighbours of each item, nearest first, the item itself left out.
        k: Neighbours that count, at least 1.

    Returns:
        (n, n) bool, symmetric, without a diagonal.
    """
    n = len(lists)
    starts = np.arange(n + 1, dtype=np.int64) * k
    one_way = sparse.csr_array((np.ones(n * k, dtype=bool), lists[:, :k].ravel(), starts), shape=(n, n))
    return sparse.csr_array(one_way.multiply(one_way.T))


def fragment(lists: Ints, labels: Ints, k: int) -> Fragmentation:
    """The pieces of every class.

    Args:
        lists: As `mutual_graph`.
        labels: (n,) classes, -1 for none.
        k: As `mutual_graph`.
    """
    graph = mutual_graph(lists, k).tocoo()
    inside = labels[graph.row] == labels[graph.col]
    pairs = (np.ones(int(inside.sum()), dtype=bool), (graph.row[inside], graph.col[inside]))
    _, component = connected_components(sparse.csr_array(pairs, shape=graph.shape), directed=False)
    parts = np.full(len(labels), -1, dtype=np.int64)
    found = []
    for label in np.unique(labels[labels >= 0]):
        rows = np.flatnonzero(labels == label)
        _, own, sizes = np.unique(component[rows], return_inverse=True, return_counts=True)
        number = np.empty(len(sizes), dtype=np.int64)
        number[np.argsort(-sizes, kind="stable")] = np.arange(len(sizes))
        parts[rows] = number[own]
        found.append(
            Fragment(
                label=int(label),
                items=len(rows),
                components=len(sizes),
                pieces=int((sizes > 1).sum()),
                alone=float((sizes == 1).sum() / len(rows)),
                largest=float(sizes.max() / len(rows)),
            )
        )
    return Fragmentation(k=k, classes=tuple(found), parts=parts)


def _mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else float("nan")
