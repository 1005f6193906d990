"""How one result looks: a card with words, or a tile that is mostly picture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen

from xview.qt.panels.results_data import ResultsData, Truth
from xview.qt.theme import RADIUS, Theme
from xview.qt.thumbnails import Thumbnails

EDGE = 4  # width of the green or red edge
PAD = 5
BUTTON = 18  # side of the plates that mark a result
_LINE = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
_LEFT, _RIGHT = int(_LINE | Qt.AlignmentFlag.AlignLeft), int(_LINE | Qt.AlignmentFlag.AlignRight)
WIDE = 230  # from this width on, a card's figures stand right of its words instead of below


@dataclass(frozen=True)
class Look:
    """What painting a frame needs: colours and fonts."""

    theme: Theme
    font: QFont

    @cached_property
    def strong(self) -> QFont:
        """The font of titles."""
        font = QFont(self.font)
        font.setWeight(QFont.Weight.DemiBold)
        return font

    @cached_property
    def small(self) -> QFont:
        """The font of classes and figures."""
        font = QFont(self.font)
        if font.pointSizeF() > 0:
            font.setPointSizeF(font.pointSizeF() * 0.9)
        return font

    @cached_property
    def line(self) -> int:
        """Height of a line of words."""
        return QFontMetrics(self.strong).height()

    @cached_property
    def small_line(self) -> int:
        """Height of a line of figures."""
        return QFontMetrics(self.small).height()

    def card_height(self, width: int) -> int:
        """Height of a card of that width."""
        lines = self.line + (1 if width >= WIDE else 2) * self.small_line
        return max(lines, 40) + 2 * PAD

    def tile_height(self, width: int) -> int:
        """Height of a tile of that width: its square picture and a line below."""
        return width + self.small_line + 2


@dataclass(frozen=True, slots=True)
class State:
    """How the user stands to a result."""

    current: bool = False
    hovered: bool = False
    focused: bool = False  # current, and the keyboard is here


def paint_card(
    painter: QPainter,
    box: QRect,
    data: ResultsData,
    place: int,
    look: Look,
    thumbnails: Thumbnails,
    state: State,
) -> None:
    """Rank, picture, title, class, score, tick or cross, places moved."""
    row = int(data.rows[place])
    theme = look.theme
    wide = box.width() >= WIDE
    _ground(painter, box, data, place, look, state)
    picture = card_picture(box)
    _picture(painter, picture, data, place, thumbnails, theme)
    words = box.adjusted(EDGE + picture.width() + 2 * PAD + 2, PAD, -PAD - 1, -PAD)
    ignored = bool(data.ignored[place])
    ink = QColor(theme.ignored if ignored else theme.text)
    faint = QColor(theme.ignored if ignored else theme.muted)
    lines = look.line + (1 if wide else 2) * look.small_line
    top = words.y() + (words.height() - lines) // 2
    title = QRect(words.x(), top, words.width(), look.line)
    lower = QRect(words.x(), top + look.line, words.width(), look.small_line)
    if wide:
        painter.setFont(look.small)
        painter.setPen(ink)
        used = draw_line(painter, title, data.score_text(place), right=True)
        title.setRight(title.right() - used - 8)
        used = _marks(painter, lower, data, place, look, right=True)
        _class(painter, lower.adjusted(0, 0, -used - 8 if used else 0, 0), data, row, look, faint)
    else:
        _class(painter, lower, data, row, look, faint)
        figures = lower.translated(0, look.small_line)
        used = _marks(painter, figures, data, place, look, right=True)
        painter.setPen(ink)
        painter.setFont(look.small)
        draw_line(painter, figures.adjusted(0, 0, -used - 4 if used else 0, 0), data.score_text(place))
    painter.setFont(look.strong)
    if wide:
        painter.setPen(faint)
        title.setLeft(title.left() + draw_line(painter, title, data.rank_text(place)) + 6)
    else:
        _rank_plate(painter, picture, data.rank_text(place), look)
        painter.setFont(look.strong)
    painter.setPen(ink)
    draw_line(painter, title, data.title_of(row))
    _buttons(painter, picture, data.mark(place), state, theme)


def paint_tile(
    painter: QPainter,
    box: QRect,
    data: ResultsData,
    place: int,
    look: Look,
    thumbnails: Thumbnails,
    state: State,
) -> None:
    """The picture, with the rank and the tick or cross on a line below."""
    _ground(painter, box, data, place, look, state)
    picture = tile_picture(box, look)
    _picture(painter, picture, data, place, thumbnails, look.theme)
    _buttons(painter, picture, data.mark(place), state, look.theme)
    line = QRect(0, 0, box.width() - EDGE - 6, look.small_line)
    line.moveBottomLeft(QPoint(box.x() + EDGE + 3, box.bottom() - 2))
    used = _marks(painter, line, data, place, look, right=True)
    painter.setFont(look.small)
    painter.setPen(QColor(look.theme.muted))
    draw_line(painter, line.adjusted(0, 0, -used, 0), data.rank_text(place))


def card_picture(box: QRect) -> QRect:
    """Where the picture of a card is."""
    side = min(box.height() - 2 * PAD, 48 if box.width() >= WIDE else 40)
    return QRect(box.x() + EDGE + PAD, box.y() + (box.height() - side) // 2, side, side)


def tile_picture(box: QRect, look: Look) -> QRect:
    """Where the picture of a tile is."""
    inner = box.adjusted(EDGE, 1, -1, -look.small_line - 3)
    side = min(inner.width(), inner.height()) - 4
    picture = QRect(0, 0, side, side)
    picture.moveCenter(inner.center())
    return picture


def mark_buttons(picture: QRect) -> dict[bool, QRect]:
    """Where a result is marked right (True) and wrong (False): the lower corners of its picture."""
    left = QRect(picture.x() - 2, picture.bottom() - BUTTON + 3, BUTTON, BUTTON)
    return {True: left, False: left.translated(picture.width() - BUTTON + 4, 0)}


def _buttons(painter: QPainter, picture: QRect, mark: int, state: State, theme: Theme) -> None:
    """Plus and minus while the user is here; the one that is set always, filled."""
    for right, box in mark_buttons(picture).items():
        chosen = mark == (1 if right else -1)
        if not (chosen or state.hovered or state.current):
            continue
        colour = QColor(theme.good if right else theme.bad)
        painter.setPen(QPen(colour, 1.0))
        painter.setBrush(colour if chosen else QColor(theme.panel))
        painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.setPen(QPen(QColor(theme.panel) if chosen else colour, 2.0))
        middle, arm = QRectF(box).center(), BUTTON / 2 - 5
        painter.drawLine(middle - QPointF(arm, 0), middle + QPointF(arm, 0))
        if right:
            painter.drawLine(middle - QPointF(0, arm), middle + QPointF(0, arm))


def _ground(painter: QPainter, box: QRect, data: ResultsData, place: int, look: Look, state: State) -> None:
    theme = look.theme
    shape = QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5)
    lit = state.current or state.hovered
    painter.setBrush(QColor(theme.accent_soft if lit else theme.raised))
    painter.setPen(QPen(QColor(theme.accent if state.current else theme.border), 2 if state.focused else 1))
    painter.drawRoundedRect(shape, RADIUS, RADIUS)
    truth = Truth(int(data.correct[place]))
    if truth is not Truth.UNKNOWN and not data.ignored[place]:
        colour = QColor(theme.good if truth is Truth.HIT else theme.bad)
        painter.setPen(QPen(colour, EDGE - 1, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        x = box.x() + 2.5
        painter.drawLine(QPointF(x, box.y() + 4), QPointF(x, box.bottom() - 3))


def _picture(
    painter: QPainter, box: QRect, data: ResultsData, place: int, thumbnails: Thumbnails, theme: Theme
) -> None:
    if data.ignored[place]:
        painter.setOpacity(0.4)
    if not thumbnails.draw(painter, QRectF(box), data.key, int(data.rows[place])):
        painter.fillRect(box, QColor(theme.border))
    painter.setOpacity(1.0)


def _rank_plate(painter: QPainter, picture: QRect, rank: str, look: Look) -> None:
    """The rank over the corner of the picture, on a plate."""
    painter.setFont(look.small)
    width = painter.fontMetrics().horizontalAdvance(rank) + 6
    plate = QRect(picture.x() - 2, picture.y() - 2, width, look.small_line)
    painter.setPen(QColor(look.theme.border))
    painter.setBrush(QColor(look.theme.panel))
    painter.drawRoundedRect(QRectF(plate).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
    painter.setPen(QColor(look.theme.text))
    painter.drawText(plate, int(Qt.AlignmentFlag.AlignCenter), rank)


def _marks(painter: QPainter, box: QRect, data: ResultsData, place: int, look: Look, *, right: bool) -> int:
    """Delta and tick or cross, right-aligned; returns the width used."""
    theme = look.theme
    used = 0
    painter.setFont(look.strong)
    mark = data.truth_text(place)
    if mark:
        ignored = bool(data.ignored[place])
        hit = theme.good if mark == "✓" else theme.bad
        painter.setPen(QColor(theme.ignored if ignored else hit))
        used += draw_line(painter, box, mark, right=right)
    moved = data.delta_text(place)
    if moved:
        painter.setFont(look.small)
        painter.setPen(QColor(theme.muted))
        used += 6 + draw_line(painter, box.adjusted(0, 0, -used - 6, 0), moved, right=right)
    return used


def _class(painter: QPainter, box: QRect, data: ResultsData, row: int, look: Look, ink: QColor) -> None:
    painter.setFont(look.small)
    painter.setPen(ink)
    draw_line(painter, box, data.class_of(row))


def draw_line(painter: QPainter, box: QRect, text: str, *, right: bool = False) -> int:
    """One elided line; returns the width used."""
    metrics = painter.fontMetrics()
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(0, box.width()))
    painter.drawText(box, _RIGHT if right else _LEFT, shown)
    return metrics.horizontalAdvance(shown)
