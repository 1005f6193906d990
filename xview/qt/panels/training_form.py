"""What a run is told, as a form: made from the system's settings, filled from a recipe or another run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from xview.qt.panels.parts import ElidedLabel, Tool, as_tip, label
from xview.qt.panels.training_fields import Fields, ModalityBoxes
from xview.qt.panels.training_systems import SystemInfo
from xview.qt.theme import SPACE
from xview.settings import Parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class FormValues:
    """What a form says.

    Attributes:
        settings, training: By key; what is not named has its default.
        modalities: Those to train on; empty lets the form choose.
        features: Single-modal space by modality; a modality not named takes its first.
        name: What the run will be called; empty lets the owner choose.
    """

    settings: Mapping[str, object] = field(default_factory=dict)
    training: Mapping[str, object] = field(default_factory=dict)
    modalities: tuple[str, ...] = ()
    features: Mapping[str, str] = field(default_factory=dict)
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartInfo:
    """Values to start from: a recipe, the defaults, or another run's."""

    title: str
    tip: str = ""
    values: FormValues = field(default_factory=FormValues)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormInfo:
    """All a form needs.

    Attributes:
        system: Whose form it is.
        settings, training: What can be set.
        modalities: Modalities there are; features, by each, the spaces it can be read from.
        fewest, most: Modalities the system takes; no most is 0.
        starts: The first one fills the form.
        name: What the run will be called unless the user says otherwise.
        taken: Names it may not have.
    """

    system: SystemInfo
    settings: Sequence[Parameter]
    training: Sequence[Parameter]
    modalities: Mapping[str, Sequence[str]]
    fewest: int
    most: int
    starts: Sequence[StartInfo]
    name: str
    taken: frozenset[str] = frozenset()


class TrainingForm(QWidget):
    """Every field shows what the chosen start says, until the user changes it; changed ones are marked."""

    start_asked = Signal(object)  # FormValues
    back_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._info: FormInfo | None = None
        self.back = Tool("previous", "Other systems", "Choose another system")
        self.back.clicked.connect(self.back_asked)
        self._title = ElidedLabel(role="title")
        self.starts = QComboBox()
        self.starts.setAccessibleName("Recipe")
        self.starts.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.starts.setMinimumContentsLength(8)
        self.starts.activated.connect(self._fill)
        self.reset = Tool("undo", "Reset the form", "Set every field back to the recipe")
        self.reset.clicked.connect(lambda: self._fill(self.starts.currentIndex()))
        self.modalities = ModalityBoxes()
        self.modalities.changed.connect(self._check)
        self.training, self.settings = Fields("Training"), Fields("System")
        for fields in (self.training, self.settings):
            fields.changed.connect(self._check)
        self.name = QLineEdit()
        self.name.setAccessibleName("Name of the run")
        self.name.setToolTip("Name of the run and of the space it gives")
        self.name.textEdited.connect(lambda _text: self._check())
        self.start = QPushButton("Start")
        self.start.setProperty("role", "primary")
        self.start.setToolTip("Train in a process of its own; the window stays free")
        self.start.clicked.connect(lambda: self.start_asked.emit(self.values()))
        self._problem = QLabel(wordWrap=True)
        self._problem.setProperty("role", "muted")
        self._problem.setTextFormat(Qt.TextFormat.PlainText)
        self._build()

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(SPACE)
        head.addWidget(self.back)
        head.addWidget(self._title, 1)
        recipe = QHBoxLayout()
        recipe.setSpacing(SPACE)
        recipe.addWidget(label("Recipe", "muted"))
        recipe.addWidget(self.starts, 1)
        recipe.addWidget(self.reset)
        inside = QWidget()
        fields = QVBoxLayout(inside)
        fields.setContentsMargins(0, 0, SPACE, 0)
        fields.setSpacing(SPACE)
        for widget in (self.modalities, self.training, self.settings):
            fields.addWidget(widget)
        fields.addStretch()
        scroll = QScrollArea()
        scroll.setWidget(inside)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for surface in (inside, scroll.viewport()):
            surface.setAutoFillBackground(False)
        foot = QHBoxLayout()
        foot.setSpacing(SPACE)
        foot.addWidget(self.name, 1)
        foot.addWidget(self.start)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        column.addLayout(head)
        column.addLayout(recipe)
        column.addWidget(scroll, 1)
        column.addWidget(self._problem)
        column.addLayout(foot)

    def show_form(self, info: FormInfo) -> None:
        """Make the form of a system, filled from the first of its starts."""
        self._info = info
        self._title.setText(info.system.title)
        self._title.set_tip("\n".join(filter(None, [info.system.summary, info.system.source])))
        self.modalities.show_choices(info.modalities, info.fewest, info.most)
        self.training.show_parameters("TRAINING", info.training)
        self.settings.show_parameters(info.system.title.upper(), info.settings)
        self.show_name(info.name)
        self.starts.clear()
        for place, start in enumerate(info.starts):
            self.starts.addItem(start.title)
            self.starts.setItemData(place, as_tip(start.tip), Qt.ItemDataRole.ToolTipRole)
        self._fill(0)

    @property
    def title(self) -> str:
        """What the system is called."""
        return "" if self._info is None else self._info.system.title

    def show_name(self, name: str) -> None:
        """What the next run will be called unless the user says otherwise."""
        self.name.setText("")
        self.name.setPlaceholderText(name)

    def values(self) -> FormValues:
        """What the form says now, every field named."""
        chosen = self.modalities.chosen
        return FormValues(
            settings=self.settings.values(),
            training=self.training.values(),
            modalities=chosen,
            features={m: space for m, space in self.modalities.features.items() if m in chosen},
            name=self.name.text().strip(),
        )

    def _fill(self, place: int) -> None:
        assert self._info is not None
        start = self._info.starts[place]
        self.starts.setToolTip(as_tip(start.tip))
        self.training.fill(start.values.training)
        self.settings.fill(start.values.settings)
        self.modalities.fill(start.values.modalities, start.values.features)
        if start.values.name:
            self.name.setText(start.values.name)
        self._check()

    def _check(self) -> None:
        """Start only what the system can take; say what is in the way."""
        name = self.name.text().strip()
        taken = self._info is not None and name in self._info.taken
        problem = f"There is a space called {name} already; choose another name." if taken else ""
        problem = self.modalities.problem or problem
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))
        self.start.setEnabled(not problem)
        self.reset.setEnabled(self.training.edited or self.settings.edited or self.modalities.edited)
