import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from tests.unit.metrics.problems import task_of, write_folder
from tests.unit.metrics.test_table import request
from tests.unit.retrieval.fields import make_field
from xview.metrics.fusion import fusion_of, gain, judge_fusion, mixture
from xview.metrics.table import fill
from xview.retrieval.fusion import FusionSettings, Mixing, Scale
from xview.retrieval.registry import build
from xview.spaces.library import open_data

FIELD = make_field(m=20, n=30)
SOURCES = "knn + heterogeneous(k=8, k_q=5, tol=1e-10)"
WAYS = {"average": np.ones(2), "adaptive": None, "by hand": np.array([1.0, 3.0])}


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XVIEW_CACHE", str(tmp_path / "cache"))


def settings(**changes):
    return FusionSettings(**{"sources": SOURCES, **changes})


@pytest.mark.parametrize("scale", list(Scale))
def test_areas_weights_and_precisions_by_slow_loops(scale):
    rng = np.random.default_rng(0)
    task = task_of([*rng.integers(0, 4, 19), 5], rng.integers(0, 4, 30))  # the last query has no match
    ranker = build("fusion", FIELD, settings(scale=scale))
    told = []
    made = mixture(ranker, task, WAYS, lambda done, total: told.append((done, total)))
    assert made.names == tuple(SOURCES.split(" + "))
    assert told[-1] == (20, 20)
    raw = [source.score_matrix(np.arange(20)) for source in ranker._sources.values()]
    for q in range(20):
        rows = [
            scores[q] / (max(abs(s) for s in scores[q]) if scale is Scale.LARGEST else 1) for scores in raw
        ]
        areas = [sum(max(0.0, score) for score in row) for row in rows]
        weights = np.array([1 / area for area in areas]) / sum(1 / area for area in areas)
        np.testing.assert_allclose(made.areas[:, q], areas)
        np.testing.assert_allclose(made.weights[:, q], weights)
        fused = {
            "average": (rows[0] + rows[1]) / 2,
            "adaptive": weights[0] * rows[0] + weights[1] * rows[1],
            "by hand": 0.25 * rows[0] + 0.75 * rows[1],
        }
        relevant = task.gallery_labels == task.query_labels[q]
        if q == 19:
            assert np.isnan([*made.ap[:, q], *(ap[q] for ap in made.fused.values())]).all()
            continue
        np.testing.assert_allclose(made.ap[:, q], [average_precision_score(relevant, row) for row in rows])
        for way, scores in fused.items():
            assert made.fused[way][q] == pytest.approx(average_precision_score(relevant, scores)), way


def test_a_mixture_agrees_with_the_evaluation_of_the_same_rankers(tmp_path):
    data = open_data(write_folder(tmp_path / "data", shared={"system": "trained"}))
    modes = {mode: settings(mode=mode, weights="1, 3") for mode in Mixing}
    asked = request("fusion", settings(weights="1, 3"))
    _, made = judge_fusion(data, asked, lambda _done, _total: None, {"first alone": np.array([1.0, 0.0])})
    np.testing.assert_allclose(made.fused["first alone"], made.ap[0])
    rows = fill(data, [request("fusion", one) for one in modes.values()])
    for mode, row in zip(modes, rows, strict=True):
        np.testing.assert_allclose(made.fused[mode], row.evaluations[0].ap)


def test_gains_are_counted_by_query():
    fused = np.array([0.5, 0.9, 0.2, np.nan, 0.4, 0.3 + 1e-15])
    source = np.array([0.4, 0.4, 0.6, np.nan, 0.4, 0.3])
    made = gain(fused, source)
    assert (made.gained, made.lost, made.same, made.most, made.least) == (2, 1, 2, 1, 2)
    assert made.mean == pytest.approx((0.1 + 0.5 - 0.4) / 5)
    nothing = gain(np.full(3, np.nan), np.zeros(3))
    assert (nothing.gained, nothing.lost, nothing.same, nothing.least) == (0, 0, 0, -1)


def test_only_a_fusion_is_a_fusion():
    with pytest.raises(TypeError, match="KnnRanker"):
        fusion_of(build("knn", FIELD))
