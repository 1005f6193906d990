"""The systems there are: a line on each, and why one cannot be trained on what is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from xview.qt import theme
from xview.qt.panels.parts import as_tip, label
from xview.qt.theme import SPACE

_INFO = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemInfo:
    """One system.

    Attributes:
        name: Its stable name.
        title: What people call it.
        summary: One line for someone who chooses.
        source: The paper it follows.
        unavailable: Why it cannot be trained on what is open; empty where it can.
    """

    name: str
    title: str
    summary: str
    source: str = ""
    unavailable: str = ""


class SystemList(QWidget):
    """Systems one below the other; a click or Enter picks one."""

    picked = Signal(str)  # name

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list = QListWidget()
        self.list.setAccessibleName("Systems")
        self.list.setMouseTracking(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setItemDelegate(_Lines(self.list))
        self.list.itemClicked.connect(self._pick)
        self.list.itemActivated.connect(self._pick)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        column.addWidget(label("TRAIN A SYSTEM", "section"))
        column.addWidget(self.list, 1)

    def show_systems(self, systems: Sequence[SystemInfo]) -> None:
        """Offer these; those that cannot be trained are greyed and say why."""
        self.list.clear()
        for system in systems:
            item = QListWidgetItem(system.title)
            item.setData(_INFO, system)
            told = system.unavailable or system.summary
            item.setToolTip(as_tip("\n".join(filter(None, [system.title, told, system.source]))))
            item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, told)
            if system.unavailable:
                item.setFlags(Qt.ItemFlag.ItemIsSelectable)
            self.list.addItem(item)

    def _pick(self, item: QListWidgetItem) -> None:
        system: SystemInfo = item.data(_INFO)
        if not system.unavailable:
            self.picked.emit(system.name)


class _Lines(QStyledItemDelegate):
    """Title over summary; what is in the way is told in full, as far as two lines go."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        lines = 3 if index.data(_INFO).unavailable else 2
        return QSize(100, lines * option.fontMetrics.height() + 2 * SPACE)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        system: SystemInfo = index.data(_INFO)
        worn, font, line = theme.current(), option.font, option.fontMetrics.height()
        lit = bool(option.state & (QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_HasFocus))
        painter.save()
        if lit and not system.unavailable:
            painter.fillRect(option.rect, QColor(worn.accent_soft))
        room = option.rect.adjusted(SPACE, SPACE - 1, -SPACE, -SPACE)
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(QColor(worn.ignored if system.unavailable else worn.text))
        self._write(painter, QRect(room.left(), room.top(), room.width(), line), system.title)
        font.setBold(False)
        font.setPointSizeF(font.pointSizeF() * 0.9)
        painter.setFont(font)
        painter.setPen(QColor(worn.ignored if system.unavailable else worn.muted))
        below = room.adjusted(0, line, 0, 0)
        if system.unavailable:
            painter.drawText(below, Qt.TextFlag.TextWordWrap, system.unavailable)
        else:
            self._write(painter, below, system.summary)
        painter.restore()

    def _write(self, painter: QPainter, room: QRect, words: str) -> None:
        fitting = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, fitting)
