"""Plots as a person sees and clicks them; QTest presses real pixels."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip

from tests.qt.screen import pause
from xview.qt import theme
from xview.qt.palette import class_colours
from xview.qt.panels.plots import BarPlot, CloudPlot, Curve, CurvePlot, HeatPlot, Plot

K = np.array([1, 2, 5, 10, 20, 50])
ORANGE, BLUE, *_ = class_colours(2, False)


def shown(qtbot, plot: Plot) -> Plot:
    qtbot.addWidget(plot)
    plot.resize(420, 260)
    plot.setVisible(True)
    qtbot.waitExposed(plot)
    return plot


def click(plot: Plot, place: QPoint) -> None:
    plot.grab()  # axes take their room when they are painted
    QTest.mouseClick(plot.canvas, Qt.MouseButton.LeftButton, pos=place)


def colour_at(plot: Plot, place: QPoint) -> str:
    return plot.canvas.grab().toImage().pixelColor(place).name()


def hovered(plot: Plot, place: QPoint) -> str:
    QTest.mouseMove(plot.canvas, place)
    pause(20)
    return QToolTip.text()


@pytest.fixture
def curves(qtbot) -> CurvePlot:
    plot = shown(qtbot, CurvePlot())
    falling = Curve("falling", K, 1 / K, 0, low=0.9 / K, high=1.1 / K)
    plot.show([falling, Curve("rising", K, 1 - 1 / K, 1, dash=1)], x="k", y="trust", log_x=True)
    return plot


def test_a_click_on_a_point_names_its_curve_and_place(qtbot, curves):
    curves.grab()
    for curve, point in ((0, 2), (1, 5), (0, 0)):
        with qtbot.waitSignal(curves.point_clicked) as clicked:
            click(curves, curves.place(curve, point) + QPoint(3, -2))
        assert clicked.args == [curve, point]


def test_a_click_away_from_every_curve_does_nothing(qtbot, curves):
    with qtbot.assertNotEmitted(curves.point_clicked):
        click(curves, (curves.place(0, 5) + curves.place(1, 5)) / 2)


def test_the_log_axis_spaces_ratios_alike(curves):
    curves.grab()
    one, two, ten, twenty = (curves.place(0, point).x() for point in (0, 1, 3, 4))
    assert two - one == pytest.approx(twenty - ten, abs=1.5)


def test_the_legend_names_curves_by_their_colour(curves):
    legend = curves._legend.text()
    assert legend.index(ORANGE) < legend.index("falling") < legend.index(BLUE) < legend.index("rising")


def test_the_mark_stands_where_the_setting_is(curves):
    curves.mark(10)
    curves.grab()
    x = curves.place(0, 3).x()
    column = [colour_at(curves, QPoint(x + dx, y)) for dx in (-1, 0, 1) for y in range(20, 160)]
    assert theme.current().accent in column
    curves.mark(None)
    column = [colour_at(curves, QPoint(x + dx, y)) for dx in (-1, 0, 1) for y in range(20, 160)]
    assert theme.current().accent not in column


def test_hovering_a_point_tells_its_numbers(qtbot, curves):
    curves.grab()
    told = hovered(curves, curves.place(0, 2))
    assert "falling" in told and "0.2" in told and "0.18 to 0.22" in told
    hovered(curves, (curves.place(0, 5) + curves.place(1, 5)) / 2)
    qtbot.waitUntil(lambda: not QToolTip.isVisible())


def test_points_without_a_number_are_no_place_to_click(qtbot):
    plot = shown(qtbot, CurvePlot())
    plot.show([Curve("a", np.arange(3), np.array([0.0, np.nan, 1.0]))], x="x", y="y")
    with qtbot.assertNotEmitted(plot.point_clicked):
        click(plot, plot.place(0, 0) + QPoint(0, -60))
    assert plot.drawn == 1


@pytest.mark.parametrize("lying", [False, True])
def test_a_bar_can_be_clicked_and_is_as_long_as_its_number(qtbot, lying):
    plot = shown(qtbot, BarPlot())
    plot.show(["a", "b", "c"], np.array([0.5, 1.0, -0.25]), y="share", horizontal=lying)
    plot.grab()
    for bar in range(3):
        assert colour_at(plot, plot.place(bar)) == ORANGE
        with qtbot.waitSignal(plot.bar_clicked) as clicked:
            click(plot, plot.place(bar))
        assert clicked.args == [bar]
    assert "b" in hovered(plot, plot.place(1)) and "1" in QToolTip.text()


def test_groups_of_bars_stand_side_by_side(qtbot):
    plot = shown(qtbot, BarPlot())
    plot.show(["a", "b"], {"own": np.array([1.0, 1.0]), "shared": np.array([np.nan, 1.0])}, y="share")
    plot.grab()
    own = plot.place(1)
    shared = own + QPoint(round(0.4 * (plot.place(1).x() - plot.place(0).x())), 0)
    assert (colour_at(plot, own), colour_at(plot, shared)) == (ORANGE, BLUE)
    with qtbot.waitSignal(plot.series_clicked) as clicked:
        click(plot, shared)
    assert clicked.args == [1, 1]
    assert plot.drawn == 3
    assert "own" in plot._legend.text()


def test_highlighting_frames_one_bar(qtbot):
    plot = shown(qtbot, BarPlot())
    plot.show(["a", "b"], np.array([1.0, 0.0]), y="share")
    accent = theme.current().accent

    def framed() -> bool:
        image = plot.canvas.grab().toImage()
        right = range(image.width() * 2 // 3, image.width())
        return any(image.pixelColor(x, image.height() // 2).name() == accent for x in right)

    assert not framed()
    plot.highlight(1)
    assert framed()
    plot.highlight(None)
    assert not framed()


@pytest.fixture
def cloud(qtbot) -> CloudPlot:
    plot = shown(qtbot, CloudPlot())
    rng = np.random.default_rng(3)
    x, y = rng.random((2, 40))
    x[0], y[1] = np.nan, np.nan
    plot.show(x, y, x_title="distortion", y_title="AP", codes=np.arange(40) % 2, names=("even", "odd"))
    plot.grab()
    return plot


def test_a_click_finds_the_nearest_point(qtbot, cloud):
    places = {row: cloud.place(row) for row in range(2, 40)}
    for row in (2, 17, 39):
        at = places[row] + QPoint(1, 1)
        away = {other: (place - at).manhattanLength() for other, place in places.items()}
        if sorted(away.values())[1] < 6:
            continue  # two points lie on each other
        with qtbot.waitSignal(cloud.clicked) as clicked:
            click(cloud, at)
        assert clicked.args == [row]
    assert cloud.drawn == 38


def test_shift_and_drag_takes_what_lies_in_the_box(qtbot, cloud):
    places = {row: cloud.place(row) for row in range(2, 40)}
    one, other = QPoint(120, 43), QPoint(300, 140)
    inside = sorted(
        row for row, p in places.items() if one.x() <= p.x() <= other.x() and one.y() <= p.y() <= other.y()
    )
    with qtbot.waitSignal(cloud.lassoed) as lassoed:
        shift = Qt.KeyboardModifier.ShiftModifier
        QTest.mousePress(cloud.canvas, Qt.MouseButton.LeftButton, shift, one)
        QTest.mouseMove(cloud.canvas, other)
        QTest.mouseRelease(cloud.canvas, Qt.MouseButton.LeftButton, shift, other)
    assert len(inside) > 2
    assert lassoed.args[0].tolist() == inside


def test_marked_points_are_ringed(cloud):
    ink = QColor(theme.current().text)

    def ringed(row: int) -> bool:
        image: QImage = cloud.canvas.grab().toImage()
        at = cloud.place(row)
        near = [image.pixelColor(at.x() + dx, at.y() + dy) for dx in range(-7, 8) for dy in range(-7, 8)]
        return any(abs(c.lightness() - ink.lightness()) < 25 and c.saturation() < 90 for c in near)

    assert not ringed(7)
    cloud.mark([7, 0])  # 0 has no number, so it cannot be ringed
    assert ringed(7)


def test_a_cloud_of_twenty_thousand_answers_a_click(qtbot):
    plot = shown(qtbot, CloudPlot())
    x = np.linspace(0, 1, 20_000)
    plot.show(x, x, x_title="x", y_title="y")
    with qtbot.waitSignal(plot.clicked) as clicked:
        plot.grab()
        click(plot, plot.place(10_000))
    assert abs(clicked.args[0] - 10_000) < 60


@pytest.fixture
def heat(qtbot) -> HeatPlot:
    plot = shown(qtbot, HeatPlot())
    values = np.arange(12.0).reshape(3, 4)
    values[2, 1] = np.nan
    plot.show(values, x="λ", y="α", x_ticks=["0", "¼", "½", "1"], y_ticks=list("abc"), of="mAP")
    plot.grab()
    return plot


def test_a_click_on_a_cell_names_its_row_and_column(qtbot, heat):
    for cell in ((0, 0), (2, 3), (1, 2)):
        with qtbot.waitSignal(heat.cell_clicked) as clicked:
            click(heat, heat.place(*cell))
        assert clicked.args == list(cell)
    assert heat.drawn == 11
    assert heat.place(0, 0).y() < heat.place(2, 0).y()


def test_cells_wear_the_scale_and_a_missing_one_the_ground(heat):
    low, high = colour_at(heat, heat.place(0, 0)), colour_at(heat, heat.place(2, 3))
    assert QColor(low).lightness() < QColor(high).lightness()
    assert colour_at(heat, heat.place(2, 1)) == theme.current().panel


def test_differences_part_at_zero(qtbot):
    plot = shown(qtbot, HeatPlot())
    plot.show(np.array([[-1.0, 0.0, 4.0]]), x="x", y="y", x_ticks=(), y_ticks=(), diverging=True)
    plot.grab()
    less, none, more = (QColor(colour_at(plot, plot.place(0, column))) for column in range(3))
    assert less.blue() > less.red() and more.red() > more.blue()
    assert none.saturation() < 12
    assert less.saturation() < more.saturation()


def test_a_cell_tells_its_names_or_what_it_is_told_to(qtbot, heat):
    told = hovered(heat, heat.place(1, 2))
    assert "½" in told and "b" in told and "6" in told
    heat.show(np.ones((1, 2)), x="x", y="y", x_ticks=(), y_ticks=(), tell=lambda r, c: f"cell <{r}> {c}")
    heat.grab()
    assert "cell &lt;0&gt; 1" in hovered(heat, heat.place(0, 1))


def test_a_marked_cell_is_framed(heat):
    heat.mark(1, 1)
    image = heat.canvas.grab().toImage()
    y, accent = heat.place(1, 1).y(), QColor(theme.current().accent)
    row = [image.pixelColor(x, y) for x in range(heat.place(1, 0).x(), heat.place(1, 2).x())]
    assert any(c.name() == accent.name() for c in row)


def press(plot: Plot, *keys: Qt.Key) -> None:
    """Whether or not the plot has the focus, the first key that would leave it leads to the first thing."""
    for key in keys:
        QTest.keyClick(plot, key)


LEFT, RIGHT, UP, DOWN = Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down


def test_arrow_keys_walk_cells_and_enter_chooses(qtbot, heat):
    with qtbot.waitSignal(heat.cell_clicked) as clicked:
        press(heat, LEFT, UP, RIGHT, RIGHT, DOWN, Qt.Key.Key_Return)
    assert clicked.args == [1, 2]
    assert "½" in heat.accessibleDescription() and "6" in heat.accessibleDescription()
    assert heat._ring.isVisible()
    assert (heat._ring.geometry().center() - heat.place(1, 2)).manhattanLength() <= 2
    with qtbot.waitSignal(heat.cell_clicked) as clicked:
        press(heat, *[RIGHT] * 9, *[DOWN] * 9, UP, Qt.Key.Key_Space)
    assert clicked.args == [1, 3]  # the edges hold


def test_arrow_keys_walk_curves_over_the_gaps_in_them(qtbot):
    plot = shown(qtbot, CurvePlot())
    gap = Curve("gap", np.arange(4.0), np.array([0, np.nan, np.nan, 1.0]))
    plot.show([gap, Curve("other", np.array([0.0, 2.9]), np.array([1.0, 1.0]))], x="x", y="y")
    with qtbot.waitSignal(plot.point_clicked) as clicked:
        press(plot, LEFT, RIGHT, Qt.Key.Key_Return)
    assert clicked.args == [0, 3]
    with qtbot.waitSignal(plot.point_clicked) as clicked:
        press(plot, DOWN, Qt.Key.Key_Return)
    assert clicked.args == [1, 1]


def test_arrow_keys_walk_points_along_an_axis(qtbot, cloud):
    order = np.argsort(cloud._at[0][2:]) + 2
    with qtbot.waitSignal(cloud.clicked) as clicked:
        press(cloud, LEFT, RIGHT, RIGHT, LEFT, Qt.Key.Key_Return)
    assert clicked.args == [order[1]]


@pytest.mark.parametrize(("lying", "key"), [(False, RIGHT), (True, DOWN)])
def test_arrow_keys_walk_bars(qtbot, lying, key):
    plot = shown(qtbot, BarPlot())
    plot.show(["a", "b", "c"], np.ones(3), y="share", horizontal=lying)
    with qtbot.waitSignal(plot.bar_clicked) as clicked:
        press(plot, LEFT, UP, key, Qt.Key.Key_Return)
    assert clicked.args == [1]
    plot.show([], np.empty(0), y="share")
    with qtbot.assertNotEmitted(plot.bar_clicked):
        press(plot, key, Qt.Key.Key_Return)


def test_an_empty_plot_says_so_and_shows_again(qtbot, heat):
    heat.empty("measure first")
    assert heat._words.isVisible() and heat._words.text() == "measure first"
    assert not heat.canvas.isVisible()
    heat.show(np.ones((2, 2)), x="x", y="y", x_ticks=(), y_ticks=())
    assert heat.canvas.isVisible() and not heat._words.isVisible()


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_a_saved_picture_shows_the_bars(qtbot, tmp_path, ending):
    plot = shown(qtbot, BarPlot())
    plot.show(["a", "b"], {"own": np.ones(2), "shared": np.ones(2)}, y="share of the largest part")
    plot.grab()
    path = tmp_path / f"bars.{ending}"
    assert plot.save(path)
    if ending == "svg":
        assert "share of the largest part" in path.read_text("utf-8")
        assert QSvgRenderer(str(path)).isValid()
    image = QImage(str(path))
    colours = {image.pixelColor(x, image.height() // 2).name() for x in range(image.width())}
    assert {ORANGE, BLUE} <= colours


def test_a_picture_that_cannot_be_written_is_told(heat, tmp_path):
    assert not heat.save(tmp_path / "nowhere" / "heat.png")


def test_plots_follow_the_theme(qtbot, qapp: QApplication, curves, heat):
    try:
        theme.apply(qapp, theme.Scheme.DARK)
        pause(20)
        for plot in (curves, heat):
            assert plot.canvas.grab().toImage().pixelColor(2, 2).name() == theme.DARK.panel
    finally:
        theme.apply(qapp, theme.Scheme.LIGHT)
