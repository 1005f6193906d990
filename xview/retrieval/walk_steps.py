"""One query's walk step by step, to the ranking it ends in (paper 000, Eq. 4 one-sided; Eq. 6-8 its end).

Two walks run at once: f_y^{t+1} = alpha S_yy f_y^t + b_y from where the query hops into Y, and
f_x^{t+1} = alpha S_xx f_x^t + b_x from where it stands in X (`xview.graph.iteration`). After t steps they
score (1 - lambda) f_y^t + lambda S_xy^T f_x^t, and at their fixed point exactly what `WalkRanker.rank` scores
where no truncation holds it back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from xview.arrays import Bools, Doubles, Ints
from xview.graph.iteration import State, iterate
from xview.retrieval.base import Query, Side
from xview.retrieval.entry import check, own_answers
from xview.retrieval.nearby import solve_nearby
from xview.retrieval.walk import WalkRanker

ENOUGH = 1e-3  # distance from the fixed point at which walking on shows nothing new
MOST = 10_000  # steps


@dataclass(frozen=True, eq=False)
class SideWalk:
    """The walk on one side.

    Attributes:
        size: Items of that side.
        source: (size,) b, any sign.
        area: (a,) ascending items it walks on: all, or its neighbourhood where the side is large.
        states: f^t on the area, one a kept step.
        end: (a,) its fixed point.
    """

    size: int
    source: Doubles
    area: Ints
    states: tuple[State, ...]
    end: Doubles

    def mass(self, frame: int) -> Doubles:
        """(size,) float64 mass of a frame; the one behind the last state is the fixed point."""
        spread = np.zeros(self.size)
        spread[self.area] = self.end if frame == len(self.states) else self.states[frame].mass
        return spread

    def distance(self, mass: Doubles) -> float:
        """|mass - f| / |f| for the fixed point f, (a,) each; 0 where nothing walks."""
        size = float(np.linalg.norm(self.end))
        return float(np.linalg.norm(mass - self.end)) / size if size else 0.0


@dataclass(frozen=True, eq=False)
class WalkSteps:
    """A query's walk as frames: the kept steps, then the fixed point.

    Attributes:
        x, y: The walks on both sides.
        steps: t of each kept step, ascending from 0.
        distances: (frames,) relative distance from the fixed point, the farther side's of those that count
            (lambda = 0 leaves X out, lambda = 1 leaves Y out); 0 at the last frame.
        residuals: (frames,) relative residual |b - L f^t| / |b|, the larger side's of those that count.
        lam: Weight of the walk on X.
        links: S_xy, (m, n).
        crossing: Positions in X and in Y and the weight of every link from where X's walk may be.
        itself: (n,) bool, gallery items of the query itself; they score 0.
        notes: In what the ranking differs from this walk's end, in sentences.
    """

    x: SideWalk
    y: SideWalk
    steps: tuple[int, ...]
    distances: Doubles
    residuals: Doubles
    lam: float
    links: sparse.csc_array
    crossing: tuple[Ints, Ints, Doubles]
    itself: Bools
    notes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.steps) + 1

    def side(self, side: Side) -> SideWalk:
        """The walk on that side."""
        return self.x if side is Side.QUERY else self.y

    def weight(self, side: Side) -> float:
        """What that side's walk counts in the score."""
        return self.lam if side is Side.QUERY else 1 - self.lam

    def scores(self, frame: int) -> Doubles:
        """(n,) float64 scores after so many steps; those of the last frame are the ranking's."""
        scores = (1 - self.lam) * self.y.mass(frame)
        if self.lam:
            scores += self.lam * np.asarray(self.links.T @ self.x.mass(frame))
        scores[self.itself] = 0.0
        return scores

    def crossings(self, frame: int, count: int) -> tuple[Ints, Ints, Doubles]:
        """The links over which most of X's mass reaches Y now.

        Returns:
            (c,) positions in X, (c,) positions in Y and (c,) what each carries, largest magnitude first.
        """
        rows, columns, weights = self.crossing
        carried = self.lam * self.x.mass(frame)[rows] * weights
        size = np.abs(carried)
        best = np.argpartition(-size, count)[:count] if count < len(size) else np.arange(len(size))
        best = best[np.argsort(-size[best], kind="stable")]
        best = best[size[best] > 0]
        return rows[best], columns[best], carried[best]


