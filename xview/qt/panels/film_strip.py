"""A shortest path as a film strip: its items from left to right, and what changes at each step."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from xview.qt.panels.card_row import CardRow
from xview.qt.panels.cell_area import NOWHERE
from xview.qt.panels.exporting import Saving, export
from xview.qt.panels.film_figure import FilmFigure
from xview.qt.panels.film_frames import ARROW, PathItem, frame_width, paint_frame, paint_step
from xview.qt.panels.film_legend import FilmLegend
from xview.qt.panels.parts import ElidedLabel, Tool
from xview.qt.panels.playing import Playing
from xview.qt.panels.results_cards import Look, State
from xview.qt.panels.share_bar import ShareBar
from xview.qt.theme import SPACE
from xview.qt.thumbnails import Thumbnails

INTERVAL = 1000  # milliseconds a frame at single speed
_NOTE = " · ⚠ "
_KINDS = (("Picture as PNG", ".png"), ("Drawing as SVG", ".svg"))
NO_PATH = "Click a result to see the shortest path to it, item by item."


@dataclass(frozen=True, slots=True, kw_only=True)
class PathInfo:
    """A path, or why there is none.

    Attributes:
        items: From the query to the target; empty where no way leads there.
        direct: Great-circle distance of both ends in radians, or None.
        note: What the user must know, or why there is no path.
    """

    items: tuple[PathItem, ...] = ()
    direct: float | None = None
    note: str = ""


class FilmStrip(QWidget):
    """The path's frames, one of them the present one, and a player that moves it."""

    hovered = Signal(str, int)  # modality and row under the pointer; ("", -1) for none
    clicked = Signal(str, int)
    asked = Signal(str, int)  # make it the query: double-clicked, or entered
    frame_moved = Signal(int)  # by the user or by playing
    failed = Signal(str)  # an export that could not be written

    def __init__(self, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Shortest path")
        self._thumbnails = thumbnails
        self.frames = _Frames(thumbnails)
        self.setFocusProxy(self.frames)
        self.player = Playing("the path", INTERVAL, self)
        self._info: PathInfo | None = None
        self._words = ElidedLabel()
        self._words.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.progress = ShareBar("Progress of joining what is near", 80)
        self.progress.setToolTip("Pairs of items compared, to join those that are near")
        self.progress.hide()
        self._legend = FilmLegend()
        self.export = Tool("save", "Export the path", "Save the whole path as PNG or SVG, for a paper")
        self.export.clicked.connect(self._ask_export)
        self._saving = Saving(self)
        self._saving.failed.connect(self.failed)
        head = QHBoxLayout()
        head.setSpacing(2)
        for button in (self.player.previous, self.player.play, self.player.next):
            head.addWidget(button)
        head.addWidget(self.player.speed)
        head.addSpacing(SPACE)
        head.addWidget(self.progress)
        head.addWidget(self._words, 1)
        head.addWidget(self._legend)
        head.addWidget(self.export)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(head)
        layout.addWidget(self.frames, 1)
        self.frames.pointed.connect(lambda position: self.hovered.emit(*self._item(position)))
        self.frames.picked.connect(self._pick)
        self.frames.activated.connect(self._ask)
        self.player.moved.connect(self._move)
        self.show_path(None)

    def show_path(self, info: PathInfo | None) -> None:
        """Show a path, why there is none, or how to get one.

        The frame stays at its item if the new path has it at that place too, else it is the first; another
        path does not play on.
        """
        kept, before = self._item(self.frame), self.frames.items
        self._info = info
        items = info.items if info else ()
        self.frames.show_items(items, (info.note if info else "") or NO_PATH)
        if items != before:
            self.player.pause()
        frame = self.frame if self._item(self.frame) == kept else 0
        self.player.show_count(len(items), frame)
        self._legend.show_items(items)
        self.export.setEnabled(bool(items))
        self.show_frame(frame)

    def show_frame(self, frame: int) -> None:
        """Make a frame the present one; emits nothing."""
        self.player.show_count(self.player.count, frame)
        self.frames.set_current(self.frame if self.player.count else NOWHERE)
        self.frames.reveal(self.frames.current)
        self._say()

    def show_progress(self, share: float | None) -> None:
        """Show how far a graph is that is being built, or None: there is none."""
        self.progress.setVisible(share is not None)
        self.progress.show_share(share)
        self._make_room()

    def save(self, path: Path) -> None:
        """Write the whole path as a drawing on white, by the name's end (.png, .svg), in the background.

        `failed` tells if the file cannot be written, or its name ends otherwise.
        """
        info = self._info or PathInfo()
        told = f"{len(info.items) - 1} steps · {_lengths(info)}"
        figure = FilmFigure(info.items, told, self._thumbnails)
        self._saving.start(partial(figure.save, path))

    def light(self, key: str, row: int) -> None:
        """Light an item hovered elsewhere (row -1: none); emits nothing."""
        places = [i for i, item in enumerate(self.frames.items) if (item.key, item.row) == (key, row)]
        self.frames.set_hovered(places[0] if places and row >= 0 else NOWHERE)

    @property
    def frame(self) -> int:
        """The present frame."""
        return self.player.frame

    @property
    def words(self) -> str:
        """What is told of the present frame."""
        return self._words.text()

    def sizeHint(self) -> QSize:
        """Room for four frames."""
        return QSize(720, 230)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space plays; the frames handle arrows, Home, End and Enter."""
        if not self.player.took(event):
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The legend gives way to the words."""
        super().resizeEvent(event)
        self._make_room()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing plays unseen."""
        super().hideEvent(event)
        self.player.pause()

    def _item(self, position: int) -> tuple[str, int]:
        items = self.frames.items
        inside = 0 <= position < len(items)
        return (items[position].key, items[position].row) if inside else ("", NOWHERE)

    def _pick(self, position: int) -> None:
        """A click is for the maps too; the keyboard only moves the frame."""
        self.player.pause()
        self.player.go(position)
        if not self.frames.walking and self._item(position)[1] >= 0:
            self.clicked.emit(*self._item(position))

    def _ask(self, position: int) -> None:
        if self._item(position)[1] >= 0:
            self.asked.emit(*self._item(position))

    def _move(self, frame: int) -> None:
        self.frames.set_current(frame)
        self.frames.reveal(frame)
        self._say()
        self.frame_moved.emit(frame)

    def _say(self) -> None:
        self._words.setText(self._told() if self.frames.items else "")
        self._make_room()
        self._words.set_tip(
            "Length: sum of the great-circle distances of all steps, in radians; directly: great-circle "
            "distance of both ends, which no path undercuts"
        )

    def _ask_export(self) -> None:
        export(self, "path", _KINDS, self.save, self.failed.emit)

    def _make_room(self) -> None:
        words = self._words.text().partition(_NOTE)[0]
        needed = self._words.x() + self._words.fontMetrics().horizontalAdvance(words)
        beside = self._legend.sizeHint().width() + self.export.sizeHint().width()
        self._legend.setVisible(needed + beside + 2 * SPACE < self.width())

    def _told(self) -> str:
        lengths = [item.length for item in self.frames.items]
        info = self._info or PathInfo()
        gone = sum(lengths[: self.frame + 1])
        step = f"step {self.frame} of {len(lengths) - 1} · {gone:.3f} of {_lengths(info)}"
        return step + (_NOTE + info.note if info.note else "")


def _lengths(info: PathInfo) -> str:
    """The whole path's length, and that of the direct way where it is known."""
    whole = f"{sum(item.length for item in info.items):.3f} rad"
    return whole if info.direct is None else f"{whole} · directly {info.direct:.3f}"


class _Frames(CardRow):
    """The frames, each with the arrow that leads to it."""

    def __init__(self, thumbnails: Thumbnails) -> None:
        super().__init__("Frames of the path", ARROW)
        self.items: tuple[PathItem, ...] = ()
        self._empty = ""
        self._thumbnails = thumbnails
        thumbnails.ready.connect(self.thumbnail_ready)

    def show_items(self, items: tuple[PathItem, ...], empty: str) -> None:
        self.items, self._empty = items, empty
        self.relayout()

    @property
    def count(self) -> int:
        return len(self.items)

    def cell_width(self, position: int, height: int, look: Look) -> int:
        return frame_width(self.items[position], height, look)

    def empty_text(self) -> str:
        return self._empty

    def describe(self, position: int) -> str:
        item = self.items[position]
        sort = f"stepping stone of {item.key}" if item.stone else item.key
        sort = "from outside" if item.outside else sort
        told = ", ".join(filter(None, [item.role, sort]))
        step = f"{item.length:.4f} rad from the one before" if position else ""
        fault = self._thumbnails.fault(item.key, item.row)
        return "\n".join(
            filter(None, [item.title, item.class_name, told, item.text, step, item.told_changes, fault])
        )

    def thumbnail_ready(self, key: str, row: int) -> None:
        """Paint the frames again that show it."""
        self.repaint_cells(
            *(i for i, item in enumerate(self.items) if (key, row) in ((item.key, item.row), item.partner))
        )

    def paint_cell(self, painter: QPainter, box: QRect, position: int, look: Look, state: State) -> None:
        item = self.items[position]
        if position:
            paint_step(painter, box, item, look)
        paint_frame(painter, box, item, look, self._thumbnails, state)
