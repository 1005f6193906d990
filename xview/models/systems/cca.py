"""Canonical correlation analysis: a shared space in closed form, the baseline for every trained system.

Two modalities: Hardoon, Szedmak and Shawe-Taylor, Canonical Correlation Analysis: An Overview with
Application to Learning Methods (Neural Computation 2004). More: Kettenring, Canonical Analysis of Several
Sets of Variables (Biometrika 1971), his MAXVAR. Several items of one thing, or of one class, correspond all
with all, as in Rasiwasia et al., Cluster Canonical Correlation Analysis (AISTATS 2014).

Decisions
    2026-11-22  The defaults are the best of `resources/build/choose.py` on held-out seen classes of the
                bundled emoji (nearest neighbours, mAP over all directions): .350, against .340 by instance
                alone, .331 by class alone, .342 and .334 with a ridge of .3 and 3, .300 unweighted.
                The bundled digits would take a smaller ridge: .689, against .706 with .3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy import linalg

from xview.arrays import AnyArray, Doubles, Ints
from xview.errors import SpaceError
from xview.models.configs.cca import Config
from xview.models.projections import Examples, Projections

__all__ = ["DEFAULT", "Config", "fit", "solve"]

DEFAULT = Config()
_NOTHING = 1e-9  # a correlation that rounding alone can make


def solve(config: Config, examples: Examples) -> Projections:
    """`fit` on the items a run may learn from; errors as there."""
    return fit(examples.features, examples.classes, examples.instances, config)


def fit(
    features: Mapping[str, AnyArray],
    classes: Mapping[str, Ints],
    instances: Mapping[str, Ints] | None = None,
    config: Config = DEFAULT,
) -> Projections:
    """Find the dimensions along which corresponding items of all modalities agree most.

    Solves C w = mu D w, C the covariance over corresponding items of the modalities side by side, D its
    diagonal blocks, each plus a ridge; for two modalities mu = 1 + rho of regularised CCA.

    Args:
        features: By modality, (n_m, d_m) features of the items to learn from; two modalities or more.
        classes: By modality, (n_m,) class of each; negative is unlabelled.
        instances: By modality, (n_m,) which thing each shows; negative is none known. None: by class alone.
        config: See `Config`; there are fewer than `dim` dimensions where fewer correlate.

    Raises:
        SpaceError: Fewer than two modalities, or fewer than two classes or instances that all of them have.
    """
    if len(features) < 2:
        raise SpaceError("cca needs two modalities or more")
    share = config.class_share if instances is not None else 1.0
    moments = []
    if share > 0:
        moments.append((share, _moments(features, classes, "classes")))
    if instances is not None and share < 1:
        moments.append((1 - share, _moments(features, instances, "instances")))
    mean = {m: sum((part * found.mean[m] for part, found in moments), np.zeros(1)) for m in features}
    block = {
        pair: sum((part * found.block[pair] for part, found in moments), np.zeros(1))
        for pair in moments[0][1].block
    }
    weights, correlations = _solve(block, list(features), config)
    scale = correlations**config.weighting
    return Projections(
        {m: np.asarray(mean[m], dtype=np.float32) for m in features},
        {m: np.asarray(weights[m] * scale, dtype=np.float32) for m in features},
        np.asarray(correlations, dtype=np.float32),
    )


@dataclass(frozen=True, eq=False)
class _Moments:
    mean: dict[str, Doubles]
    block: dict[tuple[str, str], Doubles]  # covariance between two modalities, or of one


def _moments(features: Mapping[str, AnyArray], keys: Mapping[str, Ints], what: str) -> _Moments:
    """Moments of drawing a key, then independently one item of that key from each modality.

    A key's probability is its share of the items, averaged over modalities.
    """
    size = 1 + max(int(k.max(initial=-1)) for k in keys.values())
    counts = {m: np.bincount(keys[m][keys[m] >= 0], minlength=size) for m in features}
    common = np.all([count > 0 for count in counts.values()], axis=0)
    if common.sum() < 2:
        raise SpaceError(f"cca needs two {what} or more that every modality has; here are {common.sum()}")
    share = np.mean([count * common / count[common].sum() for count in counts.values()], axis=0)

    mean, centres, block = {}, {}, {}
    for m, vectors in features.items():
        used = (keys[m] >= 0) & common[keys[m]]
        x, key = np.asarray(vectors[used], dtype=np.float64), keys[m][used]
        weight = share[key] / counts[m][key]
        mean[m] = weight @ x
        x = x - mean[m]
        block[m, m] = (x * weight[:, None]).T @ x
        sums = np.zeros((size, x.shape[1]))
        np.add.at(sums, key, x)
        centres[m] = sums[common] / counts[m][common, None]
    for a, b in combinations(features, 2):
        block[a, b] = (centres[a] * share[common, None]).T @ centres[b]
    return _Moments(mean, block)


def _solve(
    block: Mapping[tuple[str, str], Doubles], modalities: list[str], config: Config
) -> tuple[dict[str, Doubles], Doubles]:
    """Whiten each modality, then take the leading eigenvectors of what correlates between them."""
    chol, ends = {}, [0]
    for m in modalities:
        covariance = block[m, m]
        ridge = config.regularisation * np.trace(covariance) / len(covariance)
        try:
            chol[m] = linalg.cholesky(covariance + ridge * np.eye(len(covariance)), lower=True)
        except linalg.LinAlgError:
            raise SpaceError(
                f"cca: the {m} features lie in fewer dimensions than they have; raise the regularisation"
            ) from None
        ends.append(ends[-1] + len(covariance))
    rows = {m: slice(ends[i], ends[i + 1]) for i, m in enumerate(modalities)}
    between = np.zeros((ends[-1], ends[-1]))
    for a, b in combinations(modalities, 2):
        half = linalg.solve_triangular(chol[a], block[a, b], lower=True)
        whitened = linalg.solve_triangular(chol[b], half.T, lower=True)
        between[rows[b], rows[a]], between[rows[a], rows[b]] = whitened, whitened.T
    most = min(config.dim, *(len(c) for c in chol.values()))
    values, vectors = linalg.eigh(between, subset_by_index=[ends[-1] - most, ends[-1] - 1])
    # C classes correlate along C - 1 dimensions at most; along the rest the modalities share nothing
    kept = np.flatnonzero(values > _NOTHING)[::-1]
    if not kept.size:
        raise SpaceError("cca: nothing correlates between the modalities, so they share no space")
    weights = {
        m: linalg.solve_triangular(chol[m].T, vectors[rows[m]][:, kept], lower=False) for m in modalities
    }
    return weights, values[kept] / (len(modalities) - 1)
