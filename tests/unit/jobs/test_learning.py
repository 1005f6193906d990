"""What a run reads - which modalities, in which order - and what it is chosen by."""

import numpy as np
import pytest
import torch

from xview.data.cci import folder as cci
from xview.data.records import Collection, Dataset, Kind
from xview.errors import TrainingError
from xview.jobs.learning import compose_all, embedded, from_items, from_pairs
from xview.jobs.reporter import Reporter
from xview.models.configs.tirg import TINY
from xview.models.registry import SYSTEMS
from xview.models.trainable import OWN
from xview.spaces.library import OpenData, open_data
from xview.spaces.space import EmbeddingSpace
from xview.training.names import SELECT, UNSEEN
from xview.training.pairs import pair_data
from xview.training.settings import TrainSettings

KINDS = {"captions": Kind.TEXT, "sketches": Kind.IMAGE, "photos": Kind.IMAGE}


def opened(*modalities):
    """Twelve things of three classes, seen by these modalities in this order."""
    things = np.arange(12)
    collections = {
        m: Collection(
            modality=m,
            kind=KINDS[m],
            ids=np.array([f"{m}-{n}" for n in things]),
            titles=np.array([f"{m} {n}" for n in things]),
            labels=things % 3,
            instances=things,
        )
        for m in modalities
    }
    spaces = {
        m: EmbeddingSpace(name=m, parts={m: np.random.default_rng(0).normal(size=(12, 4))})
        for m in modalities
    }
    return OpenData(
        dataset=Dataset(name="d", source="d", collections=collections, classes=("a", "b", "c")), spaces=spaces
    )


def learnt_from(system, data, named=None):
    row = SYSTEMS[system]
    config = {"modalities": named}
    learning = from_items(row, row.config()(), TrainSettings(), data, config, Reporter(lambda _: None))
    assert learning.facts.modalities == tuple(learning.inputs)
    return tuple(learning.inputs)


@pytest.mark.parametrize(
    ("has", "chosen"),
    [
        (("captions", "photos"), ("photos", "captions")),
        (("captions", "sketches", "photos"), ("sketches", "captions")),
        (("sketches", "photos", "captions"), ("sketches", "captions")),
        (("sketches", "photos"), ("sketches", "photos")),
    ],
)
def test_images_choose_among_texts_in_whatever_order_the_data_names_them(has, chosen):
    assert learnt_from("text_teaches_image", opened(*has)) == chosen


def test_those_named_are_taken_and_texts_come_last_where_they_teach():
    data = opened("captions", "sketches", "photos")
    assert learnt_from("text_teaches_image", data, ["captions", "photos"]) == ("photos", "captions")
    assert learnt_from("rrf_net", data, ["captions", "photos"]) == ("captions", "photos")
    assert learnt_from("rrf_net", data) == ("captions", "sketches", "photos")
    assert learnt_from("cycle_match", data) == ("captions", "sketches")
    with pytest.raises(TrainingError, match="learns from 2 modalities, not from 3"):
        learnt_from("text_teaches_image", data, ["captions", "sketches", "photos"])


def test_a_composition_is_chosen_by_held_out_pairs_and_never_by_those_to_test_on(tmp_path):
    """Reciprocal ranks by hand: of half the pairs of the first round, and of those of the last."""
    cci.make(tmp_path / "data", rounds=2, side=16)
    opened, row, cpu = open_data(tmp_path / "data"), SYSTEMS["tirg"], torch.device("cpu")
    training = TrainSettings(validation=0.5)
    learning = from_pairs(row, TINY, training, opened, Reporter(lambda _: None))
    torch.manual_seed(0)
    system = row.load().build(TINY, learning.facts).eval()
    told = learning.measure(system, cpu)
    pictures = learning.inputs["images"]
    data = pair_data(opened.dataset, pictures, training)
    gallery = embedded(system, "images", pictures, cpu)[OWN]
    assert len(data.validation) == 5 and len(data.test) == 100
    assert data.pairs.seen[data.validation].all() and not data.pairs.seen[data.test].any()
    for name, chosen in ((SELECT, data.validation), (UNSEEN, data.test)):
        found = []
        for pair in chosen:
            source, target = data.pairs.sources[pair], data.pairs.targets[pair]
            (vector,) = compose_all(system, pictures[[source]], data.instructions[[pair]], cpu)
            scores = gallery @ vector
            better = [n for n in range(111) if n not in (source, target) and scores[n] >= scores[target]]
            found.append(1 / (1 + len(better)))
        assert told[name] == pytest.approx(np.mean(found), rel=0.02)
    assert told[SELECT] != pytest.approx(told[UNSEEN], rel=0.1)
