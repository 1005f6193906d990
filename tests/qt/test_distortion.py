"""The distortion dock on a small data set, measured by the real worker: clicked, and seen on the maps."""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot

from tests.qt.data_sets import write_data
from tests.qt.screen import Screen, pause, wait_until
from xview.errors import DataError
from xview.metrics.distortion import FIGURES, Distortion
from xview.metrics.measure_distortion import measure
from xview.qt.maps.scene import Tone
from xview.qt.panels.distortion import EMPTY, VIEWS, DistortionPanel
from xview.qt.panels.distortion_door import DRAWN
from xview.qt.panels.distortion_view import DistortionView
from xview.session.state import ColourBy, ItemsQuery, Overlay
from xview.spaces.library import open_data

TWO = {"photos": "image", "notes": "text"}


@pytest.fixture
def screen(qtbot: QtBot, tmp_path: Path) -> Iterator[Screen]:
    made = Screen(qtbot, warm_up=False)
    made.open(write_data(tmp_path / "pairs", TWO, items=130, classes=4, width=6))
    yield made
    made.leave()


def show_dock(screen: Screen) -> DistortionPanel:
    dock = screen.window.docks["distortion"]
    dock.show()
    dock.raise_()
    desk = screen.laboratory.distortion
    wait_until(lambda: desk._panel is not None, "the panel")
    return desk.panel


def measured(screen: Screen) -> Distortion:
    desk, service = screen.laboratory.distortion, screen.laboratory.distortions
    wait_until(lambda: service.result(desk.request) is not None, "a measurement")
    pause(20)
    found = service.result(desk.request)
    assert found is not None
    return found


def look_at(panel: DistortionPanel, name: str) -> DistortionView:
    QTest.mouseClick(panel.kinds.button(name), Qt.MouseButton.LeftButton)
    view = panel.view(name)
    assert view.isVisible()
    wait_until(lambda: view.result is panel._result, "the view")
    view.plot.grab()  # axes take their room when they are painted
    return view


def click(view: DistortionView, place: QPoint) -> None:
    QTest.mouseClick(view.plot.canvas, Qt.MouseButton.LeftButton, pos=place)
    pause(20)


def selection(screen: Screen) -> dict[str, list[int]]:
    return {modality: list(rows) for modality, rows in screen.laboratory.store.resolved.view.selection}


def test_a_measurement_of_data_that_were_closed_is_not_of_those_opened_since(screen: Screen) -> None:
    service, store = screen.laboratory.distortions, screen.laboratory.store
    request = service.request()
    assert request is not None
    service.run(request)
    run = service.run_in_hand
    assert run is not None
    while run.job.outcome is None:  # it is done before the window hears of it
        time.sleep(0.01)
        run.job.poll()
    other = replace(store.workspace, spaces=dict(store.workspace.spaces))
    store.open(other, store.state)
    service.run(request)  # the spaces bear the same names
    again = service.run_in_hand
    assert again is not None and again is not run
    wait_until(lambda: run not in screen.laboratory.work.runs, "that it is taken")
    assert service.result(request) is None and service.run_in_hand is again
    service.cancel()


