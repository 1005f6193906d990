"""The film strip of a shortest path, by clicking, keys, wheel and player."""

from __future__ import annotations

import threading
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog

from tests.qt.panels.conftest import Colours
from tests.qt.screen import pause
from xview.data.records import NoPayloads
from xview.qt import theme
from xview.qt.panels.film_figure import FINE, WIDTH
from xview.qt.panels.film_frames import ARROW, PathItem, picture_box, used_height
from xview.qt.panels.film_legend import sorts_of
from xview.qt.panels.film_strip import NO_PATH, FilmStrip, PathInfo

SENTENCE = "a large red cube at the left, a small blue sphere at the right"
SPAN = (SENTENCE.index("blue"), SENTENCE.index("blue") + 4)

ITEMS = (
    PathItem(key="images", row=3, title="scene 3", class_name="family 1", role="query"),
    PathItem(
        key="texts",
        row=5,
        title="scene 5",
        text=SENTENCE,
        stone=True,
        length=0.25,
        changes=("make the small red sphere blue",),
        boxes=((0.5, 0.5, 0.25, 0.25),),
        spans=(SPAN,),
        partner=("images", 5),
    ),
    PathItem(
        key="images",
        row=7,
        title="scene 7",
        role="target",
        length=0.5,
        changes=("remove the large red cube",),
        boxes=((0.25, 0.25, 0.5, 0.5),),
    ),
)
PATH = PathInfo(items=ITEMS, direct=0.625, note="")


class Sentences(NoPayloads):
    def text(self, row: int) -> str | None:
        return f"sentence {row}"


class Counted(Colours):
    """Remembers which pictures were decoded."""

    def __init__(self) -> None:
        self.rows: set[int] = set()

    def picture(self, row: int) -> bytes | None:
        self.rows.add(row)
        return super().picture(row)


@pytest.fixture
def strip(qtbot, thumbnails):
    thumbnails.set_source("texts", Sentences())
    made = FilmStrip(thumbnails)
    qtbot.addWidget(made)
    made.resize(900, 220)
    made.show()
    qtbot.waitExposed(made)
    made.show_path(PATH)
    decoded(qtbot, made)
    return made


def decoded(qtbot, strip):
    strip.grab()
    qtbot.waitUntil(lambda: strip.frames._thumbnails.idle)
    pause(20)


def centre(strip, position):
    return strip.frames.box(position).center()


def colours_in(strip, rect: QRect) -> set[str]:
    image = strip.frames.viewport().grab().toImage()
    rect = rect.intersected(image.rect())
    return {
        image.pixelColor(x, y).name()
        for x in range(rect.left(), rect.right() + 1)
        for y in range(rect.top(), rect.bottom() + 1)
    }


def test_lengths_add_up_from_frame_to_frame(strip):
    told = []
    for frame in range(3):
        strip.show_frame(frame)
        told.append(strip.words)
    assert told[0] == "step 0 of 2 · 0.000 of 0.750 rad · directly 0.625"
    assert told[1].startswith("step 1 of 2 · 0.250 of") and told[2].startswith("step 2 of 2 · 0.750 of")


def test_a_frame_tells_all_about_its_item(strip):
    told = strip.frames.describe(1)
    for part in (
        "scene 5",
        "stepping stone of texts",
        SENTENCE,
        "0.2500 rad",
        "make the small red sphere blue",
    ):
        assert part in told
    assert "query, images" in strip.frames.describe(0) and "rad" not in strip.frames.describe(0)
    assert "target, images" in strip.frames.describe(2)
    strip.show_frame(2)
    assert strip.frames.accessibleDescription() == strip.frames.describe(2)


def test_frames_stand_in_order_with_room_for_arrows(strip):
    boxes = [strip.frames.box(position) for position in range(3)]
    assert boxes[0].left() == 0
    for before, after in pairwise(boxes):
        assert after.left() - before.right() - 1 == ARROW
        gap = QRect(before.right() + 1, 0, ARROW, strip.frames.viewport().height())
        assert theme.current().muted in colours_in(strip, gap)


def test_the_edge_tells_the_modality_by_colour_and_by_its_line(strip):
    worn = theme.current()
    image = strip.frames.viewport().grab().toImage()
    strip.show_frame(0)
    for position, colour in ((0, worn.accent), (1, worn.stone)):
        place = picture_box(ITEMS[position], strip.frames.box(position), strip.frames.look())
        line = [
            {image.pixelColor(x, place.top() + dy).name() for dy in (-1, 0)}
            for x in range(place.left() + 4, place.right() - 4)
        ]
        inked = [colour in pixels for pixels in line]
        assert all(inked) if position == 0 else 0.2 < sum(inked) / len(inked) < 0.9  # solid, dashed


