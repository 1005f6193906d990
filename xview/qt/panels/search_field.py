"""Ask in words, or with a picture dropped or pasted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import (
    QBuffer,
    QByteArray,
    QEvent,
    QIODevice,
    QMimeData,
    QStringListModel,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QFocusEvent,
    QGuiApplication,
    QImage,
    QImageWriter,
    QKeyEvent,
    QKeySequence,
)
from PySide6.QtWidgets import QCompleter, QLineEdit, QWidget

from xview.qt.icons import icon


class SearchField(QLineEdit):
    """A line for text queries that completes items' titles and takes pictures."""

    entered = Signal()  # somebody is about to type
    text_asked = Signal(str)
    item_asked = Signal(int)  # position in the list given to `show_items`
    picture_asked = Signal(bytes, str)  # an encoded picture, and what to call it
    file_asked = Signal(object)  # Path

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Search")
        self.setPlaceholderText("Ask in words")
        self.setToolTip(
            "Enter asks in words; a name from the list asks with that item; paste or drop a picture  [/]"
        )
        self.setClearButtonEnabled(True)
        self.setAcceptDrops(True)
        self.setMinimumWidth(120)
        self._glass = self.addAction(icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self._titles = QStringListModel(self)
        self._completer = QCompleter(self._titles, self)
        self._completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self._completer.setMaxVisibleItems(12)
        self._completer.activated.connect(self._complete)
        self.setCompleter(self._completer)
        self.returnPressed.connect(self._ask)

    def show_items(self, titles: Sequence[str]) -> None:
        """Complete these; equal ones mean the first, so tell items apart ("zebra · noto")."""
        self._titles.setStringList(list(titles))

    def show_text(self, text: str) -> None:
        """Show the words asked, or none. Emits nothing."""
        if text != self.text():
            self.setText(text)

    def take(self, mime: QMimeData) -> bool:
        """Ask with what was pasted or dropped, if it is a picture or a file; False if it is neither."""
        files = [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
        if files:
            self.file_asked.emit(files[0])
            return True
        image = mime.imageData() if mime.hasImage() else None
        if isinstance(image, QImage) and not image.isNull():
            buffer = QBuffer()
            buffer.open(QIODevice.OpenModeFlag.WriteOnly)
            QImageWriter(buffer, QByteArray(b"png")).write(image)
            self.picture_asked.emit(bytes(buffer.data().data()), "pasted picture")
            return True
        return False

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Tell, so that the titles to complete can be listed."""
        self.entered.emit()
        super().focusInEvent(event)

    def event(self, event: QEvent) -> bool:
        """Esc is meant for this field while it is typed into."""
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Paste pictures too; Esc leaves the field as it was found."""
        if event.key() == Qt.Key.Key_Escape:
            self.clear()
            self.clearFocus()
            return
        if event.matches(QKeySequence.StandardKey.Paste) and self.take(
            QGuiApplication.clipboard().mimeData()
        ):
            return
        super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Say that pictures and files are welcome."""
        if event.mimeData().hasUrls() or event.mimeData().hasImage():
            event.acceptProposedAction()
        else:
            super().dragEnterEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Ask with what was dropped; words are inserted."""
        if self.take(event.mimeData()):
            event.acceptProposedAction()
        else:
            super().dropEvent(event)

    def _ask(self) -> None:
        popup = self._completer.popup()
        picking = popup is not None and popup.isVisible() and popup.currentIndex().isValid()
        if not picking and self.text().strip():
            self.text_asked.emit(self.text().strip())

    def _complete(self, title: str) -> None:
        QTimer.singleShot(0, self.clear)  # after the completer has written the title into the line
        self.item_asked.emit(self._titles.stringList().index(title))
