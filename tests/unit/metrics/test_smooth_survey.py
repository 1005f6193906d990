"""A survey tells what following every path and sorting all of them tells."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from tests.unit.metrics.test_smooth_paths import is_smooth
from tests.unit.worlds import write_joint
from xview.data.cci.worlds import world_of
from xview.data.open import open_dataset
from xview.data.protocol import Classes, Protocol, select
from xview.errors import DataError
from xview.graph.geodesic import path_to, threshold_for, threshold_graph
from xview.metrics.smooth_survey import Survey, shown, smooth_from_one, survey, world_for_smooth
from xview.retrieval.field import SpaceChoice, build_field
from xview.retrieval.stepping_stones import vertices_of
from xview.spaces.space import EmbeddingSpace


@pytest.fixture(scope="module")
def followed(tmp_path_factory):
    """Pictures and captions of 111 scenes near those that are alike; the graph, its items and the world."""
    data, parts = write_joint(tmp_path_factory.mktemp("worlds") / "cci")
    protocol = Protocol(
        query="images", gallery="images", query_classes=Classes.ALL, gallery_classes=Classes.ALL
    )
    spaces = {"joint": EmbeddingSpace(name="joint", parts=parts)}
    field = build_field(select(data, protocol), spaces, SpaceChoice(shared="joint"))
    items = vertices_of(field, stones=True, align=False)
    return threshold_graph(items.vectors, threshold_for(items.vectors, 8)), items, world_of(data)


def by_hand(followed, strict):
    """Every smooth path there is, by the definition, as vertices."""
    graph, items, world = followed
    vertices, paths = shown(items, world), []
    for source in range(items.gallery):
        distance, before = graph.distances(np.array([source]))
        for target in range(items.gallery):
            path = path_to(target, before[0])
            if target != source and np.isfinite(distance[0, target]):
                paths += [path] * is_smooth(path, vertices, not strict)
    return paths


def changes(path):
    """Row r of either modality shows scene r: stops that follow each other at another row."""
    return sum(a % 111 != b % 111 for a, b in pairwise(path))


def test_counts_and_the_longest_are_those_of_all_paths(followed):
    graph, items, world = followed
    told = []
    found = survey(graph, items, world, 12, told.append)
    for strict, counts in ((True, found.strict), (False, found.kind)):
        expected = Counter(changes(path) for path in by_hand(followed, strict))
        assert {n: count for n, count in enumerate(counts) if count} == dict(expected)
    assert len(found.strict) == len(found.kind) > 2 and found.sources == 111
    lengths = graph.lengths
    ways = {path if path < path[::-1] else path[::-1] for path in by_hand(followed, False)}
    ranked = sorted((-changes(p), sum(lengths[a, b] for a, b in pairwise(p))) for p in ways)
    assert [(-path.changes, pytest.approx(sum(path.lengths))) for path in found.longest] == ranked[:12]
    assert told[-1] == 1.0
    assert Survey.from_json(found.to_json()) == found


def test_how_many_are_kept_does_not_change_which_come_first(followed):
    few, many = (survey(*followed, most).longest for most in (3, 10_000))
    assert [path.changes for path in few] == [path.changes for path in many[:3]]
    assert [sum(path.lengths) for path in few] == [sum(path.lengths) for path in many[:3]]


def test_paths_from_one_item(followed):
    graph, items, world = followed
    expected = [path for path in by_hand(followed, strict=False) if path[0] == 4]
    found = smooth_from_one(graph, items, world, 4)
    assert {path.items for path in found} == {tuple(map(items.item, path)) for path in expected}
    assert [path.changes for path in found] == sorted((changes(path) for path in expected), reverse=True)
    assert all(path.lengths[0] == 0 and len(path.lengths) == len(path.items) for path in found)


def test_a_text_may_begin_a_path_but_its_own_picture_is_no_way_on(followed):
    graph, items, world = followed
    found = smooth_from_one(graph, items, world, items.gallery + 4)
    assert found and all(path.changes for path in found)
    assert {path.items[0].modality for path in found} == {"texts"}


def test_data_without_scenes_says_what_is_missing():
    with pytest.raises(DataError, match=r"Digits: .*scene each picture shows.*open cci"):
        world_for_smooth(open_dataset("digits"))
