"""Which way a walk takes: the whole graph, a neighbourhood, or the truncations with their offline stage."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

import numpy as np
from scipy import sparse

from xview.arrays import Doubles
from xview.errors import SettingError
from xview.graph.diffusion import Diffuser
from xview.graph.truncation import all_seed_areas, seed_areas, seed_solutions, solve_inside, union_areas
from xview.retrieval import hop_then_walk, walk_then_hop
from xview.retrieval.base import OnProgress, Side, part_of, unwatched
from xview.retrieval.graphs import FieldGraphs, Graph, Links, Manifold
from xview.retrieval.hop_then_walk import HopThenWalk
from xview.retrieval.nearby import LOCAL_FROM
from xview.retrieval.walk_settings import Truncation, WalkSettings
from xview.retrieval.walk_then_hop import WalkThenHop

UNION_LIMIT = 1 << 30  # bytes of the union's offline stage
CHUNK = 512  # gallery items between two reports of progress


class Ways:
    """Graphs, links and solvers of one ranker's settings, and the way they ask for."""

    def __init__(self, settings: WalkSettings, manifold: Manifold, graphs: FieldGraphs) -> None:
        self._settings, self._manifold, self._graphs = settings, manifold, graphs

    @property
    def links(self) -> Links:
        """Both directions' links."""
        return self._graphs.links(self._settings.links, self._settings.k_q, self._settings.exponent)

    def graph(self, side: Side) -> Graph:
        """One side's graph."""
        return self._graphs.graph(side, self._manifold, self._settings.k, self._settings.exponent)

    def diffuser(self, side: Side) -> Diffuser:
        """One side's solver."""
        s = self._settings
        return self._graphs.diffuser(side, self._manifold, s.k, s.exponent, s.alpha, s.tol)

    @property
    def ready(self) -> bool:
        """Whether a truncation's offline stage stands, or none is needed."""
        return all(key in self._graphs.truncated for key in self._keys())

    def truncated(self, side: Side) -> bool:
        """Whether lists hold walks on that side back; lists as long as the side hold nothing."""
        size = len(self._graphs.features(side, self._manifold))
        return self._settings.truncation is not Truncation.NONE and self._settings.n_trunc < size

    def prepare(self, on_progress: OnProgress) -> None:
        """Build links, graphs and the offline stage, telling the share done."""
        on_progress(0.0)
        _ = self.links
        for done, side in enumerate(Side, start=1):
            on_progress(done / 5)
            self.graph(side)
        for done, side in enumerate(Side, start=3):
            if self.truncated(side):
                self._offline(side, part_of(on_progress, done, 5))
        on_progress(1.0)

    def gallery(self, *, single: bool) -> HopThenWalk:
        """The way from a hop to scores; `single` allows the answer from a neighbourhood."""
        diffuser = self.diffuser(Side.GALLERY)
        if self.truncated(Side.GALLERY) and self.ready:
            if self._settings.truncation is Truncation.SEED:
                return hop_then_walk.Seeds(self._seeds(Side.GALLERY))
            return hop_then_walk.Union(diffuser, self._areas(Side.GALLERY))
        if single and self.local(diffuser):
            return hop_then_walk.Nearby(diffuser)
        return hop_then_walk.Whole(diffuser)

    def query(self, *, single: bool) -> WalkThenHop:
        """The way from a start to scores; `single` allows the answer from a neighbourhood."""
        diffuser, links = self.diffuser(Side.QUERY), self.links.xy
        if self.truncated(Side.QUERY) and self.ready:
            if self._settings.truncation is Truncation.SEED:
                return walk_then_hop.Seeds(self._seeds(Side.QUERY), links)
            return walk_then_hop.Union(diffuser, links, self._areas(Side.QUERY), self._unions())
        if single and self.local(diffuser):
            return walk_then_hop.Nearby(diffuser, links)
        return walk_then_hop.Whole(diffuser, links)

    def local(self, diffuser: Diffuser) -> bool:
        """Whether single queries are answered in a neighbourhood of that side's graph."""
        return self._settings.local and len(diffuser) > LOCAL_FROM

    def _keys(self) -> tuple[Hashable, ...]:
        """Keys of everything the offline stage of these settings leaves behind."""
        sides = [side for side in Side if self.truncated(side)]
        if self._settings.truncation is Truncation.SEED:
            return tuple(self._seeds_key(side) for side in sides)
        unions = [self._unions_key()] if Side.QUERY in sides else []
        return (*(self._areas_key(side) for side in sides), *unions)

    def _offline(self, side: Side, on_progress: OnProgress) -> None:
        if self._settings.truncation is Truncation.SEED:
            self._seeds(side, on_progress)
        else:
            self._areas(side)
            if side is Side.QUERY:
                self._unions(on_progress)

    def _seeds_key(self, side: Side) -> Hashable:
        s = self._settings
        return ("seeds", side, self._manifold, s.k, s.exponent, s.alpha, s.tol, s.n_trunc)

    def _seeds(self, side: Side, on_progress: OnProgress = unwatched) -> sparse.csr_array:
        """Solutions of all seeds of a side: rows are seeds on the gallery's, places on the queries' side."""

        def make() -> sparse.csr_array:
            vectors, diffuser = self._graphs.features(side, self._manifold), self.diffuser(side)
            length, areas = self._settings.n_trunc, self._graphs.areas
            columns = areas.get(  # the same for every alpha, k and gamma
                (side, self._manifold, length),
                lambda: all_seed_areas(vectors, length, part_of(on_progress, 0, 2)),
            )
            progress = part_of(on_progress, 1, 2)
            made = seed_solutions(diffuser.steps.matrix, columns, diffuser.alpha, diffuser.tol, progress)
            return made if side is Side.GALLERY else sparse.csr_array(made.T)

        return self._graphs.truncated.get(self._seeds_key(side), make)

    def _areas_key(self, side: Side) -> Hashable:
        return ("areas", side, self._manifold, self._settings.n_trunc)

    def _areas(self, side: Side) -> sparse.csr_array:
        vectors = self._graphs.features(side, self._manifold)
        return self._graphs.truncated.get(
            self._areas_key(side),
            lambda: seed_areas(vectors, self._settings.n_trunc, np.arange(len(vectors))),
        )

    def _unions_key(self) -> Hashable:
        return ("unions", self._manifold, replace(self._settings, lam=0.0))

    def _unions(self, on_progress: OnProgress = unwatched) -> Doubles:
        """(m, n): each gallery item's links solved inside the union of their lists."""

        def make() -> Doubles:
            links, diffuser, areas = self.links.xy, self.diffuser(Side.QUERY), self._areas(Side.QUERY)
            check_union_size(links.shape)
            solved = np.empty(links.shape)
            for start in range(0, links.shape[1], CHUNK):
                on_progress(start / links.shape[1])
                part = sparse.csc_array(links[:, start : start + CHUNK])
                inside = union_areas(areas, part)
                found = solve_inside(
                    diffuser.steps.matrix, inside, sparse.csr_array(part.T), diffuser.alpha, diffuser.tol
                )
                solved[:, start : start + CHUNK] = found.toarray().T
            return solved

        return self._graphs.truncated.get(self._unions_key(), make)


def check_union_size(shape: tuple[int, ...]) -> None:
    """SettingError where the union truncation's offline stage would not fit in memory."""
    size = 8 * shape[0] * shape[1]
    if size > UNION_LIMIT:
        raise SettingError(
            f"union truncation of {shape[0]:,} x {shape[1]:,} items needs {size / 1e9:.1f} GB; "
            "choose truncation seed or none"
        )
