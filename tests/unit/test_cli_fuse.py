"""`xview fuse`: the figures are those of the library, and what cannot be fused is told."""

import json

import numpy as np
import pytest

from tests.unit.metrics.problems import write_folder
from tests.unit.metrics.test_table import request
from xview.cli import main
from xview.metrics.fusion_search import find_weights
from xview.metrics.table import fill
from xview.retrieval.fusion import FusionSettings
from xview.spaces.library import open_data

TWO = ["--source", "knn", "--source", "heterogeneous(k=8, k_q=5)"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return str(write_folder(tmp_path_factory.mktemp("fuse") / "data", shared={"system": "trained"}))


def told(capsys):
    return json.loads(capsys.readouterr().out)


def test_every_figure_is_that_of_the_evaluation(folder, capsys):
    assert main(["fuse", folder, *TWO, "--weights", ".25,.75", "--json"]) == 0
    made = told(capsys)
    settings = {
        mode: FusionSettings(sources="knn + heterogeneous(k=8, k_q=5)", mode=mode, weights="1, 3")
        for mode in ("average", "adaptive", "weighted")
    }
    rows = fill(open_data(folder), [request(), *(request("fusion", one) for one in settings.values())])
    assert made["sources"]["knn"]["mAP"] == pytest.approx(rows[0].measures["mAP"])
    for mode, row in zip(settings, rows[1:], strict=True):
        assert made["fusions"][mode]["mAP"] == pytest.approx(row.measures["mAP"])
    assert made["against"] == "weighted"
    changes = [one["fused"]["weighted"] - one["ap"]["knn"] for one in made["per_query"]]
    assert made["sources"]["knn"]["gain"]["gained"] == sum(change > 1e-12 for change in changes)
    assert made["sources"]["knn"]["gain"]["mean"] == pytest.approx(np.mean(changes))
    knn = made["sources"]["knn"]["gain"]
    assert knn["low"] < knn["mean"] < knn["high"] and 0 < knn["p"] <= 1
    assert made["fusions"]["weighted"]["gain"]["same"] == len(made["per_query"])
    least = made["per_query"][int(np.argmin(changes))]["id"]
    assert made["sources"]["knn"]["gain"]["least"] == least
    for one in made["per_query"]:
        assert sum(one["adaptive_weights"].values()) == pytest.approx(1)
        assert one["class"] in ("6", "7")


def test_weights_are_found_in_both_directions(folder, capsys, tmp_path):
    out = tmp_path / "fuse.json"
    assert main(["fuse", folder, *TWO, "--find", "--both", "--json", str(out)]) == 0
    shown = capsys.readouterr()
    assert "sketches -> photos" in shown.out and "photos -> sketches" in shown.out
    assert "trained on the seen classes" in shown.err
    one, other = json.loads(out.read_text("utf-8"))
    assert (one["query"], other["query"]) == ("sketches", "photos")
    asked = request("fusion", FusionSettings(sources="knn + heterogeneous(k=8, k_q=5)"))
    found = find_weights(open_data(folder), asked, lambda _done, _total: None)
    assert one["found"]["weights"] == pytest.approx(list(found.weights))
    assert one["against"] == "found" and "found" in one["fusions"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--source", "kn"], "did you mean 'knn'"),
        (["--source", 'knn@"nowhere"'], "nowhere"),
        (["--source", "knn", "--weights", "1,2"], "2 weights for 1 sources"),
        (["--find", "--classes", "seen"], "ask with unseen classes"),
        (["--average", "--find"], "not allowed"),
    ],
)
def test_what_cannot_be_fused_is_told_in_one_line(folder, capsys, arguments, message):
    assert main(["fuse", folder, *arguments]) != 0
    shown = capsys.readouterr()
    assert message in shown.err and "Traceback" not in shown.err
