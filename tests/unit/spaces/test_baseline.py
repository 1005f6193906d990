from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from xview.arrays import Floats
from xview.data.records import Collection, Dataset, Kind
from xview.errors import SpaceError
from xview.models.systems import cca
from xview.spaces.baseline import fit_space
from xview.spaces.space import EmbeddingSpace

CLASSES, EACH, DIM = 12, 15, 20


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XVIEW_CACHE", str(tmp_path / "cache"))


def made_up() -> tuple[Dataset, dict[str, EmbeddingSpace]]:
    """Two views of class centres, each through a mixing of its own; three classes are unseen."""
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(CLASSES), EACH)
    centres = rng.normal(size=(CLASSES, 6))
    collections, spaces = {}, {}
    for modality in ("photos", "words"):
        items = centres[labels] + 0.3 * rng.normal(size=(len(labels), 6))
        vectors = items @ rng.normal(size=(6, DIM)) + 0.1 * rng.normal(size=(len(labels), DIM))
        names = np.array([f"{modality}{i}" for i in range(len(labels))])
        collections[modality] = Collection(
            modality=modality, kind=Kind.VECTOR, ids=names, titles=names, labels=labels, seen=labels < 9
        )
        parts = {modality: vectors.astype(np.float32)}
        spaces[modality] = EmbeddingSpace(name=modality, parts=parts, made_by={"encoder": "one"})
    classes = tuple(f"c{i}" for i in range(CLASSES))
    return Dataset(name="made up", source="", collections=collections, classes=classes), spaces


def changed(space: EmbeddingSpace, rows: slice, to: float) -> EmbeddingSpace:
    parts = {m: v.copy() for m, v in space.parts.items()}
    for part in parts.values():
        part[rows] = to + np.arange(DIM)
    return replace(space, parts=parts)


def unseen_accuracy(space: EmbeddingSpace) -> float:
    """Share of unseen photos whose nearest unseen word is of their class."""
    unseen = slice(9 * EACH, None)
    nearest = np.argmax(space.unit("photos")[unseen] @ space.unit("words")[unseen].T, axis=1)
    labels = np.repeat(np.arange(3), EACH)
    return float(np.mean(labels[nearest] == labels))


def test_classes_never_learnt_from_still_meet() -> None:
    dataset, spaces = made_up()
    shared = fit_space(dataset, spaces)
    assert shared.shared
    assert unseen_accuracy(shared) > 0.9
    assert shared.made_by["system"] == "cca"
    assert shared.made_by["encoder"] == {"photos": "one", "words": "one"}


def projected(dataset: Dataset, spaces: Mapping[str, EmbeddingSpace]) -> Floats:
    return np.asarray(fit_space(dataset, spaces).parts["photos"][:EACH])


def test_unseen_items_teach_nothing_and_seen_ones_do() -> None:
    dataset, spaces = made_up()
    before = projected(dataset, spaces)
    unseen = {**spaces, "words": changed(spaces["words"], slice(9 * EACH, None), 50)}
    np.testing.assert_array_equal(projected(dataset, unseen), before)
    seen = {**spaces, "words": changed(spaces["words"], slice(0, EACH), 50)}
    assert not np.allclose(projected(dataset, seen), before)


def test_another_split_is_another_space() -> None:
    dataset, spaces = made_up()
    before = projected(dataset, spaces)
    other = dataset.with_unseen(["c0", "c1", "c2", "c3"])
    assert projected(other, spaces).shape != before.shape  # a class less, a dimension less
    np.testing.assert_array_equal(projected(dataset, spaces), before)


def test_instances_are_used_where_every_modality_names_them() -> None:
    dataset, spaces = made_up()
    items = np.arange(CLASSES * EACH)
    paired = {m: replace(c, instances=items) for m, c in dataset.collections.items()}
    some = {**paired, "words": dataset.collections["words"]}
    by_class = projected(dataset, spaces)
    np.testing.assert_array_equal(projected(replace(dataset, collections=some), spaces), by_class)
    assert projected(replace(dataset, collections=paired), spaces).shape != by_class.shape


def test_a_config_is_part_of_the_result() -> None:
    dataset, spaces = made_up()
    space = fit_space(dataset, spaces, cca.Config(dim=3))
    assert space.dimension == 3
    assert fit_space(dataset, spaces, cca.Config(dim=4)).dimension == 4


def test_one_modality_makes_no_shared_space() -> None:
    dataset, spaces = made_up()
    with pytest.raises(SpaceError, match="two modalities"):
        fit_space(dataset, {"photos": spaces["photos"]})
