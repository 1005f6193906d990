"""`xview compare` as a user meets it: two trained runs, two spaces, and what cannot be compared."""

import json
import time

import numpy as np
import pytest

from tests.conformance_folder import write_folder
from tests.unit.spaces.runs import write_run
from xview.cli import main
from xview.data.open import open_dataset
from xview.jobs.runs import Status, find_runs
from xview.metrics.compare import CHANGED
from xview.metrics.kept import kept_between
from xview.metrics.table import Request, fill
from xview.spaces.library import open_data
from xview.spaces.trained import runs_folder

TINY = ("hidden=16", "dim=8", "steps=2", "negatives=3", "batch=8", "device=cpu", "validation=0.25")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_folder(tmp_path_factory.mktemp("data"))


def told(capsys, *arguments):
    assert main([*map(str, arguments), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def rebuilt(side, one, data):
    """The evaluation of one side, asked for anew."""
    protocol = {k: one[k] for k in ("query", "gallery", "query_classes", "gallery_classes", "across_groups")}
    settings = {"ranker": side["ranker"], "settings": side["parameters"], "spaces": side["spaces"]}
    (row,) = fill(open_data(data), [Request.from_json({"protocol": protocol, **settings})])
    return row.evaluations[0]


@pytest.fixture(scope="module")
def trained(data, tmp_path_factory):
    """The folder of two runs trained by the command, which differ in their seeds."""
    folder = tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XVIEW_RUNS", str(folder))
        patch.setenv("OMP_NUM_THREADS", "1")
        for seed in range(2):
            sets = [part for one in (*TINY, f"seed={seed}", "epochs=2") for part in ("--set", one)]
            assert main(["train", str(data), "--system", "rrf_net", *sets, "--detach"]) == 0
        end = time.monotonic() + 150
        while any(run.status is not Status.FINISHED for run in find_runs()):
            assert time.monotonic() < end, [run.message for run in find_runs()]
            time.sleep(0.1)
    return folder


def test_two_trained_runs_are_held_against_each_other(data, trained, monkeypatch, capsys):
    monkeypatch.setenv("XVIEW_RUNS", str(trained))
    found = told(capsys, "compare", "rrf_net-1", "rrf_net 2", "--query", "thermal", "--both")
    sides = [(one["query"], one["a"]["ranker"], one["b"]["ranker"]) for one in found]
    rankers = ("knn", "heterogeneous")
    assert sides == [(m, r, r) for m in ("thermal", "visible") for r in rankers]
    for one in found:
        assert (one["a"]["spaces"]["shared"], one["b"]["spaces"]["shared"]) == ("rrf_net 1", "rrf_net 2")
        a, b = (rebuilt(one[side], one, data) for side in "ab")
        change = b.ap - a.ap
        assert one["mean_change"]["mean"] == pytest.approx(np.nanmean(change))
        assert one["mean_change"]["low"] <= np.nanmean(change) <= one["mean_change"]["high"]
        assert one["counts"]["AP"] == {
            "fixed": int((change >= CHANGED).sum()),
            "broken": int((change <= -CHANGED).sum()),
            "same": int((np.abs(change) < CHANGED).sum()),
        }
        assert one["counts"]["first hit"]["fixed"] == int(((a.first_hit != 1) & (b.first_hit == 1)).sum())
        assert [query["change"] for query in one["queries"]] == pytest.approx(change.tolist())
        spaces = [open_data(data).spaces[one[side]["spaces"]["shared"]] for side in "ab"]
        kept = {"k": 10, "mean": kept_between(*spaces, 10).mean()}
        assert one["neighbours_kept"] == pytest.approx(kept)
        assert sum(c["queries"] for c in one["classes"]) == len(change) - one["without_match"]

    assert main(["compare", "rrf_net-1", "rrf_net-2", "--ranker", "knn", "--top", "1"]) == 0
    out = capsys.readouterr().out
    assert "A: k-NN in 'rrf_net 1'" in out and "B: k-NN in 'rrf_net 2'" in out
    assert f"{kept['mean']:.1%} of 10 neighbours kept" in out
    assert "mean change" in out and "p = " in out and "Fixed: B's average precision" in out
    a, b = (rebuilt(found[0][side], found[0], data) for side in "ab")
    best, worst = (int(i) for i in (np.nanargmax(b.ap - a.ap), np.nanargmin(b.ap - a.ap)))
    for heading, query in (("most fixed", best), ("most broken", worst)):
        section = out[out.index(heading) :].splitlines()[3]
        assert section.split()[0] == found[0]["queries"][query]["id"]


def test_two_rankers_of_one_data_set(capsys):
    (one,) = told(capsys, "compare", "digits", "--a", 'knn@"shared (cca)"', "--b", "knn")
    assert one["a"]["spaces"]["shared"] == "shared (cca)" and one["b"]["spaces"]["shared"] == "shared"
    assert len(one["queries"]) == 1200 and sum(one["counts"]["AP"].values()) == 1200
    figures = [{"mAP": np.mean([query[f"ap_{side}"] for query in one["queries"]])} for side in "ab"]
    assert [one[side]["mAP"] for side in "ab"] == pytest.approx([f["mAP"] for f in figures])
    for query in one["queries"]:
        change = query["ap_b"] - query["ap_a"]
        wanted = "fixed" if change >= CHANGED else "broken" if change <= -CHANGED else "same"
        assert query["verdict"] == wanted
    alike = told(capsys, "compare", "digits", "--a", "knn", "--b", 'knn@"shared"')[0]
    assert alike["neighbours_kept"] is None
    assert alike["mean_change"] == {"mean": 0, "low": 0, "high": 0, "p": 1, "n": 1200}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{data}"], "Name two rankers with --a and --b"),
        (["{data}", "--a", "knn"], "Name two rankers with --a and --b"),
        (["{data}", "--a", "knn", "--b", "knn +"], "--b: cannot read 'knn +'"),
        (["{data}", "--a", "knn + knn(k=3)", "--b", "knn"], "--a: cannot read"),
        (["{data}", "--a", "knm", "--b", "knn"], "no ranker 'knm'; did you mean 'knn'?"),
        (["{data}", "--a", 'knn@"sharde"', "--b", "knn"], "no space 'sharde'; did you mean 'shared'?"),
        (["{data}", "--a", "heterogeneous(lambda=2)", "--b", "knn"], "lambda"),
        (["{data}", "--a", "knn", "--b", "knn", "--ranker", "knn"], "--ranker and --set are for runs"),
        (["one", "two", "three"], "compare two finished runs"),
        (["one", "two", "--a", "knn"], "compare two finished runs"),
        (["one", "two"], "no run 'one' (known: none)"),
    ],
)
def test_what_cannot_be_compared_is_told_in_one_line(data, capsys, arguments, message):
    assert main(["compare", *(argument.format(data=data) for argument in arguments)]) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1


def test_a_run_without_spaces_of_the_first_ones_data_is_told(data, trained, monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("XVIEW_RUNS", str(tmp_path))
    for name, config in (("left", data), ("empty", data)):
        folder = tmp_path / name
        folder.mkdir()
        spec = json.loads((trained / "rrf_net-1" / "spec.json").read_text(encoding="utf-8"))
        spec["config"] |= {"name": name, "data": str(config)}
        (folder / "spec.json").write_text(json.dumps(spec), encoding="utf-8")
    write_run(runs_folder() / "left", open_dataset(data))
    assert main(["compare", "left", "empty"]) == 2
    error = capsys.readouterr().err
    assert "run 'empty'" in error and "has left no space of thermal and visible" in error
