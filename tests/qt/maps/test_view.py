"""The map as its user meets it: pointing, clicking, dragging, typing on the real widget."""

import time
from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPixmap, QWheelEvent
from PySide6.QtWidgets import QApplication

from xview.errors import XViewError
from xview.qt import theme
from xview.qt.maps.hover import DWELL, GRACE
from xview.qt.maps.scene import (
    Bridge,
    Hit,
    HoverContent,
    Lines,
    Overlay,
    Route,
    SelectionMode,
    Stop,
    Tool,
    Truth,
)
from xview.qt.maps.view import MapView

NO_BUTTON = Qt.MouseButton.NoButton
LEFT = Qt.MouseButton.LeftButton
SHIFT = Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
NONE = Qt.KeyboardModifier.NoModifier

# a 5 x 5 lattice: neighbours are far apart on screen, so the expected answers are plain
LATTICE = np.stack(np.meshgrid(np.arange(5.0), np.arange(5.0)), -1).reshape(-1, 2)


@pytest.fixture
def view(qtbot):
    view = MapView()
    qtbot.addWidget(view)
    view.resize(420, 440)
    view.set_title("sketches", "own space")
    view.set_points(LATTICE, np.zeros(25))
    with qtbot.waitExposed(view):
        view.show()
    return view


def at(view, row, dx=0, dy=0):
    place = view.canvas.place_of(row)
    return QPoint(round(place.x()) + dx, round(place.y()) + dy)


def heard(signal):
    calls = []
    signal.connect(lambda *arguments: calls.append(arguments))
    return calls


def send(view, kind, place, button=NO_BUTTON, held=NO_BUTTON, modifiers=NONE):
    at_global = QPointF(view.canvas.mapToGlobal(place))
    QApplication.sendEvent(view.canvas, QMouseEvent(kind, QPointF(place), at_global, button, held, modifiers))


def move(view, place):
    send(view, QEvent.Type.MouseMove, place)


def drag(view, places, modifiers=NONE, button=LEFT):
    send(view, QEvent.Type.MouseButtonPress, places[0], button, button, modifiers)
    for place in places[1:]:
        send(view, QEvent.Type.MouseMove, place, NO_BUTTON, button, modifiers)
    send(view, QEvent.Type.MouseButtonRelease, places[-1], button, NO_BUTTON, modifiers)


def wheel(view, place, notches):
    event = QWheelEvent(
        QPointF(place),
        QPointF(view.canvas.mapToGlobal(place)),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        NONE,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view.canvas, event)


def rows_of(calls):
    return [(rows.tolist(), mode) for rows, mode in calls]


# clicking


@pytest.mark.parametrize("row", [0, 12, 24])
def test_a_click_names_the_point_under_it(qtbot, view, row):
    clicked = heard(view.clicked)
    qtbot.mouseClick(view.canvas, LEFT, pos=at(view, row, 5, -4))
    assert clicked == [(row,)]


def test_a_click_on_nothing_asks_nothing(qtbot, view):
    clicked, chosen = heard(view.clicked), heard(view.selection_made)
    qtbot.mouseClick(view.canvas, LEFT, pos=at(view, 0, 30, -30))
    assert not clicked and not chosen


def test_fourteen_pixels_are_near_enough_and_sixteen_are_not(view):
    place = view.canvas.place_of(12)
    assert view.canvas.pick(place + QPointF(13.9, 0)) == 12
    assert view.canvas.pick(place + QPointF(0, 16)) == -1


def test_hidden_points_cannot_be_clicked(qtbot, view):
    clicked = heard(view.clicked)
    view.set_visible(np.arange(25) != 12)
    qtbot.mouseClick(view.canvas, LEFT, pos=at(view, 12))
    assert not clicked


@pytest.mark.parametrize(("held", "mode"), [(SHIFT, SelectionMode.ADD), (ALT, SelectionMode.SUBTRACT)])
def test_a_click_with_shift_or_alt_changes_the_selection_by_one(qtbot, view, held, mode):
    clicked, chosen = heard(view.clicked), heard(view.selection_made)
    qtbot.mouseClick(view.canvas, LEFT, held, at(view, 7))
    assert rows_of(chosen) == [([7], mode)] and not clicked


