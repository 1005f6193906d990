"""Adversaries: a Wasserstein critic's gradient penalty, and a discriminator that those before it confuse."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional


def gradient_penalty(
    critic: Callable[[Tensor], Tensor], true: Tensor, synthetic: Tensor, share: Tensor
) -> Tensor:
    """Mean of (|gradient of the critic| - 1)^2 between true and synthetic items (JFSE, Eq. 1, third term).

    Gulrajani et al., Improved Training of Wasserstein GANs (NeurIPS 2017).

    Args:
        critic: (b, d) items -> (b, ...) scores, row by row.
        true, synthetic: (b, d).
        share: (b, 1) from 0 to 1, of the true item in the point between them where the gradient is taken.

    Returns:
        Scalar, differentiable with respect to the critic's parameters.
    """
    between = (share * true + (1 - share) * synthetic).detach().requires_grad_()
    slope: Tensor
    (slope,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    return torch.square(slope.norm(dim=1) - 1).mean()


def reverse_gradient(x: Tensor) -> Tensor:
    """`x` itself, whose gradient changes sign: what comes before ascends the loss that what follows descends.

    Ganin and Lempitsky, Unsupervised Domain Adaptation by Backpropagation (ICML 2015).
    """
    return _Reversal.apply(x)  # type: ignore[no-any-return, no-untyped-call]


class _Reversal(torch.autograd.Function):
    @staticmethod
    def forward(ctx: object, x: Tensor) -> Tensor:
        return x.view_as(x)

    @staticmethod
    def backward(ctx: object, *gradients: Tensor) -> Tensor:
        return -gradients[0]


def origin_entropy(logits: Tensor, origin: int) -> Tensor:
    """Mean cross-entropy of telling which modality items come from (JFSE, Eq. 14, arguments put right).

    Args:
        logits: (b, 1) for two modalities, the evidence for the second; (b, m) for m of them.
        origin: The modality they do come from, from 0.
    """
    if logits.shape[1] == 1:
        return functional.softplus(-logits if origin else logits).mean()
    return -functional.log_softmax(logits, dim=1)[:, origin].mean()
