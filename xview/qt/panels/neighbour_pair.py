"""The nearest items along the graph beside the nearest directly (paper 002, Fig. 3)."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from xview.qt.panels.boxed_picture import draw_picture
from xview.qt.panels.card_area import CardArea
from xview.qt.panels.cell_area import NOWHERE
from xview.qt.panels.parts import ElidedLabel, label
from xview.qt.panels.results_cards import EDGE, PAD, Look, State, draw_line
from xview.qt.theme import RADIUS, SPACE
from xview.qt.thumbnails import Thumbnails

PICTURE = 44
NO_QUERY = "Choose a query to see its nearest items along the graph beside those directly nearest."
_HEADS = (
    ("Along the graph", "Geodesic distance: sum of the great-circle distances of the shortest path's steps"),
    ("Directly", "Great-circle distance, which ranks as Euclidean distance and cosine do"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NearItem:
    """One of the nearest items.

    Attributes:
        key, row: The item, as `Thumbnails` knows it.
        title, class_name, text: What to call it, and its sentence if it is a text.
        distance: Radians.
        right: Whether it is of the query's class; None where that is unknown.
    """

    key: str
    row: int
    title: str
    class_name: str = ""
    text: str = ""
    distance: float
    right: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PairInfo:
    """Both lists, nearest first.

    Attributes:
        along: Along the graph, of the items it reaches.
        direct: Directly.
        note: What else to know, or why there is nothing.
    """

    along: tuple[NearItem, ...] = ()
    direct: tuple[NearItem, ...] = ()
    note: str = ""


class NeighbourPair(QWidget):
    """Two lists of cards; an item that is in both is told so, and lit in both."""

    hovered = Signal(str, int)  # modality and row under the pointer; ("", -1) for none
    clicked = Signal(str, int)
    asked = Signal(str, int)  # make it the query: double-clicked, or entered

    def __init__(self, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Nearest neighbours")
        self._note = ElidedLabel(role="muted")
        self._note.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.along, self.direct = (_Nearest(thumbnails, title) for title, _ in _HEADS)
        columns = QHBoxLayout()
        columns.setSpacing(2 * SPACE)
        for area, (title, tip) in zip((self.along, self.direct), _HEADS, strict=True):
            head = label(title, "section")
            head.setToolTip(tip)
            column = QVBoxLayout()
            column.setSpacing(2)
            column.addWidget(head)
            column.addWidget(area, 1)
            columns.addLayout(column, 1)
            area.pointed.connect(lambda position, area=area: self._point(area, position))
            area.picked.connect(lambda position, area=area: self.clicked.emit(*area.item(position)))
            area.activated.connect(lambda position, area=area: self.asked.emit(*area.item(position)))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(columns, 1)
        layout.addWidget(self._note)
        self.show_pair(None)

    def show_pair(self, info: PairInfo | None) -> None:
        """Show both lists, or how to get them."""
        known = info or PairInfo(note=NO_QUERY)
        self.along.show_items(known.along, known.direct, "directly", known.note)
        self.direct.show_items(known.direct, known.along, "along the graph", "")
        self._note.setText(known.note)
        self._note.setVisible(bool(known.note and known.along))

    def light(self, key: str, row: int) -> None:
        """Light an item hovered elsewhere (row -1: none) in both lists; emits nothing."""
        for area in (self.along, self.direct):
            area.set_hovered(area.position(key, row))

    def sizeHint(self) -> QSize:
        """Room for four cards in each list."""
        return QSize(420, 230)

    def _point(self, area: _Nearest, position: int) -> None:
        self.light(*area.item(position))
        self.hovered.emit(*area.item(position))


class _Nearest(CardArea):
    """Cards with rank, picture, title, class with tick or cross, distance, and the rank in the other list."""

    def __init__(self, thumbnails: Thumbnails, title: str) -> None:
        super().__init__(f"Nearest {title.lower()}")
        self.items: tuple[NearItem, ...] = ()
        self._there: dict[tuple[str, int], int] = {}
        self._other = ""
        self._empty = ""
        self._thumbnails = thumbnails
        thumbnails.ready.connect(self.thumbnail_ready)

    def show_items(
        self, items: tuple[NearItem, ...], others: tuple[NearItem, ...], other: str, empty: str
    ) -> None:
        self.items, self._other, self._empty = items, other, empty
        self._there = {(item.key, item.row): rank for rank, item in enumerate(others, start=1)}
        self.relayout()

    def item(self, position: int) -> tuple[str, int]:
        inside = 0 <= position < self.count
        return (self.items[position].key, self.items[position].row) if inside else ("", NOWHERE)

    def position(self, key: str, row: int) -> int:
        places = [i for i, item in enumerate(self.items) if (item.key, item.row) == (key, row)]
        return places[0] if places else NOWHERE

    @property
    def count(self) -> int:
        return len(self.items)

    def cell_height(self, width: int, look: Look) -> int:
        return max(PICTURE, look.line + 2 * look.small_line) + 2 * PAD

    def empty_text(self) -> str:
        return self._empty

    def describe(self, position: int) -> str:
        item = self.items[position]
        truth = {None: "", True: ", as the query", False: ", another than the query"}[item.right]
        there = self._there.get((item.key, item.row))
        told = [
            f"{position + 1}. {item.title}",
            item.class_name + truth if item.class_name else "",
            item.text,
            f"{item.distance:.4f} rad",
            f"number {there} {self._other}" if there else f"not among the nearest {self._other}",
        ]
        return "\n".join(filter(None, told))

    def paint_cell(self, painter: QPainter, box: QRect, position: int, look: Look, state: State) -> None:
        item, theme = self.items[position], look.theme
        lit = state.current or state.hovered
        painter.setBrush(QColor(theme.accent_soft if lit else theme.raised))
        painter.setPen(QPen(QColor(theme.accent if lit else theme.border), 2 if state.focused else 1))
        painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
        picture = QRectF(box.x() + EDGE + PAD, box.y() + (box.height() - PICTURE) / 2, PICTURE, PICTURE)
        draw_picture(painter, picture, self._thumbnails, (item.key, item.row), theme)
        lines = look.line + 2 * look.small_line
        words = box.adjusted(EDGE + PICTURE + 2 * PAD + 2, (box.height() - lines) // 2, -PAD - 1, 0)
        title = QRect(words.x(), words.y(), words.width(), look.line)
        painter.setFont(look.strong)
        painter.setPen(QColor(theme.text))
        draw_line(painter, title, f"{position + 1}  {item.title}")
        lower = QRect(words.x(), title.bottom() + 1, words.width(), look.small_line)
        self._paint_class(painter, lower, item, look)
        self._paint_figures(painter, lower.translated(0, look.small_line), item, look)

    def _paint_class(self, painter: QPainter, line: QRect, item: NearItem, look: Look) -> None:
        theme = look.theme
        if item.right is not None:
            painter.setFont(look.strong)
            painter.setPen(QColor(theme.good if item.right else theme.bad))
            line = line.adjusted(draw_line(painter, line, "✓" if item.right else "✗") + 5, 0, 0, 0)
        painter.setFont(look.small)
        painter.setPen(QColor(theme.muted))
        draw_line(painter, line, item.class_name or item.text)

    def _paint_figures(self, painter: QPainter, line: QRect, item: NearItem, look: Look) -> None:
        painter.setPen(QColor(look.theme.text))
        used = draw_line(painter, line, f"{item.distance:.3f} rad")
        there = self._there.get((item.key, item.row))
        if there:
            painter.setPen(QColor(look.theme.accent))
            room = line.adjusted(used + 8, 0, 0, 0)
            told = f"= {there} {self._other}"
            fits = painter.fontMetrics().horizontalAdvance(told) < room.width()
            draw_line(painter, room, told if fits else f"= {there}", right=True)
