import json
from dataclasses import replace

import numpy as np
import pytest
from sklearn.manifold import trustworthiness

from tests.unit.metrics.problems import write_folder
from tests.unit.metrics.test_tearing import lists_of, pieces_by_union_find
from xview.data.protocol import Classes, Protocol
from xview.errors import DataError, SettingError, SpaceError
from xview.graph.knn import nearest
from xview.metrics import views
from xview.metrics.distortion import FIGURES, LOCAL, WORST_LOW, Distortion, DistortionRequest
from xview.metrics.failure import correlate
from xview.metrics.measure_distortion import measure
from xview.metrics.table import Request, fill
from xview.retrieval.field import SpaceChoice
from xview.retrieval.knn import KnnSettings
from xview.spaces.library import open_data
from xview.spaces.projection import PcaSettings, project_space

SPACES = SpaceChoice(shared="shared", own_query="sketches only", own_gallery="photos only")
PROTOCOL = Protocol(
    query="sketches", gallery="photos", query_classes=Classes.ALL, gallery_classes=Classes.ALL
)
REQUEST = DistortionRequest(space="shared", protocol=PROTOCOL, spaces=SPACES, ks=(3, 8), k=5)
UNSEEN = replace(PROTOCOL, query_classes=Classes.UNSEEN, gallery_classes=Classes.UNSEEN)


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return write_folder(tmp_path_factory.mktemp("distortion") / "data", shared={"system": "trained"}, each=12)


@pytest.fixture(scope="module")
def data(source):
    return open_data(source)


@pytest.fixture(scope="module")
def found(data):
    return measure(data, REQUEST)


def unit(data, space, modality, rows=slice(None)):
    return data.spaces[space].unit(modality)[rows].astype(np.float64)


def test_each_modality_is_held_against_its_own_space(data, found):
    assert [(c.modality, c.reference, c.measured) for c in found.comparisons] == [
        ("sketches", "sketches only", "shared"),
        ("photos", "photos only", "shared"),
    ]
    for c in found.comparisons:
        before, here = unit(data, c.reference, c.modality), unit(data, "shared", c.modality)
        assert (c.k, c.neighbourhoods.ks.tolist(), len(c.rows)) == (5, [3, 5, 8], 96)
        mean = c.neighbourhoods.mean("trustworthiness")
        for i, k in enumerate((3, 5, 8)):
            assert mean[i] == pytest.approx(trustworthiness(before, here, n_neighbors=k))
        assert c.figures["trustworthiness"].mean() == pytest.approx(mean[1])
        assert c.figures.keys() == FIGURES.keys() and WORST_LOW.issubset(FIGURES)
        kept = [len(set(a) & set(b)) / 5 for a, b in zip(lists_of(before, 5), lists_of(here, 5), strict=True)]
        np.testing.assert_allclose(c.figures["overlap"], kept)
        np.testing.assert_allclose(c.figures[LOCAL], 1 - np.array(kept))


def test_classes_fall_into_the_pieces_a_union_find_finds(data, found):
    c = found.comparisons[1]
    for space, fragments, shares in (
        (c.reference, c.reference_fragments, c.reference_shares),
        ("shared", c.measured_fragments, c.measured_shares),
    ):
        lists = lists_of(unit(data, space, c.modality), 8)
        for k, row in zip((3, 5, 8), shares, strict=True):
            expected = pieces_by_union_find(lists, c.labels, k)
            np.testing.assert_allclose(row, [len(expected[label][-1]) / 12 for label in range(8)])
            if k == 5:
                assert [f.components for f in fragments.classes] == [len(expected[x]) for x in range(8)]
    np.testing.assert_array_equal(c.figures["cut off"], c.measured_fragments.cut_off(c.labels))
    np.testing.assert_array_equal(c.figures["cut off before"], c.reference_fragments.cut_off(c.labels))


def test_hubs_are_counted_within_and_across(data, found):
    told = {(h.space, h.asked, h.found): h.occurrences for h in found.hubs}
    x, y = (unit(data, "shared", m) for m in ("sketches", "photos"))
    nearest = np.argsort(-(x @ y.T), axis=1)[:, :5]
    np.testing.assert_array_equal(
        told["shared", "sketches", "photos"], np.bincount(nearest.ravel(), minlength=96)
    )
    own = lists_of(unit(data, "photos only", "photos"), 5)
    np.testing.assert_array_equal(
        told["photos only", "photos", "photos"], np.bincount(own.ravel(), minlength=96)
    )
    np.testing.assert_array_equal(
        found.comparisons[0].figures["occurrence"], told["shared", "sketches", "sketches"]
    )
    assert len(told) == 6 and all(counts.sum() == 5 * 96 for counts in told.values())


