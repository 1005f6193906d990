"""What a run reads: which modalities, in which order."""

import numpy as np
import pytest

from xview.data.records import Collection, Dataset, Kind
from xview.errors import TrainingError
from xview.jobs.learning import from_items
from xview.jobs.reporter import Reporter
from xview.models.registry import SYSTEMS
from xview.spaces.library import OpenData
from xview.spaces.space import EmbeddingSpace
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
