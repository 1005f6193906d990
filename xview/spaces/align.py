"""Lay one map or space over another by Procrustes, and say how far each item moved among its neighbours.

Decisions
    2026-11-22  Reflections are allowed unless refused: maps have no handedness, and in many dimensions one
                reflected direction is no loss.
    2026-11-22  A translation takes unit vectors off their sphere; who compares aligned spaces by cosine
                makes them unit length again, which no longer keeps distances (errata on paper 002).
    2026-11-22  Fewer pairs than dimensions leave directions of which they say nothing; any turn of these is
                as good to the pairs, and the least one is taken: whatever else lies there stays in place.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xview.arrays import AnyArray, Doubles, Ints
from xview.errors import SettingError


@dataclass(frozen=True, eq=False)
class Alignment:
    """x -> scale * x R + shift, the similarity that brings the moving points nearest to their targets.

    Attributes:
        rotation: R, (d, d) float64 orthogonal; its determinant is -1 where it reflects.
        scale: At least 0.
        shift: (d,) float64.
        disparity: Squared distances left over the targets' squared distances from their mean: 0 where all
            meet, at most 1 (Gower 1975; that of `scipy.spatial.procrustes` if scaled).
    """

    rotation: Doubles
    scale: float
    shift: Doubles
    disparity: float

    def __call__(self, points: AnyArray) -> Doubles:
        """(m, d) points of the moving map, also such as have no target, moved: (m, d) float64."""
        return np.asarray(self.scale * (points.astype(np.float64) @ self.rotation) + self.shift)


def procrustes(
    moving: AnyArray, target: AnyArray, *, reflection: bool = True, scaling: bool = True
) -> Alignment:
    """The alignment with the least sum of squared distances (Schönemann 1966; Umeyama 1991).

    R comes from the SVD of the centred cross-covariance, the shift is mean(target) - scale * mean(moving) R.
    Of several best R, as where pairs are fewer than dimensions, it is the one nearest to no turn at all.

    Args:
        moving, target: (n, d) finite, row i of both the same item: the items both maps hold.
        reflection: Whether R may reflect.
        scaling: Whether to scale; otherwise `scale` is 1. Coinciding `moving` points are never scaled.

    Raises:
        ValueError: The arrays do not pair up, are empty, or hold a NaN or an infinity.
    """
    _check_pair(moving, target)
    a, b = moving.astype(np.float64), target.astype(np.float64)
    a_mean, b_mean = a.mean(axis=0), b.mean(axis=0)
    a, b = a - a_mean, b - b_mean
    left, singular, right = np.linalg.svd(a.T @ b)
    untold = singular <= singular[0] * len(singular) * np.finfo(np.float64).eps
    if untold.any():
        turn, _, back = np.linalg.svd(right[untold] @ left[:, untold])
        left[:, untold], right[untold] = left[:, untold] @ back.T, turn.T @ right[untold]
    if not reflection and np.linalg.det(left @ right) < 0:
        left[:, -1] *= -1
        singular[-1] *= -1
    rotation = left @ right
    spread = float((a**2).sum())
    scale = float(singular.sum()) / spread if scaling and spread else 1.0
    total = float((b**2).sum())
    missed = float(((scale * a @ rotation - b) ** 2).sum())
    return Alignment(
        rotation=rotation,
        scale=scale,
        shift=b_mean - scale * a_mean @ rotation,
        disparity=missed / total if total else 0.0,
    )


def movement(reference: AnyArray, aligned: AnyArray, k: int = 10) -> Doubles:
    """How far each item moved relative to its neighbours, in units of how far these are.

    |m_i - median of m_j| / s_i, where m = aligned - reference, j runs over the k nearest of i in the
    reference, the median is taken per coordinate and s_i is the mean distance of those j from i. A median,
    because one neighbour that leaves must not count as movement of all it leaves. 0 for an item that went
    with its neighbours; 1 for one that moved as far beside them as they were away; 0 everywhere where
    `aligned` is a moved copy, or a moved, turned and scaled one after `procrustes`. Items on which k others
    lie are measured by the median s of the rest.

    Args:
        reference: (n, d) finite, the map before.
        aligned: (n, d) finite, the same items in the map after, laid over the reference.
        k: Neighbours, 1 to n - 1; from 3 on, the median resists one that leaves.

    Returns:
        (n,) float64, at least 0.

    Raises:
        SettingError: k is out of range.
        ValueError: The arrays do not pair up, are empty, or hold a NaN or an infinity.
    """
    _check_pair(reference, aligned)
    if not 1 <= k < len(reference):
        raise SettingError(
            f"cannot take {k} neighbours of {len(reference)} items; choose 1 to {len(reference) - 1}"
        )
    before = reference.astype(np.float64)
    moved = aligned - before
    near, scale = _nearest(before, k)
    beside = moved - np.median(moved[near], axis=1)
    apart = scale > 0
    scale[~apart] = np.median(scale[apart]) if apart.any() else 1.0
    return np.asarray(np.linalg.norm(beside, axis=1) / scale)


def _nearest(points: Doubles, k: int) -> tuple[Ints, Doubles]:
    """Each point's k nearest others, (n, k), and their mean distance, (n,)."""
    from scipy.spatial import cKDTree  # a third of a second that a starting window does not have

    found = cKDTree(points).query(points, k + 1)
    distances, rows = np.asarray(found[0]), np.asarray(found[1], dtype=np.int64)
    itself = rows == np.arange(len(points))[:, None]
    itself[~itself.any(axis=1), -1] = True  # more than k others lie on it
    near = rows[~itself].reshape(-1, k)
    return near, distances[~itself].reshape(-1, k).mean(axis=1)


def _check_pair(one: AnyArray, other: AnyArray) -> None:
    if one.shape != other.shape or one.ndim != 2 or not one.size:
        raise ValueError(
            f"points must pair up as (items, dimensions), got shapes {one.shape} and {other.shape}"
        )
    if not (np.isfinite(one).all() and np.isfinite(other).all()):
        raise ValueError("points must be finite; there is a NaN or an infinity among them")
