"""The walk at the window: scrub and play it, see mass move and end in the scores."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.qt.data_sets import write_data
from tests.qt.screen import Screen, pause, wait_until
from xview.qt.walk_player import WalkPlayer
from xview.session.state import Overlay


@pytest.fixture
def screen(qtbot: QtBot, tmp_path: Path) -> Iterator[Screen]:
    made = Screen(qtbot, warm_up=False)
    made.open(write_data(tmp_path / "pairs", {"notes": "text", "photos": "image"}, items=60))
    show_walk(made)
    yield made
    made.leave()


def player(screen: Screen) -> WalkPlayer:
    return screen.laboratory.walking.player


def show_walk(screen: Screen) -> None:
    combo = screen.laboratory.maps.strip.overlay
    combo.setCurrentText("walk")
    combo.textActivated.emit("walk")
    walked(screen)


def walked(screen: Screen) -> None:
    """Wait until what is drawn belongs to the answer on screen."""
    screen.settle()
    lab = screen.laboratory

    def drawn() -> bool:
        walks = lab.walking.walks
        return walks is not None and walks.main is not None and not lab.walking.service.busy

    wait_until(drawn, "a walk")


def mass(screen: Screen, space: str) -> np.ndarray:
    found = screen.laboratory.maps.views[space].canvas.overlay.mass
    assert found is not None
    return np.asarray(found)


def last(screen: Screen) -> int:
    return player(screen).slider.maximum()


def test_scrubbing_moves_mass_and_ends_in_the_scores(screen: Screen) -> None:
    lab, bar = screen.laboratory, player(screen)
    assert bar.isVisible() and bar.frame == 0
    seen = {space: [mass(screen, space).copy()] for space in ("notes alone", "photos alone", "shared")}
    assert np.count_nonzero(seen["notes alone"][0]) == 1  # all mass stands on the query
    for frame in (3, 12, last(screen)):
        bar.slider.setValue(frame)
        for space, before in seen.items():
            now = mass(screen, space)
            assert (now != before[-1]).any(), (space, frame)
            before.append(now.copy())
    reached = [np.count_nonzero(now) for now in seen["notes alone"]]
    assert reached == sorted(reached) and reached[-1] > 5
    walks, reply = lab.walking.walks, lab.rankings.reply
    assert walks is not None and walks.main is not None and reply is not None
    steps = walks.main.steps
    np.testing.assert_allclose(steps.scores(bar.frame), reply.answer.a.ranking.scores, rtol=1e-6)
    ends = steps.y.mass(bar.frame)
    rows = reply.answer.a.task.gallery_rows
    np.testing.assert_allclose(seen["photos alone"][-1][rows], ends / ends.max())
    assert "fixed point, the ranking's scores" in bar.words.text()


def test_the_bar_says_where_it_is(screen: Screen) -> None:
    bar = player(screen)
    assert bar.words.text().startswith("t = 0 of ")
    bar.slider.setValue(3)
    words = bar.words.text()
    assert words.startswith("t = 3 of ") and "% from the fixed point" in words and ", AP " in words
    assert bar.slider.accessibleDescription() == words


def test_keys_step_and_play_while_the_player_has_the_focus(screen: Screen) -> None:
    bar = player(screen)
    bar.setFocus()
    for key, frame in ((Qt.Key.Key_Right, 1), (Qt.Key.Key_Right, 2), (Qt.Key.Key_Left, 1)):
        QTest.keyClick(bar, key)
        assert bar.frame == frame
    bar.slider.setFocus()
    QTest.keyClick(bar.slider, Qt.Key.Key_Right)
    assert bar.frame == 2
    bar.speed.setCurrentText("4×")
    QTest.keyClick(bar.slider, Qt.Key.Key_Space)
    assert bar.playing
    wait_until(lambda: bar.frame >= 4, "frames to play")
    QTest.keyClick(bar.slider, Qt.Key.Key_Space)
    stopped = bar.frame
    pause(120)
    assert not bar.playing and bar.frame == stopped


def test_buttons_play_to_the_end_and_from_there_again(screen: Screen) -> None:
    bar = player(screen)
    bar.speed.setCurrentText("4×")
    bar.slider.setValue(last(screen) - 1)
    QTest.mouseClick(bar.play, Qt.MouseButton.LeftButton)
    wait_until(lambda: not bar.playing, "the end")
    assert bar.frame == last(screen)
    QTest.mouseClick(bar.previous, Qt.MouseButton.LeftButton)
    assert bar.frame == last(screen) - 1
    QTest.mouseClick(bar.next, Qt.MouseButton.LeftButton)
    QTest.mouseClick(bar.play, Qt.MouseButton.LeftButton)
    assert bar.playing and bar.frame == 0
    QTest.mouseClick(bar.next, Qt.MouseButton.LeftButton)
    assert not bar.playing


def test_other_settings_and_queries_walk_anew_and_keep_the_place(screen: Screen) -> None:
    lab, bar = screen.laboratory, player(screen)
    bar.slider.setValue(5)
    before = lab.walking.walks
    lab.bars.parameters.field("alpha").box.setValue(0.8)
    pause(20)
    wait_until(lambda: lab.walking.walks is not before and not lab.walking.service.busy, "another walk")
    walked(screen)
    assert bar.frame == 5 and lab.walking.walks is not None and lab.walking.walks.main is not None
    assert lab.walking.walks.main.choice.settings == lab.store.resolved.ranker.settings
    bar.slider.setValue(last(screen))
    before = lab.walking.walks
    lab.ask_random()
    wait_until(lambda: lab.walking.walks is not before, "another walk")
    walked(screen)
    assert bar.frame == last(screen)  # at the end it stays at the end


def test_both_walks_each_on_its_manifold(screen: Screen) -> None:
    lab, bar = screen.laboratory, player(screen)
    bar.slider.setValue(4)
    own, shared = mass(screen, "photos alone").copy(), mass(screen, "shared").copy()
    QTest.mouseClick(bar.both, Qt.MouseButton.LeftButton)
    wait_until(lambda: lab.walking.walks is not None and lab.walking.walks.beside is not None, "both walks")
    walks = lab.walking.walks
    assert walks is not None and walks.main is not None and walks.beside is not None
    assert (walks.main.choice.name, walks.beside.choice.name) == ("heterogeneous", "homogeneous")
    np.testing.assert_array_equal(mass(screen, "photos alone"), own)
    assert (mass(screen, "shared") != shared).any()
    rows = walks.task.gallery_rows
    homogeneous = walks.beside.steps.y.mass(4)
    np.testing.assert_allclose(mass(screen, "shared")[60 + rows], homogeneous / homogeneous.max())
    assert " | " in bar.words.text()


def test_nearest_neighbours_do_not_walk_and_it_is_said_whose_walk_this_is(screen: Screen) -> None:
    screen.laboratory.store.ask(ranker="knn")
    walked(screen)
    wait_until(lambda: player(screen).words.text().startswith("Heterogeneous: t ="), "its name")


def test_another_overlay_hides_the_player_and_stops_it(screen: Screen) -> None:
    bar = player(screen)
    bar.toggle()
    screen.laboratory.store.ask(overlay=Overlay.HITS)
    assert not bar.isVisible() and not bar.playing
    assert screen.laboratory.maps.views["shared"].canvas.overlay.mass is None
    show_walk(screen)
    assert bar.isVisible()


def test_without_a_query_it_says_what_to_do(screen: Screen) -> None:
    screen.laboratory.store.ask(query=None)
    pause(50)
    bar = player(screen)
    assert not bar.slider.isEnabled() and "Ask" in bar.words.text()
    assert screen.laboratory.maps.views["shared"].canvas.overlay.mass is None
    bar.setFocus()
    QTest.keyClick(bar, Qt.Key.Key_Space)
    assert not bar.playing


def test_a_result_shows_its_heaviest_paths_in_lines_and_words(screen: Screen) -> None:
    lab = screen.laboratory
    ranked = lab.results.results.list_of("A")
    row = int(ranked._data.rows[2])
    QTest.mouseClick(ranked.viewport(), Qt.MouseButton.LeftButton, pos=ranked.rect_of(row).center())
    screen.settle()
    wait_until(lambda: lab.walking.walks is not None and lab.walking.walks.paths, "paths")
    words = lab.results.why.paths
    title = str(lab.store.resolved.task.gallery.titles[row])
    assert words.isVisible() and words.text().splitlines()[0].endswith(f"→ {title}")
    for overlay in (Overlay.WALK, Overlay.BRIDGES):
        lab.store.ask(overlay=overlay)
        lines = lab.maps.views["shared"].canvas.overlay.lines
        result = 60 + row
        assert any(result in part.ends[:, 1] for part in lines)
    lab.store.ask(ranker="knn", overlay=Overlay.BRIDGES)
    screen.settle()
    wait_until(lambda: not words.isVisible(), "no paths where nothing walks")


def test_marks_are_sources_of_the_walk(screen: Screen) -> None:
    lab, bar = screen.laboratory, player(screen)
    ranked = lab.results.results.list_of("A")
    row = int(ranked._data.rows[30])
    assert mass(screen, "photos alone")[row] == 0
    before = lab.walking.walks
    ranked.reveal(30)
    at = ranked.button(row, right=True).center()
    QTest.mouseClick(ranked.viewport(), Qt.MouseButton.LeftButton, pos=at)
    wait_until(lambda: lab.walking.walks is not before, "another walk")
    walked(screen)
    assert bar.frame == 0 and mass(screen, "photos alone")[row] > 0
    assert np.count_nonzero(mass(screen, "notes alone")) > 1  # it entered there by its own links


def test_one_key_shows_and_plays_the_walk_from_its_start(screen: Screen) -> None:
    lab, bar = screen.laboratory, player(screen)
    bar.slider.setValue(last(screen))
    lab.store.ask(overlay=Overlay.HITS)
    bar.speed.setCurrentText("¼×")
    lab.results.results.list_of("A").setFocus()
    screen.key(Qt.Key.Key_W)
    wait_until(lambda: bar.playing, "the walk to play")
    assert lab.store.resolved.view.overlay is Overlay.WALK and bar.frame <= 1
    screen.key(Qt.Key.Key_W)
    assert not bar.playing


def test_both_walks_need_single_modal_spaces(qtbot: QtBot, tmp_path: Path) -> None:
    alone = Screen(qtbot, warm_up=False)
    alone.open(write_data(tmp_path / "one", {"notes": "text", "photos": "image"}, own=False))
    show_walk(alone)
    walks = alone.laboratory.walking.walks
    assert walks is not None and walks.main is not None and walks.main.choice.name == "homogeneous"
    assert not player(alone).both.isEnabled()
    alone.leave()