def test_boxes_stand_where_the_change_is(strip):
    place = picture_box(ITEMS[2], strip.frames.box(2), strip.frames.look())
    x, y = place.x() + place.width() // 4, place.y() + place.height() // 2
    around = QRect(x - 2, y, 5, 1)
    with_box = colours_in(strip, around)
    items = (*ITEMS[:2], replace(ITEMS[2], boxes=()))
    strip.show_path(replace(PATH, items=items))
    without = colours_in(strip, around)
    assert QColor(theme.current().torn).name() in with_box
    assert len(without) == 1  # the picture is of one colour


def test_words_that_changed_are_marked(strip):
    place = picture_box(ITEMS[1], strip.frames.box(1), strip.frames.look())
    words = QRect(place.x(), place.y(), place.width(), place.height() // 2 - 4)
    assert theme.current().torn in colours_in(strip, words)
    strip.show_path(replace(PATH, items=(ITEMS[0], replace(ITEMS[1], spans=()), ITEMS[2])))
    assert theme.current().torn not in colours_in(strip, words)


def test_a_text_has_its_picture_beneath_it(strip):
    place = picture_box(ITEMS[1], strip.frames.box(1), strip.frames.look())
    at = QRect(place.center().x(), place.bottom() - 10, 1, 1)
    assert colours_in(strip, at) == {QColor.fromHsv(5 * 37 % 360, 200, 200).name()}


def test_pointing_clicking_and_asking_name_the_item(qtbot, strip):
    view = strip.frames.viewport()
    with qtbot.waitSignal(strip.hovered) as hovered:
        QTest.mouseMove(view, centre(strip, 1))
    assert hovered.args == ["texts", 5]
    with qtbot.waitSignals([strip.clicked, strip.frame_moved]):
        QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=centre(strip, 2))
    assert strip.frame == 2
    with qtbot.waitSignal(strip.asked) as asked:
        QTest.mouseDClick(view, Qt.MouseButton.LeftButton, pos=centre(strip, 1))
    assert asked.args == ["texts", 5]
    gap = QPoint(strip.frames.box(0).right() + ARROW // 2, 40)
    with qtbot.waitSignal(strip.hovered) as hovered:
        QTest.mouseMove(view, gap)
    assert hovered.args == ["", -1]


def test_keys_move_the_frame_without_clicking_and_enter_asks(qtbot, strip):
    strip.setFocus()
    moves = []
    strip.frame_moved.connect(moves.append)
    with qtbot.assertNotEmitted(strip.clicked):
        for code in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Home):
            QTest.keyClick(strip.frames, code)
        QTest.keyClick(strip.frames, Qt.Key.Key_End)
    assert moves == [1, 2, 1, 0, 2]
    with qtbot.waitSignal(strip.asked) as asked:
        QTest.keyClick(strip.frames, Qt.Key.Key_Return)
    assert asked.args == ["images", 7]


def test_it_plays_by_space_and_stops_where_a_frame_is_clicked(qtbot, strip):
    strip.player.speed.setCurrentText("4×")
    strip.setFocus()
    QTest.keyClick(strip.frames, Qt.Key.Key_Space)
    assert strip.player.playing
    qtbot.waitUntil(lambda: strip.frame == 1)
    QTest.mouseClick(strip.frames.viewport(), Qt.MouseButton.LeftButton, pos=centre(strip, 0))
    assert not strip.player.playing and strip.frame == 0
    QTest.mouseClick(strip.player.play, Qt.MouseButton.LeftButton)
    assert strip.player.playing and QApplication.focusWidget() is strip.frames
    strip.hide()
    assert not strip.player.playing


