"""What several rankers over one `Field` share: neighbour lists, graphs, links, solvers and last answers."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

import numpy as np
from scipy import sparse

from xview.arrays import Doubles, Floats, Ints
from xview.errors import SpaceError, nearest_name
from xview.graph.affinity import affinity_of_lists, normalised
from xview.graph.diffusion import Diffuser, Steps
from xview.graph.knn import FLAT_LIMIT, nearest, sampled_recall, without
from xview.graph.links import LinkRule, paper_links, released_links
from xview.retrieval.base import Field, Side

Made = TypeVar("Made")

GEODESICS_KEPT = 8  # threshold graphs and what tells of them
LIST_STEP = 16  # lists are searched this much at a time, so a slider of k rarely searches again


class Manifold(StrEnum):
    """Which features tie the items of one side to each other."""

    SHARED = "shared"  # the cross-modal space: homogeneous
    OWN = "own"  # each side's single-modal space: heterogeneous


@dataclass(frozen=True, eq=False)
class Lists:
    """Neighbour lists, (q, k) rows and float64 similarities, and what to tell of how they were found."""

    rows: Ints
    similarities: Doubles
    notes: tuple[str, ...]

    def first(self, k: int) -> tuple[Ints, Doubles]:
        """The nearest k of every list."""
        return self.rows[:, :k], self.similarities[:, :k]


@dataclass(frozen=True, eq=False)
class Graph:
    """The n items of one side: affinity A (Eq. 1), steps S (Eq. 2), degree (n,) of A."""

    affinity: sparse.csr_array
    steps: Steps
    degree: Doubles
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Links:
    """S_xy (m, n) and S_yx (n, m); column i of `yx` is how x_i's mass enters Y."""

    xy: sparse.csc_array
    yx: sparse.csc_array
    notes: tuple[str, ...]


