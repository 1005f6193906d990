import subprocess
import sys
import warnings

import numpy as np
import pytest
from safetensors.numpy import save_file

from xview.data.records import StoredSpace
from xview.errors import SettingError, SpaceError
from xview.spaces.projection import (
    METHODS,
    AsIsSettings,
    Metric,
    PcaSettings,
    TsneSettings,
    UmapSettings,
    method_of,
    method_settings,
    place,
    project,
    project_space,
)
from xview.spaces.space import EmbeddingSpace

UMAPS = [UmapSettings(), UmapSettings(metric=Metric.EUCLIDEAN)]


class Stop(BaseException):
    pass


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XVIEW_CACHE", str(tmp_path / "cache"))


def blobs(n=90, d=8, seed=0, spread=0.1):
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 3
    vectors = np.eye(3, d)[labels] + spread * rng.normal(size=(n, d))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), labels


def purity(flat, labels):
    """Share of points whose nearest other point is of their class."""
    away = np.linalg.norm(flat[:, None] - flat[None], axis=2)
    np.fill_diagonal(away, np.inf)
    return np.mean(labels[away.argmin(axis=1)] == labels)


@pytest.mark.parametrize("settings", [*UMAPS, TsneSettings(), PcaSettings()], ids=str)
def test_a_map_keeps_neighbours_and_comes_out_the_same_again(settings):
    vectors, labels = blobs()
    before = vectors.copy()
    flat = project(vectors, settings)
    assert flat.shape == (90, 2) and flat.dtype == np.float32
    assert purity(flat, labels) == 1
    np.testing.assert_array_equal(project(vectors, settings), flat)
    np.testing.assert_array_equal(vectors, before)


def test_another_seed_draws_another_umap():
    vectors, _ = blobs()
    assert not np.allclose(project(vectors, UmapSettings(seed=1)), project(vectors, UmapSettings()))


@pytest.mark.parametrize("settings", UMAPS, ids=str)
def test_umap_reports_its_steps_in_order_to_the_end(settings):
    seen = []
    project(blobs(400)[0], settings, lambda done, total: seen.append((done, total)))
    done = [d for d, _ in seen]
    assert done == sorted(done) and {total for _, total in seen} == {501}
    assert len(done) > 3 and seen[-1] == (501, 501)


@pytest.mark.parametrize("after", [0, 4])
def test_umap_stops_where_progress_raises(after):
    """Before the neighbours, or in the middle of the layout; and nobody is told of steps after that."""
    seen = []

    def stop(done, total):
        seen.append(done)
        if len(seen) > after:
            raise Stop

    with pytest.raises(Stop):
        project(blobs(600)[0], UmapSettings(), stop)
    assert len(seen) == after + 1 and seen[-1] < 501


@pytest.mark.parametrize("metric", Metric)
def test_umap_sees_the_exact_neighbours(metric, monkeypatch):
    from xview.spaces import umap_map

    monkeypatch.setattr(umap_map, "_ASKED_AT_ONCE", 32)
    rng = np.random.default_rng(3)
    vectors = rng.normal(size=(100, 5)).astype(np.float32)
    rows, away = umap_map._nearest(vectors, 7, metric, lambda done: None)
    wide = vectors.astype(np.float64)
    if metric is Metric.COSINE:
        wide /= np.linalg.norm(wide, axis=1, keepdims=True)
        every = 1 - wide @ wide.T
    else:
        every = np.linalg.norm(wide[:, None] - wide[None], axis=2)
    np.testing.assert_array_equal(rows, np.argsort(every, axis=1)[:, :7])
    np.testing.assert_allclose(away, np.sort(every, axis=1)[:, :7], atol=2e-6)
    assert (away[:, 0] == 0).all()


@pytest.mark.parametrize("n", [1, 2, 3, 4, 9, 10, 12])
@pytest.mark.parametrize("settings", [*UMAPS, PcaSettings()], ids=str)
def test_few_points_are_drawn_all_the_same(n, settings):
    vectors = np.random.default_rng(n).normal(size=(n, 6)).astype(np.float32)
    flat = project(vectors, settings)
    assert flat.shape == (n, 2) and np.isfinite(flat).all()
    if n > 1:
        assert len(np.unique(flat, axis=0)) == n


def test_few_points_are_drawn_by_tsne_too():
    assert project(blobs(12)[0], TsneSettings()).shape == (12, 2)
    np.testing.assert_array_equal(project(blobs(4)[0], TsneSettings()), project(blobs(4)[0], PcaSettings()))


@pytest.mark.parametrize(
    "vectors",
    [
        np.ones((40, 5)),
        np.repeat(np.eye(4), 15, axis=0),
        np.vstack([np.ones((20, 3)), -np.ones((1, 3))]),
        np.random.default_rng(0).normal(size=(30, 1)),
    ],
    ids=["all equal", "islands of copies", "one that is opposite to all", "one dimension"],
)
@pytest.mark.parametrize("settings", [*UMAPS, PcaSettings()], ids=str)
def test_odd_shapes_are_drawn_without_a_warning(vectors, settings):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        flat = project(vectors, settings)
    assert flat.shape == (len(vectors), 2) and np.isfinite(flat).all()
    assert [str(w.message) for w in caught] == []


def test_pca_matches_the_singular_value_decomposition():
    vectors = np.random.default_rng(5).normal(size=(40, 7)) * np.arange(1, 8)
    flat = project(vectors, PcaSettings())
    u, s, _ = np.linalg.svd(vectors - vectors.mean(axis=0), full_matrices=False)
    np.testing.assert_allclose(np.abs(flat), np.abs(u[:, :2] * s[:2]), rtol=1e-5)
    order = np.random.default_rng(6).permutation(40)
    np.testing.assert_allclose(project(vectors[order], PcaSettings()), flat[order], rtol=1e-4, atol=1e-5)


