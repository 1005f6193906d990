"""Maximum mean discrepancy: how far apart two samples' distributions are, by Gaussian kernels."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

VARIANCES = (
    *(1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 35.0),
    *(1e2, 1e3, 1e4, 1e5, 1e6),
)
"""Those of domain separation networks (Bousmalis et al. 2016), where a paper names none (004, Eq. 4)."""


def mmd(x: Tensor, y: Tensor, variances: Sequence[float]) -> Tensor:
    """Squared MMD, biased (Gretton et al., JMLR 2012, Eq. 5), of the sum of kernels exp(-d^2 / 2v).

    Args:
        x: (n, d) sample.
        y: (m, d) sample.
        variances: v of each kernel, > 0; exp(-s d^2) is v = 1 / 2s.

    Returns:
        () from 0, where the samples are equal, to twice the number of kernels; differentiable.
    """
    return (
        _kernel(x, x, variances).mean()
        + _kernel(y, y, variances).mean()
        - 2 * _kernel(x, y, variances).mean()
    )


def _kernel(x: Tensor, y: Tensor, variances: Sequence[float]) -> Tensor:
    # Differences, not inner products: the smallest variances would see the rounding
    squared = (x[:, None] - y[None]).square().sum(dim=-1)
    return sum(((squared / (-2 * v)).exp() for v in variances[1:]), (squared / (-2 * variances[0])).exp())
