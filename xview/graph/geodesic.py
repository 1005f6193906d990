"""Threshold graphs on the sphere and shortest ways through them (paper 002, section 3.2).

Vertices are unit vectors, an edge joins two whose great-circle distance is below a threshold, and the
geodesic distance of two vertices is the length of the shortest way over edges. Distances are radians.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components, dijkstra

from xview.arrays import Doubles, Floats, Ints
from xview.errors import SettingError

_BLOCK_VALUES = 1 << 22  # similarities in a block; should all be near, their pairs take forty times the room
_CHORD_VALUES = 1 << 20  # float32 differences of vectors held at a time
_BINS = 1 << 16  # of similarities, where a threshold is found by its number of edges
_ROUNDING = 1e-5  # float32 inner products of unit vectors err by less
_SHORTEST = 1e-9  # an edge between equal vectors; 0 would be no edge
_SAMPLE, _GENEROUS = 512, 1.5  # vertices a first threshold is guessed from, and by how much it is too large
_MOST_EDGES = 1 << 24  # of one graph, 400 MB


def _nobody(_share: float) -> None:
    pass


@dataclass(frozen=True, eq=False)
class ThresholdGraph:
    """n vertices and the edges shorter than a threshold.

    Attributes:
        lengths: (n, n) symmetric float64, radians; what is not stored is no edge.
        threshold: Radians.
    """

    lengths: sparse.csr_array
    threshold: float

    def __len__(self) -> int:
        return int(self.lengths.shape[0])

    @property
    def edges(self) -> int:
        """Their number, each counted once."""
        return int(self.lengths.nnz // 2)

    def below(self, threshold: float) -> ThresholdGraph:
        """The same vertices with the edges shorter than a smaller threshold; itself where it is larger."""
        if threshold >= self.threshold:
            return self
        lengths = self.lengths.copy()
        lengths.data[lengths.data >= threshold] = 0.0
        lengths.eliminate_zeros()
        return ThresholdGraph(lengths, threshold)

    def of_degree(self, mean_degree: float) -> ThresholdGraph:
        """The same vertices with the shortest edges only, so many that there are `mean_degree` a vertex.

        Edges as long as the last of them stay, too; all stay where there are fewer.
        """
        wanted = 2 * int(np.ceil(mean_degree * len(self) / 2))
        if wanted >= self.lengths.nnz:
            return self
        longest = np.partition(self.lengths.data, wanted - 1)[wanted - 1]
        return self.below(float(np.nextafter(longest, np.inf)))

    def components(self) -> Ints:
        """(n,) int64 which connected component each vertex is in, numbered from 0; found once."""
        return self._components

    @cached_property
    def _components(self) -> Ints:
        return np.asarray(connected_components(self.lengths, directed=False)[1], dtype=np.int64)

    def distances(self, sources: Ints) -> tuple[Doubles, Ints]:
        """Geodesics from each source to every vertex (Dijkstra).

        Args:
            sources: (s,) vertices.

        Returns:
            (s, n) float64 distances, inf where there is no way, and (s, n) int64 the vertex before each on
            its way, -1 at the source and where there is none.
        """
        found, before = dijkstra(self.lengths, indices=sources, return_predecessors=True)
        return np.asarray(found), np.maximum(before, -1).astype(np.int64)

    def reach(self, sources: Ints) -> Doubles:
        """(s, n) float64 `distances` alone, which needs less memory and time."""
        return np.asarray(dijkstra(self.lengths, indices=sources))

    def nearest_source(self, sources: Ints) -> tuple[Doubles, Ints]:
        """For every vertex the geodesic to the nearest of several sources, and which that is.

        Returns:
            (n,) float64 distances, inf where none is reached, and (n,) int64 the source, -1 there.
        """
        found, _, source = dijkstra(self.lengths, indices=sources, return_predecessors=True, min_only=True)
        return np.asarray(found), np.where(np.isfinite(found), source, -1).astype(np.int64)

    def nearest_way(self, sources: Ints) -> tuple[Doubles, Ints]:
        """For every vertex the geodesic to the nearest of several sources, and its way from there.

        Returns:
            (n,) float64 distances, inf where none is reached, and (n,) int64 the vertex before each on its
            way, -1 at a source and where there is none.
        """
        found, before, _ = dijkstra(self.lengths, indices=sources, return_predecessors=True, min_only=True)
        return np.asarray(found), np.maximum(before, -1).astype(np.int64)

    def entered(self, vectors: Floats, entries: Floats) -> ThresholdGraph:
        """This graph and q more vertices that ways leave but never pass through.

        Args:
            vectors: (n, d) float32 unit rows of its vertices.
            entries: (q, d) float32 unit rows; vertices n to n + q - 1.
        """
        near = entries @ vectors.T >= np.float32(np.cos(self.threshold) - _ROUNDING)
        tails, heads = np.nonzero(near)
        chords = entries[tails] - vectors[heads]
        exact = _angles(np.einsum("pd,pd->p", chords, chords).astype(np.float64))
        kept = exact < self.threshold
        starts = np.cumsum(np.bincount(tails[kept], minlength=len(entries))) + self.lengths.nnz
        size = len(self) + len(entries)
        parts = (
            np.concatenate([self.lengths.data, np.maximum(exact[kept], _SHORTEST)]),
            np.concatenate([self.lengths.indices, heads[kept]]),
            np.concatenate([self.lengths.indptr, starts]),
        )
        return ThresholdGraph(sparse.csr_array(parts, shape=(size, size)), self.threshold)


def path_to(vertex: int, before: Ints) -> tuple[int, ...]:
    """The way to a vertex from the source `before`, (n,), was made for; the vertex alone if there is none."""
    way = [vertex]
    while before[way[-1]] >= 0:
        way.append(int(before[way[-1]]))
    return tuple(reversed(way))


def threshold_graph(
    vectors: Floats, threshold: float, on_progress: Callable[[float], None] = _nobody
) -> ThresholdGraph:
    """Join every two vectors nearer than `threshold`; never a dense n x n beyond a block.

    Args:
        vectors: (n, d) float32 unit rows.
        threshold: Radians in (0, pi]; an edge is shorter, not as long.
        on_progress: Told the share done; may raise to cancel.

    Raises:
        SettingError: The threshold is out of range, or joins more than 16.8 million pairs.
    """
    if not 0 < threshold <= np.pi:
        raise SettingError(f"a threshold of great-circle distance lies in (0, pi], got {threshold:g}")
    nearest = np.float32(np.cos(threshold) - _ROUNDING)
    tails, heads, lengths, found = [], [], [], 0
    for start, similarities in _upper_blocks(vectors, on_progress):
        rows, columns = np.nonzero(similarities >= nearest)
        apart = columns > rows  # the block begins on the diagonal
        rows, columns = rows[apart] + start, columns[apart] + start
        exact = great_circle(vectors, rows, columns)
        near = exact < threshold
        tails.append(rows[near])
        heads.append(columns[near])
        lengths.append(np.maximum(exact[near], _SHORTEST))
        found += len(lengths[-1])
        if found > _MOST_EDGES:
            raise SettingError(
                f"a threshold of {threshold:g} rad joins more than {_MOST_EDGES / 1e6:.1f} million pairs of "
                f"{len(vectors):,}; choose a smaller one"
            )
    n = len(vectors)
    if not n:
        return ThresholdGraph(sparse.csr_array((0, 0), dtype=np.float64), threshold)
    row, column, length = (np.concatenate(parts) for parts in (tails, heads, lengths))
    both = (np.concatenate([length, length]), (np.concatenate([row, column]), np.concatenate([column, row])))
    return ThresholdGraph(sparse.csr_array(both, shape=(n, n)), threshold)


def degree_graph(
    vectors: Floats, mean_degree: float, on_progress: Callable[[float], None] = _nobody
) -> ThresholdGraph:
    """The threshold graph in which vertices have at least `mean_degree` edges in the mean, in one pass.

    Its threshold is guessed from a sample of vertices, generously, and doubled in degree until it suffices.

    Args:
        vectors: (n, d) float32 unit rows, n at least 2.
        mean_degree: Above 0; what exceeds n - 1 is n - 1.
        on_progress: Told the share of a pass done; may raise to cancel.

    Raises:
        SettingError: There are too many edges.
    """
    n = len(vectors)
    wanted = int(np.ceil(min(mean_degree, n - 1) * n / 2))
    sample = np.unique(np.linspace(0, n - 1, min(n, _SAMPLE)).astype(np.int64))
    similarities = (vectors[sample] @ vectors.T).ravel()
    generous = _GENEROUS * mean_degree + 1  # each is among its own nearest, too
    while True:
        place = int(generous * len(sample))
        if place >= len(similarities):
            return threshold_graph(vectors, np.pi, on_progress)
        least = float(-np.partition(-similarities, place)[place])
        graph = threshold_graph(vectors, float(np.arccos(np.clip(least - _ROUNDING, -1, 1))), on_progress)
        if graph.edges >= wanted:
            return graph
        generous *= 2


def threshold_for(
    vectors: Floats, mean_degree: float, on_progress: Callable[[float], None] = _nobody
) -> float:
    """The threshold at which vertices have `mean_degree` edges in the mean, |E| = mean_degree |V| / 2.

    Found from a histogram of all similarities with 65,536 bins, so right to 3e-5 in the cosine.

    Args:
        vectors: (n, d) float32 unit rows.
        mean_degree: In (0, n - 1].
        on_progress: Told the share done; may raise to cancel.

    Raises:
        SettingError: The degree is out of range.
    """
    n = len(vectors)
    if not 0 < mean_degree <= n - 1:
        raise SettingError(f"a mean degree of {n} vertices lies in (0, {n - 1}], got {mean_degree:g}")
    counts = np.zeros(_BINS, dtype=np.int64)
    for _, similarities in _upper_blocks(vectors, on_progress):
        binned = np.clip((similarities + 1) * (_BINS / 2), 0, _BINS - 1).astype(np.uint16)
        binned_once = binned[np.triu(np.ones(binned.shape, dtype=np.bool_), 1)]
        counts += np.bincount(binned_once, minlength=_BINS)
    above = np.cumsum(counts[::-1])[::-1]  # pairs at least as similar as each bin's lower edge
    bin_ = int(np.searchsorted(-above, -mean_degree * n / 2, side="right")) - 1
    return float(np.arccos(np.clip(2 * max(bin_, 0) / _BINS - 1, -1, 1)))


def great_circle(vectors: Floats, rows: Ints, columns: Ints) -> Doubles:
    """(p,) float64 radians between unit vectors, pair by pair; exact for near ones, too.

    By the chord, 2 arcsin(|a - b| / 2): an arccosine of the cosine loses half the digits where a = b. Single
    precision does for chords; it errs by less than 1e-6 rad.
    """
    squares = np.empty(len(rows))
    step = max(1, _CHORD_VALUES // vectors.shape[1])
    for start in range(0, len(rows), step):
        part = slice(start, start + step)
        chords = vectors[rows[part]]
        chords -= vectors[columns[part]]
        squares[part] = np.einsum("pd,pd->p", chords, chords)
    return _angles(squares)


def nearest_direct(sources: Floats, vectors: Floats) -> Doubles:
    """(n,) float64 radians from each vector to the nearest of s sources, as `great_circle`.

    Args:
        sources: (s, d) float32 unit rows.
        vectors: (n, d) float32 unit rows.
    """
    squares = np.full(len(vectors), np.inf)
    step = max(1, _CHORD_VALUES // vectors.shape[1])
    for start in range(0, len(vectors), step):
        part = slice(start, start + step)
        for source in sources:
            chords = vectors[part] - source
            squares[part] = np.minimum(squares[part], np.einsum("nd,nd->n", chords, chords))
    return _angles(squares)


def _angles(squares: Doubles) -> Doubles:
    """Radians between unit vectors from the squares of their chords' lengths."""
    return np.asarray(2 * np.arcsin(np.clip(np.sqrt(squares) / 2, 0, 1)))


def _upper_blocks(vectors: Floats, on_progress: Callable[[float], None]) -> Iterator[tuple[int, Floats]]:
    """Rows of the upper triangle of V V^T, from the diagonal on: first row and (b, n - first) float32."""
    n, start = len(vectors), 0
    while start < n:
        stop = min(n, start + max(1, _BLOCK_VALUES // (n - start)))
        yield start, vectors[start:stop] @ vectors[start:].T
        start = stop
        on_progress(1 - ((n - start) / n) ** 2)
