from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import scipy.linalg
import torch
from torch.distributions import Normal, kl_divergence

from xview.models.losses.variational import kl, sample, wasserstein

ARRAYS = Path(__file__).parents[3] / "conformance" / "losses-vae.npz"


def arrays() -> dict[str, torch.Tensor]:
    with np.load(ARRAYS) as stored:
        return {name: torch.from_numpy(stored[name]) for name in stored}


def test_all_three_are_those_of_the_reference_program() -> None:
    given = arrays()
    one, two = (given["mu1"], given["logvar1"]), (given["mu2"], given["logvar2"])
    torch.testing.assert_close(kl(*one), given["kl_per_sample_1"], rtol=1e-10, atol=0)
    torch.testing.assert_close(wasserstein(*one, *two), given["w2_per_sample"], rtol=1e-10, atol=0)
    torch.testing.assert_close(sample(*one, given["eps"]), given["z1"], rtol=1e-12, atol=0)


def test_kl_is_that_of_torchs_distributions() -> None:
    mu, logvar = torch.randn(2, 5, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    expected = kl_divergence(Normal(mu, (logvar / 2).exp()), Normal(torch.zeros_like(mu), 1.0)).sum(dim=1)
    torch.testing.assert_close(kl(mu, logvar), expected)


def test_wasserstein_is_that_of_whole_covariance_matrices() -> None:
    """Against paper 001's Eq. 4 with the trace it lacks, by scipy's matrix roots."""
    mu1, logvar1, mu2, logvar2 = torch.randn(
        4, 2, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(2)
    )
    found = wasserstein(mu1, logvar1, mu2, logvar2)
    for row in range(2):
        one, two = (np.diag(v[row].exp().numpy()) for v in (logvar1, logvar2))
        root = scipy.linalg.sqrtm(one)
        between = scipy.linalg.sqrtm(root @ two @ root)
        apart = float((mu1[row] - mu2[row]).square().sum())
        expected = (apart + np.trace(one + two - 2 * between)) ** 0.5
        assert found[row].item() == pytest.approx(float(np.real(expected)), rel=1e-8)


def test_the_gradient_of_equal_gaussians_is_zero_and_not_nan() -> None:
    leaf = torch.zeros(4, 3, requires_grad=True)
    wasserstein(leaf, leaf, torch.zeros(4, 3), torch.zeros(4, 3)).sum().backward()
    assert leaf.grad is not None and leaf.grad.eq(0).all()
