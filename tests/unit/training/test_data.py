from collections import Counter
from itertools import combinations

import numpy as np
import pytest
import torch

from tests.unit.training.toy import CLASSES, THINGS, toy_dataset, toy_inputs
from xview.errors import TrainingError
from xview.models.trainable import Aligned, ByClass
from xview.training.data import Batches, as_input, training_data
from xview.training.settings import TrainSettings


def divided(dataset=None, **settings):
    dataset = dataset or toy_dataset()
    return dataset, training_data(dataset, toy_inputs(dataset), TrainSettings(**settings))


@pytest.mark.parametrize("validate_on", ["instances", "classes"])
@pytest.mark.parametrize("instances", [True, False])
@pytest.mark.parametrize("seed", range(5))
def test_no_item_is_in_two_parts_and_no_unseen_one_is_learnt_from_or_chosen_by(validate_on, instances, seed):
    dataset, data = divided(toy_dataset(instances), validate_on=validate_on, validation=0.25, seed=seed)
    for modality, collection in dataset.collections.items():
        parts = [set(rows[modality].tolist()) for rows in (data.train, data.validation, data.unseen)]
        assert all(part for part in parts)
        assert sum(map(len, parts)) == len(set.union(*parts)) == len(collection)
        assert not collection.seen[sorted(parts[2])].any()
        assert collection.seen[sorted(parts[0] | parts[1])].all()


def test_a_held_out_thing_is_held_out_in_every_modality():
    dataset, data = divided(validation=0.25)
    held = [set(c.instances[data.validation[m]].tolist()) for m, c in dataset.collections.items()]
    learnt = [set(c.instances[data.train[m]].tolist()) for m, c in dataset.collections.items()]
    assert held[0] == held[1] and learnt[0] == learnt[1]
    assert len(held[0]) == 4 * THINGS // 4
    assert not held[0] & learnt[0]


def test_held_out_classes_are_whole_and_not_among_those_trained_on():
    dataset, data = divided(validate_on="classes", validation=0.5)
    for modality, collection in dataset.collections.items():
        held = set(collection.labels[data.validation[modality]].tolist())
        learnt = set(collection.labels[data.train[modality]].tolist())
        assert len(held) == 2 and learnt == set(data.classes.tolist()) and not held & learnt
        assert (data.labels[modality][data.validation[modality]] == -1).all()
        named = data.classes[data.labels[modality][data.train[modality]]]
        assert (named == collection.labels[data.train[modality]]).all()


def test_nothing_is_held_out_unless_asked_for():
    _, data = divided(validation=0)
    assert all(len(rows) == 0 for rows in data.validation.values())


def test_without_a_split_every_class_is_learnt_from():
    _, data = divided(toy_dataset(split=False))
    assert len(data.classes) == CLASSES and all(len(rows) == 0 for rows in data.unseen.values())


def test_the_seed_draws_what_is_held_out():
    first, again, other = (divided(seed=seed)[1].validation["b"].tolist() for seed in (1, 1, 2))
    assert first == again != other


def test_an_item_of_no_known_thing_is_a_thing_of_its_own():
    dataset = toy_dataset()
    for collection in dataset.collections.values():
        collection.instances[:3] = -1
    _, data = divided(dataset)
    alone = np.concatenate([data.instances[m][:3] for m in dataset.collections])
    others = np.concatenate([data.instances[m][3:] for m in dataset.collections])
    assert len(set(alone.tolist())) == 6 and not set(alone.tolist()) & set(others.tolist())


def test_a_class_that_one_modality_lacks_is_not_learnt():
    dataset = toy_dataset()
    dataset.collections["a"].labels[dataset.collections["a"].labels == 2] = 3
    _, data = divided(dataset)
    assert data.classes.tolist() == [0, 1, 3]
    assert 2 not in dataset.collections["b"].labels[data.train["b"]]


@pytest.mark.parametrize(
    ("change", "settings", "told"),
    [
        ("one modality", {}, "two modalities or more"),
        ("one class", {}, "1 classes to learn from in a, b"),
        (None, {"validate_on": "classes", "validation": 0.5}, None),
    ],
)
def test_too_little_to_learn_from_is_told(change, settings, told):
    dataset = toy_dataset()
    inputs = toy_inputs(dataset)
    if change == "one modality":
        del inputs["b"]
    if change == "one class":
        dataset.collections["a"].labels[:] = 0
    if told is None:
        assert len(training_data(dataset, inputs, TrainSettings(**settings)).classes) == 2
        return
    with pytest.raises(TrainingError, match=told):
        training_data(dataset, inputs, TrainSettings(**settings))


def test_facts_are_of_the_items_trained_on_alone():
    _, data = divided()
    facts = data.facts(np.ones((4, 5)), np.zeros((2, 5)))
    for modality, x in data.inputs.items():
        learnt = x[data.train[modality]].astype(np.float64)
        assert np.allclose(facts.means[modality], learnt.mean(axis=0), atol=1e-6)
        scale = np.sqrt(((learnt - learnt.mean(axis=0)) ** 2).mean())
        assert abs(float(facts.scales[modality]) - scale) < 1e-6
        assert facts.inputs[modality] == x.shape[1:]
    assert facts.classes == 4 and facts.class_vectors.shape == (4, 5)
    assert type(facts).from_json(facts.to_json()).to_json() == facts.to_json()


