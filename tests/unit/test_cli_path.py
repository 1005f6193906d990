"""`xview path` tells what the library finds."""

import json
import re

import pytest

from tests.conformance_folder import write_folder
from tests.unit.worlds import write_joint
from xview.cli import main
from xview.cli.parser import build_parser
from xview.retrieval.geodesic_settings import GeodesicSettings


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


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("worlds") / "cci"
    write_joint(folder)
    return folder


def json_of(capsys, *arguments):
    assert main(["path", *map(str, arguments), "--shared", "joint", "--no-align", "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_both_ends_are_told_apart_attribute_by_attribute(world, capsys):
    from xview.data.cci.scenes import make_world

    made = make_world(2, 2)
    for target in range(1, 11):
        told = json_of(capsys, world, "--from", "0", "--to", target)
        change, differences = made.changes[target], told["differences"]
        assert differences["neighbours"] and len(differences["rows"]) == 1
        assert differences["rows"][0]["attribute"] == (
            change.attribute or f"{change.kind.value.rstrip('e')}ed"
        )
        for step in told["steps"][1:]:
            assert step["partner"]["id"] == step["id"] and step["partner"]["modality"] != step["modality"]
            assert all(0 <= share <= 1 for box in step["boxes"] for share in box)
            assert bool(step["boxes"]) == bool(step["changes"])
    assert main(["path", str(world), "--from", "0", "--to", "1", "--shared", "joint"]) == 0
    assert "both ends are one change apart:" in capsys.readouterr().out
    assert main(["path", str(world), "--from", "0", "--to", "0", "--shared", "joint"]) == 0
    assert "both ends show the same scene" in capsys.readouterr().out


def test_the_graph_at_other_thresholds_is_the_one_that_is_built_there(world, capsys):
    told = json_of(capsys, world, "--from", "3", "--growth", "4")["growth"]
    assert [row["threshold"] for row in told] == sorted(row["threshold"] for row in told) and len(told) == 4
    for row in told:
        built = json_of(capsys, world, "--from", "3", "--to", "9", "--threshold", row["threshold"])["graph"]
        assert {name: built[name] for name in row} == row
    assert main(["path", str(world), "--from", "3", "--growth"]) == 0
    assert "what the graph holds at other thresholds:" in capsys.readouterr().out


def test_the_longest_smooth_paths_from_an_item_and_of_all(world, capsys):
    everywhere = json_of(capsys, world, "--smooth", "4", "--degree", "8")["smooth"]
    assert everywhere["sources"] == 111 and len(everywhere["longest"]) == 4
    first = everywhere["longest"][0]
    start = first["steps"][0]["id"]
    here = json_of(capsys, world, "--from", start, "--smooth", "1", "--degree", "8")["smooth"]
    assert here["longest"] == [first]
    assert sum(bool(step["changes"]) for step in first["steps"][1:]) == first["changes"]
    assert here["counts"][first["changes"]] >= 1 and len(everywhere["kind"]) == first["changes"] + 1
    for asked in (["--smooth", "2"], ["--smooth", "2", "--from", "4"]):
        assert main(["path", str(world), "--shared", "joint", *asked]) == 0
        assert "smooth path of" in capsys.readouterr().out


def test_a_way_from_one_modality_to_another(world, capsys):
    across = ["--modality", "texts", "--gallery", "images", "--threshold", "1.2"]
    told = json_of(capsys, world, "--from", "4", "--to", "30", *across)
    assert (told["from"]["modality"], told["to"]["modality"]) == ("texts", "images")
    assert (told["steps"][0]["modality"], told["steps"][0]["id"]) == ("texts", "4")
    assert told["graph"]["others"] == 111
    assert told["geodesic"][0]["right"] in (True, False)


def test_words_from_outside_begin_a_way(capsys):
    asked = ["path", "emoji", "--from", "a grinning face", "--degree", "40", "--top", "2", "--json"]
    assert main(asked) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["from"] == {"modality": "texts", "text": "a grinning face"} and told["differences"] is None
    assert told["steps"][0]["length"] > 0 and told["to"]["modality"] == "images"


def test_what_cannot_be_asked_is_said(world, folder, capsys):
    for asked, words in (
        ([], "name what the way begins at"),
        (["--from", "4", "--gallery", "sounds"], "no modality 'sounds'"),
        (["--from", "4", "--shared", "none"], "no space 'none'"),
        (["--from", "4", "--but", "make it blue"], "nothing open has learnt to modify"),
        (["--from", "4", "--to", "999"], "no images '999'"),
    ):
        assert main(["path", str(world), *asked]) != 0
        assert words in capsys.readouterr().err
    assert main(["path", str(folder), "--smooth"]) != 0
    assert "scene each picture shows" in capsys.readouterr().err


def test_the_degree_is_the_window_s():
    asked = build_parser().parse_args(["path", "emoji", "--from", "x"])
    assert asked.degree == GeodesicSettings().degree


@pytest.mark.parametrize("start", ["42", "4"])
def test_where_no_way_leads_on_the_threshold_that_helps_is_told(world, start, capsys):
    """The least in thousandths of a radian at which an item is reached."""
    asked = ["path", str(world), "--shared", "joint", "--from", start]
    assert main([*asked, "--threshold", "0.01"]) == 2
    told = capsys.readouterr().err
    (enough,) = re.findall(r"below 0\.010 rad; raise the threshold to (\d\.\d{3}), or the degree", told)
    assert main([*asked, "--threshold", enough]) == 0
    capsys.readouterr()
    assert main([*asked, "--threshold", f"{float(enough) - 0.001:.3f}"]) == 2
