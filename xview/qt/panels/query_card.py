"""The query: its picture or words, what it is, how well it is answered."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from xview.qt import theme
from xview.qt.panels.parts import ElidedLabel, Tool, as_tip, label
from xview.qt.theme import SPACE
from xview.qt.thumbnails import Thumbnails

PICTURE = 84
_FIGURES = {
    "gate": "share of the picture's features that the words let through, 0 to 1",
    "residual": "length of what the words add, over the length of what is left of the picture",
    "focus": "share of the sum that the strongest tenth of the pairs of parts carries; 0.1 if all are alike",
}
MOSAIC = 4  # pictures shown of a query of several items


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryInfo:
    """What the card shows.

    Attributes:
        title: What to call the query: an item's title, a file's name, the words, "12 items".
        key, rows: Where its pictures are in `Thumbnails`; several rows make a mosaic, none no picture.
        text: The words of a text item or text query.
        origin: Where it comes from, such as "sketches" or "dropped picture".
        class_name, group, id: What is known of an item, else empty.
        aps: Ranker's name and this query's average precision under it (None: no match in the gallery).
        told: Figures of a modified picture by name: `gate` and `residual`, or `focus`.
        modify: Empty where the picture can be modified by words, else what that takes; None: it cannot.
        but: How it differs from the picture shown, in words.
        place: Position in the walk over queries by AP, such as "14 of 672".
        notes: Warnings of the answer, in sentences.
    """

    title: str
    key: str = ""
    rows: tuple[int, ...] = ()
    text: str = ""
    origin: str = ""
    class_name: str = ""
    group: str = ""
    id: str = ""
    aps: tuple[tuple[str, float | None], ...] = ()
    told: tuple[tuple[str, float], ...] = ()
    modify: str | None = None
    but: str = ""
    place: str = ""
    notes: tuple[str, ...] = ()


class QueryCard(QWidget):
    """The query and the keys to walk to other ones."""

    previous_asked = Signal()  # a better answered query
    next_asked = Signal()  # a worse answered one comes first, then better ones
    random_asked = Signal()
    clear_asked = Signal()
    opened = Signal()  # the picture was clicked
    modify_asked = Signal(str)  # the same picture, but as these words say

    def __init__(self, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Query")
        self._info: QueryInfo | None = None
        self._shown = "", ""  # whose words are in the field: what is being typed outlives an answer
        self.picture = _Picture(thumbnails)
        self.picture.clicked.connect(self.opened)
        self.title = ElidedLabel(role="title")
        self._what = ElidedLabel(role="muted")
        self._whence = ElidedLabel(role="muted")
        self._ap = QLabel()
        self._ap.setTextFormat(Qt.TextFormat.PlainText)
        self._text = QLabel()
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setWordWrap(True)
        self.told = label("", "muted")
        self.but = QLineEdit()
        self.but.setAccessibleName("How it is to differ")
        self.but.setClearButtonEnabled(True)
        self.but.returnPressed.connect(self._ask_modified)
        self.note = QLabel()
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.note.setWordWrap(True)
        self._place = label("", "muted")
        self.previous = Tool("previous", "Previous query", "Previous query by AP, worst first  [P]")
        self.next = Tool("next", "Next query", "Next query by AP, worst first  [N]")
        self.random = Tool("shuffle", "Random query", "A random query  [R]")
        self.clear = Tool("close", "Clear query", "Clear the query  [Esc]")
        for button, signal in (
            (self.previous, self.previous_asked),
            (self.next, self.next_asked),
            (self.random, self.random_asked),
            (self.clear, self.clear_asked),
        ):
            button.clicked.connect(signal)
        self._build()
        self.show_query(None)

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(2)
        head.addWidget(label("QUERY", "section"))
        head.addStretch()
        for widget in (self._place, self.previous, self.next, self.random, self.clear):
            head.addWidget(widget)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.title)
        words.addWidget(self._what)
        words.addWidget(self._whence)
        words.addWidget(self._text)
        words.addWidget(self._ap)
        words.addWidget(self.told)
        words.addWidget(self.note)
        words.addStretch()
        card = QFrame()
        card.setProperty("role", "card")
        whole = QVBoxLayout(card)
        whole.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        whole.setSpacing(SPACE)
        inside = QHBoxLayout()
        inside.setSpacing(SPACE + 2)
        whole.addLayout(inside)
        whole.addWidget(self.but)
        inside.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignTop)
        inside.addLayout(words, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE // 2)
        layout.addLayout(head)
        layout.addWidget(card)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def show_query(self, info: QueryInfo | None) -> None:
        """Show a query, or say how to choose one."""
        self._info = info
        known = info or QueryInfo(title="No query", text="Click a point, drop a picture, or type words.")
        self.picture.setVisible(bool(known.rows))
        self.picture.show_items(known.key, known.rows, known.title)
        self.title.setText(known.title)
        whence = " · ".join(filter(None, (known.group, known.origin)))
        facts = "\n".join(f"{name}: {value}" for name, value in self._facts(known) if value)
        for line, text in ((self._what, known.class_name), (self._whence, whence)):
            line.setText(text)
            line.set_tip(facts)
            line.setVisible(bool(text))
        self._text.setText(_shortened(known.text))
        self._text.setToolTip(as_tip(known.text))
        self._text.setVisible(bool(known.text) and known.text != known.title)
        self._ap.setText(_ap_lines(known.aps))
        self._ap.setToolTip("\n".join(f"{name}: {_ap(ap, 4)}" for name, ap in known.aps))
        self._ap.setVisible(bool(known.aps))
        self._show_change(known)
        self.note.setText("\n".join(f"⚠ {note}" for note in known.notes))
        self.note.setVisible(bool(known.notes))
        self._place.setText(known.place)
        self.clear.setEnabled(info is not None)

    def _show_change(self, info: QueryInfo) -> None:
        self.told.setText(" · ".join(f"{name} {value:.2f}" for name, value in info.told))
        self.told.setToolTip("\n".join(f"{name}: {_FIGURES.get(name, '')}" for name, _ in info.told))
        self.told.setVisible(bool(info.told))
        self.but.setVisible(info.modify is not None)
        self.but.setEnabled(info.modify == "")
        self.but.setPlaceholderText(info.modify or "this, but … (make the red cube blue)")
        self.but.setToolTip(info.modify or "Find pictures like this one, changed as you say  [Enter]")
        if (info.id, info.but) != self._shown:
            self._shown = info.id, info.but
            self.but.setText(info.but)

    def _ask_modified(self) -> None:
        text = self.but.text().strip()
        if text:
            self.modify_asked.emit(text)

    @staticmethod
    def _facts(info: QueryInfo) -> tuple[tuple[str, str], ...]:
        return (
            ("class", info.class_name),
            ("group", info.group),
            ("from", info.origin),
            ("id", info.id),
        )


class _Picture(QWidget):
    """One large picture, or up to four in a mosaic."""

    clicked = Signal()

    def __init__(self, thumbnails: Thumbnails) -> None:
        super().__init__()
        self.setFixedSize(QSize(PICTURE, PICTURE))
        self._thumbnails = thumbnails
        self._key = ""
        self._rows: tuple[int, ...] = ()
        thumbnails.ready.connect(self._thumbnail_ready)

    def show_items(self, key: str, rows: tuple[int, ...], title: str) -> None:
        self._key, self._rows = key, rows
        self.setAccessibleName(f"Picture of {title}")
        self.update()

    def _thumbnail_ready(self, key: str, row: int) -> None:
        if key == self._key and row in self._rows[:MOSAIC]:
            self.update()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            faults = [self._thumbnails.fault(self._key, row) for row in self._rows[:MOSAIC]]
            self.setToolTip(as_tip("\n".join(filter(None, faults))) or "Click to see it large")
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.SmoothPixmapTransform)
        if len(self._rows) == 1:
            self._paint_one(painter, self._rows[0])
            return
        half = PICTURE / 2
        for i, row in enumerate(self._rows[:MOSAIC]):
            y, x = divmod(i, 2)
            box = QRectF(x * half, y * half, half - 1, half - 1)
            if not self._thumbnails.draw(painter, box, self._key, row):
                painter.fillRect(box, QColor(theme.current().border))

    def _paint_one(self, painter: QPainter, row: int) -> None:
        picture = self._thumbnails.large(self._key, row)
        if picture is None:
            painter.fillRect(self.rect(), QColor(theme.current().border))
            return
        size = picture.deviceIndependentSize().scaled(PICTURE, PICTURE, Qt.AspectRatioMode.KeepAspectRatio)
        box = QRectF(0, 0, size.width(), size.height())
        box.moveCenter(QRectF(self.rect()).center())
        painter.drawPixmap(box, picture, QRectF(picture.rect()))


def _ap(value: float | None, decimals: int) -> str:
    return "no match in the gallery" if value is None else f"{value:.{decimals}f}"


def _ap_lines(aps: tuple[tuple[str, float | None], ...]) -> str:
    if aps and all(value is None for _, value in aps):
        return "AP: no match in the gallery"
    return "\n".join(f"AP {_ap(value, 2)}  {name}" for name, value in aps)


def _shortened(text: str, longest: int = 160) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
