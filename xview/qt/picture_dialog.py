"""One item's picture or text, large."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLabel, QVBoxLayout, QWidget

from xview.data.records import Collection
from xview.qt.thumbnails import Thumbnails


class PictureDialog(QDialog):
    """Shows the picture as soon as it is decoded; Esc closes."""

    def __init__(
        self, collection: Collection, row: int, thumbnails: Thumbnails, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._key, self._row, self._thumbnails = collection.modality, row, thumbnails
        self.setWindowTitle(f"{collection.titles[row]} – {collection.ids[row]}")
        self.picture = QLabel("…", alignment=Qt.AlignmentFlag.AlignCenter)
        self.picture.setMinimumSize(260, 260)
        column = QVBoxLayout(self)
        column.addWidget(self.picture, 1)
        words = collection.payloads.text(row)
        if words:
            text = QLabel(words)
            text.setTextFormat(Qt.TextFormat.PlainText)
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            text.setWordWrap(True)
            column.addWidget(text)
        thumbnails.ready.connect(self._show)
        self._show(self._key, row)

    def _show(self, key: str, row: int) -> None:
        if (key, row) == (self._key, self._row):
            picture = self._thumbnails.large(key, row)
            if picture is not None:
                self.picture.setPixmap(picture)
