"""Why a result stands where it stands: the bridge items that carried its score, each with its share."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from xview.qt.panels.card_area import CardArea
from xview.qt.panels.cell_area import NOWHERE
from xview.qt.panels.parts import ElidedLabel, label
from xview.qt.panels.results_cards import Look, State, draw_line
from xview.qt.theme import SPACE
from xview.qt.thumbnails import Thumbnails

PICTURE = 36
BAR = 4
MOST = 240  # pixels it keeps, however much there is to tell


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyShare:
    """What one bridge item carried.

    Attributes:
        key, row: The item, as `Thumbnails` knows it.
        title, class_name: What to call it.
        side: "query" or "gallery": where it stands.
        part: The summand it belongs to, such as "hop then walk".
        amount: Contribution in score units, any sign.
    """

    key: str
    row: int
    title: str
    class_name: str = ""
    side: str = ""
    part: str = ""
    amount: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyInfo:
    """One result's explanation.

    Attributes:
        title: The result's.
        rank: Its rank, 0 if it has none.
        score: Its score: the sum of all amounts.
        shares: The largest ones, largest first.
        others: Sum of the amounts left out, and `other_count` how many they are.
        note: Anything the user must know, such as that an approximate solver was used.
    """

    title: str
    rank: int = 0
    score: float
    shares: tuple[WhyShare, ...]
    others: float = 0.0
    other_count: int = 0
    note: str = ""


class WhyPanel(QWidget):
    """The explanation of the chosen result."""

    hovered = Signal(str, int)  # modality and row of a bridge item; ("", -1) for none
    asked = Signal(str, int)  # make it the query

    def __init__(self, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Why")
        self._subject = ElidedLabel()
        self._subject.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.shares = _Shares(thumbnails)
        self.shares.pointed.connect(self._point)
        self.shares.activated.connect(self._ask)
        self._note = label("", "muted")
        self._note.setWordWrap(True)
        self.paths = label("", "muted")
        self.paths.setWordWrap(True)
        self.paths.setToolTip(
            "The heaviest ways of the walk's mass to this result, with their part of its score: where the "
            "mass enters, times α S along every edge, times the link across"
        )
        head = QHBoxLayout()
        head.setSpacing(SPACE)
        head.addWidget(label("WHY", "section"))
        head.addWidget(self._subject, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE // 2)
        layout.addLayout(head)
        layout.addWidget(self._note)
        layout.addWidget(self.paths)
        layout.addWidget(self.shares, 1)
        self.show_why(None)
        self.show_paths("")

    def show_why(self, info: WhyInfo | None) -> None:
        """Show an explanation, or how to get one."""
        rank = f"result {info.rank}, " if info and info.rank else ""
        self._subject.setText(f"{rank}{info.title}" if info else "")
        self._subject.set_tip(f"score {info.score:.6g}, the sum of all shares" if info else "")
        self._note.setText(info.note if info else "")
        self._note.setVisible(bool(info and info.note))
        self.shares.show_info(info)
        self._make_room()

    def show_paths(self, words: str) -> None:
        """Tell the heaviest paths to the result, a line each; nothing where there are none."""
        self.paths.setText(words)
        self.paths.setVisible(bool(words))
        self._make_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width wraps words into other lines."""
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """No line of what is told is cut off, as far as that leaves room for results."""
        layout = self.layout()
        assert layout is not None
        self.setMinimumHeight(max(0, min(MOST, layout.totalMinimumHeightForWidth(self.width()))))

    def _item(self, position: int) -> WhyShare | None:
        info = self.shares.info
        inside = info is not None and 0 <= position < len(info.shares)
        return info.shares[position] if info is not None and inside else None

    def _point(self, position: int) -> None:
        item = self._item(position)
        self.hovered.emit(*(("", NOWHERE) if item is None else (item.key, item.row)))

    def _ask(self, position: int) -> None:
        item = self._item(position)
        if item is not None:
            self.asked.emit(item.key, item.row)


