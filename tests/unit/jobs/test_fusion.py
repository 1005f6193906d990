"""The fusion dock's tasks in real workers."""

import numpy as np
import pytest

from tests.unit.metrics.problems import write_folder
from tests.unit.metrics.test_table import request
from xview.jobs.events import Failed, Succeeded
from xview.jobs.fusion import FOUND, MATRIX, MIXTURE
from xview.jobs.runner import Job, wait
from xview.metrics.fusion import Mixture, judge_fusion
from xview.metrics.fusion_matrix import ScoreMatrix
from xview.metrics.fusion_search import Found, find_weights
from xview.metrics.result_files import read_result
from xview.metrics.table import field_of
from xview.retrieval.fusion import FusionSettings
from xview.retrieval.registry import build
from xview.spaces.library import open_data

ASKED = request("fusion", FusionSettings(sources="knn + heterogeneous(k=8, k_q=5)", weights="1, 3"))


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XVIEW_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def source(tmp_path):
    return str(write_folder(tmp_path / "data", shared={"system": "trained"}))


def run(task, config, run_dir):
    steps = []
    return wait(Job(f"xview.jobs.fusion:{task}", config, run_dir), steps.append), steps


def test_what_workers_leave_is_what_the_library_finds(source, tmp_path):
    config = {"data": source, "unseen": None, "request": ASKED.to_json()}
    data = open_data(source)

    outcome, steps = run("judge", config, tmp_path / "judge")
    assert outcome == Succeeded(f"{MIXTURE}.json") and len(steps) > 0
    left = read_result(Mixture, tmp_path / "judge", MIXTURE)
    _, made = judge_fusion(data, ASKED, lambda _done, _total: None)
    assert left.names == made.names
    np.testing.assert_array_equal(left.ap, made.ap)
    for way, ap in made.fused.items():
        np.testing.assert_array_equal(left.fused[way], ap)

    outcome, steps = run("find", config, tmp_path / "find")
    assert outcome == Succeeded(f"{FOUND}.json")
    assert read_result(Found, tmp_path / "find", FOUND) == find_weights(
        data, ASKED, lambda _done, _total: None
    )

    outcome, _ = run("matrix", {**config, "queries": [3, 1], "gallery": [0, 5, 2]}, tmp_path / "matrix")
    assert outcome == Succeeded(f"{MATRIX}.json")
    graphs = field_of(data, ASKED)[1]
    fused = build("fusion", graphs.field, ASKED.settings, graphs).score_matrix(np.array([3, 1]))[:, [0, 5, 2]]
    drawn = read_result(ScoreMatrix, tmp_path / "matrix", MATRIX)
    np.testing.assert_allclose(drawn.fused(None), fused, rtol=1e-5)


def test_no_weights_without_seen_classes(tmp_path):
    source = str(write_folder(tmp_path / "unsplit", shared={"system": "trained"}, split=False))
    outcome, _ = run("find", {"data": source, "request": ASKED.to_json()}, tmp_path / "find")
    assert isinstance(outcome, Failed)
    assert "no seen and unseen classes" in outcome.message
