import numpy as np
import pytest
from scipy.linalg import orthogonal_procrustes
from scipy.optimize import minimize
from scipy.spatial import procrustes as scipy_procrustes

from xview.errors import SettingError
from xview.spaces.align import movement, procrustes


def points(n=60, d=2, seed=0):
    return np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)


def turned(d=2, seed=1, determinant=1):
    turn, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(d, d)))
    turn[:, 0] *= np.sign(np.linalg.det(turn)) * determinant
    return turn


@pytest.mark.parametrize("d", [1, 2, 7])
@pytest.mark.parametrize("determinant", [1, -1])
def test_a_turned_scaled_and_moved_copy_is_brought_back(d, determinant):
    moving, turn = points(d=d), turned(d, determinant=determinant)
    target = 0.3 * moving @ turn + np.arange(d)
    found = procrustes(moving, target)
    np.testing.assert_allclose(found(moving), target, atol=1e-6)
    np.testing.assert_allclose(found.rotation, turn, atol=1e-6)
    np.testing.assert_allclose(found.shift, np.arange(d), atol=1e-6)
    assert found.scale == pytest.approx(0.3) and found.disparity == pytest.approx(0, abs=1e-9)


def test_rotation_and_disparity_are_scipys():
    moving, target = points(d=3), points(d=3, seed=2)
    found = procrustes(moving, target)
    a, b = (p - p.mean(axis=0, dtype=float) for p in (moving, target))
    np.testing.assert_allclose(found.rotation, orthogonal_procrustes(a, b)[0], atol=1e-9)
    assert found.disparity == pytest.approx(scipy_procrustes(target, moving)[2], abs=1e-9)
    left = ((found(moving) - target) ** 2).sum() / (b**2).sum()
    assert found.disparity == pytest.approx(left)


@pytest.mark.parametrize("scaling", [True, False])
def test_without_reflection_no_search_finds_a_nearer_turn(scaling):
    target = points()
    moving = (target * [1, -1] + 0.3 * points(seed=3)).astype(np.float32)
    found = procrustes(moving, target, reflection=False, scaling=scaling)
    assert np.linalg.det(found.rotation) == pytest.approx(1)
    assert procrustes(moving, target).disparity < found.disparity

    def missed(v):
        turn = np.array([[np.cos(v[0]), np.sin(v[0])], [-np.sin(v[0]), np.cos(v[0])]])
        return (((v[3] if scaling else 1) * moving @ turn + v[1:3] - target) ** 2).sum()

    searched = min(minimize(missed, [angle, 0, 0, 1]).fun for angle in (0, 2, 4))
    assert ((found(moving) - target) ** 2).sum() == pytest.approx(searched, rel=1e-5)
    assert scaling or found.scale == 1


def test_coinciding_points_are_only_moved():
    found = procrustes(np.ones((5, 2)), points(5))
    assert found.scale == 1
    np.testing.assert_allclose(found(np.ones((1, 2))), points(5).mean(axis=0, dtype=float)[None], atol=1e-7)
    assert procrustes(points(5), np.ones((5, 2))).disparity == 0


def test_points_without_a_target_move_along():
    moving = points(9)
    found = procrustes(moving[:5], 2 * moving[:5] + 1)
    np.testing.assert_allclose(found(moving), 2 * moving + 1, atol=1e-5)


@pytest.mark.parametrize("reflection", [True, False])
@pytest.mark.parametrize("pairs", [1, 2, 5, 20])
def test_fewer_pairs_than_dimensions_turn_nothing_they_do_not_tell_of(pairs, reflection):
    """What the pairs say nothing of stays where it is, and they fit as well as can be."""
    everything, far = points(40, d=30), points(40, d=30) + 3 * np.eye(30)[0]
    found = procrustes(everything[:pairs], far[:pairs], reflection=reflection, scaling=False)
    np.testing.assert_allclose(found(everything), far, atol=1e-5)
    target = points(pairs, d=30, seed=3)
    found = procrustes(everything[:pairs], target, reflection=reflection, scaling=False)
    np.testing.assert_allclose(found.rotation @ found.rotation.T, np.eye(30), atol=1e-9)
    assert reflection or np.linalg.det(found.rotation) == pytest.approx(1)
    a, b = (p[:pairs] - p[:pairs].mean(axis=0, dtype=float) for p in (everything, target))
    best = np.trace((a @ orthogonal_procrustes(a, b)[0]).T @ b)
    assert np.trace((a @ found.rotation).T @ b) == pytest.approx(best)
    beside = np.linalg.svd(np.concatenate([a, b]))[2][2 * pairs :]  # at right angles to all they tell of
    np.testing.assert_allclose(beside @ found.rotation, beside, atol=1e-6)


def test_a_moved_turned_and_scaled_map_has_not_moved_once_aligned():
    before = points(200)
    after = 5 * before @ turned(determinant=-1) + 3
    np.testing.assert_allclose(movement(before, procrustes(after, before)(after), 10), 0, atol=1e-5)
    np.testing.assert_allclose(movement(before, before - np.array([4, 1]), 10), 0, atol=1e-5)


def test_one_moved_item_stands_out_alone_and_by_its_distance():
    """On a line with spacing 1, the two nearest of an inner item lie 1 away on average."""
    line = np.stack([np.arange(11.0), np.zeros(11)], axis=1)
    after = line.copy()
    after[5] += [0, 3]
    found = movement(line, after, 4)
    assert found[5] == pytest.approx(3 / 1.5)
    np.testing.assert_array_equal(np.delete(found, 5), 0)
    np.testing.assert_allclose(movement(10 * line, 10 * after, 4), found)


def test_a_group_that_moves_together_has_not_moved_among_itself():
    one, other = points(50), points(50, seed=4) + 100
    before = np.concatenate([one, other])
    after = np.concatenate([one, other - np.array([0, 30])])
    np.testing.assert_allclose(movement(before, after, 10), 0, atol=1e-4)


def test_movement_by_plain_loops():
    before, after, k = points(40), points(40, seed=5), 7
    for i, value in enumerate(movement(before, after, k)):
        near = sorted((j for j in range(40) if j != i), key=lambda j: np.hypot(*(before[i] - before[j])))[:k]
        steps = np.median([after[j].astype(float) - before[j] for j in near], axis=0)
        scale = np.mean([np.hypot(*(before[i].astype(float) - before[j])) for j in near])
        assert value == pytest.approx(np.hypot(*(after[i].astype(float) - before[i] - steps)) / scale)


def test_coinciding_items_are_measured_by_the_scale_of_the_rest():
    before = np.concatenate([np.zeros((6, 2)), np.stack([10 + np.arange(5.0), np.zeros(5)], axis=1)])
    after = before.copy()
    after[0] += [0, 2]
    found = movement(before, after, 4)
    others = [2.5, 1.75, 1.5, 1.75, 2.5]
    assert found[0] == pytest.approx(2 / np.median(others))
    np.testing.assert_array_equal(found[1:], 0)
    assert movement(np.zeros((4, 2)), np.eye(4, 2), 3).max() == pytest.approx(1)


def test_what_does_not_pair_up_is_refused():
    with pytest.raises(ValueError, match="pair up"):
        procrustes(points(5), points(6))
    with pytest.raises(ValueError, match="pair up"):
        procrustes(points(0), points(0))
    with pytest.raises(ValueError, match="finite"):
        movement(points(5), points(5) * np.nan, 2)
    for k in (0, 5):
        with pytest.raises(SettingError, match=f"{k} neighbours of 5 items; choose 1 to 4"):
            movement(points(5), points(5), k)