def test_a_click_with_ctrl_aims_and_with_shift_too_it_selects(qtbot, view):
    clicked, aimed, chosen = heard(view.clicked), heard(view.aimed), heard(view.selection_made)
    qtbot.mouseClick(view.canvas, LEFT, CTRL, at(view, 7))
    assert aimed == [(7,)] and not clicked and not chosen
    qtbot.mouseClick(view.canvas, LEFT, CTRL | SHIFT, at(view, 7))
    assert len(aimed) == len(chosen) == 1 and not clicked


def test_a_route_is_painted_solid_over_what_is_there_and_dashed_over_what_is_not(view):
    """Along the middle row: from point 10 to 12 at once, from 12 to 14 over an item this map lacks."""
    view.set_overlay(Overlay(route=Route((Stop(10, 1), Stop(12, 2), Stop(14, 4, stone=True, leap=True)))))
    drawn = view.canvas.grab().toImage()
    line = QColor(theme.current().bridge)

    def inked(one, other):
        """Share of the pixels between two points that have the line's colour, or nearly, in one of 3 rows."""
        xs, y = range(at(view, one).x() + 12, at(view, other).x() - 12), at(view, one).y()
        found = [[drawn.pixelColor(x, y + dy) for dy in (-1, 0, 1)] for x in xs]
        off = [
            min(abs(c.red() - line.red()) + abs(c.green() - line.green()) for c in three) for three in found
        ]
        return np.mean(np.array(off) < 60)

    assert inked(10, 12) > 0.95
    assert 0.3 < inked(12, 14) < 0.9


def test_a_double_click_clears_only_where_nothing_is(qtbot, view):
    cleared = heard(view.cleared)
    qtbot.mouseDClick(view.canvas, LEFT, pos=at(view, 12))
    assert not cleared
    qtbot.mouseDClick(view.canvas, LEFT, pos=at(view, 12, 30, 30))
    assert len(cleared) == 1


# dragging


def test_a_drag_pans_and_the_point_stays_under_the_pointer(view):
    clicked = heard(view.clicked)
    start = at(view, 12)
    drag(view, [start, start + QPoint(20, 10), start + QPoint(50, 30)])
    assert at(view, 12) == start + QPoint(50, 30)
    assert not clicked


BOX = [(6, -20, 20), (12, 0, 0), (18, 20, -20)]
INSIDE = [6, 7, 8, 11, 12, 13, 16, 17, 18]


@pytest.mark.parametrize(
    ("tool", "held", "mode"),
    [
        (Tool.PAN, SHIFT, SelectionMode.REPLACE),
        (Tool.PAN, SHIFT | ALT, SelectionMode.SUBTRACT),
        (Tool.PAN, SHIFT | CTRL, SelectionMode.REPLACE),
        (Tool.BOX, NONE, SelectionMode.REPLACE),
        (Tool.BOX, SHIFT, SelectionMode.ADD),
        (Tool.BOX, ALT, SelectionMode.SUBTRACT),
        (Tool.LASSO, NONE, SelectionMode.REPLACE),
        (Tool.LASSO, SHIFT, SelectionMode.ADD),
        (Tool.LASSO, ALT, SelectionMode.SUBTRACT),
        (Tool.BOX, SHIFT | CTRL | ALT, SelectionMode.SUBTRACT),
    ],
)
def test_boxes_and_lassos_gather_what_they_enclose(view, tool, held, mode):
    chosen, before = heard(view.selection_made), view.canvas.camera
    view.set_tool(tool)
    lasso = tool is Tool.LASSO or held & CTRL
    corners = [at(view, 6, -20, 20), at(view, 8, 20, 20), at(view, 18, 20, -20), at(view, 16, -20, -20)]
    drag(view, corners if lasso else [at(view, *place) for place in BOX], held)
    assert rows_of(chosen) == [(INSIDE, mode)]
    assert view.canvas.camera == before


def test_hidden_points_are_not_gathered(view):
    chosen = heard(view.selection_made)
    view.set_visible(np.arange(25) % 2 == 0)
    drag(view, [at(view, *place) for place in BOX], SHIFT)
    assert rows_of(chosen) == [([row for row in INSIDE if row % 2 == 0], SelectionMode.REPLACE)]


