"""The walk against arrays of the public reference programs and of independent float64 code.

In tests/conformance, `code` fields are the released semantics, `paper` the printed one, `ref_*_cgconv` the
authors' program run to convergence. Rows are x, columns y.
"""

from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from xview.graph.affinity import mutual_affinity, normalised
from xview.graph.diffusion import Diffuser, Steps
from xview.graph.knn import nearest
from xview.graph.links import LinkRule
from xview.graph.truncation import all_seed_areas, seed_solutions
from xview.retrieval.base import Field, Query, unwatched
from xview.retrieval.graphs import FieldGraphs
from xview.retrieval.registry import build
from xview.retrieval.walk import WalkRanker
from xview.retrieval.walk_settings import Truncation, WalkSettings

FOLDER = Path(__file__).parents[1] / "conformance"
MANIFOLDS = {"hetero": "heterogeneous", "homo": "homogeneous"}


@pytest.fixture(scope="module")
def small():
    with np.load(FOLDER / "bdrw_small4.npz") as stored:
        return dict(stored)


@pytest.fixture(scope="module")
def graphs(small):
    return FieldGraphs(
        Field(
            x_shared=small["x_cross"],
            y_shared=small["y_cross"],
            x_own=small["x_single"],
            y_own=small["y_single"],
        )
    )


def ranker(small, graphs, variant, manifold, trunc, lam) -> WalkRanker:
    paper = variant == "paper"
    settings = WalkSettings(
        lam=lam,
        alpha=float(small["alpha"]),
        gamma=float(small["gamma"]),
        k=int(small["k_paper"]) + 1 if paper else int(small["kd"]),
        k_q=int(small["k_paper"]) if paper else int(small["kq"]),
        links=LinkRule.PAPER if paper else LinkRule.RELEASED,
        truncation=Truncation.NONE if trunc == "full" else Truncation(trunc),
        n_trunc=int(small["n_trunc"]),
        tol=1e-11,
    )
    built = build(MANIFOLDS[manifold], graphs.field, settings, graphs)
    assert isinstance(built, WalkRanker)
    return built


def rel_max(got, expected):
    return np.abs(got - expected).max() / np.abs(expected).max()


CASES = [
    (variant, manifold, trunc)
    for variant in ("code", "paper")
    for manifold in MANIFOLDS
    for trunc in ("full", "seed", "union")
    if (variant, trunc) != ("code", "union")
]


@pytest.mark.parametrize("lam", [0.0, 0.5, 1.0])
@pytest.mark.parametrize(("variant", "manifold", "trunc"), CASES)
def test_every_query_at_once(small, graphs, variant, manifold, trunc, lam):
    walk = ranker(small, graphs, variant, manifold, trunc, lam)
    ends = [small[f"{variant}_{manifold}_{trunc}_B_lam{end}"] for end in (0, 1)]
    expected = (1 - lam) * ends[0] + lam * ends[1]
    assert rel_max(walk.score_matrix(np.arange(60)), expected) < 1e-8


@pytest.mark.parametrize(("variant", "manifold", "trunc"), CASES)
def test_one_query_at_a_time(small, graphs, variant, manifold, trunc):
    walk = ranker(small, graphs, variant, manifold, trunc, 0.5)
    walk.prepare()
    expected = sum(small[f"{variant}_{manifold}_{trunc}_B_lam{end}"] for end in (0, 1)) / 2
    got = np.array([walk.rank(Query.item(row)).scores for row in range(60)])
    assert rel_max(got, expected) < 1e-8


@pytest.mark.parametrize("lam", [0, 1])
@pytest.mark.parametrize("trunc", ["full", "seed"])
@pytest.mark.parametrize("manifold", MANIFOLDS)
def test_the_authors_program(small, graphs, manifold, trunc, lam):
    walk = ranker(small, graphs, "code", manifold, trunc, float(lam))
    expected = small[f"ref_{manifold}_{trunc}_cgconv_B_lam{lam}"]
    assert rel_max(walk.score_matrix(np.arange(60)), expected) < 1e-5


@pytest.mark.parametrize("variant", ["code", "paper"])
@pytest.mark.parametrize("manifold", MANIFOLDS)
def test_laplacians_and_links(small, graphs, variant, manifold):
    walk = ranker(small, graphs, variant, manifold, "full", 0.5)
    links = graphs.links(walk.settings.links, walk.settings.k_q, walk.settings.exponent)
    np.testing.assert_allclose(links.xy.toarray(), small[f"{variant}_{manifold}_full_Sxy"], atol=1e-12)
    np.testing.assert_allclose(links.yx.toarray(), small[f"{variant}_{manifold}_full_Syx"], atol=1e-12)
    features = {"hetero": "single", "homo": "cross"}[manifold]
    for side in "xy":
        affinity = mutual_affinity(small[f"{side}_{features}"], walk.settings.k, walk.settings.exponent)
        laplacian = np.eye(affinity.shape[0]) - walk.settings.alpha * normalised(affinity).toarray()
        np.testing.assert_allclose(laplacian, small[f"{variant}_{manifold}_full_L{side}{side}"], atol=1e-12)


def test_fixed_point_of_the_one_sided_iteration():
    """Eq. 6: iterating Eq. 4 from a one-hot y ends in alpha (1 - alpha) L_xx^-1 S_xy f_y."""
    with np.load(FOLDER / "bdrw_iteration_small4.npz") as stored:
        block, start, alpha = stored["S_block_x_side"], stored["f0"], float(stored["alpha"])
        expected = stored["f_inf_x"]
    steps, links = sparse.csr_array(block[:60, :60]), block[:60, 60:]
    walked = Diffuser(Steps(steps), alpha, 1e-10).solve_many(sparse.csc_array(links @ start[60:])).T
    np.testing.assert_allclose(alpha * (1 - alpha) * walked, expected, atol=1e-14)


@pytest.fixture(scope="module")
def single():
    with np.load(FOLDER / "diffusion_single_small4.npz") as stored:
        return dict(stored)


def test_single_modal_diffusion_of_every_seed(single):
    everything = np.vstack([single["queries"], single["gallery"]])
    steps = normalised(mutual_affinity(everything, int(single["kd"]), float(single["gamma"])))
    got = Diffuser(Steps(steps), float(single["alpha"]), 1e-10).solve_many(sparse.csc_array(np.eye(140)))
    assert rel_max(got, single["oracle_offline_all_full"]) < 1e-8


def test_single_modal_diffusion_truncated_after_normalising(single):
    gallery, alpha = single["gallery"], float(single["alpha"])
    steps = normalised(mutual_affinity(gallery, int(single["kd"]), float(single["gamma"])))
    areas = all_seed_areas(gallery, int(single["n_trunc"]))
    solved = seed_solutions(steps, areas, alpha, 1e-11, unwatched).toarray()
    assert rel_max(solved, single["oracle_offline_gallery"]) < 1e-8
    assert rel_max(solved, single["ref_cgconv_offline_gallery"]) < 1e-5
    assert rel_max(solved, single["early_truncation_offline_gallery"]) > 0.1
    rows, similarities = nearest(single["queries"], gallery, int(single["kq"]))
    found = np.einsum("qk,qkn->qn", np.clip(similarities, 0, None) ** 3, solved[rows])
    assert rel_max(found, single["oracle_search_old"]) < 1e-8
