"""The graph inside one modality: who is tied to whom, and the step matrix of a walk on it."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from xview.arrays import Doubles, Floats, Ints
from xview.graph.knn import nearest, without


def mutual_affinity(vectors: Floats, k: int, gamma: float) -> sparse.csr_array:
    """A of Eq. 1 of paper 000: A[i, j] = max(0, <v_i, v_j>)^gamma for mutual k nearest neighbours.

    Args:
        vectors: (n, d) float32 unit rows.
        k: Neighbours of an item, the item itself counted, 1 to n: k = 30 is 29 others.
        gamma: Exponent, > 0.

    Returns:
        (n, n) float64, symmetric, >= 0, zero diagonal.

    Raises:
        SettingError: k is below 1 or above n.
    """
    rows, similarities = nearest(vectors, vectors, k)
    others = without(rows, similarities, np.arange(len(vectors)))
    return affinity_of_lists(*others, gamma)


def affinity_of_lists(rows: Ints, similarities: Doubles, gamma: float) -> sparse.csr_array:
    """`mutual_affinity` from neighbour lists, (n, k - 1), that leave each item itself out."""
    n, others = rows.shape
    weights = np.clip(similarities, 0.0, None) ** gamma
    starts = np.arange(n + 1, dtype=np.int32) * np.int32(others)
    one_way = sparse.csr_array((weights.ravel(), rows.ravel().astype(np.int32), starts), shape=(n, n))
    mutual = sparse.csr_array(one_way.minimum(one_way.T))
    mutual.eliminate_zeros()
    mutual.sort_indices()
    return mutual


def normalised(affinity: sparse.csr_array) -> sparse.csr_array:
    """S = D^-1/2 A D^-1/2 (Eq. 2 of paper 000); an isolated vertex has a zero row. Spectrum in [-1, 1]."""
    degree = np.asarray(affinity.sum(axis=1))
    scale = np.zeros(len(degree))
    np.divide(1.0, np.sqrt(degree), out=scale, where=degree > 0)
    across = sparse.diags_array(scale)
    return sparse.csr_array(across @ affinity @ across)


def attach(similarities: Doubles, degree: Doubles, gamma: float) -> Doubles:
    """Steps from a new vertex to the vertices it is linked to, normalised as in Eq. 2.

    The vertex joins with affinities max(0, s)^gamma; its own degree is their sum, and each neighbour's
    degree grows by its affinity.

    Args:
        similarities: (k,) to its neighbours.
        degree: (k,) of those neighbours before it joined.

    Returns:
        (k,) >= 0, zero where the similarity is not positive.
    """
    affinity = np.clip(similarities, 0.0, None) ** gamma
    product = affinity.sum() * (degree + affinity)
    steps = np.zeros(len(affinity))
    np.divide(affinity, np.sqrt(product), out=steps, where=affinity > 0)
    return steps
