"""What is open when data is opened: its own spaces, the baseline, and those of finished runs."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.qt.data_sets import write_data
from tests.unit.spaces.runs import write_run
from xview.data.open import open_dataset
from xview.data.records import Dataset
from xview.spaces.library import open_data, single_modal
from xview.spaces.provenance import of_run
from xview.spaces.trained import find_spaces

TWO = {"photos": "vector", "notes": "vector"}
OWN = ("photos alone", "notes alone")


@pytest.fixture(autouse=True)
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XVIEW_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("XVIEW_RUNS", str(tmp_path / "runs"))
    return tmp_path / "runs"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_data(tmp_path / "pairs", TWO, unseen=("class-2", "class-3"))


def declare(source: Path, name: str, made_by: dict[str, str]) -> None:
    """Name the shared vectors of the data a second time, as made by something else."""
    with (source / "dataset.toml").open("a", encoding="utf-8") as file:
        told = ", ".join(f'{key} = "{value}"' for key, value in made_by.items())
        file.write(
            f'\n[spaces."{name}"]\nphotos = "photos-2.npy"\nnotes = "notes-2.npy"\nmade_by = {{{told}}}'
        )


def test_finished_runs_stand_behind_the_datas_own_spaces_oldest_first(source: Path, runs: Path) -> None:
    dataset = open_dataset(source)
    for age, name in ((2, "later"), (1, "zebra")):
        write_run(runs / name, dataset, own=age == 1)
        os.utime(runs / name / "spaces" / "spaces.json", (age, age))
    opened = open_data(source)
    assert list(opened.spaces)[:3] == [*OWN, "shared"]
    assert list(opened.spaces)[3:] == ["zebra", "zebra · photos", "zebra · notes", "later"]
    assert [of_run(space) for space in opened.spaces.values()] == [False] * 3 + [True] * 4
    assert opened.problems == ()
    stored = np.load(runs / "zebra" / "spaces" / "0-0.npy")
    np.testing.assert_array_equal(opened.spaces["zebra"].parts["photos"], stored)
    # a training learns from the data's features, never from another training's spaces
    assert {m: space.name for m, space in single_modal(opened.spaces).items()} == dict(
        zip(TWO, OWN, strict=True)
    )


def test_a_run_of_other_items_or_another_split_is_none_of_this_data(
    source: Path, runs: Path, tmp_path: Path
) -> None:
    write_run(runs / "other split", open_dataset(source).with_unseen(["class-0"]))
    write_run(runs / "other data", open_dataset(write_data(tmp_path / "other", TWO, items=12)))
    assert not any(of_run(space) for space in open_data(source).spaces.values())
    assert "other split" in open_data(source, ["class-0"]).spaces


def test_the_same_items_elsewhere_find_the_run(source: Path, runs: Path, tmp_path: Path) -> None:
    write_run(runs / "first", open_dataset(source))
    moved = shutil.copytree(source, tmp_path / "elsewhere")
    assert "first" in open_data(moved).spaces


@pytest.mark.parametrize("damage", ["list", "cut", "lost", "leaves", "short"])
def test_a_damaged_run_is_told_and_the_rest_opens(source: Path, runs: Path, damage: str) -> None:
    dataset = open_dataset(source)
    write_run(runs / "good", dataset)
    write_run(runs / "bad", dataset)
    spaces = runs / "bad" / "spaces"
    told = json.loads((spaces / "spaces.json").read_text())
    if damage == "list":
        (spaces / "spaces.json").write_text("{")
    elif damage == "cut":
        (spaces / "0-0.npy").write_bytes((spaces / "0-0.npy").read_bytes()[:200])
    elif damage == "lost":
        (spaces / "0-0.npy").unlink()
    elif damage == "leaves":
        told["spaces"][0]["parts"]["photos"] = "../../good/spaces/0-0.npy"
        (spaces / "spaces.json").write_text(json.dumps(told))
    else:
        np.save(spaces / "0-0.npy", np.ones((3, 4), np.float32))
    opened = open_data(source)
    assert "good" in opened.spaces
    assert "bad" not in opened.spaces
    (problem,) = opened.problems
    assert str(spaces / "spaces.json") in problem
    assert "delete the run" in problem


def test_runs_of_one_name_are_told_apart_by_their_folders(source: Path, runs: Path) -> None:
    dataset = open_dataset(source)
    for age, name in enumerate(("a", "b")):
        write_run(runs / name, dataset, own=False)
        listed = runs / name / "spaces" / "spaces.json"
        told = json.loads(listed.read_text())
        told["spaces"][0]["name"] = "shared"
        listed.write_text(json.dumps(told))
        os.utime(listed, (age, age))
    opened = open_data(source)
    assert list(opened.spaces)[2:] == ["shared", "shared (a)", "shared (b)"]
    assert all(space.name == name for name, space in opened.spaces.items())


def test_a_run_deleted_while_it_is_looked_for_is_just_gone(
    source: Path, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset: Dataset = open_dataset(source)
    write_run(runs / "gone", dataset)
    real = Path.glob

    def glob(path: Path, pattern: str) -> list[Path]:
        found = list(real(path, pattern))
        shutil.rmtree(runs / "gone", ignore_errors=True)
        return found

    monkeypatch.setattr(Path, "glob", glob)
    assert find_spaces(dataset, ["class-2", "class-3"]) == ({}, [])


def test_under_another_split_what_was_trained_is_left_out_and_the_baseline_fitted(source: Path) -> None:
    declare(source, "learned", {"system": "rrf_net", "checkpoint": "learned.safetensors"})
    declare(source, "shared (cca)", {"system": "cca"})
    own = open_data(source)
    assert list(own.spaces) == [*OWN, "shared", "learned", "shared (cca)"]
    for other in (open_data(source, ["class-0", "class-1"]), open_data(source, trained=False)):
        assert "learned" not in other.spaces
        (problem,) = other.problems
        assert "'learned' was trained by rrf_net" in problem
    shipped = own.spaces["shared (cca)"]
    again = open_data(source, ["class-0", "class-1"]).spaces["shared (cca)"]
    assert again.fingerprint != shipped.fingerprint
    assert open_data(source, trained=False).spaces["shared (cca)"].fingerprint == shipped.fingerprint


def test_where_only_a_trained_space_was_shared_another_split_still_has_one(tmp_path: Path) -> None:
    source = write_data(tmp_path / "pairs", TWO, unseen=("class-2",), shared=False)
    np.save(source / "photos-2.npy", np.random.default_rng(0).normal(size=(24, 4)))
    np.save(source / "notes-2.npy", np.random.default_rng(1).normal(size=(24, 4)))
    declare(source, "learned", {"system": "rrf_net", "checkpoint": "learned.safetensors"})
    assert list(open_data(source).spaces) == [*OWN, "learned"]
    other = open_data(source, ["class-0"])
    assert list(other.spaces) == [*OWN, "shared (cca)"]
