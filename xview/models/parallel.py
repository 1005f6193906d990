"""Several processes that share one batch: with these three functions a system computes in W processes what it
computes in one, up to rounding.

Every process holds its own rows of a batch. `gather` joins what the processes computed, and its gradient
finds the way back; `mine` takes this process's rows of what every process knows, such as noise drawn from a
common seed; `average_gradients` completes a backward pass. With one process all three do nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, distributed, nn


def world() -> int:
    """Number of processes."""
    return distributed.get_world_size() if _several() else 1


def rank() -> int:
    """Number of this process, from 0; process 0 writes."""
    return distributed.get_rank() if _several() else 0


def _several() -> bool:
    return distributed.is_available() and distributed.is_initialized()


def mine(rows: Tensor) -> Tensor:
    """This process's rows, (b / W, ...), of (b, ...) that every process holds; b divides by W."""
    share = len(rows) // world()
    return rows[rank() * share : (rank() + 1) * share]


def gather(rows: Tensor) -> Tensor:
    """(b / W, ...) rows of each process -> (b, ...) in every process, in the order `mine` takes them.

    Differentiable: the loss each process computes from them is the same, and `average_gradients` turns
    the sum over processes into its gradient.
    """
    if world() == 1:
        return rows
    if not rows.requires_grad:
        parts = [torch.empty_like(rows) for _ in range(world())]
        distributed.all_gather(parts, rows.contiguous())
        return torch.cat(parts)
    return _Gather.apply(rows)  # type: ignore[no-any-return, no-untyped-call]


class _Gather(torch.autograd.Function):
    """Gather whose gradient is the sum over processes, itself differentiable (for gradient penalties)."""

    @staticmethod
    def forward(ctx: object, rows: Tensor) -> Tensor:
        parts = [torch.empty_like(rows) for _ in range(world())]
        distributed.all_gather(parts, rows.contiguous())
        return torch.cat(parts)

    @staticmethod
    def backward(ctx: object, *gradients: Tensor) -> Tensor:
        return mine(total(gradients[0]))


def total(values: Tensor) -> Tensor:
    """Sum over the processes of a tensor each holds; differentiable."""
    return values if world() == 1 else _Total.apply(values)  # type: ignore[no-untyped-call]


class _Total(torch.autograd.Function):
    @staticmethod
    def forward(ctx: object, values: Tensor) -> Tensor:
        summed = values.clone()
        distributed.all_reduce(summed)
        return summed

    @staticmethod
    def backward(ctx: object, *gradients: Tensor) -> Tensor:
        return total(gradients[0])


def average_gradients(parameters: Iterable[nn.Parameter]) -> None:
    """Mean over processes of every gradient, in place; call between `backward` and the optimiser's step."""
    if world() == 1:
        return
    for parameter in parameters:
        if parameter.grad is not None:
            distributed.all_reduce(parameter.grad)
            parameter.grad /= world()