def test_the_wheel_scrolls_sideways_either_way_it_turns(strip):
    strip.resize(300, 220)
    bar = strip.frames.horizontalScrollBar()
    assert bar.maximum() > 100
    for turned in (QPoint(0, -120), QPoint(-120, 0)):
        bar.setValue(0)
        at = QPointF(20, 20)
        event = QWheelEvent(
            at,
            QPointF(strip.frames.viewport().mapToGlobal(at.toPoint())),
            QPoint(),
            turned,
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(strip.frames.viewport(), event)
        assert bar.value() == min(120, bar.maximum())


def test_the_present_frame_is_always_in_view(strip):
    strip.resize(300, 220)
    for frame in (2, 0, 1):
        strip.player.go(frame)
        box = strip.frames.box(frame)
        assert box.left() >= 0 or box.right() <= strip.frames.viewport().width()
        assert strip.frames.viewport().rect().intersects(box)


def test_the_frame_stays_at_its_item_and_else_begins_anew(qtbot, strip):
    strip.show_frame(1)
    with qtbot.assertNotEmitted(strip.frame_moved):
        longer = (*ITEMS, replace(ITEMS[2], row=9, role=""))
        strip.show_path(replace(PATH, items=longer))
        assert strip.frame == 1
        strip.show_path(replace(PATH, items=(ITEMS[0], replace(ITEMS[1], row=6), ITEMS[2])))
        assert strip.frame == 0


def test_the_legend_gives_way_to_what_is_told(strip):
    strip.show_path(replace(PATH, note="Some items are out of reach, and this is told at length. " * 4))
    for width, seen in ((900, True), (360, False), (900, True)):
        strip.resize(width, 220)
        assert strip._legend.isVisible() is seen
    assert strip.words.startswith("step 0 of 2 · 0.000 of 0.750 rad · directly 0.625 · ⚠ Some items")


def test_without_a_path_it_says_why(strip):
    strip.show_path(PathInfo(note="No way leads to scene 9."))
    assert strip.frames.count == 0 and strip.frames.empty_text() == "No way leads to scene 9."
    assert strip.words == "" and not strip.player.play.isEnabled()
    strip.show_path(None)
    assert strip.frames.empty_text() == NO_PATH


def test_a_query_from_outside_is_no_item_to_ask_by(qtbot, strip):
    outside = PathItem(key="", row=-1, title="make it blue", role="query")
    strip.show_path(replace(PATH, items=(outside, *ITEMS[1:])))
    strip.grab()
    with qtbot.assertNotEmitted(strip.clicked), qtbot.assertNotEmitted(strip.asked):
        QTest.mouseDClick(strip.frames.viewport(), Qt.MouseButton.LeftButton, pos=centre(strip, 0))


def test_an_item_hovered_elsewhere_is_lit(strip):
    soft = theme.current().accent_soft
    corner = QRect(strip.frames.box(2).x() + 6, strip.frames.box(2).bottom() - 4, 4, 2)
    assert soft not in colours_in(strip, corner)
    strip.light("images", 7)
    assert soft in colours_in(strip, corner)
    strip.light("images", -1)
    assert soft not in colours_in(strip, corner)


def test_only_what_is_seen_of_a_long_path_is_painted(qtbot, strip, thumbnails):
    counted = Counted()
    thumbnails.set_source("images", counted)
    many = tuple(PathItem(key="images", row=r, title=str(r), length=0.1) for r in range(400))
    strip.show_path(PathInfo(items=many))
    decoded(qtbot, strip)
    seen = 1 + strip.frames.viewport().width() // (strip.frames.box(0).width() + ARROW)
    assert 0 < len(counted.rows) <= seen + 1
    strip.show_frame(399)
    decoded(qtbot, strip)
    assert 399 in counted.rows and len(counted.rows) <= 2 * (seen + 1)


@pytest.mark.parametrize("height", [120, 170, 260, 420])
def test_pictures_take_the_room_there_is(strip, height):
    strip.resize(900, height)
    for position, item in enumerate(ITEMS):
        frame = strip.frames.box(position)
        assert frame.height() == strip.frames.viewport().height()
        assert height < 130 or frame.contains(picture_box(item, frame, strip.frames.look()))


LONG = tuple(replace(ITEMS[1 + at % 2], row=at, role="", partner=("images", at)) for at in range(9))


def export_to(monkeypatch, strip, path) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), "Picture as PNG (*.png)"))
    QTest.mouseClick(strip.export, Qt.MouseButton.LeftButton)


