from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from xview.arrays import Doubles
from xview.errors import SpaceError
from xview.models.configs.ridge import Config
from xview.models.projections import Examples
from xview.models.systems import ridge


def examples(n: int = 80, classes: int = 5) -> Examples:
    """Two modalities that see their class's centre, each through a mixing of its own."""
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(classes, 4))
    features, labels = {}, {}
    for modality, width in (("a", 7), ("b", 3)):
        labels[modality] = rng.integers(classes, size=n)
        seen = vectors[labels[modality]] + 0.1 * rng.normal(size=(n, 4))
        features[modality] = seen @ rng.normal(size=(4, width)) + 0.2 * rng.normal(size=(n, width)) + 5
    return Examples(features=features, classes=labels, instances=labels, class_vectors=vectors)


def unit(vectors: Doubles) -> Doubles:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


@pytest.mark.parametrize("regularisation", [0.0, 0.3, 10.0])
def test_predicts_as_scikit_learn_up_to_what_all_items_share(regularisation: float) -> None:
    given = examples()
    found = ridge.solve(Config(regularisation=regularisation), given)
    assert given.class_vectors is not None
    for m, x in given.features.items():
        y = unit(given.class_vectors)[given.classes[m]]
        oracle = Ridge(alpha=regularisation * len(x) * x.var(axis=0).mean()).fit(x, y)
        np.testing.assert_allclose(found.apply(m, x) + y.mean(axis=0), oracle.predict(x), atol=1e-4)


def test_without_a_ridge_the_error_is_orthogonal_to_the_features() -> None:
    """The normal equations, of a fit far from its minimum otherwise."""
    given = examples()
    x, y = given.features["a"], np.random.default_rng(1).normal(size=(80, 4))
    mean, weights = ridge.fit(x, y, 0.0)
    error = y - y.mean(axis=0) - (x - mean) @ weights
    np.testing.assert_allclose(x.T @ error, 0, atol=1e-8)
    assert np.abs(error).max() > 0.1


def test_size_of_the_features_does_not_matter() -> None:
    """The ridge is in units of their variance."""
    given = examples()
    x, y = given.features["a"], np.eye(5)[given.classes["a"]]
    small, large = ridge.fit(x, y, 2.0), ridge.fit(1000 * x, y, 2.0)
    np.testing.assert_allclose(x @ small[1], 1000 * x @ large[1], rtol=1e-8)


def test_modalities_meet_where_a_class_never_seen_would_lie() -> None:
    rng = np.random.default_rng(2)
    vectors = unit(rng.normal(size=(30, 6)))
    mixing = {m: rng.normal(size=(6, 12)) for m in "ab"}
    labels = np.repeat(np.arange(30), 4)
    items = {m: vectors[labels] @ w + 0.01 * rng.normal(size=(120, 12)) for m, w in mixing.items()}
    seen = labels < 24
    given = Examples(
        features={m: x[seen] for m, x in items.items()},
        classes=dict.fromkeys(items, labels[seen]),
        instances=dict.fromkeys(items, labels[seen]),
        class_vectors=vectors[:24],
    )
    found = ridge.solve(Config(regularisation=0.01), given)
    new = {m: unit(found.apply(m, x[~seen]).astype(np.float64)) for m, x in items.items()}
    nearest = (new["a"] @ new["b"].T).argmax(axis=1)
    np.testing.assert_array_equal(labels[~seen][nearest], labels[~seen])


def test_what_cannot_be_solved_says_why() -> None:
    given = examples()
    flat = {**given.features, "b": np.repeat(given.features["b"], 2, axis=1)}
    with pytest.raises(SpaceError, match=r"b: .* raise the regularisation"):
        ridge.solve(
            Config(regularisation=0),
            Examples(
                features=flat,
                classes=given.classes,
                instances=given.instances,
                class_vectors=given.class_vectors,
            ),
        )
    with pytest.raises(SpaceError, match="embeddings of the classes"):
        ridge.solve(Config(), Examples(features=flat, classes=given.classes, instances=given.instances))
