"""The background thread: newest request only, nothing late, nothing left."""

from __future__ import annotations

import threading

import pytest
from pytestqt.qtbot import QtBot

from xview.errors import DataError
from xview.qt.background import Latest


@pytest.fixture
def latest(qtbot: QtBot):
    made = Latest("test")
    made.heard = []
    made.done.connect(lambda value: made.heard.append(("done", value)))
    made.failed.connect(lambda words: made.heard.append(("failed", words)))
    made.broke.connect(lambda error: made.heard.append(("broke", type(error).__name__)))
    yield made
    made.close()


def test_the_newest_request_wins_and_older_ones_never_arrive(qtbot: QtBot, latest) -> None:
    started, go_on = threading.Event(), threading.Event()
    ran = []

    def first():
        started.set()
        go_on.wait(10)
        return "first"

    latest.request(first)
    assert started.wait(10)
    for number in range(5):
        latest.request(lambda number=number: ran.append(number) or number)
    assert latest.working
    go_on.set()
    qtbot.waitUntil(lambda: latest.heard == [("done", 4)])
    qtbot.wait(30)
    assert latest.heard == [("done", 4)]
    assert ran == [4]
    assert not latest.working


def test_errors_for_users_are_words_and_others_are_bugs(qtbot: QtBot, latest) -> None:
    def refuse():
        raise DataError("no such thing")

    latest.request(refuse)
    qtbot.waitUntil(lambda: latest.heard == [("failed", "no such thing")])
    latest.request(lambda: 1 / 0)
    qtbot.waitUntil(lambda: len(latest.heard) == 2)
    assert latest.heard[1] == ("broke", "ZeroDivisionError")
    latest.request(lambda: "alive")
    qtbot.waitUntil(lambda: latest.heard[-1] == ("done", "alive"))


def test_long_work_makes_room_for_newer_work(qtbot: QtBot, latest) -> None:
    started, steps = threading.Event(), []

    def long():
        for step in range(2000):
            latest.go_on()
            steps.append(step)
            started.set()
            threading.Event().wait(0.005)

    latest.request(long)
    assert started.wait(10)
    latest.request(lambda: "new")
    qtbot.waitUntil(lambda: latest.heard == [("done", "new")])
    assert len(steps) < 2000


def test_what_is_forgotten_or_closed_is_not_delivered(qtbot: QtBot, latest) -> None:
    latest.request(lambda: "forgotten")
    latest.forget()
    assert not latest.working
    qtbot.wait(50)
    assert latest.heard == []
    latest.request(lambda: "late")
    latest.close()
    latest.request(lambda: "after the end")
    qtbot.wait(50)
    assert latest.heard == []
    assert "test" not in [thread.name for thread in threading.enumerate()]
