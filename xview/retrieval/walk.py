"""Rankers `homogeneous` and `heterogeneous`: the bi-directional random walk of paper 000.

For items of X asking Y, with L = I - alpha S (Eq. 2) and links S_xy, S_yx:

    B = lambda L_xx^-1 S_xy + (1 - lambda) (L_yy^-1 S_yx)^T                                        (Eq. 8)

Row i of the second term is *hop then walk*: x_i's links, spread over Y. Row i of the first is *walk then
hop*: x_i's mass spread over X (L_xx is symmetric), then carried across by the links of every y. Results
marked right or wrong are further sources on both sides (`xview.retrieval.feedback`).
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from xview.arrays import Doubles, Ints
from xview.graph.affinity import attach
from xview.graph.knn import nearest
from xview.graph.links import link_weights
from xview.retrieval import hop_then_walk, walk_then_hop
from xview.retrieval.base import Explanation, OnProgress, Query, Ranking, Share, Side, gathered, unwatched
from xview.retrieval.entry import check, own_answers
from xview.retrieval.feedback import enter
from xview.retrieval.graphs import FieldGraphs, Manifold
from xview.retrieval.nearby import BEST, overlap
from xview.retrieval.walk_settings import WalkSettings
from xview.retrieval.ways import Ways

HOP_THEN_WALK = "hop then walk"
WALK_THEN_HOP = "walk then hop"
NOT_PREPARED = "The truncation's offline stage has not been made: this answer walks on the whole graph."


@dataclass(frozen=True, eq=False)
class Walked:
    """One query's walk before lambda weighs its directions.

    Attributes:
        hop: (n,) where its mass enters Y.
        start: (m,) where its mass stands in X.
        gallery, query: (n,) scores of hop-then-walk and of walk-then-hop.
        rough: The same two from smaller neighbourhoods, where the answer is local.
        notes: What the user must know of it.
    """

    hop: Doubles
    start: Doubles
    gallery: Doubles
    query: Doubles
    rough: tuple[Doubles, Doubles] | None
    notes: tuple[str, ...]


class WalkRanker:
    """The walk on one kind of manifold; graphs and recent answers are shared through `FieldGraphs`."""

    def __init__(self, settings: WalkSettings, manifold: Manifold, graphs: FieldGraphs) -> None:
        """Raise SpaceError where the manifold's spaces are missing; nothing is computed yet."""
        self.settings, self.manifold = settings, manifold
        self._graphs, self.field = graphs, graphs.field
        self.ways = Ways(settings, manifold, graphs)
        for side in Side:
            graphs.features(side, manifold)

    def prepare(self, on_progress: OnProgress = unwatched) -> None:
        """Build graphs, links and what the truncation computes offline.

        Raises:
            SettingError: The truncation does not fit in memory.
        """
        self.ways.prepare(on_progress)

    def rank(self, query: Query) -> Ranking:
        """Score every gallery item for one query (module docstring); an item of the query itself scores 0.

        Until `prepare` has made a truncation's offline stage, answers walk on the whole graph and say so.

        Raises:
            QueryError: The query names no item of the field and brings no feature that fits.
            ConvergenceError: The solver gave up.
        """
        check(query, self.field)
        walked, lam = self._walked(query), self.settings.lam
        parts = {HOP_THEN_WALK: (1 - lam) * walked.gallery, WALK_THEN_HOP: lam * walked.query}
        scores = parts[HOP_THEN_WALK] + parts[WALK_THEN_HOP]
        notes = walked.notes
        if walked.rough is not None:
            same = overlap(scores, (1 - lam) * walked.rough[0] + lam * walked.rough[1])
            notes += (
                f"Solved in the query's neighbourhood: about {same:.0%} of the best {BEST} are those of the "
                "whole graph, judging by half the neighbourhood; set local off to solve all of it.",
            )
        return Ranking(scores=scores, parts=parts, notes=notes)

    def direction_blocks(self, rows: Ints, block: int = 128) -> Iterator[tuple[slice, Doubles, Doubles]]:
        """Hop-then-walk and walk-then-hop scores of items of X, before lambda weighs them.

        One pass serves every lambda: scores = (1 - lambda) * second + lambda * third.

        Yields:
            Place in `rows` and twice (b, n) float64, at most `block` rows at a time, the caller's to keep.
        """
        self.ways.prepare(unwatched)
        hops, gallery = self.ways.links.yx, self.ways.gallery(single=False)
        query = self.ways.query(single=False)
        for start in range(0, len(rows), block):
            asked = rows[start : start + block]
            walked, hopped = gallery.scores_many(hops[:, asked]), query.scores_many(asked)
            if self.field.x_row_of_y is not None:
                itself = asked[:, None] == self.field.x_row_of_y
                walked[itself] = hopped[itself] = 0.0
            yield slice(start, start + len(asked)), walked, hopped

    def score_blocks(self, rows: Ints, block: int = 128) -> Iterator[tuple[slice, Doubles]]:
        """Rows of B (Eq. 8), `block` at a time; an offline stage is made first where it is missing."""
        lam = self.settings.lam
        for place, scores, hopped in self.direction_blocks(rows, block):
            scores *= 1 - lam
            hopped *= lam
            scores += hopped
            yield place, scores

    def score_matrix(self, rows: Ints) -> Doubles:
        """(len(rows), n) float64: these rows of B (Eq. 8)."""
        return gathered(self.score_blocks(rows), len(rows), len(self.field.y_shared))

    def explain(self, query: Query, position: int) -> Explanation:
        """Shares of the items it entered Y by (hop then walk) and of those it left X by (walk then hop)."""
        check(query, self.field)
        if own_answers(query, self.field)[position]:
            return Explanation(0.0, ())
        walked, lam = self._walked(query), self.settings.lam
        anchors = (1 - lam) * self.ways.gallery(single=True).shares(walked.hop, position)
        bridges = lam * self.ways.query(single=True).shares(walked.start, position)
        return Explanation.of(
            Share(side, int(item), part, float(amounts[item]))
            for side, part, amounts in (
                (Side.GALLERY, HOP_THEN_WALK, anchors),
                (Side.QUERY, WALK_THEN_HOP, bridges),
            )
            for item in np.flatnonzero(amounts)
        )

    def _walked(self, query: Query) -> Walked:
        features = (query.rows, query.weights, query.shared, query.own, query.marked, query.amounts)
        asked = tuple(None if array is None else array.tobytes() for array in features)
        key = (replace(self.settings, lam=0.0), self.manifold, self.ways.ready, asked)
        return self._graphs.answers.get(key, lambda: self._walk(query))

    def _walk(self, query: Query) -> Walked:
        ways = self.ways
        hop, start, notes = self.sources(query)
        by_gallery, by_query = ways.gallery(single=True), ways.query(single=True)
        with ThreadPoolExecutor(1) as other:  # the kernels of large graphs release the GIL
            coming = other.submit(_fine_and_rough, by_query, start)
            gallery = _fine_and_rough(by_gallery, hop)
            queried = coming.result()
        mine = own_answers(query, self.field)
        for scores in (*gallery, *queried):
            scores[mine] = 0.0
        local = isinstance(by_gallery, hop_then_walk.Nearby) or isinstance(by_query, walk_then_hop.Nearby)
        if not hop.any():
            notes += (_unlinked(queried[0]),)
        if not ways.ready:
            notes += (NOT_PREPARED,)
        notes += ways.links.notes + ways.graph(Side.GALLERY).notes + ways.graph(Side.QUERY).notes
        rough = (gallery[1], queried[1]) if local else None
        return Walked(hop, start, gallery[0], queried[0], rough, tuple(dict.fromkeys(notes)))

    def sources(self, query: Query) -> tuple[Doubles, Doubles, tuple[str, ...]]:
        """Where a query's mass enters Y, (n,), and stands in X, (m,), and what to tell of it."""
        hop, start, notes = self._outside(query) if query.outside else self._inside(query)
        return *enter(query, hop, start, self.ways.links.xy), notes

    def _inside(self, query: Query) -> tuple[Doubles, Doubles, tuple[str, ...]]:
        start = np.zeros(len(self.field.x_shared))
        np.add.at(start, query.rows, query.weights)
        return np.asarray(self.ways.links.yx[:, query.rows] @ query.weights), start, ()

    def _outside(self, query: Query) -> tuple[Doubles, Doubles, tuple[str, ...]]:
        """Where an outside query's mass enters: Y by the link rule, X as a vertex tied to its k - 1 nearest.

        It hops by one-way links under either rule (no y can choose it back), l1-normalised. On its own side
        it joins the graph as a new vertex (`attach`); after the first step alpha, its mass is spread by the
        items alone.
        """
        s, field = self.settings, self.field
        assert query.shared is not None
        hop, start = np.zeros(len(field.y_shared)), np.zeros(len(field.x_shared))
        rows, similarities = nearest(query.shared[None, :], field.y_shared, min(s.k_q, len(hop)))
        hop[rows[0]] = link_weights(similarities, s.exponent)[0]
        feature = query.shared if self.manifold is Manifold.SHARED else query.own
        if feature is None:
            return hop, start, ("The query has no single-modal feature: it walks on the gallery side only.",)
        others = min(s.k - 1, len(start))
        if others:
            features = self._graphs.features(Side.QUERY, self.manifold)
            rows, similarities = nearest(feature[None, :], features, others)
            degree = self.ways.graph(Side.QUERY).degree[rows[0]]
            start[rows[0]] = s.alpha * attach(similarities[0], degree, s.exponent)
        return hop, start, ()


def _fine_and_rough(
    way: hop_then_walk.HopThenWalk | walk_then_hop.WalkThenHop, source: Doubles
) -> tuple[Doubles, Doubles]:
    if isinstance(way, hop_then_walk.Nearby | walk_then_hop.Nearby):
        return way.fine_and_rough(source)
    scores = way.scores(source)
    return scores, scores


def _unlinked(query_side: Doubles) -> str:
    if query_side.any():
        return "The query has no positive link to the gallery: only the walk on its own side scores."
    return "The query has no positive link to the gallery: every score is 0."