def test_escape_drops_the_box_being_drawn_and_else_clears(qtbot, view):
    chosen, cleared = heard(view.selection_made), heard(view.cleared)
    qtbot.mousePress(view.canvas, LEFT, SHIFT, at(view, 6, -20, 20))
    qtbot.mouseMove(view.canvas, at(view, 18, 20, -20))
    qtbot.keyClick(view.canvas, Qt.Key.Key_Escape)
    qtbot.mouseRelease(view.canvas, LEFT, SHIFT, at(view, 18, 20, -20))
    assert not chosen and not cleared
    qtbot.keyClick(view.canvas, Qt.Key.Key_Escape)
    assert len(cleared) == 1


def test_the_middle_button_pans_under_every_tool(view):
    view.set_tool(Tool.LASSO)
    chosen, start = heard(view.selection_made), at(view, 12)
    drag(view, [start, start + QPoint(40, 0)], button=Qt.MouseButton.MiddleButton)
    assert at(view, 12) == start + QPoint(40, 0) and not chosen


def test_the_wheel_zooms_where_the_pointer_is(view):
    place, scale = at(view, 18), view.canvas.camera.scale
    wheel(view, place, 3)
    assert view.canvas.camera.scale == pytest.approx(scale * 1.2**3, rel=0.02)
    assert at(view, 18) == place


def test_zoom_has_ends(view):
    for _ in range(100):
        wheel(view, at(view, 12), 5)
    deep = view.canvas.camera.scale
    assert np.isfinite(deep)
    for _ in range(100):
        wheel(view, QPoint(200, 200), -5)
    assert 0 < view.canvas.camera.scale < deep
    view.grab()


# keys


def test_keys_pan_zoom_and_fit(qtbot, view):
    home = view.canvas.camera
    qtbot.keyClick(view.canvas, Qt.Key.Key_Right)
    assert view.canvas.camera.x > home.x
    qtbot.keyClick(view.canvas, Qt.Key.Key_Plus)
    assert view.canvas.camera.scale > home.scale
    qtbot.keyClick(view.canvas, Qt.Key.Key_0)
    assert view.canvas.camera == home


def test_tools_have_keys(qtbot, view):
    changed = heard(view.tool_changed)
    for key in (Qt.Key.Key_S, Qt.Key.Key_B, Qt.Key.Key_G, Qt.Key.Key_G):
        qtbot.keyClick(view.canvas, key)
    assert changed == [(Tool.LASSO,), (Tool.BOX,), (Tool.PAN,)]


def test_a_query_can_be_made_by_keyboard_alone(qtbot, view):
    clicked, hovered = heard(view.clicked), heard(view.hovered)
    view.canvas.hover.set(12)
    qtbot.keyClick(view.canvas, Qt.Key.Key_Right, CTRL)
    qtbot.keyClick(view.canvas, Qt.Key.Key_Up, CTRL)
    qtbot.keyClick(view.canvas, Qt.Key.Key_Return)
    assert hovered == [(12,), (13,), (18,)] and clicked == [(18,)]


# hovering


def card_of(view):
    return view.canvas.hover.card


def describe(row):
    return HoverContent(f"item {row}", ("animal", "unseen"), None)


def test_hover_rings_at_once_and_shows_a_card_after_a_rest(qtbot, view):
    hovered = heard(view.hovered)
    view.set_describe(describe)
    move(view, at(view, 12))
    assert hovered == [(12,)] and card_of(view) is None
    qtbot.waitUntil(lambda: card_of(view) is not None, timeout=2000)
    assert card_of(view).title.text() == "item 12"
    assert "unseen" in card_of(view).lines.text()


def test_the_card_stays_a_moment_after_its_point_is_left(qtbot, view):
    view.set_describe(describe)
    move(view, at(view, 12))
    qtbot.waitUntil(lambda: card_of(view) is not None, timeout=2000)
    left = time.perf_counter()
    move(view, at(view, 12, 30, 30))
    assert card_of(view) is not None
    qtbot.waitUntil(lambda: card_of(view) is None, timeout=2000)
    assert time.perf_counter() - left >= (GRACE - 30) / 1000


def test_a_pointer_that_passes_by_raises_no_card(qtbot, view):
    view.set_describe(describe)
    move(view, at(view, 12))
    view.canvas.hover.leave()
    qtbot.wait(DWELL + 60)
    assert card_of(view) is None


