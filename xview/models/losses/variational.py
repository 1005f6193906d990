"""Gaussians of diagonal covariance, as variational autoencoders predict: (b, d) mean and log variance."""

from __future__ import annotations

import torch
from torch import Tensor


def sample(mu: Tensor, logvar: Tensor, noise: Tensor) -> Tensor:
    """Reparametrised draw mu + sigma noise (Kingma and Welling 2014); noise (b, d) from N(0, 1) -> (b, d)."""
    return mu + torch.exp(logvar / 2) * noise


def kl(mu: Tensor, logvar: Tensor) -> Tensor:
    """Kullback-Leibler divergence from N(0, 1) of each row, (b,) in nats, >= 0."""
    return 0.5 * (mu.square() + logvar.exp() - logvar - 1).sum(dim=1)


def wasserstein(mu1: Tensor, logvar1: Tensor, mu2: Tensor, logvar2: Tensor, epsilon: float = 1e-12) -> Tensor:
    """2-Wasserstein distance, not squared, between each row's two Gaussians: (b,), >= 0 (paper 001, Eq. 5).

    `epsilon` under the root keeps the gradient finite where they are equal.
    """
    spread = torch.exp(logvar1 / 2) - torch.exp(logvar2 / 2)
    return ((mu1 - mu2).square().sum(dim=1) + spread.square().sum(dim=1) + epsilon).sqrt()
