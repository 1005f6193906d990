"""`Legend`: colours of classes and shapes of modalities; a click hides one, a double click the others."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QMouseEvent, QPainter, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from xview.qt import theme
from xview.qt.maps.legend_menu import LegendMenu
from xview.qt.maps.legend_scale import ScaleBar
from xview.qt.maps.marks import mark_path

LISTED = 80  # classes with an entry of their own: more than two rows ever hold
_SWATCH = 12
_WIDEST = 170
_GAP = 2


class LegendEntry(QToolButton):
    """One class or modality: checked while shown."""

    isolated = Signal()

    def __init__(self, parent: QWidget, name: str, picture: QIcon, tip: str) -> None:
        super().__init__(parent)
        self.name = name
        self.setProperty("role", "entry")
        self.setCheckable(True)
        self.setChecked(True)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIcon(picture)
        self.setIconSize(QSize(_SWATCH, _SWATCH))
        self.setText(self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, _WIDEST))
        self.setAccessibleName(name)
        self.setToolTip(f"{tip}\nClick hides or shows, double click shows nothing else")

    def sizeHint(self) -> QSize:
        """Swatch and words without the air a tool button keeps."""
        return QSize(
            self.fontMetrics().horizontalAdvance(self.text()) + _SWATCH + 14, super().sizeHint().height()
        )

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        """Isolate; the base class would toggle once more."""
        self.isolated.emit()


class Legend(QWidget):
    """Classes in at most two rows with a menu for the rest, shapes of the modalities at the right.

    Signals:
        hidden_changed(object): frozenset of the class indices the user hides.
        marks_hidden_changed(object): frozenset of the modality indices the user hides.
    """

    hidden_changed = Signal(object)
    marks_hidden_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.entries: list[LegendEntry] = []
        self._count = 0  # of classes
        self._unlisted: tuple[Sequence[str], Sequence[str], Sequence[int]] = ((), (), ())  # in the menu
        self.marks: list[LegendEntry] = []
        self.scale = ScaleBar(self)
        self.more = self._button("")
        self.show_all = self._button("Show all")
        self.show_all.setToolTip("Show every class and modality")
        self.menu = LegendMenu(self)
        self._hidden: frozenset[int] = frozenset()
        self._hidden_marks: frozenset[int] = frozenset()
        self.more.clicked.connect(self._open_menu)
        self.show_all.clicked.connect(self._show_everything)
        self.menu.toggled.connect(self._toggle)
        self.menu.isolated.connect(lambda index: self._isolate(index, self._hidden))
        self._arrange()

    # what is shown

    def set_classes(self, names: Sequence[str], colours: Sequence[str], counts: Sequence[int]) -> None:
        """Show classes, all of them visible: name, #rrggbb and number of items of each."""
        self._clear(self.entries)
        self.scale.hide()
        self._hidden = frozenset()
        self._count = len(names)
        listed = list(zip(names, colours, counts, strict=True))[:LISTED]
        for index, (name, colour, count) in enumerate(listed):
            entry = LegendEntry(self, name, swatch(colour, 0), f"{name}: {count:,} items")
            entry.clicked.connect(lambda _checked=False, index=index: self._toggle(index))
            entry.isolated.connect(lambda index=index: self._isolate(index, self._hidden ^ {index}))
            self.entries.append(entry)
        self.menu.set_classes((), (), ())
        self._unlisted = (names, colours, counts)
        self._arrange()

    def set_scale(self, title: str, low: float, high: float, colours: Sequence[str]) -> None:
        """Show a colour scale in place of classes: what it measures and the values at its ends."""
        self._clear(self.entries)
        self._count = 0
        self._hidden = frozenset()
        self.scale.set_scale(title, low, high, colours)
        self._arrange()

    def set_words(self, words: str) -> None:
        """Say why there are no colours."""
        self._clear(self.entries)
        self._count = 0
        self._hidden = frozenset()
        self.scale.set_words(words)
        self._arrange()

    def set_marks(self, names: Sequence[str]) -> None:
        """Show the modalities by their shapes, in the order of the marks, all visible."""
        self._clear(self.marks)
        self._hidden_marks = frozenset()
        for index, name in enumerate(names):
            entry = LegendEntry(self, name, swatch(theme.current().muted, index), name)
            entry.clicked.connect(lambda _checked=False, index=index: self._toggle_mark(index))
            entry.isolated.connect(lambda index=index: self._isolate_mark(index))
            self.marks.append(entry)
        self._arrange()

    @property
    def hidden(self) -> frozenset[int]:
        """Indices of the hidden classes."""
        return self._hidden

    @property
    def hidden_marks(self) -> frozenset[int]:
        """Indices of the hidden modalities."""
        return self._hidden_marks

    def show_hidden(self, classes: frozenset[int], marks: frozenset[int]) -> None:
        """Show what the store says is hidden, without telling anybody."""
        self._hidden, self._hidden_marks = classes, marks
        for index, entry in enumerate(self.entries):
            entry.setChecked(index not in classes)
        for index, entry in enumerate(self.marks):
            entry.setChecked(index not in marks)
        self.menu.show_hidden(classes)
        self._arrange()

    # what the user does

    def _toggle(self, index: int) -> None:
        self._hide(self._hidden ^ {index}, self._hidden_marks)

    def _isolate(self, index: int, before: frozenset[int]) -> None:
        """`before`: what was hidden before the first click of a double click, which has toggled already."""
        self._hide(_all_but(index, self._count, before), self._hidden_marks)

    def _toggle_mark(self, index: int) -> None:
        self._hide(self._hidden, self._hidden_marks ^ {index})

    def _isolate_mark(self, index: int) -> None:
        self._hide(self._hidden, _all_but(index, len(self.marks), self._hidden_marks ^ {index}))

    def _show_everything(self) -> None:
        self._hide(frozenset(), frozenset())

    def _hide(self, classes: frozenset[int], marks: frozenset[int]) -> None:
        old, old_marks = self._hidden, self._hidden_marks
        self.show_hidden(classes, marks)
        if classes != old:
            self.hidden_changed.emit(classes)
        if marks != old_marks:
            self.marks_hidden_changed.emit(marks)

    def _open_menu(self) -> None:
        """List the classes first, where that is yet to be done: thousands take a second, and few look."""
        names, colours, counts = self._unlisted
        if names:
            self._unlisted = ((), (), ())
            self.menu.set_classes(names, [_dot(colour) for colour in colours], counts)
            self.menu.show_hidden(self._hidden)
        self.menu.open_above(self.more)

    # layout

    def sizeHint(self) -> QSize:
        """As many rows as the classes take, two at most."""
        return QSize(300, self._rows_needed() * (self._row() + _GAP))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fill the rows anew."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """Entries from the left in at most two rows, modalities and buttons at the right."""
        self.show_all.setVisible(bool(self._hidden or self._hidden_marks))
        right = self._place_right()
        beyond = self._count - self._flow((right, self.width()))
        self.more.setVisible(beyond > 0)
        if beyond:
            self.more.setText(f"{self._count} more …")  # the widest it can get
            last = self.width() - self.more.sizeHint().width() - _GAP
            beyond = self._count - self._flow((right, last))
            self.more.setText(f"{beyond} more …")
            self.more.adjustSize()
            self.more.move(self.width() - self.more.width(), self._row() + _GAP)
        self.scale.setGeometry(0, 0, min(right, self.scale.wanted_width), self._row())
        self.setFixedHeight(self._rows_needed() * (self._row() + _GAP))

    def _place_right(self) -> int:
        """Put modalities and Show all at the right end of the first row; return where they begin."""
        x = self.width()
        shown = [self.show_all] if not self.show_all.isHidden() else []
        for button in (*shown, *reversed(self.marks)):
            button.adjustSize()
            x -= button.sizeHint().width() + _GAP
            button.move(x, 0)
            button.show()
        return x - 8

    def _flow(self, ends: tuple[int, int]) -> int:
        """Put entries into two rows that end there; return how many found room."""
        x, row, placed = 0, 0, 0
        for entry in self.entries:
            width = entry.sizeHint().width()
            while row < len(ends) and x + width > ends[row]:
                x, row = 0, row + 1
            if row < len(ends):
                entry.setGeometry(x, row * (self._row() + _GAP), width, self._row())
                placed += 1
                x += width + _GAP
            entry.setVisible(row < len(ends))
        return placed

    def _rows_needed(self) -> int:
        wide = sum(entry.sizeHint().width() + _GAP for entry in (*self.entries, *self.marks)) + 8
        return 2 if self.entries and wide > max(self.width(), 1) else 1

    def _row(self) -> int:
        return self.show_all.sizeHint().height()

    def _button(self, text: str) -> QToolButton:
        button = QToolButton(self)
        button.setProperty("role", "plate")
        button.setText(text)
        return button

    def _clear(self, entries: list[LegendEntry]) -> None:
        for entry in entries:
            entry.hide()
            entry.deleteLater()
        entries.clear()

    def changeEvent(self, event: QEvent) -> None:
        """Redraw the shapes when the theme turns; the owner sends the classes' new colours."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            for index, entry in enumerate(self.marks):
                entry.setIcon(swatch(theme.current().muted, index))


