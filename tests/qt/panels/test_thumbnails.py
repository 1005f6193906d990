"""Thumbnails: every item gets a picture, memory is bounded, nothing from outside can hurt."""

from __future__ import annotations

import io
import threading
import time
import zlib

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from tests.qt.panels.conftest import png
from xview.data.records import NoPayloads
from xview.errors import DataError
from xview.qt.pictures import decode
from xview.qt.thumbnails import CELLS, LARGE_KEPT, Thumbnails


class Pictures(NoPayloads):
    """Row r has colour r; odd things at the rows a test chooses."""

    def __init__(self, odd: dict[int, bytes | Exception] | None = None) -> None:
        self.odd = odd or {}
        self.asked: list[int] = []
        self.gate = threading.Event()
        self.gate.set()

    def picture(self, row: int) -> bytes | None:
        self.gate.wait(5)
        self.asked.append(row)
        answer = self.odd.get(row, png(f"#{row * 1000 + 0x100000:06x}"))
        if isinstance(answer, Exception):
            raise answer
        return answer


class Texts(NoPayloads):
    def text(self, row: int) -> str | None:
        return f"a zebra, number {row}"


@pytest.fixture
def thumbnails(qapp):
    made = Thumbnails(size=32)
    yield made
    made.close()


def wait_for(qtbot, thumbnails, key, row):
    if thumbnails.get(key, row) is None:
        with qtbot.waitSignal(
            thumbnails.ready, check_params_cb=lambda k, r: (k, r) == (key, row), timeout=5000
        ):
            pass
    return thumbnails.get(key, row).toImage()


def test_a_picture_arrives_later_with_its_own_colour(qtbot, thumbnails):
    thumbnails.set_source("images", Pictures())
    assert thumbnails.get("images", 7) is None
    image = wait_for(qtbot, thumbnails, "images", 7)
    assert image.pixelColor(16, 16).name() == f"#{7000 + 0x100000:06x}"


def test_the_gui_thread_never_reads_a_source(qtbot, thumbnails):
    class Whose(NoPayloads):
        thread = None

        def picture(self, row: int) -> bytes | None:
            self.thread = threading.get_ident()
            return png("red")

    source = Whose()
    thumbnails.set_source("images", source)
    wait_for(qtbot, thumbnails, "images", 0)
    assert source.thread not in (None, threading.get_ident())


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "cannot decode"),
        (b"not a picture at all", "cannot decode"),
        (png("red")[:60], "cannot decode"),
        (DataError("zebra.png: no such file"), "zebra.png: no such file"),
        (KeyError("boom"), "cannot read the item"),
    ],
)
def test_what_cannot_be_shown_is_a_tile_with_a_reason(qtbot, thumbnails, content, reason):
    thumbnails.set_source("images", Pictures({0: content}))
    assert not wait_for(qtbot, thumbnails, "images", 0).isNull()
    assert reason in thumbnails.fault("images", 0)


def test_a_huge_claim_is_refused_from_the_header():
    bomb = bytearray(png("red"))
    bomb[16:24] = (60_000).to_bytes(4, "big") * 2
    bomb[29:33] = zlib.crc32(bomb[12:29]).to_bytes(4, "big")
    with pytest.raises(DataError, match="60000 x 60000 pixels"):
        decode(bytes(bomb), 32)


def test_transparency_gets_a_white_plate():
    assert decode(png("#00000000"), 32).pixelColor(5, 5) == QColor("white")


def test_the_shape_of_a_picture_is_kept():
    assert decode(png("red", 400, 100), 64).size().toTuple() == (64, 16)
    assert decode(png("red", 900, 1), 64).size().toTuple() == (64, 1)


def test_texts_and_vectors_have_tiles_too(qtbot, thumbnails):
    thumbnails.set_source("texts", Texts())
    thumbnails.set_source("vectors", NoPayloads())
    words = wait_for(qtbot, thumbnails, "texts", 0)
    bars = wait_for(qtbot, thumbnails, "vectors", 0)
    assert words != bars
    assert thumbnails.fault("vectors", 0) == ""