def test_pictures_become_numbers_from_0_to_1():
    pictures = np.array([[[[0, 255]]]], dtype=np.uint8)
    assert as_input(pictures, torch.device("cpu")).tolist() == [[[[0.0, 1.0]]]]


def rows_of(data, batching, epoch=0, seed=0):
    return list(Batches(data, batching, seed).epoch(epoch))


def test_class_batches_hold_the_same_distinct_classes_in_every_modality():
    dataset, data = divided()
    for rows in rows_of(data, ByClass(3, 4)):
        classes = {m: dataset.collections[m].labels[rows[m]].reshape(3, 4) for m in rows}
        assert (classes["a"] == classes["b"]).all() and (classes["a"] == classes["a"][:, :1]).all()
        assert len(set(classes["a"][:, 0].tolist())) == 3
        for m in rows:
            assert len(set(rows[m].tolist())) == 12, "an item comes twice though there are enough"
            assert set(rows[m].tolist()) <= set(data.train[m].tolist())


def test_class_batches_repeat_items_and_classes_only_where_there_are_too_few():
    _, data = divided()
    rows = rows_of(data, ByClass(5, 40))[0]
    assert len(rows["a"]) == 200
    assert len({*data.labels["a"][rows["a"]].tolist()}) == 4


def test_aligned_batches_show_the_same_thing_in_every_modality():
    _, data = divided()
    for rows in rows_of(data, Aligned(8)):
        assert (data.instances["a"][rows["a"]] == data.instances["b"][rows["b"]]).all()
    for rows in rows_of(data, Aligned(8, by_class=True)):
        assert (data.labels["a"][rows["a"]] == data.labels["b"][rows["b"]]).all()


def test_an_epoch_meets_every_thing_as_often_as_its_largest_modality_shows_it():
    _, data = divided(validation=0)
    met = Counter(np.concatenate([data.instances["b"][r["b"]] for r in rows_of(data, Aligned(8))]).tolist())
    assert len(met) == 4 * THINGS and set(met.values()) == {2}


def test_batches_are_a_function_of_seed_and_epoch():
    _, data = divided()

    def flat(**which):
        return [rows[m].tolist() for rows in rows_of(data, Aligned(8), **which) for m in rows]

    assert flat() == flat() != flat(epoch=1)
    assert flat() != flat(seed=1)


@pytest.mark.parametrize("batching", [ByClass(2, 2), Aligned(4, by_class=True)])
def test_every_item_of_a_class_is_drawn_alike(batching):
    """Counts over many epochs within five standard deviations of the binomial's mean, in every place."""
    _, data = divided(validation=0)
    batches = Batches(data, batching, 0)
    drawn = [rows["b"] for epoch in range(200) for rows in batches.epoch(epoch)]
    counts = np.bincount(np.concatenate(drawn), minlength=96)[data.train["b"]]
    expected = counts.sum() / len(counts)
    assert abs(counts - expected).max() < 5 * np.sqrt(expected)
    first = np.bincount(np.array(drawn)[:, 0], minlength=96)[data.train["b"]]
    assert abs(first - first.mean()).max() < 5 * np.sqrt(first.mean())


def test_every_pair_is_drawn_alike():
    """Two of a class's eight things without repetition: 28 pairs, equally often."""
    _, data = divided(validation=0)
    pairs = Counter()
    batches = Batches(data, ByClass(2, 2), 0)
    for epoch in range(200):
        for rows in batches.epoch(epoch):
            for pair in rows["a"].reshape(2, 2).tolist():
                pairs[tuple(sorted(pair))] += 1
    possible = {
        pair
        for start in range(0, 4 * THINGS, THINGS)
        for pair in combinations(range(start, start + THINGS), 2)
    }
    assert set(pairs) == possible
    counts = np.array(list(pairs.values()))
    assert abs(counts - counts.mean()).max() < 5 * np.sqrt(counts.mean())


def test_nothing_that_corresponds_is_told():
    dataset = toy_dataset()
    dataset.collections["a"].instances[:] += 1000
    _, data = divided(dataset)
    with pytest.raises(TrainingError, match="every modality"):
        Batches(data, Aligned(8), 0)


def test_a_batch_carries_features_labels_and_things():
    _, data = divided()
    rows = rows_of(data, Aligned(8))[0]
    batch = data.batch(rows, torch.device("cpu"))
    for m in rows:
        assert batch.inputs[m].dtype == torch.float32 and batch.labels[m].dtype == torch.int64
        assert np.array_equal(batch.inputs[m], data.inputs[m][rows[m]])
        assert np.array_equal(batch.labels[m], data.labels[m][rows[m]])
        assert np.array_equal(batch.instances[m], data.instances[m][rows[m]])
