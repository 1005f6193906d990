"""Pairs with instructions: what is learnt from, what is held out, and what nobody may look at."""

import re
from dataclasses import replace

import numpy as np
import pytest

from xview.data.cci import folder as cci
from xview.data.open import open_dataset
from xview.data.payloads import ItemPayloads
from xview.errors import TrainingError
from xview.models.composer import CAPTION, INSTRUCTION, ROLES, SOURCE, TARGET, TARGET_CAPTION
from xview.models.configs.tirg import Config as TirgConfig
from xview.models.registry import find
from xview.models.words import words_of
from xview.training.availability import unavailable
from xview.training.captions import captions_of
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
    few = replace(dataset, modifications=replace(dataset.modifications, seen=np.arange(110) < 3))
    for lacking, told in (
        (bare, r"\[modifications\]"),
        (few, "4 pairs or more; training may look at 3 of 110"),
    ):
        with pytest.raises(TrainingError, match=told):
            pair_data(lacking, pictures, TrainSettings(), in_joint=False)
        assert re.search(told, unavailable(find("tirg"), lacking, {}))


def retold(dataset, **changes):
    """The data set with other instances of pictures or texts."""
    collections = {m: replace(c, **changes.get(m, {})) for m, c in dataset.collections.items()}
    return replace(dataset, collections=collections)


def test_plain_systems_need_no_captions_and_learn_none(dataset, pictures):
    silent = replace(dataset, collections={"images": dataset.collections["images"]})
    found = pair_data(silent, pictures, TrainSettings(), in_joint=False)
    assert set(found.data.inputs) == set(found.data.train) == {SOURCE, INSTRUCTION, TARGET}
    seen = dataset.modifications.seen
    told = {word for text in dataset.modifications.instructions[seen] for word in words_of(str(text))}
    assert set(found.vocabulary) == told
    assert unavailable(find("tirg"), silent, {}) is None
    assert unavailable(find("tirg"), silent, {}, TirgConfig(in_joint=False)) is None
    for refusal in (unavailable(find("tirg"), silent, {}, TirgConfig()), refused(silent, pictures)):
        assert "images '0' has no caption" in refusal
        assert "`instance`" in refusal and "in_joint=false" in refusal


def refused(dataset, pictures):
    with pytest.raises(TrainingError) as raised:
        pair_data(dataset, pictures, TrainSettings())
    return str(raised.value)


def test_captions_are_those_of_pictures_in_pairs(dataset, pictures):
    """Others may lack one; no instance is nobody's, and a caption without words is none."""
    instances = dataset.collection("texts").instances
    some = np.where(np.arange(111) < 11, instances, -1)
    found = pair_data(retold(dataset, texts={"instances": some}), pictures, TrainSettings())
    assert found.data.inputs[CAPTION].shape[0] == 10
    nobodys = {"instances": np.where(np.arange(111) == 7, -1, instances)}
    assert "images '7' has no caption" in refused(retold(dataset, images=nobodys, texts=nobodys), pictures)
    texts = [dataset.collection("texts").payloads.text(row) for row in range(111)]
    texts[5] = ""
    empty = {"payloads": ItemPayloads(None, texts)}
    assert "images '5' has no caption" in refused(retold(dataset, texts=empty), pictures)


def test_the_first_text_of_an_instance_is_the_caption(dataset, pictures):
    doubled = np.where(np.arange(111) == 50, 3, dataset.collection("texts").instances)
    given = retold(dataset, texts={"instances": doubled})
    rows = np.arange(11)
    assert captions_of(given, "images", rows) == captions_of(dataset, "images", rows)
    assert captions_of(given, "images", np.array([50])) == {}
