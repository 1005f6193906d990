"""What geodesics lead over: gallery items, and other modalities' items laid over them (paper 002, 3.2).

Decisions
    2026-11-22  Stepping stones are all items of the other modalities, whatever the protocol asks with: texts
                teach, and nothing of them but their vector is used.
    2026-11-22  Alignment turns and shifts, but does not scale (Algorithm 1 as the errata correct it), and is
                learnt from pairs that training may look at; what a shift takes off the sphere is put back.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xview.arrays import AnyArray, Floats, Ints
from xview.retrieval.base import Field, Stones, Surroundings
from xview.spaces.align import Alignment, procrustes

_FEWEST = 2  # pairs that turn anything


@dataclass(frozen=True, slots=True)
class Vertex:
    """An item: its modality, and its row in the modality's collection."""

    modality: str
    row: int


@dataclass(frozen=True, eq=False, kw_only=True)
class Vertices:
    """v vertices on the unit sphere: the n gallery items, then the stepping stones.

    Attributes:
        vectors: (v, d) float32 unit rows, aligned.
        gallery: n.
        of_x: (m,) int64 vertex that each item of X is, -1 where it is none.
        notes: What could not be aligned, in sentences.
    """

    vectors: Floats
    gallery: int
    of_x: Ints
    notes: tuple[str, ...]
    _modalities: tuple[str, ...]
    _starts: Ints  # of each modality after the gallery's, and v
    _gallery_rows: Ints
    _turn: Alignment | None
    _x: tuple[str, Ints]  # modality of X, and rows of its items there

    def __len__(self) -> int:
        return len(self.vectors)

    @property
    def stones(self) -> tuple[str, ...]:
        """Modalities of the stepping stones."""
        return self._modalities[1:]

    @property
    def rows(self) -> Ints:
        """(v,) int64 row of each vertex in its modality's collection."""
        return np.concatenate([self._gallery_rows, *(np.arange(n) for n in np.diff(self._starts))])

    def item(self, vertex: int) -> Vertex:
        """Which item a vertex is."""
        if vertex < self.gallery:
            return Vertex(self._modalities[0], int(self._gallery_rows[vertex]))
        part = int(np.searchsorted(self._starts, vertex, side="right")) - 1
        return Vertex(self._modalities[1 + part], int(vertex - self._starts[part]))

    def vertex(self, item: Vertex) -> int:
        """The vertex that an item is, -1 where it is none."""
        if item.modality == self._modalities[0]:
            found = np.flatnonzero(self._gallery_rows == item.row)
            return int(found[0]) if len(found) else -1
        if item.modality in self.stones:
            return int(self._starts[self.stones.index(item.modality)]) + item.row
        return -1

    def x_item(self, position: int) -> Vertex:
        """Which item stands at a position of X, whether it is a vertex or not."""
        modality, rows = self._x
        return Vertex(modality, int(rows[position]))

    def placed(self, features: Floats) -> Floats:
        """(q, d) features of X's modality where these vertices are: aligned as its stepping stones are."""
        return features if self._turn is None else on_the_sphere(self._turn(features))


def vertices_of(field: Field, *, stones: bool, align: bool) -> Vertices:
    """The vertices of a field.

    Args:
        field: Without surroundings, there are no stones and no alignment.
        stones: Whether items of other modalities take part.
        align: Whether they, and queries of another modality, are laid over the gallery's by Procrustes.
    """
    around = field.surroundings() if field.surroundings else _nowhere(field)
    asking = next((s for s in around.stones if s.x_rows is not None), None)
    taken = around.stones if stones else ()
    needed = {s.modality: s for s in (*taken, *((asking,) if asking else ()))}
    turns = {name: _turn(stone) for name, stone in needed.items()} if align else {}
    moved = [
        stone.vectors if (turn := turns.get(stone.modality)) is None else on_the_sphere(turn(stone.vectors))
        for stone in taken
    ]
    starts = len(field.y_shared) + np.cumsum([0, *map(len, moved)])
    return Vertices(
        vectors=np.concatenate([field.y_shared, *moved]),
        gallery=len(field.y_shared),
        of_x=_of_x(field, taken, starts),
        notes=tuple(
            f"{name} are not aligned with {around.y_modality}: the data knows no seen pairs of them."
            for name, turn in turns.items()
            if turn is None
        ),
        _modalities=(around.y_modality, *(stone.modality for stone in taken)),
        _starts=starts,
        _gallery_rows=around.y_rows,
        _turn=turns.get(asking.modality) if asking else None,
        _x=(around.x_modality, around.x_rows),
    )


def on_the_sphere(points: AnyArray) -> Floats:
    """(n, d) float32 points at unit length; one at the centre stays."""
    lengths = np.linalg.norm(points, axis=1, keepdims=True)
    return np.asarray(points / np.where(lengths > 0, lengths, 1.0), dtype=np.float32)


def _nowhere(field: Field) -> Surroundings:
    return Surroundings(
        x_modality="query",
        y_modality="gallery",
        x_rows=np.arange(len(field.x_shared)),
        y_rows=np.arange(len(field.y_shared)),
    )


def _turn(stones: Stones) -> Alignment | None:
    ours, theirs = stones.pairs
    return procrustes(ours, theirs, scaling=False) if len(ours) >= _FEWEST else None


def _of_x(field: Field, taken: tuple[Stones, ...], starts: Ints) -> Ints:
    of_x = np.full(len(field.x_shared), -1, dtype=np.int64)
    if field.x_row_of_y is not None:
        present = np.flatnonzero(field.x_row_of_y >= 0)
        of_x[field.x_row_of_y[present]] = present
    for stone, start in zip(taken, starts, strict=False):
        if stone.x_rows is not None:
            of_x[:] = start + stone.x_rows
    return of_x
