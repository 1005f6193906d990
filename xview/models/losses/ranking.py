"""Ranking losses whose negatives are the hardest of a batch (Liu 2018, thesis, chapters 5 to 7).

The thesis writes chapters 5 and 7 with a distance 1 - cos (Eq. 5.7, 7.3) and chapter 6 with the cosine
(Eq. 6.1); the hinges are the same. Its "most dissimilar" negatives are read as the most similar ones, as in
its released program: of the items that violate the margin, those nearest to the anchor.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import normalize


def one_way(
    anchors: Tensor,
    partners: Tensor,
    ids: Tensor,
    *,
    margin: float,
    negatives: int,
    cross: float = 1.0,
    intra: float = 0.0,
) -> Tensor:
    """Anchor and partner are nearer than the anchor, and with `intra` the partner, is to hard negatives.

    cross * max(0, m - s(a_i, p_i) + s(a_i, p_j)) + intra * max(0, m - s(a_i, p_i) + s(p_i, p_j)), where s is
    the cosine, summed over the negatives p_j of a_i and divided by `negatives` and b (Eq. 5.8 and 5.10; with
    intra = 0 each half of Eq. 6.2, 6.4, 6.5 and 7.4).

    Args:
        anchors: (b, d); row i belongs to row i of `partners`. Rows need not be unit.
        partners: (b, d).
        ids: (b,) what row i shows; rows of equal ids are never negatives of one another.
        margin: m, in cosine units.
        negatives: N, how many there are at most; fewer where fewer violate the margin.
        cross: Weight alpha_1 of the comparison with the anchor.
        intra: Weight alpha_2 of the comparison with the partner.

    Returns:
        (), 0 or more.
    """
    anchors, partners = normalize(anchors), normalize(partners)
    between = anchors @ partners.T
    slack = margin - between.diagonal()[:, None]
    violation = (between + slack).masked_fill(ids[:, None] == ids, 0.0)
    hardest, columns = violation.topk(min(negatives, len(ids)), dim=1)
    loss = cross * hardest.clamp(min=0)
    if intra:
        within = (partners @ partners.T).gather(1, columns) + slack
        loss = loss + intra * within.clamp(min=0) * (hardest > 0)
    return loss.sum() / (negatives * len(ids))


def both_ways(
    x: Tensor,
    y: Tensor,
    ids: Tensor,
    *,
    margin: float,
    negatives: int,
    weights: tuple[float, float] = (1.0, 1.0),
    cross: float = 1.0,
    intra: float = 0.0,
) -> Tensor:
    """`one_way` from x to y and from y to x, weighted: bi-rank loss, Eq. 5.10 with weights (beta_1, beta_2).

    With weights (1, alpha) and intra = 0 it is Eq. 6.2, 6.4, 6.5 and 7.4, there per anchor and negative.

    Args:
        x: (b, d).
        y: (b, d).
        ids, margin, negatives, cross, intra: See `one_way`.
        weights: Of x to y (negatives among y) and of y to x (negatives among x).

    Returns:
        (), 0 or more.
    """
    there = one_way(x, y, ids, margin=margin, negatives=negatives, cross=cross, intra=intra)
    back = one_way(y, x, ids, margin=margin, negatives=negatives, cross=cross, intra=intra)
    return weights[0] * there + weights[1] * back
