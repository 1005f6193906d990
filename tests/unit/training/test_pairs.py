"""Pairs with instructions: what is learnt from, what is held out, and what nobody may look at."""

from dataclasses import replace

import numpy as np
import pytest

from xview.data.cci import folder as cci
from xview.data.open import open_dataset
from xview.errors import TrainingError
from xview.models.composer import CAPTION, INSTRUCTION, ROLES, SOURCE, TARGET, TARGET_CAPTION
from xview.models.words import words_of
from xview.training.pairs import pair_data
from xview.training.settings import TrainSettings


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    place = tmp_path_factory.mktemp("pairs") / "data"
    cci.make(place, rounds=2, side=16)
    return open_dataset(place)


@pytest.fixture(scope="module")
def pictures():
    """A picture tells its row."""
    return np.arange(111, dtype=np.uint8)[:, None, None, None] * np.ones((1, 3, 2, 2), np.uint8)


def test_row_i_of_every_role_is_one_pair(dataset, pictures):
    found = pair_data(dataset, pictures, TrainSettings(validation=0.3))
    pairs, seen = dataset.modifications, np.flatnonzero(dataset.modifications.seen)
    assert len(seen) == 10
    for n, pair in enumerate(seen.tolist()):
        assert (found.data.inputs[SOURCE][n] == pairs.sources[pair]).all()
        assert (found.data.inputs[TARGET][n] == pairs.targets[pair]).all()
        told = [found.vocabulary[number - 2] for number in found.data.inputs[INSTRUCTION][n] if number]
        assert told == words_of(str(pairs.instructions[pair]))
        for role, rows in ((CAPTION, pairs.sources), (TARGET_CAPTION, pairs.targets)):
            caption = dataset.collection("texts").payloads.text(int(rows[pair]))
            spoken = [found.vocabulary[number - 2] for number in found.data.inputs[role][n] if number]
            assert spoken == words_of(caption)
            assert found.data.labels[role][n] == rows[pair]


def test_held_out_and_test_pairs_are_not_learnt_from(dataset, pictures):
    found = pair_data(dataset, pictures, TrainSettings(validation=0.3))
    seen = np.flatnonzero(dataset.modifications.seen)
    for role in ROLES:
        learnt = seen[found.data.train[role]]
        assert sorted([*learnt.tolist(), *found.validation.tolist()]) == seen.tolist()
    assert len(found.validation) == 3
    assert found.test.tolist() == np.flatnonzero(~dataset.modifications.seen).tolist()
    same, other = (pair_data(dataset, pictures, TrainSettings(validation=0.3, seed=n)) for n in (0, 1))
    assert same.validation.tolist() == found.validation.tolist() != other.validation.tolist()


def test_words_of_test_pairs_alone_are_not_in_the_vocabulary(dataset, pictures):
    found = pair_data(dataset, pictures, TrainSettings())
    pairs = dataset.modifications
    rows = np.unique(np.concatenate([pairs.sources[pairs.seen], pairs.targets[pairs.seen]]))
    texts = [str(text) for text in pairs.instructions[pairs.seen]]
    texts += [dataset.collection("texts").payloads.text(row) for row in rows.tolist()]
    assert set(found.vocabulary) == {word for text in texts for word in words_of(text)}
    assert found.instructions.shape[0] == len(pairs)


def test_data_that_cannot_be_learnt_from_is_told(dataset, pictures):
    bare = replace(dataset, modifications=None)
    with pytest.raises(TrainingError, match=r"\[modifications\]"):
        pair_data(bare, pictures, TrainSettings())
    few = replace(dataset.modifications, seen=np.arange(110) < 3)
    with pytest.raises(TrainingError, match="3 pairs to learn from"):
        pair_data(replace(dataset, modifications=few), pictures, TrainSettings())
    silent = {m: c for m, c in dataset.collections.items() if m != "texts"}
    with pytest.raises(TrainingError, match="texts"):
        pair_data(replace(dataset, collections=silent), pictures, TrainSettings())
