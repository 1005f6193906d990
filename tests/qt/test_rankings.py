"""From a request to an answer on screen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from tests.qt.data_sets import write_data, write_picture
from tests.qt.screen import Screen, wait_until
from xview.models import encoders
from xview.retrieval.field import build_field
from xview.retrieval.registry import RANKERS, build
from xview.session.workspace import Workspace
from xview.spaces.space import EmbeddingSpace

TWO = {"photos": "image", "notes": "text"}


@pytest.fixture
def screen(qtbot: QtBot, tmp_path: Path) -> Iterator[Screen]:
    made = Screen(qtbot, warm_up=False)
    made.open(write_data(tmp_path / "pairs", TWO, items=40))
    yield made
    made.leave()


def test_a_truncation_answers_at_once_and_truly_when_it_is_made(screen: Screen) -> None:
    lab, store = screen.laboratory, screen.laboratory.store
    walk = RANKERS["homogeneous"].settings(truncation="seed", n_trunc=6, k=5)
    replies = []
    lab.rankings.replied.connect(replies.append)
    store.ask(ranker="homogeneous", settings=store.state.with_settings("homogeneous", walk))
    wait_until(lambda: len(replies) >= 2, "both answers")
    assert not replies[0].answer.a.prepared
    assert replies[-1].answer.a.prepared
    resolved = store.resolved
    field = build_field(resolved.task, resolved.workspace.spaces, resolved.spaces)
    position = int(np.searchsorted(resolved.task.query_rows, resolved.query_rows[0]))
    exact = build("homogeneous", field, walk).score_matrix(np.array([position]))[0]
    np.testing.assert_allclose(replies[-1].answer.a.ranking.scores, exact, rtol=1e-6, atol=1e-12)


def test_a_query_that_cannot_be_encoded_says_why_and_the_next_one_is_answered(
    screen: Screen, tmp_path: Path
) -> None:
    lab, store = screen.laboratory, screen.laboratory.store
    before = store.resolved.query
    screen.drop(write_picture(tmp_path / "red.png", "red"))  # nothing made these spaces that could encode it
    ranked = lab.results.results.list_of("A")
    assert "it names no encoder" in ranked.empty_text()  # told at once
    assert ranked.empty_text() == screen.window.statusBar().currentMessage()
    assert ranked.count == 0
    assert not lab.work.runs
    store.undo()
    screen.settle()
    assert store.resolved.query == before
    assert ranked.count == 40


def test_an_answer_for_other_data_never_shows(screen: Screen, tmp_path: Path) -> None:
    lab, store = screen.laboratory, screen.laboratory.store
    made_by = {"encoder": {"photos": encoders.IMAGE_DEFAULT}}  # not true, but a worker has to find out
    store.extend(replace(store.workspace, spaces=_made_by(store.workspace, made_by)))
    screen.drop(write_picture(tmp_path / "red.png", "red"))
    assert lab.rankings.reply is None
    (run,) = lab.work.runs
    screen.open(write_data(tmp_path / "other", TWO, items=12))
    assert lab.results.results.list_of("A").count == 12
    wait_until(lambda: run not in lab.work.runs, "the encoding to end")
    assert lab.results.results.list_of("A").count == 12
    assert screen.notice == ""


def _made_by(workspace: Workspace, made_by: dict[str, object]) -> dict[str, EmbeddingSpace]:
    return {name: replace(space, made_by=made_by) for name, space in workspace.spaces.items()}


def test_explanations_follow_the_result_and_the_ranker(screen: Screen) -> None:
    lab, store = screen.laboratory, screen.laboratory.store
    store.ask(ranker="heterogeneous", other="knn")
    screen.settle()
    row = int(store.resolved.task.gallery_rows[3])
    for side in ("A", "B"):
        lab.results.results.chosen.emit(row, side)
        screen.settle()
        reply = lab.rankings.reply
        assert reply is not None
        assert reply.explained is not None
        assert reply.explained.choice.name == {"A": "heterogeneous", "B": "knn"}[side]
        assert lab.results.why.isVisible()
    store.ask(why=None)
    screen.settle()
    reply = lab.rankings.reply
    assert reply is not None
    assert reply.explanation is None
