import json
from dataclasses import replace

import numpy as np
import pytest

from tests.unit.metrics.problems import write_folder
from xview.data.protocol import Classes, Protocol
from xview.data.records import draw_unseen
from xview.errors import DataError, SettingError, SpaceError
from xview.metrics.table import Request, fill, fill_over_splits
from xview.retrieval.field import SpaceChoice
from xview.retrieval.knn import KnnSettings
from xview.retrieval.walk import WalkSettings
from xview.spaces.library import open_data


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XVIEW_CACHE", str(tmp_path / "cache"))


def request(ranker="knn", settings=None, *, query="sketches", gallery="photos", shared="shared", **rules):
    return Request(
        protocol=Protocol(query=query, gallery=gallery, **rules),
        spaces=SpaceChoice(shared=shared, own_query=f"{query} only", own_gallery=f"{gallery} only"),
        ranker=ranker,
        settings=settings or KnnSettings(),
    )


WALK = WalkSettings(k=5, k_q=3)


def test_a_row_holds_what_a_plain_loop_finds(tmp_path):
    source = write_folder(tmp_path / "data", shared={"system": "trained"})
    (row,) = fill(open_data(source), [request()])
    x, y = (np.load(source / f"{m}_shared.npy")[36:] for m in ("sketches", "photos"))  # classes 6 and 7
    x, y = (v / np.linalg.norm(v, axis=1, keepdims=True) for v in (x, y))
    labels = np.repeat([6, 7], 6)
    precisions = []
    for vector, label in zip(x, labels, strict=True):
        hits = labels[np.argsort(-(y @ vector))] == label
        ranks = np.flatnonzero(hits) + 1
        precisions.append(np.mean(np.arange(1, 7) / ranks))
    np.testing.assert_allclose(row.evaluations[0].ap, precisions, rtol=1e-9)
    assert row.measures["mAP"] == pytest.approx(np.mean(precisions))
    assert row.spread == {}


def test_rows_follow_the_requests_and_progress_runs_to_the_end(tmp_path):
    data = open_data(write_folder(tmp_path / "data", shared={"system": "trained"}))
    requests = [
        request(),
        request("heterogeneous", WALK),
        request("heterogeneous", WALK, query="photos", gallery="sketches"),
    ]
    seen = []
    rows = fill(data, requests, lambda done, total: seen.append((done, total)))
    assert [row.request for row in rows] == requests
    assert len({row.measures["mAP"] for row in rows}) == 3
    assert seen == sorted(seen) and seen[-1] == (3000, 3000)


def test_a_row_is_plain_json_with_its_curves(tmp_path):
    data = open_data(write_folder(tmp_path / "data", shared={"system": "trained"}))
    (row,) = fill(data, [request("homogeneous", WALK, gallery_classes=Classes.ALL)])
    told = json.loads(json.dumps(row.to_json() | row.curves(), allow_nan=False))
    assert (told["ranker"], told["query"], told["gallery"]) == ("homogeneous", "sketches", "photos")
    assert told["parameters"] == WALK.to_mapping()
    assert (told["queries"], told["queries_without_match"]) == (12, 0)
    assert told["measures"] == row.measures
    assert len(told["cmc"]) == 48 and told["cmc"][-1] == 1
    assert len(told["pr"]["recall"]) == len(told["pr"]["precision"]) == 101
    assert Request.from_json(json.loads(json.dumps(row.request.to_json()))) == row.request


def test_a_figure_nothing_counts_towards_is_null(tmp_path):
    data = open_data(write_folder(tmp_path / "data", shared={"system": "trained"}))
    (row,) = fill(data, [request(query_classes=Classes.UNSEEN, gallery_classes=Classes.SEEN)])
    told = json.loads(json.dumps(row.to_json() | row.curves(), allow_nan=False))
    assert told["queries"] == told["queries_without_match"] == 12
    assert set(told["measures"].values()) == {None} and told["cmc"] == []


def test_splits_are_drawn_again_and_the_baseline_fitted_on_what_is_seen(tmp_path):
    source = str(write_folder(tmp_path / "data"))  # no shared space: cca is fitted
    requests = [request(shared="shared (cca)"), request("heterogeneous", WALK, shared="shared (cca)")]
    seen = []
    rows = fill_over_splits(source, requests, 3, lambda done, total: seen.append((done, total)))
    assert seen == sorted(seen) and seen[-1] == (6000, 6000)

    classes = tuple(str(c) for c in range(8))
    drawn = [draw_unseen(classes, 2, seed) for seed in range(3)]
    assert list(rows[0].splits) == drawn and len(set(drawn)) > 1
    alone = [fill(open_data(source, unseen), requests)[1] for unseen in drawn]
    figures = [row.measures["mAP"] for row in alone]
    assert len(set(figures)) == 3
    assert rows[1].measures["mAP"] == pytest.approx(np.mean(figures))
    assert rows[1].spread["mAP"] == pytest.approx(np.std(figures, ddof=1))
    told = rows[1].to_json()
    assert told["queries"] == 36 and told["splits"] == [list(s) for s in drawn]
    assert told["spread"].keys() == told["measures"].keys()


def test_a_space_that_has_seen_the_classes_is_not_judged_on_them(tmp_path):
    source = str(write_folder(tmp_path / "data", shared={"system": "two_stream"}))
    with pytest.raises(SpaceError, match="not fitted by cca"):
        fill_over_splits(source, [request()], 2)


def test_what_was_trained_gives_way_to_the_baseline_under_drawn_splits(tmp_path):
    made_by = {"system": "rrf_net", "checkpoint": "shared.safetensors"}
    source = str(write_folder(tmp_path / "data", shared=made_by))
    with pytest.raises(SpaceError, match="'shared' was trained by rrf_net"):
        fill_over_splits(source, [request()], 2)
    learned = fill_over_splits(source, [request(shared="shared (cca)")], 2)
    plain = fill_over_splits(str(write_folder(tmp_path / "plain")), [request(shared="shared (cca)")], 2)
    assert learned[0].measures == plain[0].measures


def test_without_a_split_there_is_none_to_draw_again(tmp_path):
    source = str(write_folder(tmp_path / "data", split=False))
    with pytest.raises(DataError, match="no seen and unseen classes"):
        fill_over_splits(source, [request(shared="shared (cca)")], 2)


def test_what_cannot_be_asked_is_told(tmp_path):
    data = open_data(write_folder(tmp_path / "data", shared={"system": "trained"}))
    with pytest.raises(SpaceError, match="no space 'sharde'"):
        fill(data, [request(shared="sharde")])
    with pytest.raises(DataError, match="no modality 'texts'"):
        fill(data, [replace(request(), protocol=Protocol(query="texts", gallery="photos"))])
    values = request().to_json()
    with pytest.raises(SettingError, match="did you mean 'knn'"):
        Request.from_json({**values, "ranker": "knnn"})
    with pytest.raises(SettingError, match="unknown setting 'k'"):
        Request.from_json({**values, "settings": {"k": 3}})
