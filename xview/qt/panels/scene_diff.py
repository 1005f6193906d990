"""What tells two scenes apart: both pictures, and a line for each attribute that differs."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QStackedLayout, QVBoxLayout, QWidget

from xview.qt import theme
from xview.qt.panels.boxed_picture import Box, draw_picture
from xview.qt.panels.card_area import CardArea
from xview.qt.panels.cell_area import NOWHERE
from xview.qt.panels.parts import ElidedLabel
from xview.qt.panels.results_cards import PAD, Look, State, draw_line
from xview.qt.theme import RADIUS, SPACE
from xview.qt.thumbnails import Thumbnails

NO_SCENES = "Which things a picture shows is known of drawn scenes only, such as those of the data set cci."
NOTHING_CHOSEN = "Click a result to see what tells its scene from the query's."
_ARROW = 26  # pixels between both pictures
_SMALLEST, _LARGEST = 64, 150  # sides of a picture
_SIGNS = {"added": "+ ", "removed": "− "}


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneSide:
    """A picture of a scene.

    Attributes:
        key, row: The item, as `Thumbnails` knows it.
        title: What to call it.
    """

    key: str
    row: int
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneRow:
    """One difference.

    Attributes:
        thing: Which thing.
        attribute: What of it differs; "added" or "removed" where it is in one scene only.
        before, after: Its value in both scenes; empty where the thing came or went.
        box_before, box_after: Where the thing shows in either picture, if it does.
    """

    thing: str
    attribute: str
    before: str = ""
    after: str = ""
    box_before: Box | None = None
    box_after: Box | None = None

    @property
    def told(self) -> str:
        """What differs, in words."""
        values = f"{self.before} → {self.after}" if self.before and self.after else ""
        return f"{_SIGNS.get(self.attribute, '')}{self.attribute}  {values}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneDiffInfo:
    """Two scenes held against each other.

    Attributes:
        one, other: From which to which.
        rows: What differs, a line each.
        neighbours: Whether one change leads from each to the other (paper 002, section 4.2).
    """

    one: SceneSide
    other: SceneSide
    rows: tuple[SceneRow, ...]
    neighbours: bool

    @property
    def told(self) -> str:
        """How far apart they are, in words."""
        if self.neighbours:
            return "reachable neighbours: one change apart"
        return f"{len(self.rows)} changes apart" if self.rows else "the same scene"


class SceneDiff(QWidget):
    """Pointing at a line leaves only its boxes in the pictures."""

    hovered = Signal(str, int)  # modality and row of the picture under the pointer; ("", -1) for none
    clicked = Signal(str, int)

    def __init__(self, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Scene differences")
        self.scenes = _Scenes(thumbnails)
        self.scenes.pointed.connect(self.hovered)
        self.scenes.pressed.connect(self.clicked)
        self.told = ElidedLabel()
        self.told.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.lines = _Rows()
        self.lines.picked.connect(self.scenes.show_row)
        self.lines.pointed.connect(self._point)
        self._empty = QLabel(self)  # without a parent the pages would show it as a window
        self._empty.setProperty("role", "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        row = QHBoxLayout()
        row.setSpacing(2 * SPACE)
        row.addWidget(self.scenes, 1)
        row.addWidget(self.lines, 1)
        self._whole = QWidget(self)
        column = QVBoxLayout(self._whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.told)
        column.addLayout(row, 1)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self._empty)
        self._pages.addWidget(self._whole)
        self.show_diff(None)

    def show_diff(self, info: SceneDiffInfo | None, reason: str = NOTHING_CHOSEN) -> None:
        """Show what differs, or say why there is nothing to show: `NO_SCENES`, or how to choose."""
        self._empty.setText(reason)
        self._pages.setCurrentWidget(self._empty if info is None else self._whole)
        self.scenes.show_info(info)
        self.lines.show_rows(info.rows if info else ())
        self.told.setText(info.told if info else "")

    def sizeHint(self) -> QSize:
        """Room for two pictures and a few lines."""
        return QSize(520, 220)

    def _point(self, position: int) -> None:
        """Away from the lines, the current one's boxes are shown again, or all."""
        self.scenes.show_row(self.lines.current if position == NOWHERE else position)