@lru_cache(maxsize=512)
def swatch(colour: str, mark: int) -> QIcon:
    """A mark in its colour, hollow while hidden."""
    made = QIcon()
    for ratio in (1, 2, 3):
        made.addPixmap(_draw(colour, mark, ratio, filled=True), QIcon.Mode.Normal, QIcon.State.On)
        made.addPixmap(_draw(colour, mark, ratio, filled=False), QIcon.Mode.Normal, QIcon.State.Off)
    return made


@lru_cache(maxsize=2048)
@lru_cache(maxsize=512)
def _dot(colour: str) -> QIcon:
    return QIcon(_draw(colour, 0, 2, filled=True))


def _draw(colour: str, mark: int, ratio: int, *, filled: bool) -> QPixmap:
    pixmap = QPixmap(_SWATCH * ratio, _SWATCH * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(_SWATCH / 2, _SWATCH / 2)
    painter.setPen(QPen(QColor(colour), 1.2))
    if filled:
        painter.setBrush(QColor(colour))
    painter.drawPath(mark_path(mark, _SWATCH * 0.33))
    painter.end()
    return pixmap


def _all_but(index: int, count: int, hidden: frozenset[int]) -> frozenset[int]:
    """Everything hidden but `index`; nothing, where that is so already."""
    others = frozenset(range(count)) - {index}
    return frozenset() if hidden == others else others
