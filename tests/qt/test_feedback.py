"""Relevance feedback at the window: mark a card, see another ranking, undo."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from tests.qt.data_sets import write_data
from tests.qt.screen import Screen, pause
from xview.session.files import load_session, save_session
from xview.session.state import Feedback


@pytest.fixture
def screen(qtbot: QtBot, tmp_path: Path) -> Iterator[Screen]:
    made = Screen(qtbot, warm_up=False)
    data = write_data(tmp_path / "pairs", {"photos": "image", "notes": "text"}, items=40)
    made.open(data)
    made.laboratory.store.ask(ranker="knn")
    made.settle()
    yield made
    made.leave()


def mark(screen: Screen, place: int, *, right: bool, side: str = "A") -> str:
    """Click the plate of the result at that place; its id."""
    ranked = screen.laboratory.results.results.list_of(side)
    row = int(ranked._data.rows[place])
    ranked.reveal(place)
    at = ranked.button(row, right=right).center()
    QTest.mouseClick(ranked.viewport(), Qt.MouseButton.LeftButton, pos=at)
    screen.settle()
    return str(screen.laboratory.store.resolved.task.gallery.ids[row])


def scores(screen: Screen) -> np.ndarray:
    assert screen.laboratory.rankings.reply is not None
    return screen.laboratory.rankings.reply.answer.a.ranking.scores


@pytest.mark.parametrize("ranker", ["knn", "homogeneous", "heterogeneous", "fusion"])
def test_a_marked_card_re_ranks_and_undo_restores(screen: Screen, ranker: str) -> None:
    lab = screen.laboratory
    lab.store.ask(ranker=ranker)
    screen.settle()
    before, bar = scores(screen), lab.results.results.marks
    wrong = mark(screen, 0, right=False)
    assert lab.store.resolved.feedback == Feedback(wrong=(wrong,))
    assert (scores(screen) != before).any()
    assert bar.isVisible() and bar.words == "marked 1 wrong"
    right = mark(screen, 2, right=True)
    assert lab.store.resolved.feedback == Feedback((right,), (wrong,))
    for _ in range(2):
        lab.store.undo()
        screen.settle()
    np.testing.assert_array_equal(scores(screen), before)
    assert not bar.isVisible()
    lab.store.redo()
    screen.settle()
    assert lab.store.resolved.feedback == Feedback(wrong=(wrong,))


def test_marks_are_seen_taken_off_and_cleared(screen: Screen) -> None:
    results = screen.laboratory.results.results
    name = mark(screen, 1, right=True)
    ranked = results.list_of("A")
    place = next(k for k in range(ranked.count) if name in ranked.describe(k))
    assert "marked right" in ranked.describe(place)
    mark(screen, place, right=True)
    assert not screen.laboratory.store.resolved.feedback
    mark(screen, 1, right=True)
    results.marks.clear.click()
    screen.settle()
    assert not screen.laboratory.store.resolved.feedback and not results.marks.isVisible()


def test_another_query_begins_without_marks_and_going_back_has_them(screen: Screen) -> None:
    lab = screen.laboratory
    name = mark(screen, 1, right=True)
    lab.ask_random()
    screen.settle()
    assert not lab.store.state.feedback
    lab.store.undo()
    screen.settle()
    assert lab.store.resolved.feedback.right == (name,)
    lab.bars.swap()
    screen.settle()
    assert not lab.store.state.feedback


def test_what_marks_weigh_is_followed(screen: Screen) -> None:
    mark(screen, 1, right=True)
    before = scores(screen)
    screen.laboratory.results.results.marks.weights.field("right").box.setValue(3.0)
    pause(20)
    screen.settle()
    assert screen.laboratory.store.state.feedback_settings.right == 3.0
    assert (scores(screen) != before).any()


def test_both_rankings_of_a_comparison_answer_and_show_marks(screen: Screen) -> None:
    lab = screen.laboratory
    lab.store.ask(other="homogeneous")
    screen.settle()
    name = mark(screen, 3, right=True, side="B")
    reply = lab.rankings.reply
    assert reply is not None and reply.answer.b is not None
    for side, ranked in (("A", reply.answer.a), ("B", reply.answer.b)):
        assert ranked.unmarked is not None and (ranked.ranking.scores != ranked.unmarked.scores).any()
        shown = lab.results.results.list_of(side)
        (place,) = (k for k in range(shown.count) if "marked right" in shown.describe(k))
        assert name in shown.describe(place)


def test_a_session_keeps_marks(screen: Screen, tmp_path: Path) -> None:
    name = mark(screen, 1, right=False)
    save_session(tmp_path / "kept.xview", screen.laboratory.session_now())
    assert load_session(tmp_path / "kept.xview").state.feedback == Feedback(wrong=(name,))


def test_the_menu_marks_the_chosen_result_and_clears(screen: Screen) -> None:
    lab, actions = screen.laboratory, screen.window.actions_by_name
    actions["mark-right"].trigger()
    assert not lab.store.state.feedback  # nothing is chosen
    name = str(lab.store.resolved.task.gallery.ids[4])
    lab.store.ask(why=name)
    actions["mark-wrong"].trigger()
    screen.settle()
    assert lab.store.resolved.feedback == Feedback(wrong=(name,))
    assert "leaves the 1 marked" in " ".join(label.text() for label in lab.results.card.findChildren(QLabel))
    actions["clear-marks"].trigger()
    assert not lab.store.resolved.feedback
