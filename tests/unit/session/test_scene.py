"""Which point is which item, against loops over all of them."""

import numpy as np
import pytest

from tests.unit.session.workspaces import CLASSES, GROUPS, collection, pairs
from xview.data.protocol import Protocol
from xview.data.records import Dataset
from xview.session.resolve import resolve
from xview.session.scene import NO_CATEGORY, Scene, place_outside
from xview.session.state import ColourBy, ViewState
from xview.spaces.space import EmbeddingSpace


@pytest.fixture
def workspace():
    return pairs()


@pytest.fixture
def scene(workspace):
    return Scene(workspace.dataset, workspace.spaces["shared"])


def test_points_are_the_modalities_one_below_the_other(workspace, scene):
    expected = [(m, row) for m in ("sketches", "photos") for row in range(20)]
    assert [scene.item(point) for point in range(len(scene))] == expected
    for point, (modality, row) in enumerate(expected):
        assert scene.points(modality, [row]).tolist() == [point]
    assert scene.points("videos", [0]).size == 0
    picked = np.array([39, 3, 20, 1])
    assert {m: rows.tolist() for m, rows in scene.rows(picked).items()} == {
        "sketches": [1, 3],
        "photos": [0, 19],
    }
    assert scene.rows(np.empty(0, dtype=np.int64)) == {}


def test_the_chosen_points_are_those_of_the_protocol(workspace, scene):
    resolved = resolve(ViewState(protocol=Protocol(query="photos", gallery="sketches")), workspace)
    for point, chosen in enumerate(scene.chosen(resolved).tolist()):
        modality, row = scene.item(point)
        assert chosen == (not workspace.dataset.collection(modality).seen[row])
    own = Scene(workspace.dataset, workspace.spaces["photos"])
    assert own.chosen(resolved).sum() == len(resolved.task.query_rows)


@pytest.mark.parametrize(
    "by", [by for by in ColourBy if by not in (ColourBy.AP, ColourBy.SCORE, ColourBy.FIGURE)]
)
def test_every_point_has_the_name_of_its_category(workspace, scene, by):
    colouring = scene.colouring(by, {})
    assert colouring.values is None
    for point in range(len(scene)):
        modality, row = scene.item(point)
        items = workspace.dataset.collection(modality)
        group = int(items.groups[row])
        expected = {
            ColourBy.CLASS: CLASSES[items.labels[row]],
            ColourBy.MODALITY: modality,
            ColourBy.GROUP: GROUPS[group] if group >= 0 else NO_CATEGORY,
            ColourBy.SPLIT: "seen" if items.seen[row] else "unseen",
        }[by]
        assert colouring.names[colouring.codes[point]] == expected


def test_items_without_class_group_or_split_say_so():
    items = collection("a", [0, -1, 1])
    dataset = Dataset(name="d", source="d", collections={"a": items}, classes=("x", "y"))
    scene = Scene(dataset, EmbeddingSpace(name="s", parts={"a": np.eye(3)}))
    by_class = scene.colouring(ColourBy.CLASS, {})
    assert [by_class.names[code] for code in by_class.codes] == ["x", NO_CATEGORY, "y"]
    for by in (ColourBy.GROUP, ColourBy.SPLIT):
        colouring = scene.colouring(by, {})
        assert {colouring.names[code] for code in colouring.codes} == {NO_CATEGORY}


def test_numbers_colour_the_modalities_that_have_them(scene):
    numbers = {"photos": np.arange(20.0)}
    colouring = scene.colouring(ColourBy.SCORE, numbers)
    assert np.isnan(colouring.values[:20]).all()
    np.testing.assert_array_equal(colouring.values[20:], numbers["photos"])


def test_a_copy_of_an_item_lands_on_it_and_moves_nothing(workspace):
    layout = np.random.default_rng(1).normal(size=(40, 2)).astype(np.float32)
    kept = layout.copy()
    feature = workspace.spaces["shared"].unit("photos")[7]
    assert place_outside(workspace, "shared", layout, feature) == pytest.approx(tuple(layout[27]), abs=1e-3)
    np.testing.assert_array_equal(layout, kept)