class _Shares(CardArea):
    """A line a bridge item: picture, title, bar, percentage, side and part."""

    def __init__(self, thumbnails: Thumbnails) -> None:
        super().__init__("Bridge items")
        self.info: WhyInfo | None = None
        self._thumbnails = thumbnails
        thumbnails.ready.connect(self.thumbnail_ready)

    def show_info(self, info: WhyInfo | None) -> None:
        self.info = info
        self.relayout()

    @property
    def count(self) -> int:
        if self.info is None:
            return 0
        return len(self.info.shares) + (self.info.other_count > 0)

    def cell_height(self, width: int, look: Look) -> int:
        return max(PICTURE, look.line + look.small_line + BAR + 1) + 2

    def empty_text(self) -> str:
        if self.info is None:
            return "Click a result to see which items carried its score."
        return "No item carried this score: no walk reached it."

    def describe(self, position: int) -> str:
        told = self._told(position)
        amount, percent = self._amount(position), self._percent(position)
        return "\n".join(filter(None, [*told, f"{percent} of the score ({amount:+.4g})"]))

    def _told(self, position: int) -> list[str]:
        """Title, class, and what the item did."""
        assert self.info is not None
        if position >= len(self.info.shares):
            return [f"{self.info.other_count} others", "", "smaller shares together"]
        share = self.info.shares[position]
        where = f"{share.side}'s side" if share.side else ""
        return [share.title, share.class_name, ", ".join(filter(None, [where, share.part]))]

    def _amount(self, position: int) -> float:
        assert self.info is not None
        inside = position < len(self.info.shares)
        return self.info.shares[position].amount if inside else self.info.others

    def _percent(self, position: int) -> str:
        assert self.info is not None
        if self.info.score == 0:
            return f"{self._amount(position):+.3g}"
        percent = 100 * self._amount(position) / self.info.score
        return f"{percent:.1f} %" if abs(percent) < 9.95 else f"{percent:.0f} %"

    def paint_cell(self, painter: QPainter, box: QRect, position: int, look: Look, state: State) -> None:
        assert self.info is not None
        theme = look.theme
        if state.hovered or state.current:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.accent_soft))
            painter.drawRoundedRect(box, 4, 4)
        picture = QRect(box.x() + 2, box.y() + (box.height() - PICTURE) // 2, PICTURE, PICTURE)
        if position < len(self.info.shares):
            share = self.info.shares[position]
            if not self._thumbnails.draw(painter, QRectF(picture), share.key, share.row):
                painter.fillRect(picture, QColor(theme.border))
            _side_mark(painter, picture, share.side, look)
        title, class_name, did = self._told(position)
        words = box.adjusted(PICTURE + 8, 0, -4, 0)
        top = words.y() + (words.height() - look.line - look.small_line - BAR - 1) // 2
        upper = QRect(words.x(), top, words.width(), look.line)
        lower = QRect(words.x(), top + look.line, words.width(), look.small_line)
        painter.setFont(look.strong)
        painter.setPen(QColor(theme.text))
        upper.setRight(upper.right() - draw_line(painter, upper, self._percent(position), right=True) - 8)
        draw_line(painter, upper, title)
        painter.setFont(look.small)
        painter.setPen(QColor(theme.muted))
        draw_line(painter, lower, " · ".join(filter(None, [class_name, did])))
        bar = QRect(lower.x(), lower.bottom() + 2, lower.width(), BAR)
        self._paint_bar(painter, bar, position, look)

    def _paint_bar(self, painter: QPainter, bar: QRect, position: int, look: Look) -> None:
        """The share against the largest one; what takes from the score is hatched and goes leftwards."""
        assert self.info is not None
        amounts = [abs(self._amount(i)) for i in range(self.count)]
        share = abs(self._amount(position)) / (max(amounts) or 1.0)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(look.theme.border))
        painter.drawRoundedRect(bar, BAR / 2, BAR / 2)
        filled = QRect(bar)
        filled.setWidth(max(2, round(bar.width() * share)))
        painter.setBrush(QColor(look.theme.bridge))
        if self._amount(position) < 0:
            filled.moveRight(bar.right())
            painter.setBrush(QColor(look.theme.ignored))
        painter.drawRoundedRect(filled, BAR / 2, BAR / 2)


def _side_mark(painter: QPainter, picture: QRect, side: str, look: Look) -> None:
    """A wedge at the picture's corner: pointing left for the query's side, right for the gallery's."""
    if not side:
        return
    plate = QRectF(picture.right() - 10, picture.bottom() - 10, 12, 12)
    painter.setPen(QColor(look.theme.border))
    painter.setBrush(QColor(look.theme.panel))
    painter.drawRoundedRect(plate, 3, 3)
    x, y, w = plate.center().x(), plate.center().y(), 3.0 if side == "gallery" else -3.0
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(look.theme.bridge))
    painter.drawPolygon(QPolygonF([QPointF(x + w, y), QPointF(x - w, y - 3.5), QPointF(x - w, y + 3.5)]))
