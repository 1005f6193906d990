"""Layers the systems share. Each computes over the batch of all processes what it computes in one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from xview.models import parallel


class Standardise(nn.Module):
    """(x - mean) / scale with the moments of the items trained on: (d,) and ()."""

    mean: Tensor
    scale: Tensor

    def __init__(self, mean: Tensor, scale: Tensor) -> None:
        super().__init__()
        self.register_buffer("mean", mean.clone())
        self.register_buffer("scale", scale.clone())

    def forward(self, x: Tensor) -> Tensor:
        """(b, d) -> (b, d)."""
        return (x - self.mean) / self.scale


class BatchNorm(nn.modules.batchnorm._BatchNorm):
    """Batch normalisation (Ioffe and Szegedy 2015) of (b, d) or (b, c, h, w), over all processes.

    torch's own synchronised layer runs on CUDA only.
    """

    def _check_input_dim(self, x: Tensor) -> None:
        if x.ndim not in (2, 4):
            raise ValueError(f"expected (b, d) or (b, c, h, w), got {tuple(x.shape)}")

    def forward(self, x: Tensor) -> Tensor:
        """Same shape as `x`."""
        if not self.training or parallel.world() == 1:
            return super().forward(x)
        axes = [0] if x.ndim == 2 else [0, 2, 3]
        each = x.numel() // x.shape[1] * parallel.world()
        mean = parallel.total(x.sum(axes)) / each
        shape = (1, -1) + (1,) * (x.ndim - 2)
        centred = x - mean.view(shape)
        variance = parallel.total((centred * centred).sum(axes)) / each
        with torch.no_grad():
            assert self.running_mean is not None and self.running_var is not None
            assert self.num_batches_tracked is not None
            self.num_batches_tracked += 1
            momentum = self.momentum if self.momentum is not None else 1.0 / float(self.num_batches_tracked)
            self.running_mean.lerp_(mean, momentum)
            self.running_var.lerp_(variance * each / max(1, each - 1), momentum)
        normal = centred * torch.rsqrt(variance + self.eps).view(shape)
        if self.affine:
            normal = normal * self.weight.view(shape) + self.bias.view(shape)
        return normal


class Dropout(nn.Module):
    """Inverted dropout of a share `p`; every process draws the mask of the whole batch and takes its rows."""

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        """Same shape as `x`."""
        if not self.training or self.p == 0:
            return x
        kept = uniform(len(x), *x.shape[1:], like=x) >= self.p
        return x * kept / (1 - self.p)


def uniform(rows: int, *shape: int, like: Tensor) -> Tensor:
    """(rows, *shape) from [0, 1): this process's rows of one draw for the whole batch."""
    drawn = torch.rand(rows * parallel.world(), *shape, device=like.device, dtype=like.dtype)
    return parallel.mine(drawn)


def normal(rows: int, *shape: int, like: Tensor) -> Tensor:
    """(rows, *shape) from N(0, 1): this process's rows of one draw for the whole batch."""
    drawn = torch.randn(rows * parallel.world(), *shape, device=like.device, dtype=like.dtype)
    return parallel.mine(drawn)


def perceptron(widths: Sequence[int], activation: type[nn.Module] = nn.ReLU) -> nn.Sequential:
    """Fully connected layers of these widths, input first; `activation` between them, the last one linear."""
    layers: list[nn.Module] = []
    for inner, outer in pairwise(widths):
        layers += [nn.Linear(inner, outer), activation()]
    return nn.Sequential(*layers[:-1])
