"""What a file or folder holds, before it is loaded, and how to look at it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QRadioButton,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from xview.qt.panels.parts import ElidedLabel, Tool, label
from xview.qt.theme import SPACE


class Split(StrEnum):
    """Which classes count as unseen."""

    GIVEN = "given"
    NONE = "none"
    SHARE = "share"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenInfo:
    """What was recognised.

    Attributes:
        source: Path or name.
        layout: What it was recognised as, in words.
        sentences: What it holds and what was skipped and why, one fact a sentence.
        modalities: Names, in the order to offer them.
        query, gallery: The modalities proposed.
        classes: Number of classes; a split needs two.
        has_split: Whether the data itself tells seen classes from unseen ones.
    """

    source: str
    layout: str = ""
    sentences: tuple[str, ...] = ()
    modalities: tuple[str, ...] = ()
    query: str = ""
    gallery: str = ""
    classes: int = 0
    has_split: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenChoice:
    """What the user decided; `share` (of the classes, held out) and `seed` matter for `Split.SHARE`."""

    source: str
    query: str
    gallery: str
    split: Split
    share: float
    seed: int


class OpenDialog(QDialog):
    """Findings above, choices below. Show it with `open()`: nothing waits for it."""

    decided = Signal(object)  # OpenChoice

    def __init__(self, info: OpenInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Open data")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._info = info
        self.query = self._modalities("Query modality", info.query)
        self.gallery = self._modalities("Gallery modality", info.gallery)
        self.swap = Tool("swap", "Swap query and gallery")
        self.swap.clicked.connect(self._swap)
        self.given = QRadioButton("as the data says")
        self.none = QRadioButton("none: all classes are seen")
        self.drawn = QRadioButton("draw")
        self.share = QDoubleSpinBox(minimum=1, maximum=99, value=25, decimals=0, suffix=" % of the classes")
        self.share.setAccessibleName("Share of unseen classes")
        self.seed = QSpinBox(minimum=0, maximum=2**31 - 1, value=0, prefix="seed ")
        self.seed.setAccessibleName("Seed of the draw")
        self._build()
        self._choose_split()

    def _modalities(self, name: str, chosen: str) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(name)
        box.addItems(list(self._info.modalities))
        box.setCurrentText(chosen)
        return box

    def _build(self) -> None:
        source = ElidedLabel(self._info.source, "title", Qt.TextElideMode.ElideMiddle)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.open_button = buttons.addButton("Open", QDialogButtonBox.ButtonRole.AcceptRole)
        self.open_button.setProperty("role", "primary")
        self.open_button.setDefault(True)
        buttons.accepted.connect(self._decide)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setSpacing(SPACE)
        layout.addWidget(source)
        if self._info.layout:
            layout.addWidget(_wrapped(f"Recognised as {self._info.layout}.", "muted"))
        layout.addWidget(self._findings(), 1)
        layout.addLayout(self._form())
        layout.addWidget(buttons)
        self.resize(560, 420)

    def _findings(self) -> QScrollArea:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        for sentence in self._info.sentences:
            column.addWidget(_wrapped(sentence))
        column.addStretch()
        scroll = QScrollArea()
        scroll.setAccessibleName("What was found")
        scroll.setWidget(inside)
        scroll.setWidgetResizable(True)
        scroll.setProperty("role", "card")
        scroll.setFrameShape(QFrame.Shape.StyledPanel)
        return scroll

    def _form(self) -> QFormLayout:
        form = QFormLayout()
        direction = QHBoxLayout()
        direction.addWidget(self.query, 1)
        direction.addWidget(self.swap)
        direction.addWidget(self.gallery, 1)
        if self._info.modalities:
            form.addRow("Query → gallery", direction)
        draw = QHBoxLayout()
        for widget in (self.drawn, self.share, self.seed):
            draw.addWidget(widget)
        draw.addStretch()
        if self._info.classes > 1:
            form.addRow("Unseen classes", self.given)
            form.addRow("", self.none)
            form.addRow("", draw)
        for button in (self.given, self.none, self.drawn):
            button.toggled.connect(self._follow)
        for box in (self.share, self.seed):
            box.valueChanged.connect(lambda _: self.drawn.setChecked(True))
        return form

    def _choose_split(self) -> None:
        self.given.setVisible(self._info.has_split and self._info.classes > 1)
        (self.given if self._info.has_split else self.none).setChecked(True)
        self._follow()

    def _follow(self) -> None:
        held = max(1, round(self.share.value() / 100 * self._info.classes))
        self.drawn.setToolTip(f"{held} of {self._info.classes} classes are held out")

    def _swap(self) -> None:
        query, gallery = self.query.currentText(), self.gallery.currentText()
        self.query.setCurrentText(gallery)
        self.gallery.setCurrentText(query)

    @property
    def split(self) -> Split:
        """The split chosen."""
        if self.drawn.isChecked():
            return Split.SHARE
        return Split.GIVEN if self.given.isChecked() else Split.NONE

    def _decide(self) -> None:
        choice = OpenChoice(
            source=self._info.source,
            query=self.query.currentText(),
            gallery=self.gallery.currentText(),
            split=self.split,
            share=self.share.value() / 100,
            seed=self.seed.value(),
        )
        self.decided.emit(choice)
        self.accept()


def _wrapped(text: str, role: str = "") -> QLabel:
    made = label(text, role)
    made.setWordWrap(True)
    return made