def test_the_gap_is_that_of_all_chosen_items(data, found):
    x, y = (unit(data, "shared", m) for m in ("sketches", "photos"))
    assert found.gap.distance == pytest.approx(np.linalg.norm(x.mean(axis=0) - y.mean(axis=0)), rel=1e-5)
    along = [c.figures["gap"] for c in found.comparisons]
    assert along[0].mean() == pytest.approx(found.gap.distance / 2, rel=1e-4)
    assert along[1].mean() == pytest.approx(-found.gap.distance / 2, rel=1e-4)


def test_failure_holds_each_querys_precision_against_its_distortion(data, found):
    requests = [
        Request(protocol=p, spaces=s, ranker="knn", settings=KnnSettings())
        for p, s in ((PROTOCOL, SPACES), (PROTOCOL.swapped(), SPACES.swapped()))
    ]
    for failure, row, c in zip(found.failures, fill(data, requests), found.comparisons, strict=True):
        assert (failure.query, failure.figure) == (c.modality, "distortion")
        np.testing.assert_array_equal(failure.ap, row.evaluations[0].ap)
        np.testing.assert_array_equal(failure.distortion, c.figures["distortion"])
        assert failure.correlation == correlate(failure.distortion, failure.ap, c.labels)


def test_only_chosen_items_are_neighbours(data):
    c = measure(data, replace(REQUEST, protocol=UNSEEN)).comparisons[0]
    np.testing.assert_array_equal(c.rows, np.arange(72, 96))
    before, here = (unit(data, s, "sketches", c.rows) for s in ("sketches only", "shared"))
    assert c.neighbourhoods.mean("continuity")[1] == pytest.approx(
        trustworthiness(here, before, n_neighbors=5)
    )
    assert {mean.group for mean in c.means()} == {"all", "class"}


def test_queries_that_ask_all_bring_all_items_of_both_modalities(data):
    """Generalised: unseen ask all. In one direction sketches ask, in the other they answer."""
    protocol = replace(PROTOCOL, query_classes=Classes.UNSEEN)
    found = measure(data, replace(REQUEST, protocol=protocol))
    assert [len(c.rows) for c in found.comparisons] == [96, 96]
    np.testing.assert_array_equal(found.failures[0].rows, np.arange(72, 96))
    np.testing.assert_array_equal(found.failures[0].distortion, found.comparisons[0].figures[LOCAL][72:])


def test_means_tell_all_seen_unseen_and_every_class(found):
    c = found.comparisons[0]
    means = {(m.group, m.label): m for m in c.means()}
    assert len(means) == 3 + 8 and [m.items for m in means.values()] == [96, 24, 72] + [12] * 8
    torn = c.figures["torn"]
    assert means["all", -1].figures["torn"] == pytest.approx(np.nanmean(torn))
    assert means["unseen", -1].figures["torn"] == pytest.approx(np.nanmean(torn[~c.seen]))
    assert means["class", 2].figures["overlap"] == pytest.approx(c.figures["overlap"][24:36].mean())
    assert len(found.means()) == 22


def test_a_space_held_against_itself_is_whole(data):
    c = measure(data, replace(REQUEST, against=("shared",))).comparisons[0]
    assert (c.figures["overlap"] == 1).all() and (c.figures["trustworthiness"] == 1).all()
    assert c.torn.total == c.bridged.total == 0 and c.torn.pairs > 0
    assert c.reference_fragments.classes == c.measured_fragments.classes


def test_references_serve_the_modalities_they_hold(data):
    found = measure(data, replace(REQUEST, against=("photos only", "shared")))
    assert [(c.modality, c.reference) for c in found.comparisons] == [
        ("sketches", "shared"),
        ("photos", "photos only"),
        ("photos", "shared"),
    ]
    only = measure(data, replace(REQUEST, against=("photos only",)))
    assert [c.modality for c in only.comparisons] == ["photos"]
    assert [(f.query, f.gallery) for f in only.failures] == [("photos", "sketches")]


def test_a_map_is_held_against_its_space(data):
    found = measure(data, replace(REQUEST, method="pca"))
    flat = project_space(data.spaces["shared"], PcaSettings())
    for c, part in zip(found.comparisons, (flat[:96], flat[96:]), strict=True):
        assert (c.reference, c.measured) == ("shared", "shared as pca")
        expected = trustworthiness(unit(data, "shared", c.modality), part, n_neighbors=5)
        assert c.neighbourhoods.mean("trustworthiness")[1] == pytest.approx(expected)
        pieces = pieces_by_union_find(lists_of(part.astype(np.float64), 5), c.labels, 5)
        assert [f.components for f in c.measured_fragments.classes] == [len(pieces[x]) for x in range(8)]
    assert found.gap is None and found.failures == ()


def test_one_modality_in_its_own_space(data):
    protocol = replace(PROTOCOL, gallery="sketches")
    choice = SpaceChoice(shared="sketches only", own_query="sketches only", own_gallery="sketches only")
    found = measure(data, DistortionRequest(space="shared", protocol=protocol, spaces=choice))
    (c,) = found.comparisons
    assert (c.reference, found.gap) == ("sketches only", None)
    (failure,) = found.failures
    assert (failure.query, failure.gallery) == ("sketches", "sketches")
    assert [(h.space, h.asked) for h in found.hubs] == [("sketches only", "sketches"), ("shared", "sketches")]


