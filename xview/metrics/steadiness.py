"""Whether clusters survive in a map or another space: steadiness and cohesiveness, by the library zadu.

Decisions
    2026-11-22  Taken from zadu, the authors' own library, as the optional extra `clusters`: it installs
                beside our versions and runs on its sparse path when handed nearest neighbours, as here. Its
                scores per item are left out: they leave [0, 1] and do not average to the measures.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt

import numpy as np

from xview.arrays import Floats, Ints
from xview.errors import MissingExtraError, SettingError

EXACT_UP_TO = 2_000  # items; of more, so many are drawn and measured among themselves

DEFINITIONS = {
    "steadiness": (
        "Takes clusters found here by random walks and asks how far apart their parts lie in the reference: "
        "1 where they are clusters there too, low where groups here are false (Jeon et al. 2021)."
    ),
    "cohesiveness": (
        "Takes clusters found in the reference by random walks and asks how far apart their parts lie here: "
        "1 where they hold together, low where groups were torn (Jeon et al. 2021)."
    ),
}


@dataclass(frozen=True, kw_only=True)
class ClustersKept:
    """Steadiness and cohesiveness, each at most 1, which is best; `DEFINITIONS` says what they are.

    Attributes:
        k: Neighbours of the shared-neighbour graphs.
        measured: Items measured, among themselves; `n` is all.
    """

    steadiness: float
    cohesiveness: float
    k: int
    measured: int
    n: int


def clusters_kept(
    reference: Floats, measured: Floats, *, k: int | None = None, seed: int = 0
) -> ClustersKept:
    """Measure how `measured` keeps the clusters of `reference`; row i of both is the same item.

    Up to 2,000 items are measured, of more a seeded sample; a few seconds, without a word before the end.

    Args:
        reference: (n, d) finite.
        measured: (n, e) finite.
        k: Neighbours; None for the authors' choice, the root of the number of items measured.
        seed: Draws the sample and the walks.

    Raises:
        MissingExtraError: zadu is not installed.
        SettingError: k is out of range, or too small for walks to meet two items.
        ValueError: The arrays do not pair up.
    """
    n = len(reference)
    if len(measured) != n:
        raise ValueError(f"the arrays must pair up, got {n} and {len(measured)} items")
    rows = np.random.default_rng(seed).permutation(n)[:EXACT_UP_TO] if n > EXACT_UP_TO else np.arange(n)
    size = isqrt(len(rows)) if k is None else k
    if not 1 <= size < len(rows):
        raise SettingError(f"cannot take {size} neighbours of {len(rows)} items; choose 1 to {len(rows) - 1}")
    try:
        from zadu.measures import steadiness_cohesiveness
    except ImportError as error:
        raise MissingExtraError(
            f'{error.name} is not installed; install it with `pip install "xview[clusters]"`'
        ) from error
    spaces = reference[rows], measured[rows]
    lists = tuple(_neighbours(space, size) for space in spaces)
    try:
        found = steadiness_cohesiveness.measure(*spaces, k=size, knn_info=lists, random_state=seed)
    except RuntimeError as error:
        raise SettingError(f"no clusters were met with {size} neighbours; choose more") from error
    return ClustersKept(
        steadiness=float(found["steadiness"]),
        cohesiveness=float(found["cohesiveness"]),
        k=size,
        measured=len(rows),
        n=n,
    )


def _neighbours(space: Floats, k: int) -> Ints:
    """Each item's k nearest others by Euclidean distance, (n, k)."""
    from sklearn.neighbors import NearestNeighbors

    rows = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(space).kneighbors(return_distance=False)
    return np.asarray(rows, dtype=np.int64)
