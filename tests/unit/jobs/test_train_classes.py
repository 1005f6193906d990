from __future__ import annotations

import numpy as np

from tests.unit.training.toy import toy_dataset, toy_inputs
from xview.jobs.learning import _class_vectors
from xview.models.registry import find
from xview.training.data import training_data
from xview.training.settings import TrainSettings


def test_classes_held_out_to_validate_are_unseen_to_the_system() -> None:
    """Validation then asks what it stands for: how a class without items fares."""
    dataset = toy_dataset()
    settings = TrainSettings(validation=0.5, validate_on="classes")
    data = training_data(dataset, toy_inputs(dataset), settings)
    held = {int(i) for m, rows in data.validation.items() for i in dataset.collection(m).labels[rows]}
    own, others = _class_vectors(find("jfse"), dataset, data)
    assert len(held) == 2 and own is not None and others is not None
    np.testing.assert_array_equal(own, dataset.class_vectors[data.classes])
    np.testing.assert_array_equal(others, dataset.class_vectors[sorted(held | {4, 5})])
