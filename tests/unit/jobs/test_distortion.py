"""Distortion measured in a real worker, on a real folder data set."""

import json
import subprocess
import sys

from tests.unit.jobs.test_runner import poll_until
from tests.unit.metrics.problems import write_folder
from tests.unit.metrics.test_distortion import REQUEST
from xview.jobs.events import Cancelled, Succeeded
from xview.jobs.runner import Job, wait
from xview.metrics.distortion import Distortion
from xview.metrics.measure_distortion import measure
from xview.spaces.library import open_data

TASK = "xview.jobs.distortion:measure"


def config_of(source, **change):
    return {"data": str(source), "unseen": None, "request": REQUEST.to_json() | change}


def test_a_worker_leaves_what_a_call_returns(tmp_path):
    source = write_folder(tmp_path / "data", shared={"system": "trained"}, each=12)
    steps = []
    outcome = wait(Job(TASK, config_of(source), tmp_path / "run"), steps.append)
    assert outcome == Succeeded("distortion.json")
    found = Distortion.read(tmp_path / "run")
    expected = measure(open_data(source), REQUEST)
    assert found.request == REQUEST
    assert json.dumps(found.to_json()["comparisons"][0]["edges"]) == json.dumps(
        expected.to_json()["comparisons"][0]["edges"]
    )
    assert [f.correlation for f in found.failures] == [f.correlation for f in expected.failures]
    assert (steps[-1].done, steps[-1].total) == (1000, 1000)


def test_cancelling_ends_it_soon(tmp_path):
    source = write_folder(tmp_path / "data", shared={"system": "trained"}, classes=40, each=60)
    job = Job(TASK, config_of(source), tmp_path / "run")
    poll_until(job, lambda j: j.progress)
    job.cancel()
    assert poll_until(job, lambda j: j.outcome) < 2 and job.outcome == Cancelled()


def test_neither_the_task_nor_its_result_brings_a_heavy_library():
    code = (
        "import sys, xview.jobs.distortion, xview.metrics.distortion;"
        "print([m for m in ('umap', 'sklearn', 'numba', 'torch', 'PySide6') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
