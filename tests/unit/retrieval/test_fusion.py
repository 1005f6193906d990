from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.unit.retrieval.fields import make_field
from xview.errors import QueryError, SettingError, SpaceError
from xview.retrieval.base import Query
from xview.retrieval.fusion import FusionSettings, Mixing, Scale, adaptive_weights, mixed, positive_areas
from xview.retrieval.registry import build

FIELD = make_field()
SOURCES = "knn + heterogeneous(k=8, k_q=5, tol=1e-10)"


def fuse(field=FIELD, **settings):
    return build("fusion", field, FusionSettings(**{"sources": SOURCES, **settings}))


def sources():
    walk = {"k": 8, "k_q": 5, "tol": 1e-10}
    from xview.retrieval.walk_settings import WalkSettings

    return build("knn", FIELD), build("heterogeneous", FIELD, WalkSettings(**walk))


def test_average_and_adaptive_fusion_of_reference_scores():
    with np.load(Path(__file__).parents[2] / "conformance" / "fusion.npz") as stored:
        scores, average = stored["scores"], stored["avg"]
        weights, adaptive = stored["weights"], stored["adaptive"]
    np.testing.assert_allclose(adaptive_weights(scores), weights, rtol=1e-12)
    for mode, expected in ((Mixing.AVERAGE, average), (Mixing.ADAPTIVE, adaptive)):
        ranker = fuse(mode=mode, scale=Scale.NONE)
        np.testing.assert_allclose(mixed(ranker.weigh(scores), scores), expected, rtol=1e-12)


@pytest.mark.parametrize("mode", list(Mixing))
@pytest.mark.parametrize("scale", list(Scale))
def test_fused_by_hand(mode, scale):
    ranker = fuse(mode=mode, scale=scale, weights="1, 3")
    raw = [source.rank(Query.item(4)).scores for source in sources()]
    if scale is Scale.LARGEST:
        raw = [scores / np.abs(scores).max() for scores in raw]
    weights = {
        Mixing.WEIGHTED: [0.25, 0.75],
        Mixing.AVERAGE: [0.5, 0.5],
        Mixing.ADAPTIVE: [1 / scores[scores > 0].sum() for scores in raw],
    }[mode]
    weights = np.array(weights) / np.sum(weights)
    ranking = ranker.rank(Query.item(4))
    np.testing.assert_allclose(ranking.scores, weights[0] * raw[0] + weights[1] * raw[1], rtol=1e-8)
    np.testing.assert_allclose(sum(ranking.parts.values()), ranking.scores, rtol=1e-12)
    assert f"knn {weights[0]:.2f}" in ranking.notes[0]
    np.testing.assert_allclose(ranking.weights, weights, rtol=1e-8)
    np.testing.assert_allclose(ranking.scaled, raw, rtol=1e-8)
    areas = [sum(max(0.0, score) for score in scores) for scores in raw]
    np.testing.assert_allclose(ranking.areas, areas, rtol=1e-8)
    np.testing.assert_allclose(
        ranking.adaptive, (1 / np.array(areas)) / np.sum(1 / np.array(areas)), rtol=1e-8
    )
    np.testing.assert_allclose(ranker.score_matrix(np.array([1, 4]))[1], ranking.scores, rtol=1e-8)
    blocks = [scores for _, scores in ranker.score_blocks(np.array([1, 4]), block=1)]
    np.testing.assert_allclose(np.concatenate(blocks)[1], ranking.scores, rtol=1e-8)


def test_shares_of_every_source_sum_to_the_fused_score():
    ranker = fuse()
    ranking = ranker.rank(Query.item(4))
    for position in ranking.order[:5]:
        why = ranker.explain(Query.item(4), int(position))
        assert why.score == pytest.approx(ranking.scores[position], rel=1e-6)
        for part, scores in ranking.parts.items():
            carried = sum(share.amount for share in why.shares if share.part == part)
            assert carried == pytest.approx(scores[position], rel=1e-6)


