"""The command line as a user meets it: real commands on a folder data set and on the bundled data."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import psutil
import pytest

from tests.conformance_folder import conformance, write_folder
from xview.cli import main
from xview.data.open import open_dataset

RANKERS = {"hetero": "heterogeneous", "homo": "homogeneous"}


def xview(*arguments, **options):
    command = [sys.executable, "-m", "xview.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=120, **options)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_folder(tmp_path_factory.mktemp("pair"))


@pytest.fixture(scope="module")
def reference():
    return conformance()


def settings_of(reference, variant, trunc, lam):
    paper = variant == "paper"
    values = {
        "alpha": float(reference["alpha"]),
        "gamma": float(reference["gamma"]),
        "k": int(reference["k_paper"]) + 1 if paper else int(reference["kd"]),
        "k_q": int(reference["k_paper"]) if paper else int(reference["kq"]),
        "links": "paper" if paper else "released",
        "truncation": "none" if trunc == "full" else trunc,
        "n_trunc": int(reference["n_trunc"]),
        "lambda": lam,
    }
    return [part for key, value in values.items() for part in ("--set", f"{key}={value}")]


def test_the_command_of_the_issue_gives_the_reference_scores(folder, reference, tmp_path):
    out = tmp_path / "scores.npz"
    done = xview(
        *("scores", folder, "--query", "thermal", "--gallery", "visible", "--ranker", "heterogeneous"),
        *settings_of(reference, "code", "full", 0.5),
        *("--out", out),
    )
    assert (done.returncode, done.stdout) == (0, "")
    expected = (reference["code_hetero_full_B_lam1"] + reference["code_hetero_full_B_lam0"]) / 2
    with np.load(out, allow_pickle=False) as written:
        assert sorted(written) == ["gallery_ids", "query_ids", "scores"]
        assert written["scores"].dtype == np.float64
        assert abs(written["scores"] - expected).max() <= 1e-5 * abs(expected).max()
        assert len(written["query_ids"]) == 60 and len(written["gallery_ids"]) == 80


@pytest.mark.parametrize("lam", [0.0, 1.0])
@pytest.mark.parametrize("manifold", ["hetero", "homo"])
@pytest.mark.parametrize(
    ("variant", "trunc"),
    [("code", "full"), ("code", "seed"), ("paper", "full"), ("paper", "seed"), ("paper", "union")],
)
def test_scores_match_the_reference(folder, reference, tmp_path, variant, trunc, manifold, lam):
    out = tmp_path / "scores.npz"
    chosen = settings_of(reference, variant, trunc, lam)
    assert main(["scores", str(folder), "--ranker", RANKERS[manifold], *chosen, "--out", str(out)]) == 0
    expected = reference[f"{variant}_{manifold}_{trunc}_B_lam{lam:.0f}"]
    with np.load(out) as written:
        assert abs(written["scores"] - expected).max() <= 1e-5 * abs(expected).max()


def slow_measures(scores, query_labels, gallery_labels):
    """mAP and rank-k by one loop a query and one step a rank."""
    precisions, firsts = [], []
    for row, label in zip(scores, query_labels, strict=True):
        hits, total, first = 0, 0.0, None
        for rank, place in enumerate(sorted(range(len(row)), key=lambda j: (-row[j], j)), start=1):
            if gallery_labels[place] == label:
                hits += 1
                total += hits / rank
                first = first or rank
        precisions.append(total / hits)
        firsts.append(first)
    ranks = {f"rank{k}": float(np.mean([first <= k for first in firsts])) for k in (1, 5, 10, 20)}
    return {"mAP": float(np.mean(precisions)), **ranks}


def test_evaluation_equals_a_slow_count_over_the_written_scores(folder, reference, tmp_path, capsys):
    rows = tmp_path / "rows.json"
    asked = ["--query", "visible", "--gallery", "thermal", "--ranker", "knn", "--ranker", "heterogeneous"]
    assert main(["evaluate", str(folder), *asked, "--set", "k=9", "--json", str(rows)]) == 0
    assert "heterogeneous" in capsys.readouterr().out
    told = json.loads(rows.read_text(encoding="utf-8"))
    assert [row["ranker"] for row in told] == ["knn", "heterogeneous"]
    for row in told:
        out = tmp_path / f"{row['ranker']}.npz"
        setting = [] if row["ranker"] == "knn" else ["--set", "k=9"]
        one = ["--query", "visible", "--gallery", "thermal", "--ranker", row["ranker"], *setting]
        assert main(["scores", str(folder), *one, "--out", str(out)]) == 0
        with np.load(out) as written:
            slow = slow_measures(written["scores"], reference["y_labels"], reference["x_labels"])
        assert {name: row["measures"][name] for name in slow} == pytest.approx(slow, abs=1e-12)
        assert (row["query"], row["gallery"]) == ("visible", "thermal")
        assert (row["queries"], row["queries_without_match"]) == (80, 0)
    assert told[0]["parameters"] == {} and told[1]["parameters"]["k"] == 9


def test_both_directions_and_json_to_stdout(folder, capsys):
    assert main(["evaluate", str(folder), "--ranker", "knn", "--both", "--json"]) == 0
    said = capsys.readouterr()
    assert [(row["query"], row["gallery"]) for row in json.loads(said.out)] == [
        ("thermal", "visible"),
        ("visible", "thermal"),
    ]
    assert said.err == ""


def test_search_ranks_as_the_scores_say_and_its_shares_add_up(folder, tmp_path, capsys):
    out = tmp_path / "scores.npz"
    chosen = ["--ranker", "homogeneous", "--set", "k=9", "--set", "k_q=5"]
    assert main(["scores", str(folder), *chosen, "--out", str(out)]) == 0
    with np.load(out) as written:
        query, scores, ids = str(written["query_ids"][7]), written["scores"][7], written["gallery_ids"]
    capsys.readouterr()
    asked = ["--query", query, "--modality", "thermal", *chosen, "--top", "5", "--explain", "2", "--json"]
    assert main(["search", str(folder), *asked]) == 0
    told = json.loads(capsys.readouterr().out)
    best = np.argsort(-scores, kind="stable")[:5]
    assert [result["id"] for result in told["results"]] == ids[best].tolist()
    assert [result["score"] for result in told["results"]] == pytest.approx(scores[best].tolist(), rel=1e-6)
    assert sum(share["share"] for share in told["explanation"]) <= 1 + 1e-9
    assert told["explanation"][0]["share"] > 0


def test_splits_are_refused_where_there_is_nothing_to_split(folder):
    done = xview("evaluate", folder, "--splits", "3")
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.count("\n") == 1 and "split" in done.stderr


def test_bundled_data_from_question_to_page(tmp_path, capsys):
    assert main(["info", "emoji", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [modality["name"] for modality in told["modalities"]] == ["sketches", "images", "texts"]
    assert main(["search", "emoji", "--query", "1f993", "--gallery", "images", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["query"] == {"modality": "texts", "id": "1f993"}
    assert sum(bool(result["match"]) for result in found["results"]) > 5  # a zebra finds mammals
    plan = tmp_path / "map.csv"
    assert main(["project", "emoji", "--space", "texts", "--method", "pca", "--out", str(plan)]) == 0
    lines = plan.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "modality,id,class,x,y" and len(lines) == 1029
    capsys.readouterr()
    done = xview("report", "emoji", "--ranker", "knn", "--out", tmp_path / "report")
    assert (done.returncode, done.stdout.strip()) == (0, str(tmp_path / "report" / "index.html"))
    html = (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
    assert html.count("<img") > 50 and "xview report emoji" in html
    assert "torn edges" in html and "Quality against k" in html and "mAP against lambda" in html


def test_new_class_splits_tell_mean_and_spread(capsys):
    asked = ["--query", "texts", "--gallery", "images", "--ranker", "knn", "--splits", "2", "--json"]
    assert main(["evaluate", "emoji", *asked]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    first, second = map(set, row["splits"])
    assert len(first) == len(second) == 14 and first != second
    assert row["spread"]["mAP"] > 0


def test_classes_held_out_by_name_are_those_that_ask(capsys):
    asked = ["--ranker", "knn", "--unseen", "heart", "--unseen", "animal bird", "--query", "texts", "--json"]
    assert main(["evaluate", "emoji", *asked]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    collection = open_dataset("emoji").collection("texts")
    classes = open_dataset("emoji").classes
    held = [classes.index("heart"), classes.index("animal bird")]
    assert row["queries"] == np.isin(collection.labels, held).sum()
    assert main(["evaluate", "emoji", "--unseen", "hart"]) == 2
    assert "hart" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="a console is needed to send Ctrl-C")
def test_ctrl_c_ends_with_130_and_no_file(tmp_path):
    out = tmp_path / "map.npy"
    command = [sys.executable, "-m", "xview.cli", "project", "emoji", "--space", "shared", "--set", "seed=31"]
    environment = {**os.environ, "XVIEW_CACHE": str(tmp_path / "cache")}
    started = subprocess.Popen(
        [*command, "--out", str(out)], stderr=subprocess.PIPE, text=True, env=environment
    )
    work = psutil.Process(started.pid)
    while work.cpu_times().user < 1.0 and started.poll() is None:  # in the work, which takes half a minute
        time.sleep(0.05)
    started.send_signal(signal.SIGINT)
    _, said = started.communicate(timeout=60)
    # a library that was interrupted inside C makes Python end by the signal itself: a shell shows 130, too
    assert started.returncode in (130, -signal.SIGINT)
    assert said.strip().splitlines()[-1] == "xview: interrupted"
    assert not out.exists()
