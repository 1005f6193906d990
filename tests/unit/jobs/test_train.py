"""Real training in processes of its own, all started together so that they share the wait for torch."""

import sys
import time

import pytest

from tests.conformance_folder import write_folder
from xview.jobs.runs import RunQueue, Status, TrainingRun
from xview.spaces.library import open_data
from xview.spaces.trained import read_spaces
from xview.training.checkpoint import load
from xview.training.names import BEST, LAST, SELECT

TINY = {"hidden": 16, "dim": 8, "steps": 2, "negatives": 3, "batch": 8}
TASKS = {
    "whole": ("xview.jobs.train:train", {}),
    "killed": ("tests.running:killed_in_an_epoch", {}),
    "full disk": ("tests.running:full_disk_after_an_epoch", {}),
    "too large": ("xview.jobs.train:train", {"hidden": 1 << 40}),
    "wild": ("xview.jobs.train:train", {"learning_rate": 100, "weight_decay": 1}),
}


def wait(runs, seconds=150):
    end = time.monotonic() + seconds
    queue = RunQueue(at_once=4)
    for run in runs:
        queue.submit(run)
    while any(run.status in (Status.RUNNING, Status.WAITING) for run in runs):
        assert time.monotonic() < end, [(run.name, run.status, run.message, run.log()) for run in runs]
        queue.poll()
        time.sleep(0.02)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_folder(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def runs(tmp_path_factory, data):
    """Every run, ended, with how it ended under "status"; the killed one has gone on after that."""
    folder = tmp_path_factory.mktemp("runs")
    found = {}
    for name, (task, changes) in TASKS.items():
        if name == "full disk" and sys.platform == "win32":
            continue
        config = {
            "data": str(data),
            "system": "rrf_net",
            "settings": {**TINY, **changes},
            "training": {"epochs": 3, "device": "cpu", "validation": 0.25},
            "name": name,
        }
        found[name] = TrainingRun.create(config, folder, task=task)
    wait(found.values())
    found["status"] = {
        name: (run.status, run.message, len(run.curves.get("loss", [[]])[0])) for name, run in found.items()
    }
    wait([found["killed"]])
    return found


def test_a_run_leaves_its_checkpoints_and_its_space(runs, data):
    run = runs["whole"]
    assert run.status is Status.FINISHED, run.log()
    assert run.epoch == run.epochs == 3 and set(run.curves) == {"thermal-visible", "loss", SELECT}
    opened = open_data(data)
    spaces = read_spaces(run.folder, opened.dataset, [])
    assert list(spaces) == ["whole"] and spaces["whole"].modalities == ("thermal", "visible")
    assert [len(part) for part in spaces["whole"].parts.values()] == [60, 80]
    assert run.best[SELECT] == max(run.curves[SELECT][1])
    assert 1e8 < run.usage["peak_memory"] < 2e9 and run.usage["seconds"] > 0


def test_a_run_killed_in_an_epoch_and_resumed_equals_one_never_interrupted(runs):
    status, message, steps = runs["status"]["killed"]
    assert status is Status.CRASHED and "last checkpoint" in message
    assert 7 < steps < 21
    whole, killed = runs["whole"], runs["killed"]
    assert killed.status is Status.FINISHED and killed.curves == whole.curves
    for file in (LAST, BEST):
        assert (killed.folder / file).read_bytes() == (whole.folder / file).read_bytes()


@pytest.mark.skipif(sys.platform == "win32", reason="limits the size of files as POSIX does")
def test_a_full_disk_keeps_the_last_good_checkpoint(runs):
    run = runs["full disk"]
    assert run.status is Status.FAILED
    assert "cannot be written" in run.message and "free some space and resume" in run.message
    run = TrainingRun(run.folder)
    assert run.status is Status.FAILED  # for those who look later, too

    assert load(run.folder / LAST)[1].place.epoch == 1


def test_a_network_that_does_not_fit_into_memory_is_told(runs):
    assert runs["too large"].status is Status.FAILED
    assert "memory ran out; choose a smaller batch or network" in runs["too large"].message


def test_a_loss_that_runs_away_is_told(runs):
    run = runs["wild"]
    assert run.status is Status.FAILED, run.curves
    assert "became" in run.message or "no longer finite" in run.message
    assert "Lower the learning rate" in run.message
