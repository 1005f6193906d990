"""The batch-hard triplet loss (Hermans, Beyer and Leibe, In Defense of the Triplet Loss, 2017)."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

_LEAST = 1e-12  # a square root of zero has no gradient


def cosine_distance(x: Tensor) -> Tensor:
    """(b, d) -> (b, b) of 1 - cosine, from 0 to 2.

    Not clamped, as the released program of paper 000 does: its negative similarities get no gradient.
    """
    unit = functional.normalize(x, dim=1)
    return 1 - unit @ unit.T


def euclidean_distance(x: Tensor) -> Tensor:
    """(b, d) -> (b, b) of |x_i - x_j|."""
    squares = (x * x).sum(1)
    return (squares[:, None] + squares - 2 * x @ x.T).clamp_min(_LEAST).sqrt()


def batch_hard(distances: Tensor, labels: Tensor, margin: float) -> Tensor:
    """Mean over anchors of max(0, margin + farthest item of its class - nearest of another).

    Args:
        distances: (b, b).
        labels: (b,) int64.
        margin: In units of the distance.

    Returns:
        Scalar; 0 where no anchor has both a positive (other than itself) and a negative.
    """
    same = labels[:, None] == labels
    positive = same & ~torch.eye(len(labels), dtype=torch.bool, device=labels.device)
    counted = positive.any(1) & ~same.all(1)
    if not counted.any():
        return distances.sum() * 0
    farthest = distances.masked_fill(~positive, -torch.inf).amax(1)[counted]
    nearest = distances.masked_fill(same, torch.inf).amin(1)[counted]
    return functional.relu(margin + farthest - nearest).mean()
