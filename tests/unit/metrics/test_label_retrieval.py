"""Label retrieval against slow loops and on shapes where the answer is known."""

import numpy as np
import pytest

from xview.errors import DataError, SettingError
from xview.graph.geodesic import threshold_graph
from xview.metrics.label_retrieval import Retrieved, euclidean, few_labels, geodesic, table


def on_circle(degrees, height=0.0):
    at = np.radians(degrees)
    x = np.stack([np.cos(at), np.sin(at), np.full(len(at), height)], axis=1)
    return (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)


def test_every_large_class_gives_its_shots_and_the_rest_ask():
    labels = np.array([0] * 5 + [1] * 4 + [2] * 2 + [-1] * 3)
    task = few_labels(labels, shots=2, seed=1)
    assert np.bincount(labels[task.database]).tolist() == [2, 2]
    assert task.asking.sum() == 5
    assert not task.asking[task.database].any()
    assert not task.asking[labels == 2].any()  # has no more than the shots
    assert (few_labels(labels, 2, seed=1).database == task.database).all()
    assert len({few_labels(labels, 2, seed=n).database.tobytes() for n in range(9)}) > 1
    with pytest.raises(DataError, match="fewer shots"):
        few_labels(labels, 5)
    with pytest.raises(SettingError, match="1 or more"):
        few_labels(labels, 0)


def slow(vectors, task, among):
    right = []
    for row in np.flatnonzero(task.asking & among):
        best = max(task.database, key=lambda other: float(vectors[row] @ vectors[other]))
        right.append(task.labels[best] == task.labels[row])
    return Retrieved(pytest.approx(np.mean(right)), len(right))


def test_euclidean_is_the_slow_loop():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 5))
    x = (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)
    task = few_labels(rng.integers(3, size=60), 4)
    some = rng.random(60) < 0.5
    assert euclidean(x, task, some) == slow(x, task, some)
    assert euclidean(x, task) == slow(x, task, np.ones(60, bool))
    assert euclidean(x, task, np.zeros(60, bool)).points == 0


def ring():
    """Two long bows side by side: near the ends the other bow's label is nearer through the air."""
    bow = np.arange(0, 100, 5.0)
    x = np.concatenate([on_circle(bow, 0.0), on_circle(bow, 0.35)])
    labels = np.repeat([0, 1], len(bow))
    database = np.array([0, 2 * len(bow) - 1])  # the start of one, the end of the other
    task = few_labels(labels, 1)
    asking = np.ones(len(x), bool)
    asking[database] = False
    return x, type(task)(labels=labels, database=database, asking=asking)


def test_ways_along_the_manifold_find_what_the_air_misses():
    x, task = ring()
    found, retrievable = geodesic(threshold_graph(x, np.radians(8)), task)
    assert (found.accuracy, found.points) == (1.0, 38)
    assert retrievable.sum() == 38
    assert euclidean(x, task).accuracy < 0.7


def test_texts_bridge_a_gap_and_points_without_a_way_are_not_counted():
    x, task = ring()
    whole = threshold_graph(x, np.radians(8))
    holed = np.delete(np.arange(len(x)), [5, 6])  # two pictures are missing in the first bow
    labels = task.labels[holed]
    database = np.array([0, len(holed) - 1])
    few = type(task)(labels=labels, database=database, asking=~np.isin(np.arange(len(holed)), database))
    images, texts = x[holed], x[[5, 6]]
    rows = table(images, texts, images, few, np.radians(8))
    assert geodesic(whole, task)[0].points == 38
    assert rows["D geodesic, images"].points == 36 - 13
    assert rows["F geodesic, images and texts"].points == 36
    assert rows["F geodesic, images and texts"].accuracy == 1.0
    assert rows["C Euclidean, retrievable"].points == 36 - 13
    assert rows["E Euclidean, retrievable with texts"].points == rows["A Euclidean, all"].points == 36
    assert rows["B geodesic, backbone"] == rows["D geodesic, images"]  # the same vectors


def test_the_backbone_retrieves_as_many_points():
    rng = np.random.default_rng(4)
    centres = rng.normal(size=(4, 8))
    labels = rng.integers(4, size=120)
    x = centres[labels] + 0.7 * rng.normal(size=(120, 8))
    y = centres[labels] + 0.9 * rng.normal(size=(120, 8))
    x, y = ((v / np.linalg.norm(v, axis=1, keepdims=True)).astype(np.float32) for v in (x, y))
    rows = table(x, x[:0], y, few_labels(labels, 3), 0.6)
    assert 10 < rows["D geodesic, images"].points < 108
    assert rows["B geodesic, backbone"].points == rows["D geodesic, images"].points
    assert rows["D geodesic, images"] == rows["F geodesic, images and texts"]
    told = rows["B geodesic, backbone"].accuracy
    assert told == pytest.approx(matched(y, few_labels(labels, 3), rows["D geodesic, images"].points))


def test_where_no_way_leads_there_is_no_accuracy():
    x, task = ring()
    rows = table(x, x[:0], x, task, np.radians(4))
    for row in ("B geodesic, backbone", "C Euclidean, retrievable", "D geodesic, images"):
        assert rows[row].points == 0 and np.isnan(rows[row].accuracy)
    assert rows["A Euclidean, all"].points == 38


def matched(vectors, task, points):
    """The backbone's accuracy by trying every threshold there is, interpolated between the two next to it."""
    apart = np.arccos(np.clip(vectors.astype(float) @ vectors.T, -1, 1))
    found = []
    for threshold in np.unique(apart[np.triu_indices(len(apart), 1)]) + 1e-7:
        one = geodesic(threshold_graph(vectors, float(threshold)), task)[0]
        found.append(one)
        if one.points >= points:
            break
    more = found[-1]
    if more.points == points:
        return more.accuracy
    fewer = next(one for one in reversed(found) if one.points < points)
    share = (points - fewer.points) / (more.points - fewer.points)
    return fewer.accuracy + share * (more.accuracy - fewer.accuracy)
