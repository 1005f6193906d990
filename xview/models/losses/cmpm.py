"""Cross-modal projection matching (Zhang and Lu, Deep Cross-Modal Projection Learning for Image-Text
Matching, ECCV 2018; JFSE, Eq. 11-13).
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def cmpm(x: Tensor, y: Tensor, labels: Tensor, *, epsilon: float = 1e-8) -> Tensor:
    """Divergence of the matches projections tell from those labels tell, both ways between two modalities.

    One way it is the mean over i of KL(p_i || q_i), where p_i is the softmax over j of x_i^T y_j / |y_j| and
    q_i is uniform over the j of i's label. The sign is that of the original program: JFSE's Eq. 12 prints
    its negative, which nobody would minimise.

    Args:
        x, y: (b, d); row i of both bears label i.
        labels: (b,) integers.
        epsilon: Added to q, which is zero where labels differ.

    Returns:
        Scalar; at least 0 up to `epsilon`.
    """
    same = (labels[:, None] == labels[None, :]).to(x.dtype)
    wanted = torch.log(same / same.sum(dim=1, keepdim=True) + epsilon)
    return _one_way(x, y, wanted) + _one_way(y, x, wanted)


def _one_way(x: Tensor, y: Tensor, wanted: Tensor) -> Tensor:
    told = functional.log_softmax(x @ functional.normalize(y).T, dim=1)
    return (told.exp() * (told - wanted)).sum(dim=1).mean()