def test_small_pictures_fill_their_cell_and_keep_their_shape(qtbot, thumbnails):
    thumbnails.set_source("images", Pictures({0: png("#ff0000", 8, 8), 1: png("#ff0000", 8, 4)}))
    image = wait_for(qtbot, thumbnails, "images", 0)
    assert image.pixelColor(1, 1).name() == image.pixelColor(30, 30).name() == "#ff0000"
    image = wait_for(qtbot, thumbnails, "images", 1)
    assert image.pixelColor(1, 16).name() == "#ff0000"
    assert image.pixelColor(16, 2).alpha() == 0


def test_newest_requests_come_first(qtbot, thumbnails):
    source = Pictures()
    source.gate.clear()
    thumbnails.set_source("images", source)
    for row in range(50):
        thumbnails.get("images", row)
    source.gate.set()
    qtbot.waitUntil(lambda: len(source.asked) == 50, timeout=5000)
    # two threads: a row or two are taken before the others are asked for, and neighbours may swap
    assert np.corrcoef(range(50), source.asked)[0, 1] < -0.8


def test_memory_is_bounded_and_the_least_recently_used_go(qtbot):
    thumbnails = Thumbnails(size=32, megabytes=1)
    room = CELLS * CELLS
    thumbnails.set_source("images", Pictures())
    for row in range(room + 20):
        thumbnails.get("images", row)
        if row >= room - 1:
            assert wait_for(qtbot, thumbnails, "images", row) is not None
            wait_for(qtbot, thumbnails, "images", 0)
    assert len(thumbnails._pages) == 1
    assert wait_for(qtbot, thumbnails, "images", room + 19).pixelColor(1, 1).name() == (
        f"#{(room + 19) * 1000 + 0x100000:06x}"
    )
    for row in range(LARGE_KEPT + 5):
        thumbnails.large("images", row)
        qtbot.waitUntil(lambda row=row: thumbnails.large("images", row) is not None, timeout=5000)
    assert len(thumbnails._large) == LARGE_KEPT
    thumbnails.close()


def test_a_new_source_never_shows_the_old_ones_pictures(qtbot, thumbnails):
    slow = Pictures()
    slow.gate.clear()
    thumbnails.set_source("images", slow)
    thumbnails.get("images", 0)
    time.sleep(0.05)  # let a thread take it
    thumbnails.set_source("images", Pictures({0: png("#00ff00")}))
    slow.gate.set()
    qtbot.waitUntil(lambda: thumbnails.get("images", 0) is not None, timeout=5000)
    assert thumbnails.get("images", 0).toImage().pixelColor(3, 3).name() == "#00ff00"


def test_double_density_keeps_the_logical_size(qtbot):
    thumbnails = Thumbnails(size=32, ratio=2.0)
    thumbnails.set_source("images", Pictures({0: png("red", 200, 200)}))
    wait_for(qtbot, thumbnails, "images", 0)
    picture = thumbnails.get("images", 0)
    assert (picture.width(), picture.devicePixelRatio()) == (64, 2.0)
    canvas = QImage(10, 10, QImage.Format.Format_RGB32)
    canvas.fill(QColor("black"))
    painter = QPainter(canvas)
    assert thumbnails.draw(painter, QRectF(0, 0, 10, 10), "images", 0)
    painter.end()
    assert canvas.pixelColor(5, 5) == QColor("red")
    thumbnails.close()


@pytest.mark.parametrize("name", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM"])
def test_every_format_data_may_come_in_is_shown(name):
    packed = io.BytesIO()
    Image.new("RGB", (40, 30), "#c81e28").save(packed, name)
    found = decode(packed.getvalue(), 20)
    assert (found.width(), found.height()) == (20, 15)
    colour = found.pixelColor(10, 7)
    assert abs(colour.red() - 0xC8) < 6 and abs(colour.green() - 0x1E) < 6
