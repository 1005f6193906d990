from __future__ import annotations

from itertools import product

import numpy as np
import numpy.typing as npt
import pytest
import scipy.linalg

from xview.arrays import Ints
from xview.errors import SettingError, SpaceError
from xview.models.systems import cca
from xview.models.systems.cca import Config

Array = npt.NDArray[np.float64]


def paired(n: int = 60, seed: int = 0, noise: float = 0.3) -> dict[str, Array]:
    """Two modalities that mix a common signal with noise of their own."""
    rng = np.random.default_rng(seed)
    common = rng.normal(size=(n, 3))
    seen_by_a = common + noise * rng.normal(size=(n, 3))
    return {
        "a": np.hstack([seen_by_a, rng.normal(size=(n, 4))]) @ rng.normal(size=(7, 7)) + 5,
        "b": np.hstack([common, rng.normal(size=(n, 2))]) @ rng.normal(size=(5, 5)) - 2,
    }


def own_keys(features: dict[str, Array]) -> dict[str, Ints]:
    return {m: np.arange(len(x)) for m, x in features.items()}


def regularised(x: Array, ridge: float) -> Array:
    """Covariance with a ridge, by numpy's own estimator."""
    c = np.atleast_2d(np.cov(x.T, bias=True))
    return np.asarray(c + ridge * np.trace(c) / len(c) * np.eye(len(c)))


def inverse_root(c: Array) -> Array:
    values, vectors = np.linalg.eigh(c)
    return np.asarray(vectors @ np.diag(values**-0.5) @ vectors.T)


@pytest.mark.parametrize("ridge", [0.0, 0.3])
def test_two_modalities_agree_with_whitening_and_svd(ridge: float) -> None:
    x = paired()
    a, b = (inverse_root(regularised(x[m], ridge)) for m in "ab")
    cross = (x["a"] - x["a"].mean(0)).T @ (x["b"] - x["b"].mean(0)) / len(x["a"])
    left, singular, right = np.linalg.svd(a @ cross @ b)

    found = cca.fit(
        x,
        {m: np.zeros(60, dtype=np.int64) for m in x},
        own_keys(x),
        Config(dim=5, regularisation=ridge, class_share=0, weighting=0),
    )
    np.testing.assert_allclose(found.correlations, singular, rtol=1e-5)
    for mine, oracle in ((found.weights["a"], a @ left), (found.weights["b"], b @ right.T)):
        cosine = [
            abs(mine[:, i] @ oracle[:, i]) / np.linalg.norm(mine[:, i]) / np.linalg.norm(oracle[:, i])
            for i in range(5)
        ]
        np.testing.assert_allclose(cosine, 1, rtol=1e-4)


def test_items_of_a_class_correspond_all_with_all() -> None:
    """Against every pair written out, each weighted with its probability."""
    x = paired(18, seed=3)
    keys = {"a": np.repeat([0, 1, 2, 3], [4, 5, 6, 3]), "b": np.repeat([2, 0, 1, 3], [3, 8, 5, 2])}
    counts = {m: np.bincount(k) for m, k in keys.items()}
    left, right, weight = [], [], []
    for i, j in product(range(18), range(18)):
        k = keys["a"][i]
        if k == keys["b"][j]:
            share = (counts["a"][k] / 18 + counts["b"][k] / 18) / 2
            left.append(x["a"][i])
            right.append(x["b"][j])
            weight.append(share / counts["a"][k] / counts["b"][k])
    both = np.cov(np.hstack([left, right]).T, aweights=weight, bias=True)
    blocks = scipy.linalg.block_diag(
        *(c + 0.5 * np.trace(c) / len(c) * np.eye(len(c)) for c in (both[:7, :7], both[7:, 7:]))
    )
    both = both - scipy.linalg.block_diag(both[:7, :7], both[7:, 7:]) + blocks
    expected = scipy.linalg.eigh(both, blocks, eigvals_only=True)[::-1][:5] - 1

    found = cca.fit(x, keys, None, Config(dim=5, regularisation=0.5))
    np.testing.assert_allclose(found.correlations, expected[:3], rtol=1e-4)
    np.testing.assert_allclose(expected[3:], 0, atol=1e-9)  # four classes differ in three directions


