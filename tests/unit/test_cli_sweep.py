"""`xview sweep` on a folder data set: what it prints is what it writes."""

import json

import pytest

from tests.unit.metrics.problems import write_folder
from xview.cli import main
from xview.metrics.retrieval import MEASURES
from xview.metrics.sweep import FOR_UNDERSTANDING


@pytest.fixture
def source(tmp_path, monkeypatch):
    monkeypatch.setenv("XVIEW_CACHE", str(tmp_path / "cache"))
    return str(write_folder(tmp_path / "data", shared={"system": "trained"}))


def test_a_curve_is_a_line_for_each_value(source, capsys):
    assert main(["sweep", source, "--over", "lambda=0:1:0.25", "--ranker", "homogeneous", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert main(["sweep", source, "--over", "lambda=0:1:0.25", "--ranker", "homogeneous"]) == 0
    said = capsys.readouterr()
    lines = [line.split() for line in said.out.splitlines()]
    assert lines[1] == ["lambda", *MEASURES]
    assert [line[0] for line in lines[3:8]] == ["0", "0.25", "0.5", "0.75", "1"]
    figures = [line[1].rstrip("*°") for line in lines[3:8]]
    assert figures == [f"{value:.3f}" for value in told["measures"]["mAP"]]
    best = told["best"]["mAP"]
    assert f"* best mAP: {best['value']:.3f} at lambda {best['at']['lambda']:g}" in said.out
    assert f"k-NN in the same space: mAP {told['knn']['mAP']:.3f}" in said.out
    assert said.out.count("°") == len(MEASURES) + 1  # the default's line, and what the sign means
    assert FOR_UNDERSTANDING in said.err  # the default classes are the unseen ones


def test_a_grid_shows_one_measure_and_marks_best_and_default(source, tmp_path, capsys):
    out = tmp_path / "grid.json"
    over = ["--over", "alpha=0.9,0.99", "--over", "lambda=0.25,0.5"]
    asked = ["sweep", source, *over, "--set", "k=6", "--classes", "seen", "--measure", "rank1"]
    assert main([*asked, "--json", str(out)]) == 0
    said, told = capsys.readouterr(), json.loads(out.read_text("utf-8"))
    assert FOR_UNDERSTANDING not in said.err  # seen classes are there to choose on
    lines = [line.split() for line in said.out.splitlines()]
    assert lines[1] == ["rank1:", "alpha", "\\", "lambda", "0.25", "0.5"]
    shown = [[cell.rstrip("*") for cell in line[1:] if cell not in "*°"] for line in lines[3:5]]
    found = [[f"{value:.3f}" for value in row] for row in told["measures"]["rank1"]]
    assert [[cell.rstrip("*°") for cell in row] for row in shown] == found
    assert lines[4][-1].endswith("°")  # alpha 0.99, lambda 0.5
    assert told["parameters"]["k"] == 6 and told["protocol"]["query_classes"] == "seen"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--over", "lambda=0:1:0.5", "--measure", "MAP"], "did you mean 'mAP'"),
        (["--over", "lambda"], "KEY=START:STOP:STEP"),
        (["--over", "lambda=0,1", "--ranker", "knn"], "this ranker has none"),
        (["--over", "k=1", "--over", "k=2"], "one or two different settings"),
        ([], "--over"),
    ],
)
def test_what_cannot_be_swept_is_one_line(source, capsys, arguments, told):
    assert main(["sweep", source, *arguments]) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1 and told in said.err
