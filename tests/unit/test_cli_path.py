"""`xview path` tells what the library finds."""

import json

import pytest

from tests.conformance_folder import write_folder
from xview.cli import main


@pytest.fixture
def folder(tmp_path):
    return write_folder(tmp_path)


def test_a_way_as_json(folder, capsys):
    asked = ["path", str(folder), "--from", "7", "--to", "12", "--degree", "8", "--top", "3"]
    assert main([*asked, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["steps"][0]["id"] == "7" and told["steps"][-1]["id"] == "12"
    assert told["length"] == pytest.approx(sum(step["length"] for step in told["steps"]))
    assert told["length"] >= told["direct"] - 1e-6
    graph = told["graph"]
    assert graph["edges"] == pytest.approx(8 * graph["vertices"] / 2, rel=0.01)
    assert 0 < graph["retrievable"] <= graph["others"]
    assert len(told["geodesic"]) == len(told["euclidean"]) == 3
    assert main(asked) == 0
    said = capsys.readouterr().out
    assert "way of" in said and "geodesic neighbour" in said


def test_no_way_is_said_and_not_an_error(folder, capsys):
    asked = ["path", str(folder), "--from", "7", "--to", "12", "--threshold", "0.001", "--no-stones"]
    assert main(asked) == 0
    told = capsys.readouterr()
    assert "no way from '7' to '12'" in told.out and "out of reach" in told.err


def test_an_unknown_item_or_a_threshold_beside_a_degree_is_refused(folder, capsys):
    assert main(["path", str(folder), "--from", "seven", "--to", "12"]) != 0
    assert "no " in capsys.readouterr().err
    assert main(["path", str(folder), "--from", "7", "--degree", "3", "--threshold", "1"]) != 0
    assert "not allowed with" in capsys.readouterr().err
