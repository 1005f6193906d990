"""A sweep against what it replaces: every cell filled by itself."""

import json
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from tests.unit.metrics.problems import write_folder
from xview.data.protocol import Classes, Protocol
from xview.errors import SettingError, SpaceError
from xview.metrics import sweep as module
from xview.metrics.axes import parse_axis
from xview.metrics.retrieval import MEASURES
from xview.metrics.sweep import Sweep, SweepRequest, sweep
from xview.metrics.table import Request, fill
from xview.retrieval import registry
from xview.retrieval.field import SpaceChoice
from xview.retrieval.knn import KnnSettings
from xview.retrieval.registry import ranker_kind
from xview.retrieval.walk_settings import Truncation, WalkSettings
from xview.spaces.library import open_data

WALK = WalkSettings(k=5, k_q=3, n_trunc=7)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XVIEW_CACHE", str(tmp_path_factory.mktemp("cache")))
        folder = tmp_path_factory.mktemp("sweep") / "pairs"
        yield open_data(write_folder(folder, each=9, shared={"system": "trained"}))


def asked(*over, ranker="heterogeneous", settings=WALK, classes=Classes.ALL, gallery="photos"):
    request = Request(
        protocol=Protocol(query="sketches", gallery=gallery, query_classes=classes, gallery_classes=classes),
        spaces=SpaceChoice(shared="shared", own_query="sketches only", own_gallery=f"{gallery} only"),
        ranker=ranker,
        settings=settings,
    )
    kind = ranker_kind(ranker).settings
    return SweepRequest(request=request, axes=tuple(parse_axis(kind, text) for text in over))


def naive(data, request):
    """Each cell by itself, each with graphs of its own."""
    cells = product(*(axis.values for axis in request.axes))
    rows = [fill(data, [request.at(values)])[0].measures for values in cells]
    return {name: np.array([row[name] for row in rows]).reshape(request.shape) for name in MEASURES}


@pytest.mark.parametrize(
    ("ranker", "truncation", "over"),
    [
        ("heterogeneous", Truncation.NONE, ["lambda=0:1:0.25"]),
        ("heterogeneous", Truncation.SEED, ["lambda=0:1/3", "alpha=.5:.99/3"]),
        ("heterogeneous", Truncation.UNION, ["alpha=0.5,0.9", "k_q=2,5"]),
        ("homogeneous", Truncation.NONE, ["k=2,9", "lambda=0.2,0.8"]),
        ("homogeneous", Truncation.SEED, ["gamma=1,5", "k=3,6"]),
        ("homogeneous", Truncation.UNION, ["n_trunc=2,9,500", "lambda=0,0.5"]),
    ],
)
def test_every_cell_is_what_filling_it_alone_gives(data, ranker, truncation, over):
    request = asked(*over, ranker=ranker, settings=replace(WALK, truncation=truncation))
    got, expected = sweep(data, request), naive(data, request)
    for name in MEASURES:
        assert got.measures[name].shape == request.shape
        np.testing.assert_allclose(got.measures[name], expected[name], rtol=0, atol=1e-9)
    assert np.ptp(got.measures["mAP"]) > 1e-3  # there is something to see
    (knn,) = fill(data, [replace(request.request, ranker="knn", settings=KnnSettings())])
    assert got.level == knn.measures
    assert (got.queries, got.queries_without_match) == (72, 0)


def test_within_one_modality_nothing_answers_itself(data):
    request = asked("lambda=0,0.5,1", gallery="sketches")
    np.testing.assert_allclose(
        sweep(data, request).measures["mAP"], naive(data, request)["mAP"], rtol=0, atol=1e-9
    )


def test_lambda_costs_one_solve_and_what_is_costly_changes_slowest(data, monkeypatch):
    prepared = []

    def build(name, field, settings=None, graphs=None):
        prepared.append(settings.to_mapping() if settings else None)
        return registry.build(name, field, settings, graphs)

    monkeypatch.setattr(module, "build", build)
    sweep(data, asked("lambda=0:1:0.1", "alpha=0.5,0.7,0.9"))
    assert [made["alpha"] for made in prepared[1:]] == [0.5, 0.7, 0.9]  # not 33 times
    prepared.clear()
    sweep(data, asked("k_q=2,3,4", "k=4,5"))
    assert [(made["k"], made["k_q"]) for made in prepared[1:]] == [
        (4, 2),
        (4, 3),
        (4, 4),
        (5, 2),
        (5, 3),
        (5, 4),
    ]


def test_parts_come_as_they_are_found_and_progress_runs_to_the_end(data):
    request = asked("lambda=0,0.5,1", "alpha=0.5,0.7,0.9,0.95")
    known, steps = [], []
    sweep(
        data,
        request,
        lambda done, total: steps.append((done, total)),
        lambda part: known.append(int(np.isfinite(part.measures["mAP"]).sum())),
    )
    assert known == [3, 6, 9, 12]
    assert steps == sorted(steps) and steps[-1] == (4000, 4000) and len(steps) > 20


def test_a_cancelled_sweep_leaves_what_was_found(data):
    kept = []

    def stop(done, _total):
        if done > 2000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep(data, asked("lambda=0,1", "alpha=0.5,0.7,0.9"), stop, kept.append)
    assert (
        np.isfinite(kept[-1].measures["mAP"][:, :2]).all() and np.isnan(kept[-1].measures["mAP"][:, 2]).all()
    )


def test_the_best_cell_and_the_place_of_settings(data):
    found = sweep(data, asked("lambda=0:1/5", "alpha=.5:.99/4"))
    best = found.best("mAP")
    assert found.measures["mAP"][best] == found.measures["mAP"].max()
    assert found.place_of({"lambda": 0.5, "alpha": 0.5, "k": 9}) == (2, 0)
    assert found.place_of({"lambda": 0.4, "alpha": 0.5}) is None
    empty = replace(found, measures={"mAP": np.full((5, 4), np.nan)})
    assert empty.best("mAP") is None


def test_a_sweep_is_plain_json_and_comes_back(data):
    request = asked("lambda=0,1", "k=4,5", classes=Classes.UNSEEN)
    assert SweepRequest.from_json(json.loads(json.dumps(request.to_json()))) == request
    found = sweep(data, request)
    found.measures["mAP"][0, 1] = np.nan  # still to come
    told = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert told["measures"]["mAP"][0][1] is None
    assert told["over"] == [{"key": "lambda", "values": [0, 1]}, {"key": "k", "values": [4, 5]}]
    assert "lambda" not in told["parameters"] and told["parameters"]["k_q"] == 3
    assert told["protocol"]["query_classes"] == "unseen"
    best = told["best"]["rank1"]
    assert best["value"] == np.nanmax(found.measures["rank1"]) and set(best["at"]) == {"lambda", "k"}
    again = Sweep.from_json(request, told)
    for name in MEASURES:
        np.testing.assert_array_equal(again.measures[name], found.measures[name])
    assert (again.level, again.queries) == (found.level, found.queries)


def test_what_cannot_be_swept_over_is_refused_before_any_work(data):
    with pytest.raises(SettingError, match="got lambda, lambda"):
        asked("lambda=0,1", "lambda=0.5")
    with pytest.raises(SettingError, match="got none"):
        asked()
    with pytest.raises(SettingError, match="10,100 cells"):
        asked("lambda=0:1:0.01", "k=1:100:1")
    request = asked("lambda=0,1")
    spaces = SpaceChoice(shared="shared")
    with pytest.raises(SpaceError, match="single-modal"):
        sweep(data, replace(request, request=replace(request.request, spaces=spaces)))
