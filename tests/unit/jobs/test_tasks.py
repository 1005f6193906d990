"""Tasks in real workers, on a real folder data set."""

import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file

from tests.unit.jobs.test_runner import poll_until
from tests.unit.metrics.problems import write_folder
from tests.unit.metrics.test_table import request
from xview.jobs.events import Cancelled, Failed, Succeeded
from xview.jobs.pool import WorkerPool
from xview.jobs.runner import Job, wait
from xview.jobs.tasks import WARM_UPS
from xview.metrics.table import fill
from xview.models import encoders
from xview.spaces.library import open_data
from xview.spaces.projection import PcaSettings, project_space


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XVIEW_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def source(tmp_path):
    return str(write_folder(tmp_path / "data", shared={"system": "trained"}))


def run(task, config, run_dir):
    steps = []
    return wait(Job(f"xview.jobs.tasks:{task}", config, run_dir), steps.append), steps


def test_a_space_is_drawn(source, tmp_path):
    config = {"data": source, "unseen": None, "space": "shared", "method": "pca", "settings": {}}
    outcome, _ = run("project", config, tmp_path / "run")
    assert outcome == Succeeded("map.safetensors")
    drawn = load_file(tmp_path / "run" / "map.safetensors")["map"]
    np.testing.assert_allclose(drawn, project_space(open_data(source).spaces["shared"], PcaSettings()))


def test_rankers_are_judged(source, tmp_path):
    requests = [request(), request(query="photos", gallery="sketches")]
    config = {"data": source, "requests": [r.to_json() for r in requests]}
    outcome, steps = run("evaluate", config, tmp_path / "run")
    assert outcome == Succeeded("rows.json")
    expected = fill(open_data(source), requests)
    rows = json.loads((tmp_path / "run" / "rows.json").read_text("utf-8"))
    assert rows == [row.to_json() | row.curves() for row in expected]
    for name in ("ap", "first_hit"):
        left = load_file(tmp_path / "run" / f"{name}.safetensors")
        for place, row in enumerate(expected):
            np.testing.assert_array_equal(left[str(place)], getattr(row.evaluations[0], name))
    assert (steps[-1].done, steps[-1].total) == (2000, 2000)


def test_rankers_are_judged_over_splits(tmp_path):
    source = str(write_folder(tmp_path / "data"))
    config = {"data": source, "splits": 2, "requests": [request(shared="shared (cca)").to_json()]}
    outcome, _ = run("evaluate", config, tmp_path / "run")
    assert outcome == Succeeded("rows.json")
    (row,) = json.loads((tmp_path / "run" / "rows.json").read_text("utf-8"))
    assert len(row["splits"]) == 2 and row["spread"]["mAP"] > 0
    assert load_file(tmp_path / "run" / "ap.safetensors")["0"].shape == (24,)


def test_a_ranker_is_prepared(source, tmp_path):
    config = {"data": source, "request": request().to_json()}
    assert run("prepare", config, tmp_path / "run")[0] == Succeeded()


@pytest.mark.parametrize(
    ("task", "config", "told"),
    [
        ("project", {"space": "sharde", "method": "pca"}, "no space 'sharde' (known: "),
        ("project", {"space": "shared", "method": "umpa"}, "did you mean 'umap'"),
        ("encode", {"modality": "texts", "encoder": "efficientnet-lite0"}, "no modality 'texts'"),
        (
            "encode_outside",
            {"modality": "photos", "spaces": [], "picture": "no.png"},
            "choose another picture",
        ),
        ("encode_outside", {"modality": "photos", "spaces": ["shared"], "text": "a cat"}, "cannot be placed"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(source, tmp_path, task, config, told):
    outcome, _ = run(task, {"data": source, **config}, tmp_path / "run")
    assert isinstance(outcome, Failed) and told in outcome.message and outcome.traceback == ""


def test_a_missing_data_set_is_told_in_a_sentence(tmp_path):
    config = {"data": str(tmp_path / "none"), "space": "shared", "method": "pca"}
    outcome, _ = run("project", config, tmp_path / "run")
    assert isinstance(outcome, Failed) and "none" in outcome.message and outcome.traceback == ""


@pytest.fixture
def pictures(tmp_path):
    """A space of pictures whose vectors an encoder of ours made."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    colours = ["red", "green", "blue", "white"]
    for colour in colours:
        Image.new("RGB", (40, 30), colour).save(folder / f"{colour}.png")
    rows = "\n".join(f"{c},{c},{c}.png" for c in colours)
    (folder / "items.csv").write_text(f"id,label,path\n{rows}\n", encoding="utf-8")
    (folder / "dataset.toml").write_text(
        '[modalities.photos]\nkind = "image"\nitems = "items.csv"\n', encoding="utf-8"
    )
    return folder


def test_pictures_are_encoded_and_one_from_outside_is_placed_among_them(pictures, tmp_path):
    """On one warm worker; the picture from outside is a copy, so it must land on its original."""
    pool = WorkerPool(WARM_UPS)
    name = encoders.IMAGE_DEFAULT
    config = {"data": str(pictures), "modality": "photos", "encoder": name}
    encoding = pool.submit("xview.jobs.tasks:encode", config, tmp_path / "encode")
    pid = encoding._worker.pid
    assert wait(encoding) == Succeeded("vectors.safetensors")
    vectors = load_file(tmp_path / "encode" / "vectors.safetensors")["vectors"]
    assert vectors.shape == (4, 1280)

    np.save(pictures / "photos.npy", vectors)
    with (pictures / "dataset.toml").open("a", encoding="utf-8") as file:
        file.write(f'[spaces.looks]\nphotos = "photos.npy"\nmade_by = {{encoder = "{name}"}}\n')
    config = {
        "data": str(pictures),
        "modality": "photos",
        "spaces": ["looks"],
        "picture": str(pictures / "blue.png"),
    }
    job = pool.submit("xview.jobs.tasks:encode_outside", config, tmp_path / "outside")
    assert job._worker.pid == pid
    assert poll_until(job, lambda j: j.outcome) < 2  # neither torch nor the encoder is loaded again
    placed = load_file(tmp_path / "outside" / "vectors.safetensors")["looks"]
    np.testing.assert_allclose(placed, vectors[2], rtol=1e-3, atol=1e-4)
    pool.close()


@pytest.mark.parametrize("method", ["umap", "tsne"])
def test_cancelling_a_map_ends_it_within_half_a_second(tmp_path, method):
    """Though umap is about to compile itself, and t-SNE listens to nobody."""
    source = str(write_folder(tmp_path / "data", classes=100, each=10))
    config = {"data": source, "space": "sketches only", "method": method}
    taken = []
    for attempt in range(2):  # something else may have held the processor
        job = Job("xview.jobs.tasks:project", config, tmp_path / str(attempt))
        poll_until(job, lambda j: j.progress)
        job.cancel()
        taken.append(poll_until(job, lambda j: j.outcome))
        assert job.outcome == Cancelled()
    assert min(taken) < 0.5


def test_the_window_can_name_tasks_without_the_heavy_libraries():
    code = (
        "import sys, xview.jobs.tasks, xview.jobs.pool;"
        "print([m for m in ('umap', 'sklearn', 'numba', 'faiss', 'torch', 'PySide6') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
