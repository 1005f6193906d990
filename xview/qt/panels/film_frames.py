"""What the frames of a film strip show, and how one of them is painted."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from xview.qt.panels.boxed_picture import Box, Pictures, draw_picture
from xview.qt.panels.marked_text import Pen, Span, draw_words, words_height
from xview.qt.panels.results_cards import Look, State, draw_line
from xview.qt.theme import RADIUS, Theme

ARROW = 54  # pixels between two frames
PAD = 4
_NARROWEST, _TEXT = 124, 212  # pixels: a frame with a picture, and one with a sentence
_SMALLEST, _LARGEST = 40, 160  # of a picture; more room is for words and for more frames
_PARTNER = 0.27  # of a sentence's height is its picture's at least: seven lines fit a large one
_BESIDE = 90  # height of a sentence's frame below which its picture stands beside it
_LINES = 2, 3  # of words below a picture, in a low strip and in a high one
_HIGH = 190  # pixels
_TITLES = {"query": "★ ", "target": "◎ "}


@dataclass(frozen=True, slots=True, kw_only=True)
class PathItem:
    """One item of a path.

    Attributes:
        key, row: The item, as `Thumbnails` knows it; "" and -1 where it has no picture there.
        outside: Whether it is none of the data's, as a query from outside.
        title, class_name: What to call it.
        text: Its sentence; empty for a picture.
        stone: Whether it is a stepping stone: of another modality than the gallery.
        role: "query", "target", or empty.
        length: Radians from the item before; 0 for the first.
        changes: What to do to the item before to see this one, in sentences; None where nobody knows.
        boxes: Where that shows in its picture, or in its partner's.
        spans: Words of the text that changed.
        partner: Key and row of the picture a text belongs to, or None.
    """

    key: str
    row: int
    title: str
    class_name: str = ""
    text: str = ""
    outside: bool = False
    stone: bool = False
    role: str = ""
    length: float = 0.0
    changes: tuple[str, ...] | None = None
    boxes: tuple[Box, ...] = ()
    spans: tuple[Span, ...] = ()
    partner: tuple[str, int] | None = None

    @property
    def marked_title(self) -> str:
        """Title with the sign of the query or target."""
        return _TITLES.get(self.role, "") + self.title

    @property
    def told_changes(self) -> str:
        """All changes in words."""
        if self.changes is None:
            return ""
        return "; ".join(self.changes) or ("" if not self.length else "nothing changes")


def frame_width(item: PathItem, height: int, look: Look) -> int:
    """Width of a frame of that height."""
    return max(_side(height, look) + 2 * PAD, _TEXT if item.text else _NARROWEST)


def picture_box(item: PathItem, box: QRect, look: Look) -> QRect:
    """Where an item's picture or sentence is in its frame."""
    side = _side(box.height(), look)
    width = box.width() - 2 * PAD if item.text else side
    top = box.y() + PAD + look.small_line + 2
    return QRect(box.x() + (box.width() - width) // 2, top, width, side)


def paint_frame(
    painter: QPainter, box: QRect, item: PathItem, look: Look, thumbnails: Pictures, state: State
) -> None:
    """Title, picture or sentence in the frame of its modality, and what changed."""
    theme = look.theme
    if state.current or state.hovered:
        painter.setBrush(QColor(theme.accent_soft))
        edge = QColor(theme.accent if state.current else theme.accent_soft)
        painter.setPen(QPen(edge, 2 if state.focused else 1))
        lit = QRectF(box)
        lit.setHeight(min(box.height(), used_height(item, look)))
        painter.drawRoundedRect(lit.adjusted(1, 1, -1, -1), RADIUS, RADIUS)
    title = QRect(box.x() + PAD + 2, box.y() + PAD - 1, box.width() - 2 * PAD - 4, look.small_line)
    painter.setFont(look.strong if item.role else look.small)
    painter.setPen(QColor(theme.text if item.role else theme.muted))
    draw_line(painter, title, item.marked_title)
    framed = picture_box(item, box, look)
    if item.text:
        _paint_sentence(painter, framed, item, look, thumbnails)
    else:
        _paint_picture(painter, framed, item, look, thumbnails)
    _paint_edge(painter, framed, theme, stone=item.stone)
    words = QRectF(box.x() + PAD, framed.bottom() + 5, box.width() - 2 * PAD, 0)
    words.setBottom(box.bottom() - 1)
    draw_words(painter, words, item.told_changes, Pen(look.small, QColor(theme.text)), centred=not item.text)


def paint_step(painter: QPainter, box: QRect, item: PathItem, look: Look) -> None:
    """The arrow that leads to an item, with the step's length, in the gap left of its frame."""
    middle = box.y() + PAD + look.small_line + 2 + _side(box.height(), look) / 2
    left, right = box.x() - ARROW + 5.0, box.x() - 5.0
    painter.setPen(QPen(QColor(look.theme.muted), 1.6))
    painter.drawLine(QPointF(left, middle), QPointF(right - 5, middle))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(look.theme.muted))
    tip = [QPointF(right, middle), QPointF(right - 8, middle - 4.5), QPointF(right - 8, middle + 4.5)]
    painter.drawPolygon(QPolygonF(tip))
    painter.setFont(look.small)
    line, centre = look.small_line, int(Qt.AlignmentFlag.AlignCenter)
    above = QRectF(left - 4, middle - line - 3, right - left + 8, line)
    painter.setPen(QColor(look.theme.text))
    painter.drawText(above, centre, f"{item.length:.3f}")
    painter.setPen(QColor(look.theme.muted))
    painter.drawText(above.translated(0, line + 6), centre, "rad")