def test_a_source_that_says_nothing_weighs_nothing():
    scores = np.array([[[-0.1, -0.2], [0.0, -1.0]], [[0.5, -0.5], [-0.3, 0.0]]])
    np.testing.assert_array_equal(adaptive_weights(scores), [[0, 0.5], [1, 0.5]])


def test_by_default_every_ranker_the_spaces_allow_is_fused():
    assert list(build("fusion", FIELD).rank(Query.item(0)).parts) == ["knn", "homogeneous", "heterogeneous"]
    plain = make_field(x_own=None)
    assert list(build("fusion", plain).rank(Query.item(0)).parts) == ["knn", "homogeneous"]


def test_preparing_prepares_the_sources():
    ranker = fuse(sources="heterogeneous(truncation=seed, n_trunc=20) + knn")
    assert any("offline stage" in note for note in ranker.rank(Query.item(0)).notes)
    told = []
    ranker.prepare(told.append)
    assert told[0] == 0 and told[-1] == 1 and told == sorted(told) and len(told) > 4
    assert not any("offline stage" in note for note in ranker.rank(Query.item(0)).notes)


def test_a_source_that_names_the_fields_own_space_ranks_there():
    here = {}
    field = replace(FIELD, elsewhere={"this": lambda: here["field"]})
    here["field"] = field
    ranker = fuse(field, sources='knn@"this"')
    np.testing.assert_array_equal(
        ranker.rank(Query(shared=FIELD.x_shared[3])).order,
        build("knn", FIELD).rank(Query(shared=FIELD.x_shared[3])).order,
    )


def test_positive_areas_leave_out_what_is_below_zero():
    np.testing.assert_array_equal(positive_areas(np.array([[0.5, -2.0, 0.25], [-1.0, 0.0, -0.5]])), [0.75, 0])


def test_rankers_of_several_shared_spaces_are_fused():
    other = replace(FIELD, x_shared=FIELD.x_own[:, :4], y_shared=FIELD.y_own[:, :4])
    here = replace(FIELD, elsewhere={"other": lambda: other})
    ranker = fuse(here, sources='knn + knn@"other"', mode="average", scale="none")
    rows = np.arange(5)
    expected = (FIELD.x_shared[rows] @ FIELD.y_shared.T + other.x_shared[rows] @ other.y_shared.T) / 2
    np.testing.assert_allclose(ranker.score_matrix(rows), expected, atol=1e-6)
    np.testing.assert_allclose(ranker.rank(Query.item(3)).scores, expected[3], atol=1e-6)
    with pytest.raises(QueryError, match="no place in 'other'"):
        ranker.rank(Query(shared=FIELD.x_shared[0]))
    # a query from outside ranks as the item with the same features, once it has a feature in every space
    stranger = Query(shared=FIELD.x_shared[3], elsewhere={"other": Query(shared=other.x_shared[3])})
    np.testing.assert_allclose(ranker.rank(stranger).scores, expected[3], atol=1e-6)
    best = int(ranker.rank(stranger).order[0])
    assert ranker.explain(stranger, best).score == pytest.approx(expected[3, best], abs=1e-6)
    with pytest.raises(SpaceError, match="did you mean 'other'"):
        fuse(here, sources='knn@"othr"')


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"sources": "knn + "}, "cannot read source ''"),
        ({"sources": "knn(3)"}, "cannot read source"),
        ({"sources": "knn + knn"}, "named twice"),
        ({"sources": "kn"}, "did you mean 'knn'"),
        ({"sources": "fusion"}, "cannot be its own source"),
        ({"sources": "heterogeneous(alpa=1)"}, "did you mean 'alpha'"),
        ({"weights": "1"}, "1 weights for 2 sources"),
        ({"weights": "1, x"}, "must be numbers"),
        ({"weights": "0, 0"}, "not all 0"),
        ({"weights": "1, -1"}, "0 or more"),
        ({"weights": "1, nan"}, "0 or more"),
    ],
)
def test_what_cannot_be_fused_is_told(settings, message):
    with pytest.raises(SettingError, match=message):
        fuse(**settings)
