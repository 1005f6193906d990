"""Each item chooses its partner among those of the batch (paper 002, Eq. 1)."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional


def choice(items: Tensor, partners: Tensor, things: Tensor, scale: Tensor) -> Tensor:
    """Mean cross-entropy of each item's own partner under a softmax of scaled inner products.

    Args:
        items, partners: (b, d) unit rows; row i of both belongs together.
        things: (b,) int64 what row i shows; another partner of the same thing is no wrong choice and is left
            out of the sum.
        scale: () what inner products are multiplied by; 1 as printed, where the loss cannot fall below
            log(1 + (b - 1) e^-2).
    """
    logits = scale * items @ partners.T
    same = things[:, None] == things[None, :]
    same.fill_diagonal_(False)
    own = torch.arange(len(items), device=items.device)
    return functional.cross_entropy(logits.masked_fill(same, -math.inf), own)
