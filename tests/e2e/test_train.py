"""Training from the command line as a user meets it: real commands, real processes."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
import torch

from tests.conformance_folder import write_folder
from xview.cli import main
from xview.jobs.runs import Status, TrainingRun, find_runs
from xview.spaces.library import open_data
from xview.training.names import BEST, LAST, SELECT

TINY = ["hidden=16", "dim=8", "steps=2", "negatives=3", "batch=8", "device=cpu", "validation=0.25"]
CPU = {**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}


def sets(*assignments):
    return [part for one in assignments for part in ("--set", one)]


@pytest.fixture
def runs(tmp_path, monkeypatch):
    """The folder of runs, which all commands of a test share; nothing in it outlives the test."""
    monkeypatch.setenv("XVIEW_RUNS", str(tmp_path / "runs"))
    yield tmp_path / "runs"
    for run in find_runs(tmp_path / "runs"):
        run.kill()


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_folder(tmp_path_factory.mktemp("data"))


def until(done, seconds=120):
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)


def told(capsys, *arguments):
    assert main([*map(str, arguments), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.skipif(sys.platform == "win32", reason="sends Ctrl-C as POSIX does")
def test_ctrl_c_pauses_and_the_run_goes_on_later(data, runs, capsys):
    command = [
        sys.executable,
        "-m",
        "xview",
        "train",
        data,
        "--system",
        "rrf_net",
        *sets(*TINY, "epochs=99999"),
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as watching:
        line = watching.stderr.readline()
        assert line.startswith("rrf_net 1: epoch ") and "of 99999  loss" in line and SELECT in line
        assert [one["status"] for one in told(capsys, "runs")] == ["running"]
        os.killpg(watching.pid, signal.SIGINT)  # as a terminal does
        out, err = watching.communicate(timeout=60)
    assert watching.returncode == 130 and out == ""
    assert "`xview runs resume rrf_net-1` goes on" in err and "Traceback" not in err
    (paused,) = told(capsys, "runs")
    assert (paused["status"], paused["message"]) == ("paused", "paused")

    assert main(["runs", "resume", "rrf_net-1", "--detach"]) == 0
    until(lambda: find_runs(runs)[0].epoch > paused["epoch"])
    assert main(["runs", "stop", "rrf_net-1"]) == 0
    until(lambda: find_runs(runs)[0].status is Status.STOPPED)
    (stopped,) = told(capsys, "runs", "list", "rrf_net 1")
    assert stopped["best"][SELECT] > 0 and stopped["config"]["settings"]["hidden"] == 16
    assert "rrf_net 1" in open_data(data).spaces

    assert main(["runs"]) == 0
    table = capsys.readouterr().out
    assert all(word in table for word in ("rrf_net-1", "stopped early", f"{stopped['best'][SELECT]:.4f}"))
    assert main(["runs", "delete", "rrf_net-1"]) == 0
    assert find_runs(runs) == [] and not list(runs.iterdir())


def test_a_watched_run_ends_with_its_best_measures(data, runs, tmp_path, capsys):
    recipe = tmp_path / "mine.toml"
    recipe.write_text(
        'title = "t"\nsource = "s"\ndata = "d"\n[settings]\nmargin = 0.3\n[training]\nepochs = 9\n'
    )
    asked = ["--recipe", recipe, *sets(*TINY, "epochs=2", "seed=3"), "--modality", "visible", "--modality"]
    features = ["thermal", "--features", "visible=visible-only", "--folder", tmp_path / "here"]
    command = ["train", data, "--system", "rrf_net", *asked, *features]
    assert main([*map(str, command)]) == 0
    said = capsys.readouterr()
    run = TrainingRun(tmp_path / "here")
    assert run.config["settings"]["margin"] == 0.3 and run.config["training"]["epochs"] == 2
    assert run.config["training"]["seed"] == 3 and run.config["modalities"] == ["visible", "thermal"]
    assert (
        f"{run.best[SELECT]:.4f}" in said.out and "here: finished" in said.out and " MB at most" in said.out
    )

    weights = [str(part) for part in (*command[:-1], tmp_path / "next", "--weights", run.folder / BEST)]
    assert main([*weights, *sets("hidden=12")]) == 2  # the first layer no longer fits
    error = capsys.readouterr().err
    assert error.count("misshapen") == 1 and "(16, " in error and "instead of (12, " in error


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--system", "rrf_nut"], "no system 'rrf_nut'; did you mean 'rrf_net'?"),
        (["--system", "rrf_net", "--set", "margn=1"], "no setting 'margn'; did you mean 'margin'?"),
        (["--system", "rrf_net", "--set", "epoch=1"], "did you mean 'epochs'?"),
        (["--system", "rrf_net", "--set", "margin=9"], "margin must lie from 0 to 2"),
        (["--system", "rrf_net", "--recipe", "nobody"], "no recipe 'nobody'"),
        (["--system", "rrf_net", "--modality", "thermel"], "no modality 'thermel'"),
        (["--system", "rrf_net", "--features", "thermal=sharde"], "no space 'sharde'"),
        (["--system", "rrf_net", "--features", "thermal"], "--features takes MODALITY=SPACE"),
        (["--system", "lcale"], "lcale cannot be trained on conformance. It learns from embeddings"),
    ],
)
def test_what_cannot_be_trained_is_told_before_anything_starts(data, runs, capsys, arguments, message):
    assert main(["train", str(data), *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1
    assert not runs.exists()


def test_a_run_that_is_not_there_is_told_with_those_that_are(runs, capsys):
    assert main(["runs", "pause", "nobody"]) == 2
    assert "no run 'nobody' (known: none)" in capsys.readouterr().err
    assert main(["runs", "pause"]) == 2
    assert "needs the name of a run" in capsys.readouterr().err


def test_systems_are_listed_with_why_not(data, capsys):
    systems = {one["name"]: one for one in told(capsys, "systems", "--data", data)["systems"]}
    assert systems["rrf_net"]["unavailable"] is None and "liu2018_flickr30k" in systems["rrf_net"]["recipes"]
    assert "embeddings of the classes" in systems["jfse"]["unavailable"]
    assert main(["systems", "jfse", "--data", str(data)]) == 0
    out = capsys.readouterr().out
    assert f"Not for {data}: It learns from embeddings" in out and "rrf_net" not in out


@pytest.mark.skipif(not torch.distributed.is_available(), reason="torch without several processes")
@pytest.mark.timeout(400)
def test_two_processes_learn_what_one_does(runs, tmp_path):
    """torchrun --nproc-per-node 2: the same curve at the same global batch; only process 0 writes."""
    asked = ["train", "emoji", "--system", "rrf_net"]
    asked += sets("hidden=32", "dim=16", "batch=512", "epochs=3", "learning_rate=0.01", "device=cpu")
    together = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "-m", "xview"]
    alone = subprocess.Popen([sys.executable, "-m", "xview", *asked, "--folder", tmp_path / "one"], env=CPU)
    done = subprocess.run(
        [*together, *asked, "--folder", tmp_path / "two"], capture_output=True, text=True, env=CPU
    )
    assert done.returncode == 0, done.stderr
    assert alone.wait(200) == 0
    one, two = TrainingRun(tmp_path / "one"), TrainingRun(tmp_path / "two")
    assert two.status is Status.FINISHED and set(one.curves) == set(two.curves) >= {"loss", SELECT}
    for name, (steps, values) in one.curves.items():
        assert two.curves[name][0] == steps and len(steps) == len(set(steps)) >= 3
        assert two.curves[name][1] == pytest.approx(values, abs=1e-4), name
    files = {path.name for path in two.folder.iterdir()}
    assert {BEST, LAST, "spaces"} <= files and not any(name.endswith(".part") for name in files)
