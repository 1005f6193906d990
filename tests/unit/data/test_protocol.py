from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from xview.data.protocol import Classes, Protocol, Task, select
from xview.data.records import Collection, Dataset, Kind
from xview.errors import DataError

CLASSES = tuple("abcdef")


def random_collection(rng: np.random.Generator, modality: str, items: int, cameras: list[str]) -> Collection:
    return Collection(
        modality=modality,
        kind=Kind.VECTOR,
        ids=np.array([f"{modality[0]}{i}" for i in range(items)]),
        titles=np.array([f"{modality[0]}{i}" for i in range(items)]),
        labels=rng.integers(-1, len(CLASSES), items),
        groups=rng.integers(-1, len(cameras), items),
        group_names=tuple(cameras),
        seen=rng.random(items) < 0.5,
    )


def random_dataset(seed: int) -> Dataset:
    """Cameras have other positions in each modality, and each knows one the other does not."""
    rng = np.random.default_rng(seed)
    images = random_collection(rng, "images", 14, ["left", "right", "door"])
    sketches = random_collection(rng, "sketches", 11, ["hall", "right", "left"])
    junk = {
        (query, f"{query[0]}{row}"): tuple(f"{gallery[0]}{i}" for i in rng.integers(0, 11, 3))
        for query, gallery in (("images", "sketches"), ("sketches", "images"), ("images", "images"))
        for row in rng.integers(0, 11, 4)
    }
    collections = {"images": images, "sketches": sketches}
    return Dataset(name="d", source="d", collections=collections, classes=CLASSES, junk=junk)


def slow_rows(collection: Collection, part: Classes) -> list[int]:
    rows = []
    for row in range(len(collection)):
        assert collection.seen is not None
        if part is Classes.ALL or bool(collection.seen[row]) == (part is Classes.SEEN):
            rows.append(row)
    return rows


def slow_group(collection: Collection, row: int) -> str | None:
    if collection.groups is None or collection.groups[row] < 0:
        return None
    return collection.group_names[int(collection.groups[row])]


def slow_ignored(data: Dataset, protocol: Protocol, query: int, answer: int) -> bool:
    queries, gallery = data.collections[protocol.query], data.collections[protocol.gallery]
    if protocol.query == protocol.gallery and query == answer:
        return True
    mine, theirs = slow_group(queries, query), slow_group(gallery, answer)
    if protocol.across_groups and mine is not None and mine == theirs:
        return True
    return gallery.ids[answer] in data.junk.get((protocol.query, str(queries.ids[query])), ())


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("query", ["images", "sketches"])
@pytest.mark.parametrize("gallery", ["images", "sketches"])
@pytest.mark.parametrize("across_groups", [True, False])
def test_rules_equal_a_slow_loop(seed: int, query: str, gallery: str, across_groups: bool) -> None:
    data = random_dataset(seed)
    for query_classes in Classes:
        for gallery_classes in Classes:
            protocol = Protocol(
                query=query,
                gallery=gallery,
                query_classes=query_classes,
                gallery_classes=gallery_classes,
                across_groups=across_groups,
            )
            check(data, select(data, protocol))


def check(data: Dataset, task: Task) -> None:
    protocol = task.protocol
    rows = slow_rows(data.collections[protocol.query], protocol.query_classes)
    answers = slow_rows(data.collections[protocol.gallery], protocol.gallery_classes)
    assert task.query_rows.tolist() == rows and task.gallery_rows.tolist() == answers
    for position, row in enumerate(rows):
        label = data.collections[protocol.query].labels[row]
        theirs = data.collections[protocol.gallery].labels
        assert task.relevant(position).tolist() == [label >= 0 and theirs[a] == label for a in answers]
        assert task.ignored(position).tolist() == [slow_ignored(data, protocol, row, a) for a in answers]


def test_an_item_without_a_group_skips_nobody() -> None:
    data = random_dataset(0)
    images = data.collections["images"]
    assert images.groups is not None
    row = int(np.flatnonzero(images.groups == -1)[0])
    everything = Protocol(
        query="images", gallery="sketches", query_classes=Classes.ALL, gallery_classes=Classes.ALL
    )
    task = select(Dataset(name="d", source="d", collections=data.collections, classes=CLASSES), everything)
    assert not task.ignored(row).any()


def test_data_without_a_split_answers_with_everything() -> None:
    rng = np.random.default_rng(0)
    plain = random_collection(rng, "images", 5, ["left"])
    plain = Collection(
        modality="images", kind=Kind.VECTOR, ids=plain.ids, titles=plain.titles, labels=plain.labels
    )
    data = Dataset(name="d", source="d", collections={"images": plain}, classes=CLASSES)
    task = select(data, Protocol(query="images", gallery="images"))
    assert task.query_rows.tolist() == task.gallery_rows.tolist() == list(range(5))


def test_a_side_without_items_is_refused() -> None:
    data = random_dataset(0)
    sketches = replace(data.collections["sketches"], seen=np.ones(11, dtype=np.bool_))
    data = replace(data, collections={**data.collections, "sketches": sketches})
    with pytest.raises(DataError, match="d: no unseen items in sketches; choose other classes"):
        select(data, Protocol(query="images", gallery="sketches"))


def test_an_unknown_modality_is_refused() -> None:
    with pytest.raises(DataError, match="no modality 'sounds'"):
        select(random_dataset(0), Protocol(query="images", gallery="sounds"))


def test_swapping_turns_the_rules_around_and_back() -> None:
    generalised = Protocol(
        query="images", gallery="sketches", gallery_classes=Classes.ALL, across_groups=False
    )
    swapped = generalised.swapped()
    assert (swapped.query, swapped.query_classes) == ("sketches", Classes.UNSEEN)
    assert (swapped.gallery, swapped.gallery_classes) == ("images", Classes.ALL)
    assert not swapped.across_groups
    assert swapped.swapped() == generalised
