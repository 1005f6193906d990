"""Rankers `homogeneous` and `heterogeneous`: the bi-directional random walk of paper 000.

For items of X asking Y, with L = I - alpha S (Eq. 2) and links S_xy, S_yx:

    B = lambda L_xx^-1 S_xy + (1 - lambda) (L_yy^-1 S_yx)^T                                        (Eq. 8)

Row i of the second term is *hop then walk*: x_i's links, spread over Y. Row i of the first is *walk then
hop*: x_i's mass spread over X (L_xx is symmetric), then carried across by the links of every y.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from xview.arrays import Doubles, Ints
from xview.graph.affinity import attach
from xview.graph.diffusion import Diffuser
from xview.graph.knn import nearest
from xview.graph.links import LinkRule, link_weights
from xview.retrieval.base import Explanation, OnProgress, Query, Ranking, Share, Side, gathered
from xview.retrieval.entry import check, own_answers
from xview.retrieval.graphs import FieldGraphs, Graph, Links, Manifold
from xview.settings import Settings, setting

HOP_THEN_WALK = "hop then walk"
WALK_THEN_HOP = "walk then hop"


class Truncation(StrEnum):
    """How far a walk may stray."""

    NONE = "none"
    SEED = "seed"
    UNION = "union"


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkSettings(Settings):
    """Parameters of the bi-directional walk; defaults of the authors' program."""

    lam: float = setting(
        0.5,
        key="lambda",
        symbol="λ",
        low=0,
        high=1,
        help="Weight of the walk on the query's side; the rest goes to the walk on the gallery's side.",
    )
    alpha: float = setting(
        0.99,
        symbol="α",
        low=0,
        high=0.9999,
        slider=(0.5, 0.999),
        help="Share of mass that keeps walking at each step; 0 does not walk at all.",
    )
    gamma: float = setting(
        3.0,
        symbol="γ",
        low=0.01,
        high=100,
        slider=(0.5, 6),
        help="Exponent on similarities; higher trusts near neighbours more. Paper links always use 1.",
    )
    k: int = setting(
        30,
        low=1,
        high=10_000,
        slider=(2, 100),
        help="Neighbours in each side's graph, the item itself counted.",
    )
    k_q: int = setting(15, low=1, high=10_000, slider=(1, 50), help="Links of an item to the other modality.")
    links: LinkRule = setting(  # noqa: RUF009
        LinkRule.RELEASED,
        help="released: each item's nearest, as in the authors' program; paper: mutual nearest, as printed.",
    )
    truncation: Truncation = setting(  # noqa: RUF009
        Truncation.NONE,
        help="none: the whole graph; seed: each linked item walks among its own nearest; "
        "union: one walk among the nearest of all linked items.",
    )
    n_trunc: int = setting(
        1_000,
        low=1,
        high=1_000_000,
        slider=(50, 5_000),
        help="Length of the lists a truncated walk stays in.",
    )
    tol: float = setting(
        1e-6, low=1e-12, high=0.1, help="Relative residual at which a solution counts as exact."
    )

    @property
    def exponent(self) -> float:
        """Gamma, or 1 under the paper's links (its Eq. 1 has no exponent)."""
        return 1.0 if self.links is LinkRule.PAPER else self.gamma


@dataclass(frozen=True, eq=False)
class Walked:
    """One query's walk before lambda weighs its directions.

    Attributes:
        hop: (n,) where its mass enters Y.
        carried: (m,) its mass spread over X.
        gallery_side, query_side: (n,) scores of hop-then-walk and walk-then-hop.
        notes: What the user must know of it.
    """

    hop: Doubles
    carried: Doubles
    gallery_side: Doubles
    query_side: Doubles
    notes: tuple[str, ...]


