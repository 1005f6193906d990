"""Links between two modalities: how a query's mass enters the other side."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from scipy import sparse

from xview.arrays import Doubles, Ints


class LinkRule(StrEnum):
    """Which reading of the links of paper 000 (they differ, see `released_links` and `paper_links`)."""

    RELEASED = "released"
    PAPER = "paper"


def link_weights(similarities: Doubles, gamma: float) -> Doubles:
    """Weights of one-way links as the authors' program sets them.

    Args:
        similarities: (q, k_q) of each query to its nearest items of the other modality.
        gamma: Exponent.

    Returns:
        (q, k_q): similarities clipped at 0, divided by their sum, then raised to `gamma` (so that they do
        not sum to 1); zeros where no similarity is positive.
    """
    clipped = np.clip(similarities, 0.0, None)
    total = clipped.sum(axis=1, keepdims=True)
    share = np.divide(clipped, total, out=np.zeros_like(clipped), where=total > 0)
    return np.asarray(share**gamma)


def released_links(rows: Ints, similarities: Doubles, n: int, gamma: float) -> sparse.csc_array:
    """One-way links: column i holds the weights of query i on its k_q nearest of the n other items.

    Args:
        rows, similarities: (q, k_q) neighbour lists of the queries.

    Returns:
        (n, q) float64, >= 0.
    """
    queries, k = rows.shape
    starts = np.arange(queries + 1, dtype=np.int64) * k
    links = sparse.csc_array(
        (link_weights(similarities, gamma).ravel(), rows.ravel(), starts), shape=(n, queries)
    )
    links.eliminate_zeros()
    links.sort_indices()
    return links


def paper_links(
    x_rows: Ints, x_similarities: Doubles, y_rows: Ints, y_similarities: Doubles
) -> tuple[sparse.csc_array, sparse.csc_array]:
    """Mutual links, as paper 000 prints them: Eq. 1 between modalities, then l1 by row, exponent 1.

    Args:
        x_rows, x_similarities: (m, k_q) lists of each x among the n items y.
        y_rows, y_similarities: (n, k_q) lists of each y among the m items x.

    Returns:
        S_xy (m, n) and S_yx (n, m), float64; rows sum to 1, or to 0 for an item without a positive link.
    """
    m, n = len(x_rows), len(y_rows)
    from_x = _one_way(x_rows, x_similarities, n)
    from_y = _one_way(y_rows, y_similarities, m)
    mutual = sparse.csr_array(from_x.minimum(from_y.T))
    mutual.eliminate_zeros()
    return _rows_to_one(mutual), _rows_to_one(sparse.csr_array(mutual.T))


def _one_way(rows: Ints, similarities: Doubles, n: int) -> sparse.csr_array:
    starts = np.arange(len(rows) + 1, dtype=np.int64) * rows.shape[1]
    weights = np.clip(similarities, 0.0, None).ravel()
    return sparse.csr_array((weights, rows.ravel(), starts), shape=(len(rows), n))


def _rows_to_one(weights: sparse.csr_array) -> sparse.csc_array:
    total = np.asarray(weights.sum(axis=1))
    scale = np.divide(1.0, total, out=np.zeros(len(total)), where=total > 0)
    return sparse.csc_array(sparse.diags_array(scale) @ weights)
