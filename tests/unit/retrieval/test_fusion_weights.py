import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xview.errors import SettingError
from xview.retrieval.fusion_weights import dragged, parse_weights, write_weights

WEIGHTS = st.lists(st.floats(0, 1), min_size=1, max_size=6).filter(lambda w: sum(w) > 1e-3)


def test_dragging_scales_the_others():
    np.testing.assert_allclose(dragged([0.2, 0.3, 0.5], 0, 0.6), [0.6, 0.15, 0.25])
    np.testing.assert_allclose(dragged([1, 0, 0], 0, 0.4), [0.4, 0.3, 0.3])
    np.testing.assert_allclose(dragged([0.2, 0.3, 0.5], 1, 2.0), [0, 1, 0])


def test_locked_weights_stay():
    np.testing.assert_allclose(dragged([0.2, 0.3, 0.5], 0, 0.6, {2}), [0.5, 0, 0.5])
    np.testing.assert_allclose(dragged([0.2, 0.3, 0.5], 0, 0.1, {2}), [0.1, 0.4, 0.5])
    np.testing.assert_array_equal(dragged([0.2, 0.3, 0.5], 0, 0.1, {1, 2}), [0.2, 0.3, 0.5])


@given(WEIGHTS, st.integers(0, 5), st.floats(-1, 2), st.sets(st.integers(0, 5)))
def test_weights_always_sum_to_one(weights, source, value, locked):
    weights = np.array(weights) / np.sum(weights)
    source = source % len(weights)
    made = dragged(weights, source, value, locked)
    assert made.sum() == pytest.approx(1)
    assert (made >= -1e-12).all()
    for i in locked - {source}:
        if i < len(weights):
            assert made[i] == weights[i]


@given(WEIGHTS)
def test_written_weights_sum_to_one_and_are_read_back(weights):
    read = parse_weights(write_weights(weights), [str(i) for i in range(len(weights))])
    assert round(sum(read) * 1000) == 1000 and sum(read) == pytest.approx(1, abs=1e-12)
    np.testing.assert_allclose(read, np.array(weights) / np.sum(weights), atol=0.0035)


def test_nothing_written_is_equal_weights():
    np.testing.assert_array_equal(parse_weights(" ", ["a", "b"]), [1, 1])
    with pytest.raises(SettingError, match="1 weights for 2 sources"):
        parse_weights("1", ["a", "b"])
