"""B's map laid over A's, and what moved between them."""

from dataclasses import replace

import numpy as np
import pytest

from xview.data.protocol import Classes, Protocol
from xview.data.records import Collection, Dataset, Kind
from xview.errors import SettingError
from xview.retrieval.field import SpaceChoice
from xview.session.placement import movement_of, placed, same_place, turned_onto
from xview.session.resolve import resolve
from xview.session.state import ViewState
from xview.session.workspace import MapKey, Workspace
from xview.spaces.align import movement
from xview.spaces.space import EmbeddingSpace

SIZES = {"photos": 30, "notes": 25, "sounds": 20}
VIEW = ViewState(
    protocol=Protocol(
        query="photos", gallery="notes", query_classes=Classes.ALL, gallery_classes=Classes.ALL
    ),
    spaces=SpaceChoice(shared="first"),
    ranker="knn",
    other="knn",
    other_spaces=SpaceChoice(shared="second"),
)


def collection(modality, count):
    ids = np.array([f"{modality}-{i}" for i in range(count)])
    labels = np.zeros(count, dtype=np.int64)
    return Collection(modality=modality, kind=Kind.VECTOR, ids=ids, titles=ids, labels=labels)


def space(name, *modalities):
    random = np.random.default_rng(len(name))
    return EmbeddingSpace(name=name, parts={m: random.normal(size=(SIZES[m], 4)) for m in modalities})


def turn(points, angle=2.0, scale=3.0):
    """Rotated, reflected, scaled and moved."""
    c, s = np.cos(angle), np.sin(angle)
    return scale * points @ np.array([[c, s], [s, -c]]) + [7.0, -4.0]


@pytest.fixture
def workspace():
    """Two shared spaces that hold the modalities in another order, the second one a modality less."""
    data = Dataset(
        name="test",
        source="",
        collections={m: collection(m, count) for m, count in SIZES.items()},
        classes=("all",),
    )
    spaces = [space("first", "photos", "notes", "sounds"), space("second", "notes", "photos")]
    return Workspace(dataset=data, spaces={one.name: one for one in spaces})


@pytest.fixture
def first():
    return np.random.default_rng(5).normal(size=(75, 2)).astype(np.float32)


def with_maps(workspace, **maps):
    for name, layout in maps.items():
        workspace = workspace.with_map(MapKey(name, "umap"), np.asarray(layout, dtype=np.float32))
    return workspace


def in_second(first):
    """The common items of the first map in the order of the second."""
    return np.concatenate([first[30:55], first[:30]])


def test_a_turned_copy_is_laid_back_onto_the_original(workspace, first):
    open_ = with_maps(workspace, first=first, second=turn(in_second(first)))
    resolved = resolve(VIEW, open_)
    assert turned_onto(resolved, "second") == "first" and turned_onto(resolved, "first") == ""
    layout, alignment = placed(resolved, "second")
    np.testing.assert_allclose(layout, in_second(first), atol=1e-4)
    assert layout.dtype == np.float32 and alignment is not None
    np.testing.assert_allclose(alignment(turn(np.array([[0.5, 0.25]]))), [[0.5, 0.25]], atol=1e-4)
    moved = movement_of(resolved)
    assert moved is not None and moved.parts == (("photos", 30), ("notes", 25))
    np.testing.assert_allclose(moved.moved, 0, atol=1e-4)
    np.testing.assert_allclose(moved.starts, first[:55], atol=1e-6)
    assert moved.disparity == pytest.approx(0, abs=1e-6)


def test_the_item_that_leaves_its_neighbours_moved_most(workspace, first):
    other = in_second(first)
    other[25 + 4] += [9.0, 0.0]  # photo 4
    moved = movement_of(resolve(VIEW, with_maps(workspace, first=first, second=turn(other))))
    assert moved is not None
    by_modality = moved.by_modality(moved.moved)
    assert {name: len(values) for name, values in by_modality.items()} == {"photos": 30, "notes": 25}
    assert int(np.argmax(by_modality["photos"])) == 4
    assert by_modality["photos"][4] > 3 * by_modality["notes"].max()
    np.testing.assert_allclose(moved.moved, movement(moved.starts, moved.ends, 10))
    assert moved.disparity > 0.01


def test_only_b_in_a_space_of_its_own_is_turned(workspace, first):
    open_ = with_maps(workspace, first=first, second=turn(in_second(first)))
    second = open_.maps[MapKey("second", "umap")]
    for view in (
        replace(VIEW, other=None),
        replace(VIEW, other_spaces=None),
        replace(VIEW, spaces=SpaceChoice(shared="second"), other_spaces=None),
    ):
        resolved = resolve(view, open_)
        layout, alignment = placed(resolved, "second")
        assert layout is second and alignment is None
        assert movement_of(resolved) is None


def test_places_change_with_either_map_and_with_b(workspace, first):
    before = resolve(VIEW, with_maps(workspace, second=turn(in_second(first))))
    assert placed(before, "second")[1] is None and movement_of(before) is None  # A is not drawn yet
    after = resolve(VIEW, with_maps(before.workspace, first=first))
    assert not same_place(before, after, "second") and not same_place(before, after, "first")
    off = resolve(replace(VIEW, other=None), after.workspace)
    assert not same_place(after, off, "second") and same_place(after, off, "first")
    assert same_place(after, resolve(replace(VIEW, ranker="homogeneous"), after.workspace), "second")


def test_a_map_still_to_come_by_another_method_is_another_place(workspace):
    before = resolve(VIEW, workspace)
    assert same_place(before, resolve(replace(VIEW, all_items=True), workspace), "first")
    assert not same_place(before, resolve(replace(VIEW, method="pca"), workspace), "first")


def test_a_map_of_one_point_is_left_where_it_is_and_few_items_are_told(workspace, first):
    flat = np.ones((55, 2))
    resolved = resolve(VIEW, with_maps(workspace, first=first, second=flat))
    layout, _ = placed(resolved, "second")
    assert np.isfinite(layout).all()
    small = {"photos": 4, "notes": 4}
    data = replace(workspace.dataset, collections={m: collection(m, count) for m, count in small.items()})
    parts = {m: np.eye(4) for m in small}
    spaces = {n: EmbeddingSpace(name=n, parts=parts) for n in ("first", "second")}
    few = with_maps(Workspace(dataset=data, spaces=spaces), first=first[:8], second=first[:8])
    with pytest.raises(SettingError, match="10 neighbours; there are 8 items"):
        movement_of(resolve(VIEW, few))
