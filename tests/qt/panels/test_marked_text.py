from __future__ import annotations

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QFont, QImage, QPainter

from xview.qt.panels import marked_text
from xview.qt.panels.marked_text import Pen, _fitted, _laid_out, draw_words

WORDS = (
    "a large red rubber cube at the back left, a small red metal sphere at the back right, "
    "a large red metal cylinder at the centre, a small brown rubber cube at the front right"
)


@pytest.fixture
def pen(qapp):
    return Pen(QFont(), QColor("#000000"), QColor("#ff0000"))


def inked(pen, words, marks, size=(200, 60)):
    image = QImage(*size, QImage.Format.Format_RGB32)
    image.fill(QColor("#ffffff"))
    painter = QPainter(image)
    height = draw_words(painter, QRectF(0, 0, *size), words, pen, marks)
    painter.end()
    return image, height


def reds(image):
    colours = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
    return sum(c.red() > 150 and c.green() < 120 for c in colours)


def test_what_fits_is_shown_as_it_is(pen):
    assert _fitted("a red cube", ((2, 5),), pen, 400, 1) == ("a red cube", ((2, 5),))


@pytest.mark.parametrize("width", [90, 150, 210, 333])
@pytest.mark.parametrize("lines", [1, 2, 3])
def test_what_does_not_fit_ends_in_an_ellipsis_on_the_last_line(pen, width, lines):
    shown, _ = _fitted(WORDS, (), pen, width, lines)
    assert shown.endswith("…") and WORDS.startswith(shown[:-1])
    assert _laid_out(shown, pen, width, ()).lineCount() == lines


@pytest.mark.parametrize("word", ["large", "sphere", "cylinder", "brown", "front right"])
@pytest.mark.parametrize(("width", "lines"), [(150, 2), (210, 3), (210, 5)])
def test_the_first_mark_is_always_shown(pen, word, width, lines):
    start = WORDS.rindex(word)
    shown, marks = _fitted(WORDS, ((start, start + len(word)),), pen, width, lines)
    assert [shown[a:b] for a, b in marks] == [word]
    assert _laid_out(shown, pen, width, marks).lineCount() <= lines


def test_marks_beyond_the_end_are_dropped(pen):
    first, last = (8, 11), (len(WORDS) - 5, len(WORDS))
    shown, marks = _fitted(WORDS, (first, last), pen, 150, 2)
    assert [shown[a:b] for a, b in marks] == ["red"]


def test_marked_words_are_drawn_in_their_colour_and_wider(pen):
    plain, _ = inked(pen, "a red cube", ())
    marked, _ = inked(pen, "a red cube", ((2, 5),))
    assert reds(plain) == 0 and reds(marked) > 10
    layouts = [_laid_out("a red cube", pen, 400, marks) for marks in ((), ((0, 10),))]
    widths = [layout.lineAt(0).naturalTextWidth() for layout in layouts]
    assert widths[1] > widths[0]  # bold: it shows without colour


def test_nothing_is_drawn_outside_the_box(pen):
    _, height = inked(pen, WORDS, (), (150, 50))
    assert 0 < height <= 50
    _, none = inked(pen, WORDS, (), (150, 4))
    assert none == 0


@pytest.mark.parametrize("at", [0, 600, 400_000])
def test_of_a_long_text_only_what_can_be_seen_is_laid_out(pen, monkeypatch, at):
    laid: list[int] = []
    whole = marked_text._laid_out
    monkeypatch.setattr(
        marked_text,
        "_laid_out",
        lambda text, *rest, **named: (laid.append(len(text)), whole(text, *rest, **named))[1],
    )
    text = "small words " * (at // 12) + "marked " + "and more " * 10_000
    start = text.index("marked")
    shown, marks = _fitted(text, ((start, start + 6),), pen, 200, 5)
    assert [shown[a:b] for a, b in marks] == ["marked"] and shown.endswith("…")
    assert whole(shown, pen, 200, marks).lineCount() == 5
    assert max(laid) < 2_000
