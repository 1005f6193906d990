"""A sweep in a real worker: parts on the way, the whole at the end, nothing after a cancel."""

import numpy as np
import pytest

from tests.unit.jobs.test_runner import poll_until
from tests.unit.metrics.problems import write_folder
from tests.unit.metrics.test_table import request
from xview.jobs.events import Cancelled, Failed, Succeeded
from xview.jobs.runner import Job, wait
from xview.jobs.sweep import read_found
from xview.metrics.axes import parse_axis
from xview.metrics.sweep import SweepRequest, sweep
from xview.retrieval.walk_settings import WalkSettings
from xview.spaces.library import open_data


@pytest.fixture
def source(tmp_path, monkeypatch):
    monkeypatch.setenv("XVIEW_CACHE", str(tmp_path / "cache"))
    return str(write_folder(tmp_path / "data", shared={"system": "trained"}))


def asked(*over, shared="shared"):
    walk = request("heterogeneous", WalkSettings(k=5, k_q=3), shared=shared)
    return SweepRequest(request=walk, axes=tuple(parse_axis(WalkSettings, text) for text in over))


def job(source, wanted, run_dir):
    return Job("xview.jobs.sweep:sweep", {"data": source, "sweep": wanted.to_json()}, run_dir)


def test_a_worker_finds_what_the_library_finds(source, tmp_path):
    wanted = asked("lambda=0:1/5", "alpha=0.5,0.9,0.99")
    steps = []
    assert wait(job(source, wanted, tmp_path / "run"), steps.append) == Succeeded("sweep.json")
    found, expected = read_found(tmp_path / "run", wanted), sweep(open_data(source), wanted)
    for name, values in expected.measures.items():
        np.testing.assert_array_equal(found.measures[name], values)
    assert found.level == expected.level and (found.queries, found.queries_without_match) == (12, 0)
    assert (steps[-1].done, steps[-1].total) == (3000, 3000)


def test_what_was_found_is_there_before_the_end_and_a_cancel_stops_it(source, tmp_path):
    wanted = asked("k=1:100:1", "gamma=0.5:5/40")  # far too much to wait for
    running = job(source, wanted, tmp_path / "run")
    poll_until(running, lambda _job: read_found(tmp_path / "run", wanted) is not None)
    part = read_found(tmp_path / "run", wanted).measures["mAP"]
    assert np.isfinite(part[0, 0]) and np.isnan(part[-1, -1])
    running.cancel()
    assert wait(running) == Cancelled()


def test_a_space_that_is_not_there_is_said_plainly(source, tmp_path):
    outcome = wait(job(source, asked("lambda=0,1", shared="shard"), tmp_path / "run"))
    assert isinstance(outcome, Failed) and "no space 'shard'" in outcome.message and not outcome.traceback
    assert read_found(tmp_path / "run", asked("lambda=0,1")) is None