def test_first_look_measures_can_be_cancelled_and_agrees_with_the_library(screen: Screen) -> None:
    desk, lab, store = screen.laboratory.distortion, screen.laboratory, screen.laboratory.store
    store.ask(colour_by=ColourBy.FIGURE)  # of which there is none yet
    assert "Distortion" in lab.maps.legend.scale.accessibleName()
    assert lab.maps.legend.scale.isVisible()
    assert desk._panel is None  # nothing is built before it is seen
    assert lab.distortions.fresh
    screen.come_back()
    screen.key(Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    wait_until(lambda: not desk.visibleRegion().isEmpty(), "the dock")
    panel = desk.panel
    wait_until(lambda: lab.distortions.run_in_hand, "a start")
    QTest.mouseClick(panel.cancel, Qt.MouseButton.LeftButton)
    wait_until(lambda: not lab.distortions.run_in_hand, "the cancel")
    assert lab.distortions.result(desk.request) is None
    assert "cancelled" in panel._empty.text()
    QTest.mouseClick(panel.measure, Qt.MouseButton.LeftButton)
    found = measured(screen)
    request = desk.request
    assert request is not None and request.space == "shared"
    expected = measure(open_data(store.workspace.dataset.source), request)
    for here, there in zip(found.comparisons, expected.comparisons, strict=True):
        assert here.modality == there.modality
        np.testing.assert_array_equal(here.neighbourhoods.ranks, there.neighbourhoods.ranks)
        np.testing.assert_array_equal(here.measured_fragments.parts, there.measured_fragments.parts)
        np.testing.assert_array_equal(here.torn.ends, there.torn.ends)
        for name in FIGURES:
            np.testing.assert_allclose(here.figures[name], there.figures[name])
    assert [f.correlation.rho for f in found.failures] == pytest.approx(
        [f.correlation.rho for f in expected.failures]
    )
    assert look_at(panel, "quality").plot.drawn == 2 * 6  # measures of both modalities
    assert not panel.measure.isEnabled()

    # the other direction is the same measurement
    store.ask(protocol=store.resolved.task.protocol.swapped())
    screen.settle()
    assert screen.laboratory.distortions.result(desk.request) is found


def a_class_that_fell_apart_opens_its_items_and_colours_them_by_piece(
    screen: Screen, panel: DistortionPanel, found: Distortion
) -> None:
    lab = screen.laboratory
    view = look_at(panel, "fragments")
    click(view, view.plot.place(0, 1))
    comparison = found.comparisons[0]
    shares = {one.label: one.largest for one in comparison.measured_fragments.classes}
    worst = min(shares.values())
    rows = selection(screen)[comparison.modality]
    labels = lab.store.workspace.dataset.collection(comparison.modality).labels
    (label,) = set(labels[rows].tolist())
    assert shares[label] == worst
    assert rows == np.flatnonzero(labels == label).tolist()
    for space in (f"{comparison.modality} alone", "shared"):
        scene, canvas = lab.maps.scenes[space], lab.maps.views[space].canvas
        assert (
            np.flatnonzero(canvas.points.selected).tolist()
            == scene.points(comparison.modality, rows).tolist()
        )
    assert lab.store.resolved.view.colour_by is ColourBy.FIGURE
    assert panel.items.table.model().rowCount() == len(rows)

    # pieces are numbered from the largest; those alone share the last number
    parts = comparison.measured_fragments.parts[np.isin(comparison.rows, rows)]
    values = lab.maps._colours._numbers[ColourBy.FIGURE][comparison.modality][rows]
    sizes = np.bincount(parts)
    assert np.count_nonzero(values == 1) == sizes[0] == round(worst * len(rows))
    assert np.count_nonzero(values == values.max()) >= sizes.min()
    assert np.isfinite(lab.maps._colours._numbers[ColourBy.FIGURE][comparison.modality]).sum() == len(rows)

    # the other bar of the class colours it by its pieces before
    click(view, view.plot.place(0, 0))
    before = comparison.reference_fragments.parts[np.isin(comparison.rows, rows)]
    values = lab.maps._colours._numbers[ColourBy.FIGURE][comparison.modality][rows]
    assert np.count_nonzero(values == 1) == np.bincount(before)[0]
    assert f"in {comparison.reference}" in panel.items.title.text()


def a_point_of_a_curve_opens_the_items_worst_at_that_k(
    screen: Screen, panel: DistortionPanel, found: Distortion
) -> None:
    view = look_at(panel, "quality")
    view.measure.setCurrentText("continuity")
    view.measure.activated.emit(view.measure.currentIndex())
    view.plot.grab()
    assert view.plot.drawn == 2
    click(view, view.plot.place(1, 2))
    comparison = found.comparisons[1]
    near = comparison.neighbourhoods
    values = near.continuity[:, 2]
    listed = [panel.items._door.listed[i] for i in range(5)]
    assert {modality for modality, _, _ in listed} == {comparison.modality}
    assert [value for _, _, value in listed] == pytest.approx(np.sort(values)[:5])
    assert f"k = {near.ks[2]}" in panel.items.title.text()
    assert set(selection(screen)) == {comparison.modality}


def a_cell_of_the_coranking_matrix_opens_the_items_counted_there(
    screen: Screen, panel: DistortionPanel, found: Distortion
) -> None:
    view = look_at(panel, "coranking")
    near = found.comparisons[0].neighbourhoods
    row, column = np.argwhere(near.coranking == near.coranking.max())[0].tolist()
    click(view, view.plot.place(row, column))
    modality = found.comparisons[0].modality
    assert len(selection(screen)[modality]) == near.coranking[row, column]
    place = selection(screen)[modality][0]
    assert near.ranks[place, row] == column + 1


def torn_edges_are_drawn_on_every_map_that_holds_them(
    screen: Screen, panel: DistortionPanel, found: Distortion
) -> None:
    lab = screen.laboratory
    view = look_at(panel, "edges")
    QTest.mouseClick(view.drawing, Qt.MouseButton.LeftButton)
    assert lab.store.resolved.view.overlay is Overlay.TORN

    def drawn(space: str) -> dict[Tone, set[tuple[int, int]]]:
        lines = lab.maps.views[space].canvas.overlay.lines
        made: dict[Tone, set[tuple[int, int]]] = {}
        for line in lines:
            made.setdefault(line.tone, set()).update(map(tuple, line.ends.tolist()))
        return made

    def expected(space: str, tone: str, label: int = -1) -> set[tuple[int, int]]:
        pairs = set()
        for c in found.comparisons:
            edges = {Tone.TORN: c.torn, Tone.BRIDGED: c.bridged}[tone]
            ends = edges.ends
            if label >= 0:
                ends = ends[(c.labels[ends] == label).any(axis=1)]
            points = lab.maps.scenes[space].points(c.modality, c.rows[ends[:DRAWN]].ravel())
            pairs |= set(map(tuple, points.reshape(-1, 2).tolist()))
        return pairs

    assert sum(c.torn.total for c in found.comparisons) > 0
    for space in lab.maps.views:
        for tone in (Tone.TORN, Tone.BRIDGED):
            assert drawn(space).get(tone, set()) == expected(space, tone)

    # a class draws its own alone, and selects their ends
    click(view, view.plot.place(0))
    comparison = found.comparisons[0]
    label = view._order[0]
    assert drawn("shared")[Tone.TORN] == expected("shared", Tone.TORN, label)
    ends = np.concatenate([comparison.torn.ends, comparison.bridged.ends])
    touched = np.unique(ends[(comparison.labels[ends] == label).any(axis=1)])
    assert selection(screen)[comparison.modality] == comparison.rows[touched].tolist()

    # the strip tells, and turning it off there shows here
    assert lab.maps.strip.overlay.currentText() == Overlay.TORN
    lab.store.ask(overlay=Overlay.NONE)
    assert not view.drawing.isChecked()
    assert not lab.maps.views["shared"].canvas.overlay.lines


def hubs_and_the_gap_open_what_stands_in_a_bar(
    screen: Screen, panel: DistortionPanel, found: Distortion
) -> None:
    view = look_at(panel, "hubs")
    hubs = next(h for h in found.hubs if h.asked != h.found)
    often = int(np.argmax(np.bincount(hubs.occurrences)))
    click(view, view.plot.place(often))
    assert selection(screen) == {hubs.found: hubs.rows[hubs.occurrences == often].tolist()}

    view = look_at(panel, "gap")
    bar = 16
    click(view, view.plot.place(bar))
    low, high = view._edges[bar], view._edges[bar + 1]
    for comparison in found.comparisons:
        along = comparison.figures["gap"]
        inside = comparison.rows[(along >= low) & (along < high)].tolist()
        assert selection(screen).get(comparison.modality, []) == inside


def a_query_in_the_scatter_is_asked_in_its_direction(
    screen: Screen, panel: DistortionPanel, found: Distortion
) -> None:
    lab = screen.laboratory
    view = look_at(panel, "failure")
    asking = lab.store.resolved.task.protocol.query
    other = next(i for i, f in enumerate(found.failures) if f.query != asking)
    failure = found.failures[other]
    view.choice.setCurrentIndex(other)
    view.choice.activated.emit(other)
    view.plot.grab()
    place = int(np.nanargmin(failure.ap))
    click(view, view.plot.place(place))
    screen.settle()
    query = lab.store.resolved.query
    assert isinstance(query, ItemsQuery)
    asked = lab.store.workspace.dataset.collection(failure.query).row_of[query.ids[0]]
    near = np.hypot(
        *(np.array(view.plot._pixels(*view.plot._at)) - view.plot._pixels(*view.plot._at)[place]).T
    )
    assert near[np.flatnonzero(failure.rows == asked)[0]] <= 2  # it, or one drawn on it
    assert lab.store.resolved.task.protocol.query == failure.query
    assert failure.rows[view.plot._marked].tolist() == [asked]
    assert "rho" in view.words.text() and "130 queries" in view.words.text()


def a_figure_colours_the_maps_and_lists_the_worst_with_their_means(
    screen: Screen, panel: DistortionPanel, found: Distortion
) -> None:
    lab = screen.laboratory
    items = panel.items
    items.figure.setCurrentText("continuity")
    items.figure.textActivated.emit("continuity")
    wait_until(lambda: items.title.text() == "worst by continuity", "the list")
    assert lab.store.resolved.view.colour_by is ColourBy.FIGURE
    assert lab.maps.legend.scale.accessibleName().startswith("continuity of shared")
    for c in found.comparisons:
        shown = lab.maps._colours._numbers[ColourBy.FIGURE][c.modality]
        np.testing.assert_array_equal(shown[c.rows], c.figures["continuity"])
    every = np.sort(np.concatenate([c.figures["continuity"] for c in found.comparisons]))
    listed = items._door.listed
    assert [value for *_, value in listed] == pytest.approx(every[: len(listed)])

    # a row asks its item, Select selects all listed
    modality, row, _ = listed[1]
    rect = items.table.visualRect(items.table.model().index(1, 1))
    QTest.mouseClick(items.table.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    screen.settle()
    ids = lab.store.workspace.dataset.collection(modality).ids
    assert lab.store.resolved.query == ItemsQuery((str(ids[row]),))
    QTest.mouseClick(items.select, Qt.MouseButton.LeftButton)
    assert sum(map(len, selection(screen).values())) == len(listed)

    # means: a group is selected
    QTest.mouseClick(items.pages.button("means"), Qt.MouseButton.LeftButton)
    means = [m for m in found.means() if np.isfinite(m.figures["continuity"])]
    assert items.means.rowCount() == len(means)
    place = next(i for i, m in enumerate(means) if m.group == "class" and m.label == 2)
    at = items.means.visualItemRect(items.means.item(place, 0)).center()
    items.means.scrollToItem(items.means.item(place, 0))
    at = items.means.visualItemRect(items.means.item(place, 0)).center()
    QTest.mouseClick(items.means.viewport(), Qt.MouseButton.LeftButton, pos=at)
    labels = lab.store.workspace.dataset.collection(means[place].modality).labels
    assert selection(screen) == {means[place].modality: np.flatnonzero(labels == 2).tolist()}
    assert float(items.means.item(place, 3).text()) == pytest.approx(
        means[place].figures["continuity"], abs=5e-4
    )


def test_another_reference_or_k_is_another_measurement(screen: Screen) -> None:
    lab = screen.laboratory
    lab.store.ask(overlay=Overlay.TORN)  # in the strip below the maps: measured, though the dock is not seen
    first = measured(screen)
    assert lab.distortion._panel is None
    assert len(lab.maps.views["shared"].canvas.overlay.lines) == 2 * len(first.comparisons)
    panel = show_dock(screen)
    panel._k.setValue(5)
    assert lab.distortions.result(lab.distortion.request) is None
    wait_until(panel._empty.isVisible, "what to do")
    assert panel._empty.text() == EMPTY
    QTest.mouseClick(panel.measure, Qt.MouseButton.LeftButton)
    assert panel.cancel.isVisible()
    five = measured(screen)
    assert {c.k for c in five.comparisons} == {5}
    panel._against.setCurrentIndex(1)
    panel._against.activated.emit(1)
    QTest.mouseClick(panel.measure, Qt.MouseButton.LeftButton)
    result = measured(screen)
    assert all("as umap" in c.measured for c in result.comparisons)
    assert result.gap is None
    assert look_at(panel, "gap").plot._words.isVisible()  # says why there is none
    panel._against.setCurrentIndex(0)
    panel._against.activated.emit(0)
    panel._k.setValue(10)
    assert lab.distortions.result(lab.distortion.request) is first  # nothing is measured twice


def every_stop_of_the_keyboard_has_a_name(screen: Screen, panel: DistortionPanel, found: Distortion) -> None:
    stops = 0
    for view in VIEWS:
        look_at(panel, view.name)
        for widget in panel.findChildren(QWidget):
            inner = widget.objectName().startswith("qt_") or widget.focusProxy() or not widget.isVisible()
            if not inner and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
                stops += 1
                said = widget.accessibleName() or (
                    widget.text() if isinstance(widget, QAbstractButton) else ""
                )
                assert said, f"{widget} in {widget.parent()} in {view.name}"
    assert stops > 10 * len(VIEWS)


def other_data_forget_what_was_measured(
    screen: Screen, panel: DistortionPanel, old: Distortion, tmp_path: Path
) -> None:
    lab = screen.laboratory
    lab.store.ask(overlay=Overlay.TORN)
    screen.open(write_data(tmp_path / "other", TWO, items=40, classes=3))  # spaces of the same names
    new = measured(screen)
    assert new is not old
    assert {len(c.rows) for c in new.comparisons} == {40}
    assert panel.items._door is not None
    assert lab.distortions.result(lab.distortion.request) is new


def exports_hold_every_figure(panel: DistortionPanel, found: Distortion, tmp_path: Path) -> None:
    look_at(panel, "fragments")
    for ending in ("csv", "json", "png", "svg"):
        panel.save(tmp_path / f"d.{ending}")
    with (tmp_path / "d.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == sum(len(c.rows) for c in found.comparisons)
    for place, row in enumerate(rows[:5]):
        for name in FIGURES:
            value = found.comparisons[0].figures[name][place]
            assert row[name] == ("" if np.isnan(value) else repr(float(value)))
    told = json.loads((tmp_path / "d.json").read_text("utf-8"))
    assert told["comparisons"][0]["modality"] == found.comparisons[0].modality
    assert "largest piece" in (tmp_path / "d.svg").read_text("utf-8")
    with pytest.raises(DataError, match="ends in"):
        panel.save(tmp_path / "d.pdf")
    with pytest.raises(DataError, match="nowhere"):
        panel.save(tmp_path / "nowhere" / "d.csv")
    assert sorted(p.name for p in tmp_path.glob("*d.*")) == ["d.csv", "d.json", "d.png", "d.svg"]


def test_every_figure_is_a_door(screen: Screen, tmp_path: Path) -> None:
    panel = show_dock(screen)
    panel._k.setValue(3)  # so that far is not beyond all of so few items
    QTest.mouseClick(panel.measure, Qt.MouseButton.LeftButton)
    found = measured(screen)
    for check in (
        a_class_that_fell_apart_opens_its_items_and_colours_them_by_piece,
        a_point_of_a_curve_opens_the_items_worst_at_that_k,
        a_cell_of_the_coranking_matrix_opens_the_items_counted_there,
        torn_edges_are_drawn_on_every_map_that_holds_them,
        hubs_and_the_gap_open_what_stands_in_a_bar,
        a_query_in_the_scatter_is_asked_in_its_direction,
        a_figure_colours_the_maps_and_lists_the_worst_with_their_means,
        every_stop_of_the_keyboard_has_a_name,
    ):
        check(screen, panel, found)
    exports_hold_every_figure(panel, found, tmp_path)
    other_data_forget_what_was_measured(screen, panel, found, tmp_path)