def test_hits_are_tested_at_most_every_fifty_milliseconds(qtbot, view, monkeypatch):
    tests = []
    pick = view.canvas.hover._pick
    monkeypatch.setattr(view.canvas.hover, "_pick", lambda pixel: tests.append(pixel) or pick(pixel))
    start = time.perf_counter()
    for step in range(400):
        view.canvas.hover.move(QPointF(at(view, 0)) + QPointF(step / 4, 0))
        QApplication.processEvents()
    view.canvas.hover.move(QPointF(at(view, 24)))
    elapsed = time.perf_counter() - start
    qtbot.waitUntil(lambda: view.canvas.hover.index == 24, timeout=1000)
    assert len(tests) <= elapsed / 0.045 + 2


@pytest.mark.parametrize("row", range(25))
def test_the_card_is_inside_the_window_and_never_below_its_point(qtbot, view, row):
    view.set_describe(describe)
    view.canvas.hover.set(row)
    view.canvas.hover._show_card()
    card = card_of(view)
    assert view.rect().contains(card.geometry())
    point = view.canvas.mapTo(view, at(view, row))
    assert card.y() <= point.y()


def test_a_picture_that_arrives_late_appears_on_the_card(qtbot, view):
    pictures = {}
    view.set_describe(lambda row: HoverContent("item", (), pictures.get(row)))
    view.canvas.hover.set(3)
    view.canvas.hover._show_card()
    assert card_of(view).picture.isHidden()
    pictures[3] = QPixmap(40, 20)
    pictures[3].fill(Qt.GlobalColor.red)
    view.pictures_arrived()
    assert not card_of(view).picture.isHidden()
    assert card_of(view).picture.pixmap().deviceIndependentSize().width() == 128


def test_a_hover_elsewhere_rings_the_point_here(view):
    bare = view.grab().toImage()
    view.show_hover(12)
    assert view.grab().toImage() != bare
    view.show_hover(-1)
    assert view.grab().toImage() == bare


# what is shown


def test_outliers_stand_outside_and_a_button_shows_them(qtbot, view):
    points = np.random.default_rng(0).normal(size=(500, 2))
    points[:5] += 200
    view.set_points(points)
    assert view.outside.isVisible() and view.outside.text() == "5 outside"
    qtbot.mouseClick(view.outside, LEFT)
    assert not view.outside.isVisible() and len(view.canvas.on_screen) == 500
    qtbot.mouseClick(view.fit, LEFT)
    assert view.outside.text() == "5 outside"


def test_counts_say_shown_of_all_and_selected(view):
    assert view.count.text() == "25 of 25"
    view.set_visible(np.arange(25) < 20)
    view.set_selection(np.array([1, 2, 24]))
    assert view.count.text() == "2 selected · 20 of 25"


def test_the_view_is_kept_when_only_looks_change(view):
    wheel(view, at(view, 12), 3)
    camera = view.canvas.camera
    view.set_colours(np.arange(25) % 3, ("#ff0000", "#00ff00", "#0000ff"))
    view.set_visible(np.arange(25) > 2)
    view.set_selection(np.array([4]))
    view.set_overlay(Overlay(queries=(3,)))
    assert view.canvas.camera == camera


def test_a_map_at_home_stays_whole_when_its_window_shrinks(qtbot, view):
    view.resize(260, 300)
    qtbot.waitUntil(lambda: view.canvas.camera.width == view.canvas.width())
    assert len(view.canvas.on_screen) == 25


def test_an_empty_map_says_what_goes_on_and_can_be_cancelled(qtbot, view):
    asked = heard(view.cancel_asked)
    view.set_points(np.empty((0, 2)))
    assert view.status.isVisible() and "No map yet" in view.status.text.text()
    view.set_status("No map yet: computing UMAP", 0.4, cancellable=True)
    assert view.status.bar.value() == pytest.approx(0.4 * view.status.bar.maximum())
    qtbot.mouseClick(view.status.cancel, LEFT)
    assert len(asked) == 1
    view.set_points(LATTICE)
    assert not view.status.isVisible()