def walk_steps(ranker: WalkRanker, query: Query, go_on: Callable[[], None] = lambda: None) -> WalkSteps:
    """Walk until each side that counts is within 0.1 % of its fixed point, or 10,000 steps.

    A truncation of the ranker's is left aside, and a note says so. Where single queries are answered in a
    neighbourhood, the walk stays in the same one.

    Args:
        ranker: Whose graphs, links and settings to walk with.
        query: What to start from, marks included.
        go_on: Called between steps; may raise to cancel.

    Raises:
        QueryError: As `WalkRanker.rank`.
    """
    check(query, ranker.field)
    hop, start, notes = ranker.sources(query)
    lam = ranker.settings.lam
    notes += _truncated(ranker)
    x, y = _Walking(ranker, Side.QUERY, start), _Walking(ranker, Side.GALLERY, hop)
    counted = [walking for walking, weight in ((x, lam), (y, 1 - lam)) if weight]
    steps, distances, residuals = [], [], []
    while True:
        go_on()
        x.walk()
        y.walk()
        steps.append(counted[0].states[-1].step)
        distances.append(max(walking.distance for walking in counted))
        residuals.append(max(walking.states[-1].residual for walking in counted))
        if distances[-1] <= ENOUGH or residuals[-1] <= ranker.settings.tol or steps[-1] >= MOST:
            break
    links = ranker.ways.links.xy
    return WalkSteps(
        x=x.done(),
        y=y.done(),
        steps=tuple(steps),
        distances=np.array([*distances, 0.0]),
        residuals=np.array([*residuals, 0.0]),
        lam=lam,
        links=links,
        crossing=_crossing(links, x.area),
        itself=own_answers(query, ranker.field),
        notes=notes,
    )


def _crossing(links: sparse.csc_array, area: Ints) -> tuple[Ints, Ints, Doubles]:
    """Rows, columns and weights of the links from an area."""
    listed = (links if len(area) == links.shape[0] else sparse.csr_array(links)[area]).tocoo()
    rows = listed.row if len(area) == links.shape[0] else area[listed.row]
    return rows.astype(np.int64), listed.col.astype(np.int64), listed.data


class _Walking:
    """One side on its way."""

    def __init__(self, ranker: WalkRanker, side: Side, source: Doubles) -> None:
        diffuser = ranker.ways.diffuser(side)
        matrix = diffuser.steps.matrix
        self.source, self.area = source, np.arange(len(source))
        if ranker.ways.local(diffuser):
            local = solve_nearby(diffuser, source)
            self.area = np.sort(local.area)
            matrix, end = sparse.csr_array(matrix[self.area][:, self.area]), local.fine
        else:
            end = diffuser.solve(source)
        self.end = end[self.area]
        self.states: list[State] = []
        self._coming = iterate(matrix, source[self.area], diffuser.alpha)

    def walk(self) -> None:
        self.states.append(next(self._coming))

    @property
    def distance(self) -> float:
        return self.done().distance(self.states[-1].mass)

    def done(self) -> SideWalk:
        return SideWalk(len(self.source), self.source, self.area, tuple(self.states), self.end)


def _truncated(ranker: WalkRanker) -> tuple[str, ...]:
    sides = [side for side in Side if ranker.ways.truncated(side)]
    if not sides:
        return ()
    s = ranker.settings
    return (
        f"The ranking holds its walks inside lists of {s.n_trunc:,} items (truncation {s.truncation}); this "
        "walk goes everywhere, and ends in the scores of truncation none.",
    )