def test_three_modalities_are_kettenrings_maxvar() -> None:
    """The leading canonical variables have the largest first eigenvalue of their correlation matrix."""
    x = {
        **paired(80, seed=1),
        "c": paired(80, seed=1)["a"][:, :4] + np.random.default_rng(2).normal(size=(80, 4)),
    }
    config = Config(dim=3, regularisation=0, class_share=0, weighting=0)
    found = cca.fit(x, own_keys(x), own_keys(x), config)

    def largest(weights: dict[str, Array]) -> float:
        variables = np.stack([x[m] @ weights[m] for m in x])
        return float(np.linalg.eigvalsh(np.corrcoef(variables))[-1])

    best = largest({m: found.weights[m][:, 0] for m in x})
    assert best == pytest.approx(1 + 2 * found.correlations[0], rel=1e-5)
    rng = np.random.default_rng(5)
    for size in (0.003, 0.03, 0.3, 3):
        for _ in range(50):
            near = {
                m: w[:, 0] + size * np.abs(w).max() * rng.normal(size=len(w))
                for m, w in found.weights.items()
            }
            assert largest(near) <= best + 1e-9


def test_new_items_of_one_thing_meet_in_the_shared_space() -> None:
    x = paired(400, noise=0.01)
    seen, new = slice(0, 300), slice(300, 400)
    features = {m: v[seen] for m, v in x.items()}
    found = cca.fit(features, own_keys(features), own_keys(features), Config(dim=3, regularisation=1e-4))
    a, b = (found.apply(m, x[m][new]) for m in "ab")
    a, b = (z / np.linalg.norm(z, axis=1, keepdims=True) for z in (a, b))
    assert np.mean(np.argmax(a @ b.T, axis=1) == np.arange(100)) > 0.9


def test_class_share_mixes_both_correspondences() -> None:
    x, classes = paired(), {m: np.arange(60) % 4 for m in "ab"}

    def top(share: float) -> float:
        return float(cca.fit(x, classes, own_keys(x), Config(class_share=share)).correlations[0])

    assert top(1) == pytest.approx(float(cca.fit(x, classes).correlations[0]))
    assert top(1) < top(0.5) < top(0)


def test_items_without_a_key_or_a_counterpart_change_nothing() -> None:
    x, keys = paired(), {m: np.arange(60) % 4 for m in "ab"}
    more = {m: np.vstack([v, 100 + v[:2]]) for m, v in x.items()}
    extra = {"a": np.append(keys["a"], [-1, 4]), "b": np.append(keys["b"], [-1, -1])}
    before, after = cca.fit(x, keys), cca.fit(more, extra)
    np.testing.assert_allclose(after.weights["a"], before.weights["a"], rtol=1e-4, atol=1e-6)


def test_what_cannot_be_fitted_says_why() -> None:
    x = paired()
    with pytest.raises(SpaceError, match="two modalities"):
        cca.fit({"a": x["a"]}, {"a": np.arange(60)})
    with pytest.raises(SpaceError, match="two classes or more"):
        cca.fit(x, {m: np.zeros(60, dtype=np.int64) for m in x})
    still = {"a": x["a"], "b": np.tile([[1.0], [-1.0]], (30, 5)) * np.arange(1, 6)}
    with pytest.raises(SpaceError, match="nothing correlates"):
        cca.fit(still, {m: np.arange(60) // 2 for m in x})
    flat = {"a": np.hstack([x["a"], x["a"][:, :1]]), "b": x["b"]}
    with pytest.raises(SpaceError, match="raise the regularisation"):
        cca.fit(flat, own_keys(x), None, Config(regularisation=0))
    with pytest.raises(SettingError, match="regularisation"):
        Config(regularisation=-1)
