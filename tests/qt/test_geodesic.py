"""The geodesic ranker in the window: its button, and cards of what no way leads to."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.qt.data_sets import write_data
from tests.qt.screen import Screen
from xview.retrieval.geodesic_settings import GeodesicSettings


@pytest.fixture
def screen(qtbot: QtBot, tmp_path: Path) -> Iterator[Screen]:
    made = Screen(qtbot, warm_up=False)
    made.open(write_data(tmp_path / "pairs", {"photos": "image", "notes": "text"}, items=40))
    yield made
    made.leave()


def test_items_out_of_reach_say_so_instead_of_a_score(screen: Screen) -> None:
    lab = screen.laboratory
    bar = screen.window.findChild(type(lab.bars.rankers))
    QTest.mouseClick(bar.switch.button("geodesic"), Qt.MouseButton.LeftButton)
    screen.settle()
    assert lab.store.resolved.ranker.name == "geodesic"
    near = GeodesicSettings(threshold=0.4)
    lab.store.ask(settings=lab.store.state.with_settings("geodesic", near))
    screen.settle()
    ranked = lab.results.results.list_of("A")
    reply = lab.rankings.reply
    assert reply is not None
    reached = reply.answer.a.ranking.reached
    assert reached is not None and not reached.all()
    order = reply.answer.a.ranking.order
    told = ["out of reach" in ranked.describe(place) for place in range(ranked.count)]
    np.testing.assert_array_equal(told, ~reached[order])
    assert any("out of reach" in note for note in reply.answer.a.ranking.notes)
