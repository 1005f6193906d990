"""Which data, which modality asks, which answers, and under what rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QMenu, QPushButton, QSizePolicy, QToolButton, QWidget

from xview.data.protocol import Classes
from xview.qt.panels.parts import Choice, Tool, as_tip, label
from xview.qt.theme import SPACE

PROTOCOLS = (
    (Classes.UNSEEN, Classes.UNSEEN, "Zero-shot", "Unseen classes ask, unseen classes answer"),
    (Classes.SEEN, Classes.SEEN, "Standard", "Seen classes ask, seen classes answer"),
    (Classes.UNSEEN, Classes.ALL, "Generalised", "Unseen classes ask, all classes answer"),
    (Classes.ALL, Classes.ALL, "All classes", "Everything asks, everything answers"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryBarInfo:
    """What the bar shows.

    Attributes:
        dataset: Title of what is open; empty for nothing.
        datasets: What the menu offers besides opening a file: bundled and recent ones.
        modalities: Names, in the order to show them.
        query, gallery: The modalities chosen.
        query_classes, gallery_classes: The parts of the class split chosen.
        has_split: Whether the data tells seen classes from unseen ones.
        group_word: What groups are here ("artists", "cameras"); empty where there are none.
        across_groups: Whether a query skips gallery items of its own group.
    """

    dataset: str = ""
    datasets: tuple[Choice, ...] = ()
    modalities: tuple[str, ...] = ()
    query: str = ""
    gallery: str = ""
    query_classes: str = Classes.ALL
    gallery_classes: str = Classes.ALL
    has_split: bool = False
    group_word: str = ""
    across_groups: bool = False


class QueryBar(QWidget):
    """Data set, query modality, gallery modality, protocol. Shows what it is told, asks for the rest."""

    open_asked = Signal()
    dataset_asked = Signal(str)  # name of a `Choice` of `datasets`
    query_asked = Signal(str)  # modality
    gallery_asked = Signal(str)  # modality
    swap_asked = Signal()
    classes_asked = Signal(str, str)  # query's and gallery's part of the split
    across_asked = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Data and query")
        self.dataset = QPushButton()
        self.dataset.setAccessibleName("Data set")
        self._menu = QMenu(self.dataset)
        self.dataset.setMenu(self._menu)
        self.query = self._combo("Query modality", "The modality that asks")
        self.gallery = self._combo("Gallery modality", "The modality that answers")
        self.swap = Tool("swap", "Swap query and gallery", "Swap query and gallery  [X]")
        self.classes = self._combo("Classes", "")
        for query, gallery, title, tip in PROTOCOLS:
            self.classes.addItem(title, (str(query), str(gallery)))
            self.classes.setItemData(self.classes.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self.across = QToolButton()
        self.across.setCheckable(True)
        self.across.setProperty("role", "tool")
        self.across.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE)
        for widget in (self.dataset, label("Query", "muted"), self.query, self.swap, self.gallery):
            row.addWidget(widget)
        row.addWidget(self.classes)
        row.addWidget(self.across)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.query.textActivated.connect(self.query_asked)
        self.gallery.textActivated.connect(self.gallery_asked)
        self.swap.clicked.connect(self.swap_asked)
        self.classes.activated.connect(lambda: self.classes_asked.emit(*self.classes.currentData()))
        self.across.clicked.connect(self.across_asked)
        self.show_info(QueryBarInfo())

    @staticmethod
    def _combo(name: str, tip: str) -> QComboBox:
        made = QComboBox()
        made.setAccessibleName(name)
        made.setToolTip(tip)
        made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        return made

    def show_info(self, info: QueryBarInfo) -> None:
        """Show what is open and asked. Emits nothing."""
        self._show_datasets(info.dataset, info.datasets)
        for combo, chosen in ((self.query, info.query), (self.gallery, info.gallery)):
            with QSignalBlocker(combo):
                combo.clear()
                combo.addItems(list(info.modalities))
                combo.setCurrentText(chosen)
            combo.setVisible(bool(info.modalities))
        self.swap.setEnabled(bool(info.query) and info.query != info.gallery)
        self._show_classes(info)
        self.across.setVisible(bool(info.group_word))
        self.across.setText(f"Across {info.group_word}")
        self.across.setToolTip(f"A query skips gallery items of its own group ({info.group_word})")
        self.across.setChecked(info.across_groups)

    def _show_classes(self, info: QueryBarInfo) -> None:
        wanted = (str(info.query_classes), str(info.gallery_classes))
        known = [self.classes.itemData(i) for i in range(len(PROTOCOLS))]
        with QSignalBlocker(self.classes):
            while self.classes.count() > len(PROTOCOLS):
                self.classes.removeItem(self.classes.count() - 1)
            if wanted not in known:
                self.classes.addItem(f"{wanted[0]} → {wanted[1]}", wanted)
            place = known.index(wanted) if wanted in known else len(PROTOCOLS)
            self.classes.setCurrentIndex(place)
        self.classes.setVisible(info.has_split)
        self.classes.setToolTip(f"Classes: {wanted[0]} ask, {wanted[1]} answer")

    def _show_datasets(self, title: str, datasets: Sequence[Choice]) -> None:
        self.dataset.setText(self._shortened(title or "Open data"))
        self.dataset.setToolTip(as_tip(title) or "Open a data set")
        self._menu.clear()
        self._menu.setToolTipsVisible(True)
        for choice in datasets:
            action = self._menu.addAction(choice.title)
            action.setToolTip(choice.tip)
            action.triggered.connect(partial(self.dataset_asked.emit, choice.name))
        if datasets:
            self._menu.addSeparator()
        self._menu.addAction("Open folder or file …", self.open_asked.emit)

    def _shortened(self, title: str) -> str:
        return self.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, 150)
