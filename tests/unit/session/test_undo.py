from dataclasses import replace

from xview.session.state import ViewState
from xview.session.undo import Undo


def test_undo_and_redo_walk_the_states():
    first = ViewState()
    second, third = replace(first, ranker="knn"), replace(first, ranker="homogeneous")
    undo = Undo(first)
    undo.record(second)
    undo.record(third)
    assert (undo.undo(), undo.undo(), undo.undo()) == (second, first, first)
    assert not undo.can_undo
    assert (undo.redo(), undo.redo(), undo.redo()) == (second, third, third)
    assert not undo.can_redo


def test_a_dragged_slider_is_one_step():
    undo = Undo(ViewState())
    for ranker in ("knn", "homogeneous", "heterogeneous", "knn"):
        undo.record(replace(undo.state, ranker=ranker), merge="slider")
    assert undo.undo() == ViewState()


def test_merging_ends_with_another_name_or_an_undo():
    undo = Undo(ViewState())
    undo.record(replace(undo.state, ranker="knn"), merge="a")
    undo.record(replace(undo.state, all_items=True), merge="b")
    assert undo.undo().ranker == "knn"
    undo.record(replace(undo.state, why="x"), merge="a")
    assert undo.undo().why is None


def test_a_new_step_forgets_what_was_undone():
    undo = Undo(ViewState())
    undo.record(replace(undo.state, ranker="knn"))
    undo.undo()
    undo.record(replace(undo.state, ranker="homogeneous"))
    assert not undo.can_redo


def test_asking_for_what_is_there_is_no_step():
    undo = Undo(ViewState())
    undo.record(ViewState())
    assert not undo.can_undo
