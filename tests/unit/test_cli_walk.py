"""`xview walk` and marks on the command line tell what the library computes."""

import json

import numpy as np
import pytest

from tests.conformance_folder import write_folder
from xview.cli import main

ASKED = ["--query", "7", "--modality", "thermal", "--ranker", "homogeneous", "--set", "k=9"]


@pytest.fixture
def folder(tmp_path):
    return write_folder(tmp_path)


def told(capsys, *arguments):
    assert main([*map(str, arguments), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_walk_is_told_from_the_links_to_the_ranking(folder, capsys):
    untruncated = [*ASKED, "--set", "truncation=none"]
    walk = told(capsys, "walk", folder, *untruncated, "--top", "5")
    ranking = told(capsys, "search", folder, *untruncated, "--top", "5")
    frames = walk["frames"]
    assert frames[0]["step"] == 0 and frames[0]["mass"]["query"] == 1
    assert [frame["fixed_point"] for frame in frames] == [False] * (len(frames) - 1) + [True]
    steps = [frame["step"] for frame in frames[:-1]]
    assert steps == sorted(set(steps)) and 30 < len(steps) < 60 and steps[-1] > 200
    assert frames[-1]["step"] is None and frames[-1]["distance"] == 0
    distances = [frame["distance"] for frame in frames]
    assert distances == sorted(distances, reverse=True) and 0 < distances[-2] <= 1e-3
    best = [(one["id"], pytest.approx(one["score"], rel=1e-4)) for one in ranking["results"]]
    assert [(one["id"], one["amount"]) for one in frames[-1]["results"]] == best
    assert frames[-1]["average_precision"] == pytest.approx(ranking["average_precision"], abs=1e-9)
    assert walk["result"]["id"] == ranking["results"][0]["id"]
    assert walk["notes"] == []
    for path in walk["paths"]:
        assert 0 < path["share"] < 1
        assert path["stops"][0]["id"] == "7" and path["stops"][-1]["id"] == walk["result"]["id"]


def test_the_walk_as_a_table(folder, capsys):
    assert main(["walk", str(folder), *ASKED, "--to", "12"]) == 0
    said = capsys.readouterr().out
    assert "homogeneous" in said and "∞" in said and "heaviest paths to '12'" in said


def test_a_ranker_that_does_not_walk_has_a_walk_beside_it(folder, capsys):
    assert told(capsys, "walk", folder, "--query", "7", "--modality", "thermal", "--ranker", "knn")[
        "ranker"
    ] == ("heterogeneous")


@pytest.mark.parametrize("ranker", ["knn", "homogeneous"])
def test_marks_re_rank_and_tell_both_precisions(folder, capsys, ranker):
    asked = ["--query", "7", "--modality", "thermal", "--ranker", ranker, "--top", "80"]
    plain = told(capsys, "search", folder, *asked)
    assert plain["feedback"] is None and {one["marked"] for one in plain["results"]} == {None}
    right = [one["id"] for one in plain["results"] if one["match"]][3:5]
    wrong = next(one["id"] for one in plain["results"] if not one["match"])
    marks = ["--right", right[0], "--right", right[1], "--wrong", wrong, "--wrong-weight", "0.5"]
    marked = told(capsys, "search", folder, *asked, *marks)
    assert marked["feedback"]["right"] == right and marked["feedback"]["wrong"] == [wrong]
    assert marked["feedback"]["weights"] == {"right": 0.75, "wrong": 0.5}
    ranks = [{one["id"]: one["rank"] for one in told["results"]} for told in (plain, marked)]
    assert all(ranks[1][name] < ranks[0][name] for name in right)
    assert ranks[1][wrong] > ranks[0][wrong]
    assert {one["id"]: one["marked"] for one in marked["results"] if one["marked"]} == {
        right[0]: "right",
        right[1]: "right",
        wrong: "wrong",
    }
    for results, precision in (
        (plain["results"], marked["feedback"]["average_precision_before"]),
        (marked["results"], marked["average_precision"]),
    ):
        rest = [one["match"] for one in results if one["id"] not in (*right, wrong)]
        hits = np.flatnonzero(rest) + 1
        assert precision == pytest.approx(np.mean(np.arange(1, len(hits) + 1) / hits))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--right", "gone"], "'gone'"),
        (["--right", "3", "--wrong", "3"], "at once"),
        (["--right-weight", "heavy"], "heavy"),
        (["--wrong-weight", "-1"], "wrong"),
    ],
    ids=lambda value: " ".join(value),
)
def test_marks_that_make_no_sense_are_told(folder, capsys, arguments, says):
    for command in ("search", "walk"):
        assert main([command, str(folder), *ASKED, *arguments]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith("xview: ") and says in line


def test_a_result_that_is_not_in_the_gallery_is_told(folder, capsys):
    assert main(["walk", str(folder), *ASKED, "--to", "81"]) == 2
    assert "'81'" in capsys.readouterr().err
