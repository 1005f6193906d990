"""Which space a person means, wherever one is named: by its own name, or by that of the run that left it."""

import json

import numpy as np
import pytest

from tests.unit.metrics.problems import write_folder
from xview.cli import main
from xview.data.open import open_dataset
from xview.errors import SpaceError
from xview.spaces.library import unseen_classes
from xview.spaces.provenance import space_called
from xview.spaces.space import EmbeddingSpace
from xview.spaces.trained import write_spaces


def of_a_run(name, *modalities, run="net-1"):
    parts = {m: np.eye(3, dtype=np.float32) for m in modalities}
    return EmbeddingSpace(name=name, parts=parts, made_by={"system": "net", "run": run})


SPACES = {
    space.name: space
    for space in (
        EmbeddingSpace(name="shared", parts={"a": np.eye(3, dtype=np.float32)}),
        of_a_run("net 1", "a", "b"),
        of_a_run("net 1 · a", "a"),
        of_a_run("net 1 · b", "b"),
        of_a_run("my tirg · a", "a", run="tirg-1"),
    )
}


@pytest.mark.parametrize(
    ("name", "modalities", "meant"),
    [
        ("shared", (), "shared"),
        ("net 1 · b", (), "net 1 · b"),
        ("net-1", (), "net 1"),
        ("net-1", ("a", "b"), "net 1"),
        ("net 1", ("b",), "net 1"),
        ("tirg-1", (), "my tirg · a"),
        ("my tirg", ("a",), "my tirg · a"),
        ("tirg-1", ("b",), "my tirg · a"),
    ],
)
def test_a_space_is_called_by_its_name_or_its_run(name, modalities, meant):
    assert space_called(SPACES, name, modalities) == meant


def test_of_a_runs_spaces_the_one_that_holds_the_modalities_is_meant():
    spaces = {name: SPACES[name] for name in ("net 1 · a", "net 1 · b")}
    assert space_called(spaces, "net-1", ("b",)) == "net 1 · b"


def test_an_unknown_space_is_told_with_the_nearest():
    with pytest.raises(
        SpaceError, match=r"no space 'tirg-2'; did you mean 'tirg-1'\? \(known: shared, net 1,"
    ):
        space_called(SPACES, "tirg-2")
    with pytest.raises(SpaceError, match="known: none"):
        space_called({}, "x")


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A folder, and a run "net-1" titled "Net 1" that left another."""
    monkeypatch.setenv("XVIEW_RUNS", str(tmp_path / "runs"))
    folder = write_folder(tmp_path / "data")
    dataset = open_dataset(folder)
    rng = np.random.default_rng(0)
    parts = {m: rng.normal(size=(len(c), 4)) for m, c in dataset.collections.items()}
    made_by = {"system": "rrf_net", "checkpoint": str(tmp_path / "best.safetensors")}
    left = [EmbeddingSpace(name="Net 1", parts=parts, made_by=made_by)]
    write_spaces(tmp_path / "runs" / "net-1", dataset, unseen_classes(dataset), left)
    return folder


def test_every_command_takes_the_name_of_a_run(data, tmp_path, capsys):
    """The name that `xview runs` shows, for the space that `xview info` shows: the same answer."""
    first = str(next(iter(open_dataset(data).collections.values())).ids[0])
    commands = [
        ["evaluate", "{data}", "--ranker", "knn", "--shared", "{space}", "--json"],
        ["search", "{data}", "--query", first, "--ranker", "knn", "--shared", "{space}", "--json"],
        ["path", "{data}", "--from", first, "--degree", "9", "--shared", "{space}", "--json"],
        ["fuse", "{data}", "--source", "knn", "--source", 'knn@"{space}"', "--average", "--json"],
        ["distortion", "{data}", "--space", "shared (cca)", "--against", "{space}", "--json"],
        ["distortion", "{data}", "--space", "{space}", "--json"],
        ["compare", "{data}", "--a", "knn", "--b", 'knn@"{space}"', "--json"],
    ]
    for command in commands:
        answers = []
        for space in ("Net 1", "net-1"):
            assert main([part.format(data=data, space=space) for part in command]) == 0, command
            answers.append(json.loads(capsys.readouterr().out))
        assert answers[0] == answers[1], command
        assert "Net 1" in json.dumps(answers[0]) or command[0] == "search", command
    for space in ("Net 1", "net-1"):
        out = str(tmp_path / f"{space}.npy")
        assert main(["project", str(data), "--space", space, "--method", "pca", "--out", out]) == 0
    assert (np.load(tmp_path / "Net 1.npy") == np.load(tmp_path / "net-1.npy")).all()
