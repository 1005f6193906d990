"""Words that wrap in a box: some of them marked, and an ellipsis where they do not fit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QTextCharFormat, QTextLayout, QTextOption

Span = tuple[int, int]
"""Start and end of some characters of a text."""

_ELLIPSIS = "…"
_BACK = 24  # characters before the first mark within which words begin that lead to it


@dataclass(frozen=True)
class Pen:
    """How words look, and how those look that are marked."""

    font: QFont
    ink: QColor
    mark: QColor | None = None

    @property
    def line(self) -> float:
        """Height of a line."""
        return QFontMetricsF(self.font).lineSpacing()


def draw_words(
    painter: QPainter, box: QRectF, text: str, pen: Pen, marks: Sequence[Span] = (), *, centred: bool = False
) -> float:
    """Draw a text from the top of a box; return the height used.

    Where it does not fit, it begins shortly before the first mark if that would be cut off.

    Args:
        marks: What to underline in the colour of marks.
        centred: Whether lines stand in the middle.
    """
    lines = int(box.height() / pen.line + 0.1)
    if lines < 1 or not text:
        return 0.0
    shown, kept = _fitted(text, marks, pen, box.width(), lines)
    layout = _laid_out(shown, pen, box.width(), kept, centred=centred)
    painter.setPen(pen.ink)
    layout.draw(painter, box.topLeft())
    return layout.lineCount() * pen.line


def words_height(text: str, pen: Pen, width: float) -> float:
    """Height that a whole text takes in that width."""
    return _laid_out(text, pen, width, ()).lineCount() * pen.line if text else 0.0


def _fitted(
    text: str, marks: Sequence[Span], pen: Pen, width: float, lines: int
) -> tuple[str, tuple[Span, ...]]:
    """What is shown of a text in that many lines, and where its marks are then."""
    reach = int(width * lines) + _BACK  # no more fit: characters are wider than a pixel
    end = _end(text[:reach], pen, width, lines, _within(marks, reach))
    if end >= len(text):
        return text, tuple(marks)
    start = 0
    if marks and marks[0][1] >= end:
        before = text.rfind(", ", max(0, marks[0][0] - 3 * _BACK), marks[0][0])
        start = before + 2 if before >= 0 else text.rfind(" ", 0, max(0, marks[0][0] - _BACK)) + 1
    shown = _ELLIPSIS * (start > 0) + text[start : start + reach]
    moved = start - (start > 0)
    kept = _within(((a - moved, b - moved) for a, b in marks), len(shown))
    end = _end(shown, pen, width, lines, kept)
    whole = shown
    while end < len(whole):  # an ellipsis may be wider than what it stands for
        end -= 1
        shown = whole[:end].rstrip(" ,.;") + _ELLIPSIS
        kept = _within(kept, len(shown))
        if end == 0 or _laid_out(shown, pen, width, kept).lineCount() <= lines:
            break
    return shown, kept


def _within(marks: Iterable[Span], length: int) -> tuple[Span, ...]:
    cut = ((max(0, start), min(length, end)) for start, end in marks)
    return tuple((start, end) for start, end in cut if start < end)


def _end(text: str, pen: Pen, width: float, lines: int, marks: Sequence[Span]) -> int:
    """Characters that fit in that many lines."""
    layout = _laid_out(text, pen, width, marks)
    if layout.lineCount() <= lines:
        return len(text)
    last = layout.lineAt(lines - 1)
    return last.textStart() + last.textLength()


def _laid_out(
    text: str, pen: Pen, width: float, marks: Sequence[Span], *, centred: bool = False
) -> QTextLayout:
    layout = QTextLayout(text.replace("\n", "\u2028"), pen.font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.setFormats([_marked(start, end, pen) for start, end in marks])
    layout.beginLayout()
    y = 0.0
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        line.setPosition(QPointF((width - line.naturalTextWidth()) / 2 if centred else 0.0, y))
        y += pen.line
    layout.endLayout()
    return layout


def _marked(start: int, end: int, pen: Pen) -> QTextLayout.FormatRange:
    """Bold and underlined, so that it shows without colour."""
    style = QTextCharFormat()
    style.setFontWeight(QFont.Weight.Bold)
    style.setFontUnderline(True)
    if pen.mark is not None:
        style.setForeground(pen.mark)
    made = QTextLayout.FormatRange()
    made.start, made.length, made.format = start, end - start, style
    return made