def test_an_exported_picture_holds_the_whole_path_on_white_also_in_the_dark(
    qtbot, monkeypatch, strip, tmp_path
):
    """All frames, though the strip shows only the first; wrapped, so that words stay readable on a page."""
    strip.resize(300, 160)
    theme.apply(QApplication.instance(), theme.Scheme.DARK)
    try:
        strip.show_path(PathInfo(items=LONG))
        export_to(monkeypatch, strip, tmp_path / "long")
        strip.show_path(PathInfo(items=LONG[:2]))
        export_to(monkeypatch, strip, tmp_path / "short.png")
        strip._thumbnails.set_source("images", NoPayloads())  # other data, while those are being written
        qtbot.waitUntil((tmp_path / "short.png").exists)
        strip._thumbnails.set_source("images", Colours())
    finally:
        theme.apply(QApplication.instance(), theme.Scheme.LIGHT)
    long, short = (QImage(str(tmp_path / f"{name}.png")) for name in ("long", "short"))
    assert 900 * FINE < long.width() <= WIDTH * FINE and short.width() < long.width()
    assert long.height() > 2 * (short.height() - 60 * FINE)  # several rows
    for image in (long, short):
        corners = ((0, 0), (image.width() - 1, 0), (0, image.height() - 1))
        assert {image.pixelColor(*at).name() for at in corners} == {"#ffffff"}
    seen = {
        long.pixelColor(x, y).name() for x in range(0, long.width(), 4) for y in range(0, long.height(), 4)
    }
    wanted = {strip._thumbnails.decoder("images")(item.row, 8).pixelColor(4, 4).name() for item in LONG}
    assert len(wanted) == len(LONG) and wanted <= seen


def test_an_exported_drawing_tells_lengths_changes_and_modalities(qtbot, monkeypatch, strip, tmp_path):
    export_to(monkeypatch, strip, tmp_path / "path.svg")
    qtbot.waitUntil((tmp_path / "path.svg").exists)
    words = "".join(ElementTree.parse(tmp_path / "path.svg").getroot().itertext())
    for told in ("★ scene 3", "◎ scene 7", "0.250", "0.500", "0.750 rad · directly 0.625", "texts (stones)"):
        assert told in words, told
    assert "remove the large" in words and "cube at the left" in words
    assert "…" not in words


def test_an_export_that_cannot_be_written_says_so_and_leaves_nothing(qtbot, monkeypatch, strip, tmp_path):
    for path, told in ((tmp_path / "none" / "a.png", "cannot write"), (tmp_path / "a.pdf", ".svg")):
        with qtbot.waitSignal(strip.failed) as failed:
            export_to(monkeypatch, strip, path)
        assert told in failed.args[0]
    assert not list(tmp_path.iterdir())
    strip.show_path(None)
    assert not strip.export.isEnabled()


def test_a_query_from_outside_is_no_modality(strip):
    strip.show_path(PathInfo(items=(replace(ITEMS[0], key="\0out", outside=True), *ITEMS[1:])))
    assert sorts_of(strip.frames.items) == {False: "images", True: "texts (stones)"}
    assert "from outside" in strip.frames.describe(0) and "\0" not in strip.frames.describe(0)


def test_the_present_frame_is_lit_as_far_as_it_reaches_in_a_high_strip(strip):
    strip.resize(900, 600)
    shown = strip.frames.viewport().grab().toImage()
    box, worn = strip.frames.box(0), theme.current()
    lit = QColor(worn.accent_soft).name()
    x = box.left() + 6
    reach = used_height(ITEMS[0], strip.frames.look())
    assert shown.pixelColor(x, box.top() + reach - 4).name() == lit
    assert shown.pixelColor(x, box.bottom() - 20).name() != lit


def test_in_a_low_strip_a_sentence_keeps_words_beside_its_picture(qtbot, strip):
    strip.resize(900, 130)
    strip.grab()
    decoded(qtbot, strip)
    framed = picture_box(ITEMS[1], strip.frames.box(1), strip.frames.look())
    assert framed.height() < 90
    shown = strip.frames.viewport().grab().toImage()
    middle = framed.center().y()
    colour = strip._thumbnails.decoder("images")(5, 8).pixelColor(4, 4)
    assert shown.pixelColor(framed.right() - 12, middle) == colour  # the picture, free of its box
    left = range(framed.left() + 6, framed.center().x())
    inks = {
        shown.pixelColor(x, y).name() for x in left for y in range(framed.top() + 4, framed.bottom() - 4, 2)
    }
    assert colour.name() not in inks and len(inks) > 3  # words alone


def test_pictures_of_an_export_are_decoded_off_the_gui_thread(qtbot, monkeypatch, strip, tmp_path):
    threads: set[int] = set()

    class Watched(Colours):
        def picture(self, row: int) -> bytes | None:
            threads.add(threading.get_ident())
            return super().picture(row)

    strip._thumbnails.set_source("images", Watched())
    export_to(monkeypatch, strip, tmp_path / "path.png")
    qtbot.waitUntil((tmp_path / "path.png").exists)
    assert threads and threading.get_ident() not in threads
