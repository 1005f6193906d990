"""Weights found on seen classes, and on nothing else."""

from dataclasses import replace

import numpy as np
import pytest

from tests.unit.metrics.problems import write_folder
from tests.unit.metrics.test_table import request
from xview.data.protocol import Classes
from xview.errors import DataError
from xview.metrics import fusion_search
from xview.metrics.fusion_search import _search, find_weights, grid
from xview.metrics.table import fill
from xview.retrieval.fusion import FusionSettings
from xview.spaces.library import OpenData, open_data

SOURCES = FusionSettings(sources="knn + heterogeneous(k=8, k_q=5)")
ASKED = request("fusion", SOURCES)


def unwatched(_done, _total):
    pass


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XVIEW_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def data(tmp_path):
    return open_data(write_folder(tmp_path / "data", shared={"system": "trained"}, each=8))


def seen_map(data, settings):
    seen = request("fusion", settings, query_classes=Classes.SEEN, gallery_classes=Classes.SEEN)
    return fill(data, [seen])[0].measures["mAP"]


def test_no_weights_of_the_grid_serve_the_seen_classes_better(data):
    told = []
    found = find_weights(data, ASKED, lambda done, total: told.append(done / total))
    by_hand = [
        seen_map(data, replace(SOURCES, mode="weighted", weights=f"{1 - w}, {w}"))
        for w in np.linspace(0, 1, 21)
    ]
    assert found.after >= max(by_hand) - 1e-6
    kept = replace(SOURCES, mode="weighted", weights=", ".join(map(str, found.weights)))
    assert found.after == pytest.approx(seen_map(data, kept), abs=1e-6)
    assert found.before == pytest.approx(seen_map(data, SOURCES), abs=1e-6)
    assert found.average == pytest.approx(seen_map(data, replace(SOURCES, mode="average")), abs=1e-6)
    assert sum(found.weights) == pytest.approx(1) and min(found.weights) >= 0
    assert (found.queries, found.of, found.error) == (48, 48, 0.0)
    assert told == sorted(told) and told[-1] == 1
    assert find_weights(data, ASKED, unwatched) == found


def test_unseen_items_have_no_part_in_it(data):
    found = find_weights(data, ASKED, unwatched)
    rng = np.random.default_rng(1)
    collections, unseen = {}, {}
    for name, c in data.dataset.collections.items():
        unseen[name] = ~c.seen
        labels = c.labels.copy()
        labels[unseen[name]] = rng.integers(0, 6, unseen[name].sum())  # as if of seen classes
        collections[name] = replace(c, labels=labels)
    spaces = {}
    for name, space in data.spaces.items():
        parts = {m: np.array(part) for m, part in space.parts.items()}
        for modality, part in parts.items():
            part[unseen[modality]] = rng.normal(size=part[unseen[modality]].shape)
        spaces[name] = replace(space, parts=parts)
    poisoned = OpenData(dataset=replace(data.dataset, collections=collections), spaces=spaces)
    assert find_weights(poisoned, ASKED, unwatched) == found
    assert fill(poisoned, [ASKED])[0].measures != fill(data, [ASKED])[0].measures  # the poison works


def test_refused_where_weights_would_be_found_on_what_is_tested(data, tmp_path):
    for classes in (Classes.SEEN, Classes.ALL):
        asked = request("fusion", SOURCES, query_classes=classes)
        with pytest.raises(DataError, match="ask with unseen classes"):
            find_weights(data, asked, unwatched)
    unsplit = open_data(write_folder(tmp_path / "unsplit", shared={"system": "trained"}, split=False))
    with pytest.raises(DataError, match="no seen and unseen classes"):
        find_weights(unsplit, ASKED, unwatched)


def test_a_sample_is_drawn_by_its_seed_and_told(data, monkeypatch):
    monkeypatch.setattr(fusion_search, "HELD", 2 * 48 * 20)
    found = find_weights(data, ASKED, unwatched, seed=3)
    assert (found.queries, found.of) == (20, 48)
    assert 0 < found.error < 0.5
    assert find_weights(data, ASKED, unwatched, seed=3) == found
    assert find_weights(data, ASKED, unwatched, seed=4) != found


@pytest.mark.parametrize(
    ("sources", "points"), [(1, 1), (2, 21), (3, 66), (4, 56), (6, 56), (12, 78), (200, 200)]
)
def test_the_grid_covers_the_simplex(sources, points):
    made = np.array(grid(sources))
    assert made.shape == (points, sources)
    np.testing.assert_allclose(made.sum(axis=1), 1)
    assert made.min() >= 0
    assert len(np.unique(made, axis=0)) == points
    assert all((made == corner).all(axis=1).any() for corner in np.eye(sources))  # each source alone


@pytest.mark.parametrize("peak", [[0.37, 0.63], [0.11, 0.52, 0.37], [0.25, 0.45, 0.1, 0.2]])
def test_the_search_finds_a_peak_between_the_points_of_the_grid(peak):
    shares = []
    best, tried = _search(lambda w: -float(np.abs(w - peak).sum()), len(peak), shares.append)
    np.testing.assert_allclose(best, peak, atol=0.02)
    assert tried <= len(grid(len(peak))) + 80
    assert shares == sorted(shares) and shares[-1] == 1


def test_of_equally_good_weights_the_most_even_ones_are_kept():
    best, _ = _search(lambda w: float(w[0] >= 0.5), 3, lambda _share: None)
    np.testing.assert_allclose(best, [0.5, 0.25, 0.25], atol=0.02)
