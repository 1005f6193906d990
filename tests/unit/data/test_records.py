from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xview.data.records import Collection, Dataset, Kind, NoPayloads, draw_unseen
from xview.errors import DataError


def collection(modality: str, ids: Sequence[str], labels: Sequence[int]) -> Collection:
    return Collection(
        modality=modality,
        kind=Kind.VECTOR,
        ids=np.array(list(ids), dtype=np.str_),
        titles=np.array(list(ids), dtype=np.str_),
        labels=np.array(labels, dtype=np.int64),
    )


def dataset(*collections: Collection, classes: tuple[str, ...] = ("a", "b", "c")) -> Dataset:
    return Dataset(name="d", source="d", collections={c.modality: c for c in collections}, classes=classes)


def test_rows_are_found_by_id() -> None:
    images = collection("images", ["x", "y", "z"], [0, 1, 2])
    assert len(images) == 3
    assert [images.row_of[name] for name in ("z", "x")] == [2, 0]


def test_an_id_that_repeats_is_named() -> None:
    with pytest.raises(DataError, match="images: id 'y' occurs more than once"):
        collection("images", ["x", "y", "z", "y"], [0, 0, 0, 0])


def test_columns_of_another_length_are_refused() -> None:
    with pytest.raises(DataError, match=r"images: labels has shape \(2,\) but there are 3 ids"):
        collection("images", ["x", "y", "z"], [0, 1])


def test_an_empty_modality_is_refused() -> None:
    with pytest.raises(DataError, match="images: the modality has no items"):
        collection("images", [], [])


def test_an_unknown_modality_names_the_known_ones() -> None:
    data = dataset(collection("images", ["x"], [0]), collection("texts", ["x"], [0]))
    assert data.collection("texts").modality == "texts"
    with pytest.raises(DataError, match=r"d: no modality 'sounds' \(known: images, texts\)"):
        data.collection("sounds")


def test_vectors_only_items_have_nothing_to_show() -> None:
    assert NoPayloads().picture(0) is None and NoPayloads().text(0) is None


def test_a_class_split_holds_out_whole_classes_and_never_trains_on_unlabelled_items() -> None:
    labels = [0, 1, 2, -1, 1]
    data = dataset(collection("images", "vwxyz", labels), collection("texts", "pq", [2, 0]))
    assert not data.has_split
    split = data.with_unseen(["b"])
    assert split.has_split and not data.has_split
    for name, c in split.collections.items():
        assert c.seen is not None
        slow = [label != -1 and data.classes[label] != "b" for label in data.collections[name].labels]
        assert c.seen.tolist() == slow


def test_a_split_of_data_without_classes_sees_nothing() -> None:
    split = dataset(collection("images", "xy", [-1, -1]), classes=()).with_unseen([])
    seen = split.collections["images"].seen
    assert seen is not None and not seen.any()


def test_a_class_to_hold_out_must_exist() -> None:
    with pytest.raises(DataError, match="d: no class 'zebra' to hold out"):
        dataset(collection("images", "x", [0])).with_unseen(["a", "zebra"])


def test_the_fingerprint_follows_items_and_not_names_or_splits() -> None:
    first = dataset(collection("images", "xy", [0, 1]))
    assert first.fingerprint == dataset(collection("images", "xy", [0, 1])).with_unseen(["a"]).fingerprint
    others = [
        dataset(collection("images", "yx", [0, 1])),
        dataset(collection("images", "xy", [1, 0])),
        dataset(collection("pictures", "xy", [0, 1])),
        dataset(collection("images", "xy", [0, 1]), collection("texts", "xy", [0, 1])),
        # Where the name ends and the ids begin is part of it
        dataset(collection("image", ["sx", "y"], [0, 1])),
        dataset(collection("imagesx", ["", "y"], [0, 1])),
    ]
    assert len({first.fingerprint, *(other.fingerprint for other in others)}) == 1 + len(others)


@given(st.integers(2, 60), st.integers(0, 2**32), st.data())
def test_unseen_classes_are_drawn_without_repeats_in_class_order(
    n: int, seed: int, data: st.DataObject
) -> None:
    classes = [f"class {i}" for i in range(n)]
    count = data.draw(st.integers(1, n - 1))
    drawn = draw_unseen(classes, count, seed)
    assert len(set(drawn)) == count
    assert list(drawn) == [name for name in classes if name in drawn]
    assert drawn == draw_unseen(classes, count, seed)


def test_drawn_classes_do_not_change_between_versions() -> None:
    assert draw_unseen("abcdefgh", 3, 0) == ("c", "d", "e")
    assert len({draw_unseen("abcdefgh", 3, seed) for seed in range(20)}) > 5


@pytest.mark.parametrize("count", [0, 3, -1, 7])
def test_both_sides_of_a_split_need_a_class(count: int) -> None:
    with pytest.raises(DataError, match=f"cannot hold out {count} of 3 classes"):
        draw_unseen("abc", count, 0)