def whole_height(item: PathItem, look: Look) -> int:
    """Height of a frame with the largest picture and room for all that changes."""
    return max(_roomy(look), used_height(item, look))


def used_height(item: PathItem, look: Look) -> int:
    """How far down such a frame anything is."""
    width = frame_width(item, _roomy(look), look) - 2 * PAD
    words = words_height(item.told_changes, Pen(look.small, QColor(look.theme.text)), width)
    return PAD + look.small_line + 2 + _LARGEST + 8 + math.ceil(words)


def _roomy(look: Look) -> int:
    """Height from which on pictures are the largest."""
    return _LARGEST + 2 * PAD + look.small_line * (1 + _LINES[1]) + 8


def paint_edge_sample(painter: QPainter, box: QRect, theme: Theme, *, stone: bool) -> None:
    """A small frame as items of a modality have it, for a legend."""
    _paint_edge(painter, box, theme, stone=stone)


def _side(height: int, look: Look) -> int:
    """Side of a picture in a frame of that height."""
    lines = _LINES[height >= _HIGH]
    return min(max(_SMALLEST, height - 2 * PAD - look.small_line * (1 + lines) - 8), _LARGEST)


def _paint_edge(painter: QPainter, box: QRect, theme: Theme, *, stone: bool) -> None:
    """Blue and solid for the gallery's modality, red and dashed for stepping stones (paper 002, Fig. 1)."""
    pen = QPen(QColor(theme.stone if stone else theme.accent), 2)
    if stone:
        pen.setDashPattern([3, 2])
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(QRectF(box))


def _paint_picture(painter: QPainter, box: QRect, item: PathItem, look: Look, thumbnails: Pictures) -> None:
    painter.fillRect(box, QColor(look.theme.raised))
    if item.row < 0:
        pen = Pen(look.small, QColor(look.theme.muted))
        draw_words(painter, QRectF(box).adjusted(6, 6, -6, -6), item.title, pen)
        return
    draw_picture(painter, QRectF(box), thumbnails, (item.key, item.row), look.theme, item.boxes)


def _paint_sentence(painter: QPainter, box: QRect, item: PathItem, look: Look, thumbnails: Pictures) -> None:
    """The sentence, and in what room it leaves, beneath it or in a low frame beside it, its picture."""
    painter.fillRect(box, QColor(look.theme.panel))
    inner = QRectF(box).adjusted(6, 5, -6, -5)
    words = QRectF(inner)
    low = inner.height() < _BESIDE
    if item.partner is not None and low:
        words.setWidth(inner.width() - inner.height() - 4)
    elif item.partner is not None:
        words.setHeight(inner.height() - max(28.0, _PARTNER * inner.height()) - 4)
    pen = Pen(look.small, QColor(look.theme.text), QColor(look.theme.torn))
    used = draw_words(painter, words, item.text, pen, item.spans)
    if item.partner is not None:
        side = round(min(inner.height() - (0 if low else used + 4), inner.width()))
        left = inner.right() - side if low else inner.center().x() - side / 2
        place = QRectF(round(left), round(inner.bottom() - side), side, side)
        draw_picture(painter, place, thumbnails, item.partner, look.theme, item.boxes)