class WalkRanker:
    """The walk on one kind of manifold; graphs and recent answers are shared through `FieldGraphs`."""

    def __init__(self, settings: WalkSettings, manifold: Manifold, graphs: FieldGraphs) -> None:
        """Raise SpaceError where the manifold's spaces are missing; nothing is computed yet."""
        self.settings, self.manifold = settings, manifold
        self._graphs, self._field = graphs, graphs.field
        for side in Side:
            graphs.features(side, manifold)

    def prepare(self, on_progress: OnProgress | None = None) -> None:
        """Build graphs and links."""
        self._links()
        for done, side in enumerate(Side, start=1):
            if on_progress is not None:
                on_progress(done / (len(Side) + 1))
            self._graph(side)
        if on_progress is not None:
            on_progress(1.0)

    def rank(self, query: Query) -> Ranking:
        """Score every gallery item for one query (module docstring); an item of the query itself scores 0."""
        check(query, self._field)
        walked = self._walked(query)
        parts = {
            HOP_THEN_WALK: (1 - self.settings.lam) * walked.gallery_side,
            WALK_THEN_HOP: self.settings.lam * walked.query_side,
        }
        return Ranking(scores=sum(parts.values(), np.zeros(len(walked.hop))), parts=parts, notes=walked.notes)

    def direction_blocks(self, rows: Ints, block: int = 256) -> Iterator[tuple[slice, Doubles, Doubles]]:
        """Hop-then-walk and walk-then-hop scores of items of X, before lambda weighs them.

        One pass serves every lambda: scores = (1 - lambda) * second + lambda * third.

        Yields:
            Place in `rows` and twice (b, n) float64, at most `block` rows at a time.
        """
        links, gallery, own = self._links(), self._diffuser(Side.GALLERY), self._diffuser(Side.QUERY)
        for start in range(0, len(rows), block):
            asked = rows[start : start + block]
            walked = gallery.solve_many(links.yx[:, asked].toarray()).T
            sources = np.zeros((len(own), len(asked)))
            sources[asked, np.arange(len(asked))] = 1.0
            hopped = (links.xy.T @ own.solve_many(sources)).T
            if self._field.x_row_of_y is not None:
                itself = asked[:, None] == self._field.x_row_of_y
                walked, hopped = np.where(itself, 0.0, walked), np.where(itself, 0.0, hopped)
            yield slice(start, start + len(asked)), walked, hopped

    def score_blocks(self, rows: Ints, block: int = 256) -> Iterator[tuple[slice, Doubles]]:
        """Rows of B (Eq. 8), `block` at a time."""
        lam = self.settings.lam
        for place, walked, hopped in self.direction_blocks(rows, block):
            yield place, (1 - lam) * walked + lam * hopped

    def score_matrix(self, rows: Ints) -> Doubles:
        """(len(rows), n) float64: these rows of B (Eq. 8)."""
        return gathered(self.score_blocks(rows), len(rows), len(self._field.y_shared))

    def explain(self, query: Query, position: int) -> Explanation:
        """Shares of the links x enters Y by (hop then walk) and of the x's it leaves X by (walk then hop)."""
        check(query, self._field)
        if own_answers(query, self._field)[position]:
            return Explanation(0.0, ())
        walked, lam = self._walked(query), self.settings.lam
        reach = self._diffuser(Side.GALLERY).solve(_one_hot(len(walked.hop), position))
        anchors = np.flatnonzero(walked.hop)
        column = self._links().xy[:, [position]].tocoo()
        shares = [
            Share(Side.GALLERY, int(b), HOP_THEN_WALK, float((1 - lam) * reach[b] * walked.hop[b]))
            for b in anchors
        ]
        shares += [
            Share(Side.QUERY, int(x), WALK_THEN_HOP, float(lam * walked.carried[x] * weight))
            for x, weight in zip(column.row, column.data, strict=True)
        ]
        return Explanation.of(share for share in shares if share.amount)

    def _walked(self, query: Query) -> Walked:
        unmixed = replace(self.settings, lam=0.0)
        key = (unmixed, self.manifold, *(None if a is None else a.tobytes() for a in _arrays(query)))
        return self._graphs.answers.get(key, lambda: self._walk(query))

    def _walk(self, query: Query) -> Walked:
        links = self._links()
        hop, start, notes = self._outside(query) if query.outside else self._inside(query, links)
        carried = self._diffuser(Side.QUERY).solve(start)
        gallery_side = self._diffuser(Side.GALLERY).solve(hop)
        query_side = np.asarray(links.xy.T @ carried)
        mine = own_answers(query, self._field)
        gallery_side[mine] = query_side[mine] = 0.0
        if not hop.any():
            notes += (_unlinked(query_side),)
        notes += links.notes + self._graph(Side.GALLERY).notes + self._graph(Side.QUERY).notes
        return Walked(hop, carried, gallery_side, query_side, tuple(dict.fromkeys(notes)))

    def _inside(self, query: Query, links: Links) -> tuple[Doubles, Doubles, tuple[str, ...]]:
        start = np.zeros(len(self._field.x_shared))
        np.add.at(start, query.rows, query.weights)
        return np.asarray(links.yx[:, query.rows] @ query.weights), start, ()

    def _outside(self, query: Query) -> tuple[Doubles, Doubles, tuple[str, ...]]:
        """Where an outside query's mass enters: Y by the link rule, X as a vertex tied to its k - 1 nearest.

        It hops by one-way links under either rule (no y can choose it back), l1-normalised. On its own side
        it joins the graph as a new vertex (`attach`); after the first step alpha, its mass is spread by the
        items alone.
        """
        s, field = self.settings, self._field
        assert query.shared is not None
        hop, start = np.zeros(len(field.y_shared)), np.zeros(len(field.x_shared))
        rows, similarities = nearest(query.shared[None, :], field.y_shared, min(s.k_q, len(hop)))
        hop[rows[0]] = link_weights(similarities, s.exponent)[0]
        feature = query.shared if self.manifold is Manifold.SHARED else query.own
        if feature is None:
            return hop, start, ("The query has no single-modal feature: it walks on the gallery side only.",)
        others = min(s.k - 1, len(start))
        if others and s.alpha:
            features = self._graphs.features(Side.QUERY, self.manifold)
            rows, similarities = nearest(feature[None, :], features, others)
            degree = self._graph(Side.QUERY).degree[rows[0]]
            start[rows[0]] = s.alpha * attach(similarities[0], degree, s.exponent)
        return hop, start, ()

    def _links(self) -> Links:
        return self._graphs.links(self.settings.links, self.settings.k_q, self.settings.exponent)

    def _graph(self, side: Side) -> Graph:
        return self._graphs.graph(side, self.manifold, self.settings.k, self.settings.exponent)

    def _diffuser(self, side: Side) -> Diffuser:
        s = self.settings
        return self._graphs.diffuser(side, self.manifold, s.k, s.exponent, s.alpha, s.tol)


def _arrays(query: Query) -> tuple[Ints | Doubles | None, ...]:
    return query.rows, query.weights, query.shared, query.own  # type: ignore[return-value]


def _one_hot(n: int, position: int) -> Doubles:
    source = np.zeros(n)
    source[position] = 1.0
    return source


def _unlinked(query_side: Doubles) -> str:
    if query_side.any():
        return "The query has no positive link to the gallery: only the walk on its own side scores."
    return "The query has no positive link to the gallery: every score is 0."