def test_as_is_draws_two_dimensions_and_no_others():
    vectors = np.random.default_rng(0).normal(size=(5, 2))
    np.testing.assert_array_equal(project(vectors, AsIsSettings()), vectors.astype(np.float32))
    with pytest.raises(SpaceError, match="these have 3; choose umap"):
        project(np.zeros((5, 3)), AsIsSettings())


def test_cosine_of_a_zero_vector_is_refused():
    vectors = blobs(20)[0]
    vectors[7] = 0
    with pytest.raises(SpaceError, match="row 7 is all zeros"):
        project(vectors, UmapSettings())


# --- spaces ---------------------------------------------------------------------------------------------


def space(**more):
    vectors, _ = blobs(60, seed=1)
    return EmbeddingSpace(name="shared", parts={"a": vectors[:20] * 3, "b": vectors[20:]}, **more)


def test_a_space_is_drawn_modality_after_modality_by_direction():
    vectors, _ = blobs(60, seed=1)
    np.testing.assert_allclose(
        project_space(space(), PcaSettings()), project(vectors, PcaSettings()), atol=1e-5
    )
    flat = EmbeddingSpace(name="flat", parts={"a": 5 * np.eye(2), "b": np.ones((1, 2))})
    np.testing.assert_array_equal(project_space(flat, AsIsSettings()), [[5, 0], [0, 5], [1, 1]])


def test_euclidean_umap_sees_the_lengths():
    vectors, _ = blobs(60, seed=1)
    stored = np.vstack([vectors[:20] * 3, vectors[20:]])
    settings = UmapSettings(metric=Metric.EUCLIDEAN)
    np.testing.assert_array_equal(project_space(space(), settings), project(stored, settings))


def test_a_map_is_computed_once_per_vectors_and_settings():
    seen = []

    def watch(done, total):
        seen.append(done)

    first = project_space(space(), UmapSettings(), watch)
    assert seen
    seen.clear()
    np.testing.assert_array_equal(project_space(space(), UmapSettings(), watch), first)
    assert not seen
    project_space(space(), UmapSettings(n_neighbors=5), watch)
    assert seen


def test_a_stopped_map_is_not_kept():
    def stop(done, total):
        raise Stop

    with pytest.raises(Stop):
        project_space(space(), UmapSettings(), stop)
    seen = []
    project_space(space(), UmapSettings(), lambda done, total: seen.append(done))
    assert seen


@pytest.mark.parametrize("rows", [60, 59])
def test_a_shipped_map_is_taken_for_the_default_settings_only(tmp_path, rows):
    shipped = np.random.default_rng(0).normal(size=(rows, 2)).astype(np.float32)
    save_file({"map": shipped}, tmp_path / "umap.safetensors")
    stored = StoredSpace(name="shared", parts={}, maps={"umap": tmp_path / "umap.safetensors"})
    default = project_space(space(stored=stored), UmapSettings())
    assert default.shape == (60, 2)
    assert np.array_equal(default, shipped) == (rows == 60)
    other = project_space(space(stored=stored), UmapSettings(seed=1))
    assert not np.array_equal(other, default)


# --- new points -----------------------------------------------------------------------------------------


def test_a_copy_lands_on_its_original_and_strangers_among_their_nearest():
    vectors, _ = blobs()
    flat = np.random.default_rng(1).normal(size=(90, 2)).astype(np.float32)
    before = flat.copy()
    np.testing.assert_allclose(place(vectors[:4], vectors, flat), flat[:4], atol=1e-4)
    np.testing.assert_array_equal(flat, before)

    new = blobs(3, seed=9)[0]
    for vector, at in zip(new, place(new, vectors, flat, k=4), strict=True):
        away = np.linalg.norm(vectors.astype(np.float64) - vector, axis=1)
        near = np.argsort(away)[:4]
        weights = away[near] ** -2
        np.testing.assert_allclose(at, (weights[:, None] * flat[near]).sum(0) / weights.sum(), rtol=1e-3)
    assert place(new[:0], vectors, flat).shape == (0, 2)


def test_placing_needs_no_more_neighbours_than_there_are():
    assert place(np.ones((1, 3)), np.eye(3)[:1], np.array([[2.0, 3.0]])).tolist() == [[2, 3]]
    np.testing.assert_allclose(
        place(np.ones((1, 3)), np.eye(3), np.array([[0, 0], [3, 0], [0, 3.0]])), [[1, 1]], rtol=1e-6
    )


# --- settings -------------------------------------------------------------------------------------------


def test_methods_go_by_name_and_settings_through_json():
    for name, kind in METHODS.items():
        settings = kind()
        assert method_of(settings) == name
        assert method_settings(name, settings.to_mapping()) == settings
    assert method_settings("umap", {"n_neighbors": "30", "metric": "euclidean"}) == UmapSettings(
        n_neighbors=30, metric=Metric.EUCLIDEAN
    )


@pytest.mark.parametrize(
    ("method", "values", "told"),
    [
        ("umpa", {}, "did you mean 'umap'"),
        ("umap", {"n_neighbours": 5}, "did you mean 'n_neighbors'"),
        ("umap", {"n_neighbors": 1}, "n_neighbors must lie from 2"),
        ("tsne", {"perplexity": "many"}, "perplexity must be float"),
    ],
)
def test_wrong_settings_are_told(method, values, told):
    with pytest.raises(SettingError, match=told):
        method_settings(method, values)


def test_the_window_can_import_this_without_the_heavy_libraries():
    code = (
        "import sys, xview.spaces.projection;"
        "print([m for m in ('umap', 'sklearn', 'numba', 'faiss', 'torch') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