FULL = Overlay(
    queries=(0,),
    hits=(Hit(6, 1, Truth.CORRECT), Hit(7, 2, Truth.INCORRECT), Hit(8, 3, Truth.IGNORED), Hit(9, 4)),
    bridges=(Bridge(11, 0.6), Bridge(13, 0.1)),
    lines=(Lines(np.array([[0, 24], [4, 20]])),),
    mass=np.arange(25) / 25,
    outside=((2.5, 2.5),),
)


def test_each_part_of_an_overlay_is_seen(view):
    def picture(**parts):
        view.set_overlay(Overlay(**parts))
        return view.canvas.grab().toImage()

    bare = picture()
    for name in ("queries", "hits", "bridges", "lines", "mass", "outside"):
        assert picture(**{name: getattr(FULL, name)}) != bare, name


def test_truth_is_told_without_colour(view):
    """In grey, a right and a wrong hit still differ."""

    def grey(truth):
        view.set_overlay(Overlay(hits=(Hit(12, 1, truth),)))
        return view.canvas.grab().toImage().convertToFormat(view.canvas.grab().toImage().Format.Format_Mono)

    pictures = [grey(truth) for truth in Truth]
    assert all(pictures[a] != pictures[b] for a in range(len(pictures)) for b in range(a))


def test_pictures_replace_points_once_few_are_on_screen(view):
    asked = []

    def draw(painter, box, row):
        asked.append((row, box))
        return True

    view.set_points(np.random.default_rng(0).uniform(size=(1000, 2)))
    view.set_thumbnails(draw)
    view.canvas.grab()
    assert not asked
    for _ in range(6):
        wheel(view, QPoint(200, 200), 2)
    view.canvas.grab()
    last = dict(asked)
    assert 0 < len(last) <= len(view.canvas.on_screen) <= 200
    boxes = list(last.values())
    assert not any(a.intersects(b) for k, a in enumerate(boxes) for b in boxes[:k])


def test_at_twice_the_scale_the_map_has_twice_the_pixels(view):
    picture = view.canvas._picture.pixmap(view.canvas.shot(), 2.0)
    assert picture.width() == 2 * view.canvas.width()
    assert picture.deviceIndependentSize().toSize() == view.canvas.size()


def test_a_hover_repaints_no_point(view, monkeypatch):
    view.canvas.grab()
    monkeypatch.setattr(view.canvas._picture._layer, "pixmap", lambda *_: pytest.fail("points painted anew"))
    view.show_hover(12)
    view.canvas.grab()


def test_axes_are_shown_where_they_mean_something(view):
    bare = view.canvas.grab().toImage()
    view.set_axes(("PC 1 (31 %)", "PC 2 (12 %)"))
    assert view.canvas.grab().toImage() != bare
    view.set_axes(None)
    assert view.canvas.grab().toImage() == bare


def test_the_map_tells_a_screen_reader_what_it_is(view):
    view.set_visible(np.arange(25) < 20)
    assert view.canvas.accessibleName() == "Map of sketches"
    assert "20 of 25" in view.canvas.accessibleDescription()
    assert view.fit.accessibleName()


# files


def test_a_map_is_saved_as_pixels(view, tmp_path):
    view.set_overlay(FULL)
    view.save_png(tmp_path / "map.png", 2.0)
    saved = QPixmap(str(tmp_path / "map.png"))
    assert saved.width() == 2 * view.canvas.width()
    assert [path.name for path in tmp_path.iterdir()] == ["map.png"]


def test_a_map_is_saved_as_outlines(view, tmp_path):
    view.set_overlay(FULL)
    view.save_svg(tmp_path / "map.svg")
    root = ElementTree.parse(tmp_path / "map.svg").getroot()
    assert len(root.findall(".//{*}path")) >= 25
    assert not root.findall(".//{*}image")


def test_a_place_that_cannot_be_written_is_named(view, tmp_path):
    with pytest.raises(XViewError, match="nowhere"):
        view.save_png(tmp_path / "nowhere" / "map.png")


@pytest.mark.parametrize(
    "wrong",
    [
        lambda view: view.set_colours(np.zeros(3), ("#000000",)),
        lambda view: view.set_visible(np.ones(3)),
        lambda view: view.set_points(np.zeros((3, 2)), np.zeros(4)),
    ],
)
def test_arrays_of_another_length_are_refused(view, wrong):
    with pytest.raises(ValueError, match="must be"):
        wrong(view)
