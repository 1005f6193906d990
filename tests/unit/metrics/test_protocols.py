from pathlib import Path

import numpy as np
import pytest

from xview.metrics.protocols import draw_gallery, regdb, sysu_all_search

REF = np.load(Path(__file__).parents[2] / "conformance" / "eval_regdb.npz")


@pytest.mark.parametrize(
    ("ids", "suffix", "turned"),
    [("q_ids", "", False), ("q_ids", "_reverse", True), ("q_ids_with_absent", "_with_absent", False)],
)
def test_regdb_equals_the_reference_program(ids, suffix, turned):
    scores, queries, gallery = -REF["dist"], REF[ids], REF["g_ids"]
    if turned:
        scores, queries, gallery = scores.T, gallery, queries
    got = regdb([(scores, queries, gallery)])
    np.testing.assert_allclose(got.cmc, REF[f"cmc{suffix}"], rtol=1e-6)
    assert got.measures["mAP"] == pytest.approx(float(REF[f"mAP{suffix}"]), rel=1e-9)
    assert got.measures["mINP"] == pytest.approx(float(REF[f"mINP{suffix}"]), rel=1e-9)
    assert got.spread == {}
    if suffix == "":
        np.testing.assert_allclose(got.each[0].ap, REF["per_query_ap"], rtol=1e-9)
    assert got.each[0].queries_without_match == (7 if suffix == "_with_absent" else 0)


def test_regdb_is_the_mean_over_splits():
    rng = np.random.default_rng(0)
    splits = [(rng.normal(size=(8, 12)), rng.integers(0, 3, 8), np.arange(12) % 3) for _ in range(4)]
    alone = [regdb([split]).measures["mAP"] for split in splits]
    got = regdb(splits)
    assert got.measures["mAP"] == pytest.approx(np.mean(alone))
    assert got.spread["mAP"] == pytest.approx(np.std(alone, ddof=1))


def sysu_like(rng, identities=9, each=3, queries=40):
    """Some identities are missing under some cameras, as in the real set."""
    ids, cameras = (
        a.ravel() for a in np.meshgrid(np.arange(identities), np.repeat([1, 2, 4, 5], each), indexing="ij")
    )
    keep = ~((ids == 2) & (cameras == 4)) & ~((ids == 5) & (cameras != 2))
    ids, cameras = ids[keep], cameras[keep]
    query_ids = rng.integers(0, identities + 1, queries)  # one identity is not in the gallery
    scores = np.round(rng.normal(size=(queries, len(ids))) + (query_ids[:, None] == ids), 1)
    return scores, query_ids, rng.choice([3, 6], queries), ids, cameras


def by_hand(scores, query_ids, query_cameras, ids, cameras):
    """One trial on the sampled gallery, in plain Python."""
    precisions, firsts = [], []
    for q, row in enumerate(scores):
        order = sorted(range(len(ids)), key=lambda j: (-row[j], j))
        order = [j for j in order if not (query_cameras[q] == 3 and cameras[j] == 2)]
        hits = [ids[j] == query_ids[q] for j in order]
        if not any(hits):
            continue
        ranks = [r for r, hit in enumerate(hits, 1) if hit]
        precisions.append(sum((i + 1) / r for i, r in enumerate(ranks)) / len(ranks))
        seen = []  # identities in the order they first appear
        for j in order:
            if ids[j] not in seen:
                seen.append(ids[j])
        firsts.append(1 + seen.index(query_ids[q]))
    return np.mean(precisions), [np.mean([f <= k for f in firsts]) for k in range(1, 21)], len(precisions)


def test_sysu_matches_plain_loops_on_each_drawn_gallery():
    problem = sysu_like(np.random.default_rng(4))
    scores, query_ids, query_cameras, ids, cameras = problem
    got = sysu_all_search(*problem, trials=3, seed=7)
    assert len(got.each) == 3
    for trial, judged in enumerate(got.each):
        drawn = draw_gallery(ids, cameras, seed=7, trial=trial)
        mean_ap, cmc, counted = by_hand(
            scores[:, drawn], query_ids, query_cameras, ids[drawn], cameras[drawn]
        )
        assert judged.measures["mAP"] == pytest.approx(mean_ap)
        np.testing.assert_allclose(judged.cmc, cmc)
        assert 0 < judged.queries_without_match == len(query_ids) - counted
    assert got.measures["mAP"] == pytest.approx(np.mean([t.measures["mAP"] for t in got.each]))
    assert got.spread["rank1"] > 0


def test_a_drawn_gallery_has_one_image_of_each_identity_and_camera():
    _, _, _, ids, cameras = sysu_like(np.random.default_rng(4))
    cameras = np.where(np.arange(len(cameras)) == 0, 6, cameras)  # an infrared image is never drawn
    drawn = draw_gallery(ids, cameras, seed=0, trial=0)
    pairs = set(zip(ids[drawn].tolist(), cameras[drawn].tolist(), strict=True))
    assert len(pairs) == len(drawn)
    assert pairs == {pair for pair in zip(ids.tolist(), cameras.tolist(), strict=True) if pair[1] != 6}
    assert (np.diff(drawn) > 0).all()
    np.testing.assert_array_equal(drawn, draw_gallery(ids, cameras, seed=0, trial=0))
    assert not np.array_equal(drawn, draw_gallery(ids, cameras, seed=0, trial=1))


def test_cmc_counts_identities_where_map_counts_images():
    scores = np.array([[5.0, 4.0, 3.0, 2.0]])
    ids, cameras = np.array([1, 1, 2, 0]), np.array([1, 2, 1, 1])
    got = sysu_all_search(scores, np.array([0]), np.array([6]), ids, cameras, trials=1)
    assert got.cmc[:4].tolist() == [0, 0, 1, 1] and got.measures["mAP"] == 0.25
    skipping = sysu_all_search(scores, np.array([0]), np.array([3]), ids, cameras, trials=1)
    assert skipping.measures["mAP"] == pytest.approx(1 / 3)


def test_a_gallery_without_any_match_is_refused():
    with pytest.raises(ValueError, match="no query has a match"):
        regdb([(np.zeros((1, 2)), np.array([1]), np.array([2, 3]))])
    with pytest.raises(ValueError, match="finite"):
        regdb([(np.full((1, 1), np.nan), np.array([1]), np.array([1]))])
    with pytest.raises(ValueError, match="got shape"):
        regdb([(np.zeros((2, 2)), np.array([1]), np.array([1, 1]))])
