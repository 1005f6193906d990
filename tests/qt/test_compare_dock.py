"""The compare dock on real data with two checkpoints: counted, listed, drawn, clicked, walked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.qt.data_sets import write_data
from tests.qt.screen import Screen, pause, wait_until
from tests.unit.spaces.runs import write_run
from xview.data.open import open_dataset
from xview.metrics.compare import BROKEN, FIXED, SAME, Comparison, Reading, compare, mean_change
from xview.metrics.table import fill
from xview.qt.compare_desk import FIGURE
from xview.qt.panels.compare import ComparePanel
from xview.session.state import ColourBy
from xview.spaces.library import open_data
from xview.spaces.trained import runs_folder

TWO = {"photos": "image", "notes": "vector"}


@pytest.fixture
def screen(qtbot: QtBot, tmp_path: Path, user_folders: Path) -> Iterator[Screen]:
    source = write_data(tmp_path / "pairs", TWO, items=40, classes=5)
    write_run(runs_folder() / "run 1", open_dataset(source))
    made = Screen(qtbot, warm_up=False)
    made.open(source)
    yield made
    made.leave()


def look(screen: Screen) -> ComparePanel:
    dock = screen.window.docks["compare"]
    dock.show()
    dock.raise_()
    pause(20)
    return screen.laboratory.compare.panel


def compared(screen: Screen) -> Comparison:
    """Wait until A and B on screen are held against each other, and what the library says of them."""
    lab = screen.laboratory
    screen.settle()
    wait_until(lambda: lab.comparisons.mean is not None, "a comparison")
    assert lab.comparisons.pair is not None
    rows = fill(open_data(lab.store.workspace.dataset.source), lab.comparisons.pair)
    return compare(*(row.evaluations[0] for row in rows))


def click(button: object) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)  # type: ignore[call-overload]
    pause(20)


def cell(panel: ComparePanel, row: int, column: int) -> str:
    return str(panel.table.model().index(row, column).data())


def click_row(panel: ComparePanel, row: int) -> None:
    place = panel.table.visualRect(panel.table.model().index(row, 0)).center()
    QTest.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=place)


def shown_counts(panel: ComparePanel) -> list[int]:
    titles = (panel.filter._buttons[name].text() for name in ("all", "fixed", "broken", "same"))
    return [int(title.split()[-1]) for title in titles]


def test_off_it_offers_what_to_hold_a_against(screen: Screen) -> None:
    panel, store = look(screen), screen.laboratory.store
    assert "B is off" in panel.why.text() and not panel.run.isVisible()
    assert [offer.text() for offer in panel.offers] == ["Against k-NN", "In run 1"]
    click(panel.offers[0])
    assert store.resolved.other is not None and store.resolved.other.name == "knn"
    assert store.resolved.other_spaces == store.resolved.spaces
    compared(screen)
    store.ask(ranker="knn")
    assert "A and B are the same" in panel.why.text()
    click(panel.offers[1])
    found = compared(screen)
    assert store.resolved.other_spaces is not None and store.resolved.other_spaces.shared == "run 1"
    mean = mean_change(found.change)
    assert f"{mean.mean:+.3f} [{mean.low:+.3f}, {mean.high:+.3f}]" in panel.told.text()
    assert "A k-NN · shared   B k-NN · run 1" in panel.told.text()


def test_counts_list_and_filters_are_the_librarys(screen: Screen) -> None:
    panel = look(screen)
    click(panel.offers[1])
    found = compared(screen)
    for reading in (Reading.AP, Reading.FIRST):
        click(panel.reading._buttons[reading])
        counts = found.counts(reading)
        assert shown_counts(panel) == [40, counts[FIXED], counts[BROKEN], counts[SAME]]
        assert counts[BROKEN]
    click(panel.reading._buttons[Reading.AP])
    assert panel.table.model().rowCount() == 40
    for name, verdict in (("fixed", FIXED), ("same", SAME), ("broken", BROKEN)):
        click(panel.filter._buttons[name])
        assert sorted(panel.table.numbers) == sorted(found.ranked(verdict))

    # sorted by a click on each heading, up and down; the cells say what the library says
    keys = {2: found.ap_a, 3: found.ap_b, 4: found.change, 5: found.first_a - found.first_b}
    head = panel.table.horizontalHeader()
    panel.split.setSizes([1000, 10])  # so that every heading can be clicked
    pause(20)
    for column, values in keys.items():
        for sign in (1, -1):
            at = QPoint(head.sectionViewportPosition(column) + 20, head.height() // 2)
            QTest.mouseClick(head.viewport(), Qt.MouseButton.LeftButton, pos=at)
            if sign == 1 and head.sortIndicatorOrder() is Qt.SortOrder.DescendingOrder:
                QTest.mouseClick(head.viewport(), Qt.MouseButton.LeftButton, pos=at)
            listed = sign * values[panel.table.numbers]
            assert (np.diff(listed) >= 0).all(), (column, sign)
    number = int(panel.table.numbers[0])
    assert cell(panel, 0, 0) == f"photos {number}" and cell(panel, 0, 1) == f"class-{number % 5}"
    assert cell(panel, 0, 4) == f"▼ {found.change[number]:+.3f} broken"
    assert cell(panel, 0, 5) == f"{found.first_a[number]} → {found.first_b[number]}"


def test_a_row_asks_its_query_of_both(screen: Screen) -> None:
    panel, lab = look(screen), screen.laboratory
    click(panel.offers[1])
    found = compared(screen)
    panel.table.sort_by(4, descending=False)
    click_row(panel, 2)
    screen.settle()
    number = int(np.argsort(found.change, kind="stable")[2])
    assert lab.store.resolved.query_rows.tolist() == [number]
    reply = lab.rankings.reply
    assert reply is not None and reply.answer.b is not None
    assert reply.answer.a.average_precision == pytest.approx(found.ap_a[number])
    assert reply.answer.b.average_precision == pytest.approx(found.ap_b[number])

    # the arrows walk on, a query asked elsewhere is marked, the keys walk what B breaks, worst first
    QTest.keyClick(panel.table, Qt.Key.Key_Down)
    screen.settle()
    assert lab.store.resolved.query_rows[0] == np.argsort(found.change, kind="stable")[3]
    lab.store.ask_item("photos", 7)
    assert int(panel.table.numbers[panel.table.currentIndex().row()]) == 7
    broken = found.ranked(BROKEN).tolist()
    lab.store.ask(query=None)
    walked = []
    shift = Qt.KeyboardModifier.ShiftModifier
    for key in (Qt.Key.Key_N, Qt.Key.Key_N, Qt.Key.Key_P, Qt.Key.Key_P):
        screen.key(key, shift)
        walked.append(int(lab.store.resolved.query_rows[0]))
    assert walked == [broken[0], broken[1], broken[0], broken[-1]]


def test_pictures_are_doors_and_the_maps_wear_the_change(screen: Screen) -> None:
    panel, lab = look(screen), screen.laboratory
    screen.window.resize(1440, 900)
    click(panel.offers[1])
    found = compared(screen)

    def selected() -> list[int]:
        return list(dict(lab.store.resolved.view.selection).get("photos", ()))

    bars = panel.plots._bars
    assert bars is not None and bars.drawn > 2
    low = round(float(np.round(found.change.min() / 0.1)))
    tallest = -low  # the bar of those that stayed the same
    QTest.mouseClick(bars.canvas, Qt.MouseButton.LeftButton, pos=bars.place(tallest))
    assert selected() == np.flatnonzero(np.abs(found.change) < 0.05).tolist()

    click(panel.kinds._buttons["classes"])
    by_class = panel.plots._by_class
    assert by_class is not None and by_class.drawn == 5
    means = [found.change[np.arange(40) % 5 == c].mean() for c in range(5)]
    QTest.mouseClick(by_class.canvas, Qt.MouseButton.LeftButton, pos=by_class.place(0))
    assert selected() == np.flatnonzero(np.arange(40) % 5 == np.argmin(means)).tolist()

    click(panel.kinds._buttons["cloud"])
    cloud = panel.plots._cloud
    assert cloud is not None and cloud.drawn == 40
    number = int(np.argmax(found.change))
    QTest.mouseClick(cloud.canvas, Qt.MouseButton.LeftButton, pos=cloud.place(number))
    screen.settle()
    assert lab.store.resolved.query_rows.tolist() == [number]

    click(panel.filter._buttons["fixed"])
    click(panel.select)
    assert selected() == sorted(found.ranked(FIXED))
    click(panel.colour)
    assert lab.store.resolved.view.colour_by is ColourBy.FIGURE
    numbers = lab.maps._colours._numbers[ColourBy.FIGURE]
    np.testing.assert_allclose(numbers["photos"], found.change)
    assert lab.maps.figure == FIGURE

    # the figure is of what A and B are now, or of nothing
    lab.bars.swap()
    turned = compared(screen)
    numbers = lab.maps._colours._numbers[ColourBy.FIGURE]
    assert list(numbers) == ["notes"]
    np.testing.assert_allclose(numbers["notes"], turned.change)
    screen.window.docks["evaluation"].raise_()
    lab.store.ask(other=None)
    assert lab.maps._colours._numbers[ColourBy.FIGURE] == {}


def test_it_follows_the_store_and_is_never_of_other_data(screen: Screen, tmp_path: Path) -> None:
    panel, lab = look(screen), screen.laboratory
    click(panel.offers[1])
    first = compared(screen)
    lab.bars.swap()
    turned = compared(screen)
    assert not np.array_equal(first.ap_a, turned.ap_a)
    assert lab.comparisons.comparison is not None
    np.testing.assert_allclose(lab.comparisons.comparison.change, turned.change)
    assert cell(panel, 0, 0).startswith("notes")

    other = write_data(tmp_path / "others", TWO, items=20, classes=4)
    write_run(runs_folder() / "run 2", open_dataset(other))
    screen.open(other)
    assert lab.comparisons.comparison is None
    look(screen)
    click(panel.offers[1])
    compared(screen)
    assert shown_counts(panel)[0] == 20


def test_items_without_classes_are_told_not_to_count(screen: Screen, tmp_path: Path) -> None:
    other = write_data(tmp_path / "unlabelled", TWO, items=12, classes=0)
    screen.open(other)
    panel = look(screen)
    click(panel.offers[0])
    wait_until(lambda: screen.laboratory.comparisons.mean is not None, "a comparison")
    assert shown_counts(panel) == [0, 0, 0, 0] and panel.table.model().rowCount() == 0
    assert "no query has a match" in panel.told.text()
    for kind in ("changes", "cloud", "classes"):
        click(panel.kinds._buttons[kind])
    screen.key(Qt.Key.Key_N, Qt.KeyboardModifier.ShiftModifier)
    assert "no broken query" in screen.window.statusBar().currentMessage()
