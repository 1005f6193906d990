import numpy as np
import pytest

from tests.unit.training.toy import toy_dataset, toy_inputs
from xview.data.open import open_dataset
from xview.data.protocol import Protocol, Task
from xview.errors import SpaceError
from xview.metrics.retrieval import evaluate, per_query
from xview.metrics.validation import average_precisions, mean_map


@pytest.mark.parametrize("seed", range(20))
def test_average_precision_equals_that_of_the_evaluation(seed):
    """Few distinct scores of both signs and zeros, so that there are many ties."""
    random = np.random.default_rng(seed)
    m, n = random.integers(1, 30, 2)
    scores = random.choice([-1.5, -0.0, 0.0, 1e-30, -1e-30, 0.25, 3.0], (m, n)).astype(np.float32)
    relevant, ignored = random.random((m, n)) < 0.3, random.random((m, n)) < 0.2
    found = average_precisions(scores, relevant, ignored)
    for row in range(m):
        slow = per_query(scores[row].astype(np.float64), relevant[row], ignored[row]).ap
        assert found[row] == pytest.approx(slow, abs=1e-12, nan_ok=True)
    plain = average_precisions(scores, relevant)
    assert np.allclose(plain, average_precisions(scores, relevant, np.zeros_like(ignored)), equal_nan=True)


def by_evaluation(dataset, vectors, rows):
    found = []
    for query in rows:
        for gallery in rows:
            if query != gallery:
                sides = dataset.collection(query), dataset.collection(gallery)
                task = Task(Protocol(query=query, gallery=gallery), *sides, rows[query], rows[gallery], {})
                a, b = (
                    vectors[m] / np.linalg.norm(vectors[m], axis=1, keepdims=True) for m in (query, gallery)
                )
                scores = (a @ b.T).astype(np.float64)
                found.append(evaluate([(slice(0, len(scores)), scores)], task).measures["mAP"])
    return np.nanmean(found)


def test_it_is_the_mean_of_the_evaluations_of_all_directions_groups_skipped():
    emoji = open_dataset("emoji")  # its sketches and images know their artists
    random = np.random.default_rng(0)
    rows, vectors = {}, {}
    for modality, collection in emoji.collections.items():
        rows[modality] = np.sort(random.permutation(np.flatnonzero(~collection.seen))[:150])
        centres = np.random.default_rng(1).normal(size=(len(emoji.classes), 16))
        noise = random.normal(size=(150, 16))
        vectors[modality] = (centres[collection.labels[rows[modality]]] + 2 * noise).astype(np.float32)
    assert any(c.groups is not None for c in emoji.collections.values())
    assert mean_map(emoji, vectors, rows) == pytest.approx(by_evaluation(emoji, vectors, rows), abs=1e-9)


def test_without_a_match_there_is_no_figure():
    dataset = toy_dataset()
    inputs = {m: x[:, :6] for m, x in toy_inputs(dataset).items()}
    a = np.flatnonzero(dataset.collection("a").labels == 0)
    b = np.flatnonzero(dataset.collection("b").labels == 1)
    assert np.isnan(mean_map(dataset, {"a": inputs["a"][a], "b": inputs["b"][b]}, {"a": a, "b": b}))


def test_items_of_no_class_match_nothing():
    dataset = toy_dataset()
    for collection in dataset.collections.values():
        collection.labels[:] = -1
    rows = {m: np.arange(10) for m in dataset.collections}
    assert np.isnan(mean_map(dataset, {m: np.ones((10, 3), np.float32) for m in rows}, rows))


def test_embeddings_that_are_not_finite_are_told():
    dataset = toy_dataset()
    rows = {m: np.arange(4) for m in dataset.collections}
    vectors = {m: np.ones((4, 3), np.float32) for m in rows}
    vectors["b"][2, 1] = np.inf
    with pytest.raises(SpaceError, match="embeddings of b are not finite; lower the learning rate"):
        mean_map(dataset, vectors, rows)
