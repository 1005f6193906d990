"""Correlation alignment (Sun, Feng and Saenko, Return of Frustratingly Easy Domain Adaptation, AAAI 2016;
JFSE, Eq. 6-10).
"""

from __future__ import annotations

from torch import Tensor


def coral(x: Tensor, y: Tensor) -> Tensor:
    """|cov(x) - cov(y)|_F^2 / (4 d^2) of (b, d) and (n, d): a scalar.

    JFSE's Eq. 10 calls d "m", elsewhere the size of its noise; it is the embeddings' dimension.
    """
    difference = covariance(x) - covariance(y)
    return (difference * difference).sum() / (4 * x.shape[1] ** 2)


def covariance(x: Tensor) -> Tensor:
    """Unbiased covariance of the columns of (b, d), b > 1: (d, d)."""
    centred = x - x.mean(dim=0)
    return centred.T @ centred / (len(x) - 1)