class Recent:
    """Keeps the last few things made, by key; a thread that wants one waits for another that makes one."""

    def __init__(self, size: int) -> None:
        self._size, self._kept = size, OrderedDict[Hashable, object]()
        self._making = threading.RLock()

    def get(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """The thing of this key, made now if it is not among the last few."""
        with self._making:
            if key not in self._kept:
                self._kept[key] = make()
            self._kept.move_to_end(key)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
            return self._kept[key]  # type: ignore[return-value]

    def __contains__(self, key: Hashable) -> bool:
        return key in self._kept


class FieldGraphs:
    """Memory of one field: a parameter that changes makes only what depends on it anew.

    A new lambda needs no solve, a new alpha no graph, a new gamma or k no neighbour search (until k passes
    the lists), a new k_q no graph.
    """

    def __init__(self, field: Field, geodesics: Recent | None = None) -> None:
        """Remember nothing yet.

        Args:
            field: Whose items.
            geodesics: Threshold graphs to share with the fields of other queries against the same gallery in
                the same space, which they do not depend on.
        """
        self.field = field
        self.answers = Recent(16)
        self.truncated = Recent(4)  # offline stages of truncations, up to a few hundred MB each
        self.areas = Recent(2)  # where seeds may walk, both sides of one manifold; a third of that
        self._lists, self._graphs, self._links, self._solvers = Recent(8), Recent(8), Recent(4), Recent(8)
        self.vertices = Recent(4)  # of geodesics, by `xview.retrieval.stepping_stones`
        self.geodesics = geodesics or Recent(GEODESICS_KEPT)
        self._elsewhere = Recent(8)

    def elsewhere(self, space: str) -> FieldGraphs:
        """The same items in another shared space; these very graphs where it is the field's own.

        Raises:
            SpaceError: No such space compares them.
        """
        known = self.field.elsewhere
        if space not in known:
            told = ", ".join(known) or "none"
            raise SpaceError(f"no other shared space {space!r}{nearest_name(space, known)} (known: {told})")

        def make() -> FieldGraphs:
            field = known[space]()
            return self if field is self.field else FieldGraphs(field)

        return self._elsewhere.get(space, make)

    def features(self, side: Side, manifold: Manifold) -> Floats:
        """Unit rows of one side's items on that manifold.

        Raises:
            SpaceError: There is no single-modal space on that side.
        """
        query_side, own = side is Side.QUERY, manifold is Manifold.OWN
        found = {
            (True, True): self.field.x_own,
            (False, True): self.field.y_own,
            (True, False): self.field.x_shared,
            (False, False): self.field.y_shared,
        }[query_side, own]
        if found is None:
            raise SpaceError(
                f"heterogeneous: no single-modal space on the {side} side; open one or rank homogeneous"
            )
        return found

    def graph(self, side: Side, manifold: Manifold, k: int, gamma: float) -> Graph:
        """The graph of one side; k is clamped to the number of items, and a note says so."""

        def make() -> Graph:
            features = self.features(side, manifold)
            used = min(k, len(features))
            lists = self._list(features, features, used - 1, np.arange(len(features)))
            affinity = affinity_of_lists(*lists.first(used - 1), gamma)
            notes = lists.notes + _clamped("k", k, used, side)
            return Graph(affinity, Steps(normalised(affinity)), np.asarray(affinity.sum(axis=1)), notes)

        return self._graphs.get((side, manifold, k, gamma), make)

    def links(self, rule: LinkRule, k_q: int, gamma: float) -> Links:
        """The links between both sides; k_q is clamped to what each side offers, and a note says so."""

        def make() -> Links:
            field = self.field
            m, n = len(field.x_shared), len(field.y_shared)
            x_own_answer, y_own_answer = self._own_answers()
            missing = int(x_own_answer is not None)
            from_x = self._list(field.x_shared, field.y_shared, min(k_q, n - missing), x_own_answer)
            from_y = self._list(field.y_shared, field.x_shared, min(k_q, m - missing), y_own_answer)
            notes = from_x.notes + from_y.notes
            notes += _clamped("k_q", k_q, min(k_q, n - missing), Side.GALLERY)
            notes += _clamped("k_q", k_q, min(k_q, m - missing), Side.QUERY)
            if rule is LinkRule.PAPER:
                return Links(*paper_links(*from_x.first(k_q), *from_y.first(k_q)), notes)
            yx = released_links(*from_x.first(k_q), n, gamma)
            return Links(released_links(*from_y.first(k_q), m, gamma), yx, notes)

        return self._links.get((rule, k_q, gamma), make)

    def diffuser(
        self, side: Side, manifold: Manifold, k: int, gamma: float, alpha: float, tol: float
    ) -> Diffuser:
        """The solver on one side's graph."""
        return self._solvers.get(
            (side, manifold, k, gamma, alpha, tol),
            lambda: Diffuser(self.graph(side, manifold, k, gamma).steps, alpha, tol),
        )

    def _own_answers(self) -> tuple[Ints | None, Ints | None]:
        """Position in Y of each x and in X of each y, -1 where absent; None between two modalities."""
        x_of_y = self.field.x_row_of_y
        if x_of_y is None:
            return None, None
        y_of_x = np.full(len(self.field.x_shared), -1, dtype=np.int64)
        present = np.flatnonzero(x_of_y >= 0)
        y_of_x[x_of_y[present]] = present
        return y_of_x, x_of_y

    def _list(self, queries: Floats, base: Floats, k: int, excluded: Ints | None) -> Lists:
        """Lists of at least k items of `base`, leaving out row `excluded[i]` for query i."""
        available = len(base) - (excluded is not None)
        size = min(max(1, -(-k // LIST_STEP)) * LIST_STEP, available)

        def make() -> Lists:
            rows, similarities = nearest(queries, base, size + (excluded is not None))
            notes: tuple[str, ...] = ()
            if len(base) > FLAT_LIMIT:
                recall = sampled_recall(queries, base, rows)
                notes = (f"Neighbours among {len(base):,} items: recall {recall:.3f} on a sample.",)
            if excluded is not None:
                rows, similarities = without(rows, similarities, excluded)
            return Lists(rows, similarities, notes)

        return self._lists.get((id(queries), id(base), size), make)


def _clamped(name: str, wanted: int, used: int, side: Side) -> tuple[str, ...]:
    if used == wanted:
        return ()
    return (f"{name} = {wanted} is more than the {side} side has; {used} used.",)
