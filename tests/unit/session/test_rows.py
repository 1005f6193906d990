import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xview.session.rows import Rows
from xview.session.state import selection_of


@given(st.lists(st.integers(0, 2**31 - 1)), st.lists(st.integers(0, 2**31 - 1)))
def test_rows_are_a_set_in_order(one, other):
    rows = Rows(one)
    assert list(rows) == sorted(set(one))
    assert len(rows) == len(set(one))
    assert (rows == Rows(other)) == (set(one) == set(other))
    same = Rows(np.array(one[::-1], np.int64))
    assert rows == same and hash(rows) == hash(same)
    np.testing.assert_array_equal(np.asarray(rows, np.int64), sorted(set(one)))


@given(st.sets(st.integers(0, 60)), st.sets(st.integers(0, 60)))
def test_rows_meet_as_sets_do(one, other):
    assert list(Rows(sorted(one)) | Rows(sorted(other))) == sorted(one | other)
    assert list(Rows(sorted(one)) - Rows(sorted(other))) == sorted(one - other)


def test_rows_cannot_change():
    given_rows = np.array([1, 5, 9])
    rows = Rows(given_rows)
    given_rows[0] = 7
    assert list(rows) == [1, 5, 9] and rows[1] == 5 and rows[1:] == Rows([5, 9])
    with pytest.raises(AttributeError):
        rows.array = np.zeros(3)
    with pytest.raises(ValueError, match="read-only"):
        rows.array[0] = 2
    assert pickle.loads(pickle.dumps(rows)) == rows  # noqa: S301  our own bytes


def test_a_row_beyond_any_data_is_refused():
    with pytest.raises(ValueError, match="beyond"):
        Rows([2**31])
    with pytest.raises(ValueError, match="beyond"):
        Rows([-(2**40), 0])


def test_half_a_million_rows_take_two_megabytes():
    assert Rows(np.arange(0, 1_000_000, 2)).array.nbytes == 2_000_000


def test_a_selection_leaves_out_modalities_without_rows():
    selection = selection_of({"b": np.array([3, 1, 3]), "a": [], "c": [0]})
    assert selection == (("b", Rows([1, 3])), ("c", Rows([0])))
    assert selection_of({}) == ()
    assert len({selection, selection_of({"c": [0], "b": [1, 3]})}) == 1
