"""What is open, and what comes with it."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

from tests.qt.data_sets import write_data
from tests.unit.session.workspaces import collection, pairs
from tests.unit.spaces.runs import write_run
from xview.data.protocol import Protocol
from xview.data.records import Dataset, Kind
from xview.errors import SpaceError
from xview.session.workspace import MapKey, Workspace, open_workspace, with_runs
from xview.spaces.space import EmbeddingSpace


def workspace_of(kinds, spaces=()):
    """`kinds` by modality; `spaces` are tuples of modalities."""
    collections = {name: collection(name, [0, 1, 2], kind=kind) for name, kind in kinds.items()}
    made = {
        "+".join(parts): EmbeddingSpace(name="+".join(parts), parts={m: np.eye(3) for m in parts})
        for parts in spaces
    }
    dataset = Dataset(name="d", source="d", collections=collections, classes=("a", "b", "c"))
    return Workspace(dataset=dataset, spaces=made)


@pytest.mark.parametrize(
    ("kinds", "spaces", "direction"),
    [
        ({"a": Kind.IMAGE}, [("a",)], ("a", "a")),
        ({"a": Kind.IMAGE, "b": Kind.IMAGE}, [], ("a", "b")),
        ({"a": Kind.IMAGE, "b": Kind.TEXT}, [], ("b", "a")),
        ({"a": Kind.TEXT, "b": Kind.TEXT}, [("a", "b")], ("a", "b")),
        ({"a": Kind.IMAGE, "b": Kind.IMAGE, "c": Kind.IMAGE}, [("a",), ("b", "c")], ("b", "c")),
    ],
)
def test_the_first_direction_is_one_a_space_can_serve_with_pictures_answering(kinds, spaces, direction):
    protocol = workspace_of(kinds, spaces).default_protocol()
    assert (protocol.query, protocol.gallery) == direction


def test_a_workspace_never_changes_and_forgets_maps_of_a_replaced_space():
    first = pairs()
    layout = np.zeros((40, 2), dtype=np.float32)
    second = first.with_map(MapKey("shared", "pca"), layout)
    assert MapKey("shared", "pca") not in first.maps
    assert second.maps[MapKey("shared", "pca")] is layout
    third = second.with_space(replace(second.spaces["shared"]))
    assert not third.maps
    assert second.maps
    for shape in ((39, 2), (40, 3), (40,)):
        with pytest.raises(SpaceError, match="map of shared"):
            first.with_map(MapKey("shared", "pca"), np.zeros(shape, dtype=np.float32))


def test_a_protocol_is_applied_once():
    workspace = pairs()
    protocol = Protocol(query="sketches", gallery="photos")
    assert workspace.task(protocol) is workspace.task(Protocol(query="sketches", gallery="photos"))
    assert workspace.with_map(MapKey("shared", "pca"), np.zeros((40, 2), np.float32)).task(
        protocol
    ) is workspace.task(protocol)


def test_maps_that_come_with_the_data_are_open_and_damaged_ones_are_told(tmp_path):
    folder = write_data(tmp_path / "d", {"a": "vector", "b": "vector"})
    opened = open_workspace(folder)
    assert {key.space for key in opened.maps} == {"a alone", "b alone", "shared"}
    np.testing.assert_array_equal(
        opened.maps[MapKey("shared", "umap")],
        np.concatenate([np.load(folder / f"{m}-2.npy") for m in "ab"])[:, :2],
    )
    layout = np.load(folder / "map-2.npy")
    layout[4, 1] = np.nan
    np.save(folder / "map-2.npy", layout)
    damaged = open_workspace(folder)
    assert {key.space for key in damaged.maps} == {"a alone", "b alone"}
    assert "map-2.npy" in " ".join(damaged.problems)
    assert "shared" in damaged.spaces


def test_flat_spaces_come_with_their_map(tmp_path):
    folder = write_data(tmp_path / "d", {"a": "vector", "b": "vector"}, width=2, maps=False)
    opened = open_workspace(folder)
    both = np.concatenate([np.load(folder / f"{m}-2.npy") for m in "ab"])
    np.testing.assert_array_equal(opened.maps[MapKey("shared", "as-is")], both)


def test_held_out_classes_replace_the_split(tmp_path):
    folder = write_data(tmp_path / "d", {"a": "vector", "b": "vector"}, unseen=("class-3",))
    opened = open_workspace(folder, ("class-0", "class-1"))
    assert opened.unseen == ("class-0", "class-1")
    task = opened.task(Protocol(query="a", gallery="b"))
    assert {opened.dataset.classes[label] for label in task.query_labels} == {"class-0", "class-1"}


def test_runs_that_end_while_data_is_open_are_found_and_those_that_go_are_forgotten(tmp_path, monkeypatch):
    monkeypatch.setenv("XVIEW_RUNS", str(tmp_path / "runs"))
    source = write_data(tmp_path / "pairs", {"photos": "vector", "notes": "vector"})
    opened = open_workspace(source)
    assert with_runs(opened) is opened
    write_run(tmp_path / "runs" / "first", opened.dataset)
    one = with_runs(opened)
    assert list(one.spaces) == [*opened.spaces, "first", "first · photos", "first · notes"]
    assert all(one.spaces[name] is space for name, space in opened.spaces.items())
    layout = np.zeros((48, 2), dtype=np.float32)
    one = one.with_map(MapKey("first", "umap"), layout)
    write_run(tmp_path / "runs" / "second", opened.dataset, own=False)
    two = with_runs(one)
    assert two.spaces["first"] is one.spaces["first"]
    assert two.maps[MapKey("first", "umap")] is layout
    assert with_runs(two) is two
    write_run(tmp_path / "runs" / "first", opened.dataset, seed=5)  # resumed, it ended again
    resumed = with_runs(two)
    assert resumed.spaces["first"].fingerprint != two.spaces["first"].fingerprint
    assert MapKey("first", "umap") not in resumed.maps
    assert resumed.maps.keys() == opened.maps.keys()
    for name in ("first", "second"):
        shutil.rmtree(tmp_path / "runs" / name)
    assert list(with_runs(resumed).spaces) == list(opened.spaces)
    (tmp_path / "runs" / "bad" / "spaces").mkdir(parents=True)
    (tmp_path / "runs" / "bad" / "spaces" / "spaces.json").write_text("{")
    told = with_runs(resumed).problems
    assert len(told) == 1
    assert "delete the run" in told[0]