class _Rows(CardArea):
    """A thing, what of it differs, from and to."""

    def __init__(self) -> None:
        super().__init__("What differs")
        self.rows: tuple[SceneRow, ...] = ()

    def show_rows(self, rows: tuple[SceneRow, ...]) -> None:
        self.rows = rows
        self.relayout()

    @property
    def count(self) -> int:
        return len(self.rows)

    def cell_height(self, width: int, look: Look) -> int:
        return look.line + look.small_line + PAD

    def empty_text(self) -> str:
        return "Both show the same things at the same places."

    def describe(self, position: int) -> str:
        return f"{self.rows[position].thing}\n{self.rows[position].told}"

    def paint_cell(self, painter: QPainter, box: QRect, position: int, look: Look, state: State) -> None:
        row, worn = self.rows[position], look.theme
        lit = state.current or state.hovered
        painter.setBrush(QColor(worn.accent_soft if lit else worn.raised))
        painter.setPen(QPen(QColor(worn.accent if lit else worn.border), 2 if state.focused else 1))
        painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
        words = box.adjusted(PAD + 2, PAD // 2, -PAD, 0)
        painter.setFont(look.small)
        painter.setPen(QColor(worn.muted))
        draw_line(painter, QRect(words.topLeft(), QSize(words.width(), look.small_line)), row.thing)
        painter.setFont(look.strong)
        painter.setPen(QColor(worn.text))
        lower = QRect(words.x(), words.y() + look.small_line, words.width(), look.line)
        draw_line(painter, lower, row.told)


class _Scenes(QWidget):
    """Both pictures with the boxes of one line, or of all."""

    pointed = Signal(str, int)
    pressed = Signal(str, int)

    def __init__(self, thumbnails: Thumbnails) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(2 * _SMALLEST + _ARROW, _SMALLEST)
        self.setMouseTracking(True)
        self._thumbnails = thumbnails
        self._info: SceneDiffInfo | None = None
        self._row = NOWHERE
        self._under: SceneSide | None = None
        thumbnails.ready.connect(self._thumbnail_ready)

    def show_info(self, info: SceneDiffInfo | None) -> None:
        self._info, self._row = info, NOWHERE
        self.setAccessibleName(f"{info.one.title} and {info.other.title}" if info else "Both scenes")
        self.update()

    def show_row(self, row: int) -> None:
        """Only this line's boxes; -1: all."""
        self._row = row
        self.update()

    def boxes(self) -> tuple[list[Box], list[Box]]:
        """What is drawn over the first picture and the other one."""
        rows = self._info.rows if self._info else ()
        shown = rows if self._row == NOWHERE else rows[self._row : self._row + 1]
        before, after = ([r.box_before for r in shown], [r.box_after for r in shown])
        return [b for b in before if b is not None], [b for b in after if b is not None]

    def places(self) -> tuple[QRectF, QRectF]:
        """Where both pictures are."""
        line = self.fontMetrics().height()
        side = min((self.width() - _ARROW) / 2 - 2, self.height() - line - 6, _LARGEST)
        left = QRectF((self.width() - 2 * side - _ARROW) / 2, line + 4, side, side)
        return left, left.translated(side + _ARROW, 0)

    def sizeHint(self) -> QSize:
        return QSize(2 * 110 + _ARROW, 150)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._info is None:
            return
        painter, worn, metrics = QPainter(self), theme.current(), self.fontMetrics()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        sides, places = (self._info.one, self._info.other), self.places()
        for side, place, boxes in zip(sides, places, self.boxes(), strict=True):
            draw_picture(painter, place, self._thumbnails, (side.key, side.row), worn, boxes)
            painter.setPen(QPen(QColor(worn.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(place)
            title = metrics.elidedText(side.title, Qt.TextElideMode.ElideRight, int(place.width()))
            painter.setPen(QColor(worn.muted))
            painter.drawText(place.topLeft() - QPointF(0, 5), title)
        painter.setPen(QColor(worn.muted))
        between = QRectF(places[0].right(), places[0].y(), _ARROW, places[0].height())
        painter.drawText(between, int(Qt.AlignmentFlag.AlignCenter), "→")

    def _thumbnail_ready(self, key: str, row: int) -> None:
        sides = (self._info.one, self._info.other) if self._info else ()
        if any((side.key, side.row) == (key, row) for side in sides):
            self.update()

    def _side_at(self, event: QMouseEvent) -> SceneSide | None:
        sides = (self._info.one, self._info.other) if self._info else ()
        hit = (s for s, place in zip(sides, self.places(), strict=False) if place.contains(event.position()))
        return next(hit, None)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point(self._side_at(event))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._point(None)

    def _point(self, side: SceneSide | None) -> None:
        if side != self._under:
            self._under = side
            self.pointed.emit(*(("", NOWHERE) if side is None else (side.key, side.row)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        side = self._side_at(event)
        if side is not None and event.button() == Qt.MouseButton.LeftButton:
            self.pressed.emit(side.key, side.row)