def test_a_sample_is_measured_and_said(data, found):
    part = measure(data, replace(REQUEST, sample=40))
    c, whole = part.comparisons[0], found.comparisons[0]
    items = c.neighbourhoods.items
    assert len(items) == 40 and "40 of 96 items were measured" in part.notes[0] and not found.notes
    for name in ("overlap", "torn", "bridged"):
        np.testing.assert_array_equal(c.figures[name][items], whole.figures[name][items])
        assert np.isnan(np.delete(c.figures[name], items)).all()
    np.testing.assert_array_equal(c.figures["cut off"], whole.figures["cut off"])
    assert c.torn.error > 0 and f"torn edges {c.torn.error:.4f}" in part.notes[0]
    failure, all_queries = part.failures[0], found.failures[0]
    np.testing.assert_array_equal(failure.rows, items)
    np.testing.assert_array_equal(failure.ap, all_queries.ap[items])
    np.testing.assert_array_equal(failure.distortion, all_queries.distortion[items])


def test_neighbours_an_index_found_are_said_to_be_approximate(data, monkeypatch):
    """As beyond 30,000 items; the recall told is that of the lists the graphs are made of."""
    monkeypatch.setattr(views, "FLAT_LIMIT", 50)
    asked = []

    def half(queries, base, k):  # an index that finds every other neighbour
        rows, similarities = nearest(queries, base, 2 * k)
        asked.append(k)
        return rows[:, ::2], similarities[:, ::2]

    monkeypatch.setattr(views, "nearest", half)
    found = measure(data, REQUEST)
    assert asked == [9] * 4
    notes = [note for note in found.notes if "of the neighbours" in note]
    assert len(notes) == 4 and all("an index found 5" in note for note in notes)  # 5 of 9, itself counted


def test_neighbourhoods_are_cut_to_the_items(data):
    found = measure(data, replace(REQUEST, protocol=UNSEEN, ks=(2, 500), k=100))
    c = found.comparisons[0]
    assert (c.k, c.neighbourhoods.ks.tolist()) == (11, [2, 11])  # 24 items: below half of them


def test_progress_runs_to_the_end_and_can_stop_the_work(data):
    shares = []
    measure(data, REQUEST, shares.append)
    assert shares == sorted(shares) and shares[-1] == 1 and len(shares) > 5

    def stop(share):
        if share > 0.6:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        measure(data, REQUEST, stop)


def test_a_result_is_plain_json_and_comes_back_from_its_files(found, tmp_path):
    told = json.loads(json.dumps(found.to_json(), allow_nan=False))
    c = found.comparisons[0]
    assert told["comparisons"][0]["quality"]["overlap"] == pytest.approx(c.neighbourhoods.mean("overlap"))
    fragment = told["comparisons"][0]["fragments"][3]
    assert fragment["class"] == "3" and fragment["items"] == 12
    assert fragment["measured"]["largest"] == c.measured_fragments.classes[3].largest
    assert told["comparisons"][0]["edges"]["torn"]["lost"] == c.torn.total
    assert told["failures"][0]["rho"] == found.failures[0].correlation.rho
    assert told["comparisons"][0]["means"][0]["figures"]["torn"] == found.means()[0].figures["torn"]
    assert DistortionRequest.from_json(told["request"]) == REQUEST

    found.write(tmp_path)
    again = Distortion.read(tmp_path)
    assert again.request == REQUEST and again.classes == found.classes and again.gap == found.gap
    for old, new in zip(found.comparisons, again.comparisons, strict=True):
        assert old.reference_fragments.classes == new.reference_fragments.classes
        np.testing.assert_array_equal(old.torn.ends, new.torn.ends)
        np.testing.assert_array_equal(old.neighbourhoods.coranking, new.neighbourhoods.coranking)
        for name in FIGURES:
            np.testing.assert_array_equal(old.figures[name], new.figures[name])
    with pytest.raises(DataError, match="measure again"):
        Distortion.read(tmp_path / "none")


@pytest.mark.parametrize(
    ("change", "error", "told"),
    [
        ({"space": "sharde"}, SpaceError, "did you mean 'shared'"),
        ({"against": ("photos onyl",)}, SpaceError, "did you mean 'photos only'"),
        ({"space": "photos only", "against": ("sketches only",)}, SpaceError, "cannot be held against"),
        ({"method": "umpa"}, SettingError, "did you mean 'umap'"),
        ({"k": 0}, SettingError, "choose k from 1"),
        ({"protocol": replace(PROTOCOL, query="texts")}, DataError, "no modality 'texts'"),
    ],
)
def test_what_cannot_be_measured_is_told(data, change, error, told):
    with pytest.raises(error, match=told):
        measure(data, replace(REQUEST, **change))
